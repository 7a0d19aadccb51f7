"""Shares estimated from replications, as many as a verdict takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sim.fields import Array
from sim.theory.base import SHARE, STANDARD_ERRORS, WIDEST, Effort, Simulated

FIRST = 16
"""Replications to begin with."""

MOST: Mapping[Effort, int] = {"quick": 128, "full": 1024}
"""Replications at most."""


def sampled(
    draw: Callable[[range], Mapping[str, Array]], effort: Effort, *, first: int = FIRST, most: int | None = None
) -> dict[str, Simulated]:
    """Means of what replications show, and their standard errors.

    draw: replications -> each quantity's value in each of them. More are drawn, twice as many in all each time, until
    three standard errors of every quantity are within the tolerance that a share has at least (`quick`: at most), or
    `most` are drawn. How many are drawn depends on how far the values scatter, never on what the theory says.
    """
    wanted = SHARE if effort == "full" else WIDEST
    most = MOST[effort] if most is None else most
    values: dict[str, Array] = {}
    done = 0
    while True:
        more = draw(range(done, max(min(2 * done, most), first)))
        values = {name: np.concatenate([values[name], x]) if done else np.asarray(x) for name, x in more.items()}
        done = len(next(iter(values.values())))
        found = {name: Simulated(float(x.mean()), float(x.std(ddof=1) / np.sqrt(done))) for name, x in values.items()}
        settled = all(STANDARD_ERRORS * each.standard_error <= wanted for each in found.values())
        if settled or done >= most:
            return found
