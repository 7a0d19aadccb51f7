"""Axes of what an experiment varies: ranges of numbers, and lists of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from sim.fields import Array, Count

DIGITS = 12
"""Significant digits of a value within a range, so that a third step of 0.1 is 0.3 as somebody would write it."""

MOST_POINTS = 1_000_000
"""Points that an experiment may have."""
MOST_WHOLE = 1_000
"""Whole numbers that a grid takes without being told how many."""


class Range(BaseModel):
    """All values from low to high.

    log: equal ratios are equally likely, not equal differences. whole: whole numbers only. steps: values that a grid
    takes, ends included; a grid of whole numbers takes them all if it is not given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    low: float = Field(description="least value")
    high: float = Field(description="largest value")
    log: bool = Field(False, description="equal ratios are equally likely")
    whole: bool = Field(False, description="whole numbers only")
    steps: Annotated[Count, Field(le=MOST_POINTS)] | None = Field(None, description="values that a grid takes")

    @property
    def values(self) -> tuple[Any, ...] | None:
        """The values that a grid takes; None if that is not said."""
        if self.steps is None:
            all_of_them = self.whole and self.high - self.low < MOST_WHOLE
            return tuple(range(int(self.low), int(self.high) + 1)) if all_of_them else None
        between = np.geomspace if self.log else np.linspace
        return tuple(dict.fromkeys(self._given(between(self.low, self.high, self.steps))))

    @property
    def ends(self) -> tuple[Any, ...]:
        """Least and largest value."""
        return (int(self.low), int(self.high)) if self.whole else (self.low, self.high)

    def at(self, unit: Array) -> list[Any]:
        """The values at some places between 0 (low) and 1 (high); of whole numbers each has an equal part of it, or on
        a logarithmic scale the part that belongs to it."""
        low, high = (self.low - 0.5, self.high + 0.5) if self.whole else (self.low, self.high)
        values = low * (high / low) ** unit if self.log else low + (high - low) * unit
        return self._given(values)

    def placed(self, unit: Array) -> Array:
        """Where the values at some places between 0 and 1 lie from low (0) to high (1): whole numbers come in steps."""
        if not self.whole:
            return unit
        values, low, high = np.array(self.at(unit), dtype=float), self.low, self.high
        found: Array = np.log(values / low) / np.log(high / low) if self.log else (values - low) / (high - low)
        return found

    def _given(self, values: Array) -> list[Any]:
        if self.whole:
            return [int(v) for v in np.clip(np.rint(values), self.low, self.high)]
        return [min(max(float(f"{v:.{DIGITS}g}"), self.low), self.high) for v in values]

    def mistake(self) -> str | None:
        """What is wrong with it, if anything is."""
        if not self.low < self.high:
            return f"low must be below high, given {self.low:g} and {self.high:g}"
        if self.log and not self.low > 0:
            return f"low: given {self.low:g}, allowed with log = true is a number above 0"
        if self.whole and not (self.low.is_integer() and self.high.is_integer()):
            return f"low and high must be whole numbers with whole = true, given {self.low:g} and {self.high:g}"
        if self.steps == 1:
            return "steps: given 1, allowed is 2 or more: both ends are taken"
        return None


@dataclass(frozen=True)
class Choice:
    """A list of values, all equally likely."""

    values: tuple[Any, ...]

    @property
    def ends(self) -> tuple[Any, ...]:
        """All of them."""
        return self.values

    def at(self, unit: Array) -> list[Any]:
        """The values at some places between 0 (the first) and 1 (the last)."""
        return [self.values[n] for n in self._places(unit)]

    def placed(self, unit: Array) -> Array:
        """Where the values at some places between 0 and 1 lie from the first (0) to the last (1), in even steps."""
        found: Array = self._places(unit) / max(len(self.values) - 1, 1)
        return found

    def _places(self, unit: Array) -> npt.NDArray[np.int64]:
        return np.minimum(unit * len(self.values), len(self.values) - 1).astype(np.int64)


Axis = Range | Choice
