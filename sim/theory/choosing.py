"""The best of many contracts, as somebody finds it who tries them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.polynomial import Chebyshev

NODES = 7
"""Contracts tried in the last round; a polynomial through what they bring tells the best."""

NEAR, NARROW = 0.002, 0.01
"""How near the search comes to the best contract before the last round, and how wide that is, relative to it."""


def best_choice(profit: Callable[[float], float], choices: Sequence[float]) -> float:
    """The contract at which simulated profit is highest, from the first to the last of ascending `choices`: these are
    tried first, then the neighbourhood of the best of them (Brent 1973), then a narrow one, in which profit is
    smooth."""
    from scipy.optimize import minimize_scalar

    low, high = choices[0], choices[-1]
    place = int(np.argmax([profit(x) for x in choices]))
    around = (choices[max(place - 1, 0)], choices[min(place + 1, len(choices) - 1)])
    near = minimize_scalar(
        lambda x: -profit(float(x)), bounds=around, method="bounded", options={"xatol": NEAR * choices[place]}
    )
    width = NARROW * abs(near.x)
    return _round(profit, max(low, near.x - width), min(high, near.x + width))


def _round(profit: Callable[[float], float], low: float, high: float) -> float:
    """Where the polynomial through the profit at some points of low..high is highest."""
    nodes = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(np.pi * np.arange(NODES) / (NODES - 1))
    # The ends as they are, not as rounding makes them.
    nodes[0], nodes[-1] = low, high
    found = Chebyshev.fit(nodes, [profit(x) for x in nodes.tolist()], NODES - 1, domain=[low, high])
    level = found.deriv().roots()
    inside = level[np.isreal(level)].real
    candidates = np.array([low, high, *inside[(inside > low) & (inside < high)]])
    return float(candidates[np.argmax(found(candidates))])
