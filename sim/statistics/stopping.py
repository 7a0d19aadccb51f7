"""When enough replications are there: rules that look at an interval again and again, without what they run.

After the fixed-width sequential intervals of Chow and Robbins (1965), and of Nadas (1969) where the width is relative.
Looks are taken at numbers of replications that are known beforehand, each half as large again as the one before. The
half width at n replications is

    t(n - 1) s / sqrt(n) x (1 + 2 / n)

with Student's t and the standard deviation s between replications. Without the last factor a rule that stops as soon
as s is small enough stops too often where s is small by chance, and its interval covers the mean less often than it
says. Chow and Robbins add 1 / n to the variance; the factor is their term in the form of Woodroofe (1977), free of the
outcome's unit. Its 2 is by simulation: normal outcomes are then covered with 95 % from a first look of 5 on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil, isfinite, isnan, nan

import numpy as np

from sim.errors import UsageError
from sim.fields import Array
from sim.statistics.paired import mean

GROWTH = 1.5
"""Replications at a look, over those at the one before."""

EXTRA = 2.0
"""Correction for stopping: the half width is larger by this over the number of replications."""

FEWEST = 5
"""Replications at the first look, at least."""

BUDGET = 1000
"""Replications of each scenario at which it stops, if nothing else is given."""


@dataclass(frozen=True)
class Aim:
    """How narrow the interval of an outcome is to be: half_width in its unit, or relative to its value.

    With a relative half width of g the interval may be as wide as g / (1 + g) times the estimate. The true value is
    then missed by at most g times itself, wherever in the interval it is (Law, Kelton and Koenig 1981).
    """

    outcome: str
    half_width: float | None = None
    relative: float | None = None

    def __post_init__(self) -> None:
        if (self.half_width is None) == (self.relative is None):
            raise UsageError(f"until {self.outcome}: give either half_width or relative")
        name = "relative" if self.half_width is None else "half_width"
        given = self.relative if self.half_width is None else self.half_width
        if given is None or not (isfinite(given) and given > 0):
            raise UsageError(f"until {self.outcome}: {name}: given {given}, allowed is a number above 0")

    def wanted(self, estimate: float) -> float:
        """Half width that is narrow enough for this estimate."""
        if self.half_width is not None:
            return self.half_width
        assert self.relative is not None
        return self.relative / (1.0 + self.relative) * abs(estimate)


def aim_of(text: str) -> Aim:
    """An aim as it is written: OUTCOME=WIDTH, in per cent relative to the value, else in the outcome's unit."""
    outcome, _, width = (part.strip() for part in text.rpartition("="))
    number = width.removesuffix("%")
    try:
        value = float(number)
    except ValueError:
        value = nan
    if not outcome or not (isfinite(value) and value > 0):
        raise UsageError(
            f"until: given {text!r}, allowed is an outcome and the half width of its interval, emissions=2% (of its "
            "value) or emissions=500 (in its unit)"
        )
    return Aim(outcome, half_width=value) if number == width else Aim(outcome, relative=value / 100.0)


@dataclass(frozen=True)
class Look:
    """An interval at a number of replications, estimate +- half_width, and how narrow it was to be."""

    replications: int
    scenario: str
    estimate: float
    half_width: float
    wanted: float

    @property
    def narrow(self) -> bool:
        """Whether it is narrow enough; without an interval it is not."""
        return self.half_width <= self.wanted


@dataclass(frozen=True)
class Stopped:
    """How a sequential experiment went: what was wanted, the most replications allowed, and every look.

    differences: whether estimates are paired differences to the reference, else means.
    """

    aim: Aim
    budget: int
    looks: tuple[Look, ...]
    differences: bool = False

    @property
    def last(self) -> tuple[Look, ...]:
        """The looks after which it stopped, one for each interval."""
        return tuple(look for look in self.looks if look.replications == self.looks[-1].replications)

    @property
    def reached(self) -> bool:
        """Whether all intervals were narrow enough at the end."""
        return all(look.narrow for look in self.last)


def steps(at_least: int, budget: int) -> tuple[int, ...]:
    """Numbers of replications at which to look, the last of them the budget."""
    if at_least < FEWEST:
        raise UsageError(f"replications at the first look: given {at_least}, allowed is at least {FEWEST}")
    if budget < at_least:
        raise UsageError(f"budget: given {budget}, allowed is at least the {at_least} replications of the first look")
    found = [at_least]
    while found[-1] < budget:
        found.append(min(ceil(found[-1] * GROWTH), budget))
    return tuple(found)


def looks(figures: Callable[[int], Mapping[str, Array]], aim: Aim, at_least: int, budget: int) -> Iterator[Look]:
    """Look at more and more replications until all intervals are narrow enough, or the budget is spent.

    figures: given a number of replications, the figures of that many by name, NaN where a replication is missing.
    Stops also where there is nothing at all to look at.
    """
    for number in steps(at_least, budget):
        found = [_look(number, name, values, aim) for name, values in figures(number).items()]
        yield from found
        if all(look.narrow for look in found) or all(isnan(look.estimate) for look in found):
            return


def _look(number: int, name: str, values: Array, aim: Aim) -> Look:
    found = mean(values)
    estimate = float(found.value)
    count = int(np.isfinite(values).sum())
    half = float(found.high - found.value) * (1.0 + EXTRA / max(count, 1))
    return Look(number, name, estimate, half, aim.wanted(estimate))
