"""What an experiment varies: values of a scenario by path, in ranges or lists, and the points taken of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.errors import ScenarioError, UsageError
from sim.fields import Array, Count
from sim.scenario.mistakes import explain
from sim.scenario.schema import Scenario

Changes = Mapping[str, Any]
"""Values of a scenario by path, as `Scenario.replace` takes them."""

DIGITS = 12
"""Significant digits of a value within a range, so that a third step of 0.1 is 0.3 as somebody would write it."""

MOST_POINTS = 1_000_000
"""Points that an experiment may have."""
MOST_WHOLE = 1_000
"""Whole numbers that a grid takes without being told how many."""

ALLOWED = "allowed is a list of values, or a range { low = ..., high = ... }"


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
    steps: Count | None = Field(None, description="values that a grid takes")

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

    def _given(self, values: Array) -> list[Any]:
        inside = np.clip(np.rint(values) if self.whole else values, self.low, self.high)
        return [int(v) if self.whole else float(f"{v:.{DIGITS}g}") for v in inside]

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
        places = np.minimum(unit * len(self.values), len(self.values) - 1).astype(int)
        return [self.values[n] for n in places]


Axis = Range | Choice


class Sampling(BaseModel):
    """How the points of levers or uncertainties are taken.

    Methods: `grid` (all combinations of the values), `lhs` (Latin hypercube: McKay, Beckman & Conover 1979), `sobol`
    (scrambled Sobol sequence: Sobol 1967, Owen 1998).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    method: Literal["grid", "lhs", "sobol"] = Field("grid", description="how points are taken")
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] | None = Field(
        None, description="number of points; a grid has as many as its values make"
    )


@dataclass(frozen=True)
class Space:
    """Values that vary together, an axis for each path. name: what they are, as messages say it."""

    name: str
    axes: Mapping[str, Axis]

    @property
    def plain(self) -> dict[str, Any]:
        """The table that describes it, as JSON has it."""
        return {
            path: axis.model_dump(exclude_defaults=True) if isinstance(axis, Range) else json.loads(_json(axis.values))
            for path, axis in self.axes.items()
        }

    def taken(self, how: Sampling, seed: int, stream: int, file: str) -> list[dict[str, Any]]:
        """The points, each a value for every path; one empty point if nothing varies. seed, stream: where the random
        numbers of a sample come from.

        Raises UsageError for a grid of a range without steps, and for numbers of points that are not allowed.
        """
        if not self.axes:
            return [{}]
        if how.method == "grid":
            return self._grid(how, file)
        if how.points is None:
            raise UsageError(f"{file}, sampling.{self.name}: points is missing; {how.method!r} needs their number")
        if how.method == "sobol" and not power_of_two(how.points):
            raise UsageError(f"{file}, sampling.{self.name}.points: {not_a_power(how.points)}")
        return self.at(_unit_points(how.method, len(self.axes), how.points, seed, stream))

    def at(self, unit: Array) -> list[dict[str, Any]]:
        """Points of the unit cube, (point, axis), as values."""
        columns = [axis.at(unit[:, n]) for n, axis in enumerate(self.axes.values())]
        return [dict(zip(self.axes, values, strict=True)) for values in zip(*columns, strict=True)]

    def _grid(self, how: Sampling, file: str) -> list[dict[str, Any]]:
        if how.points is not None:
            raise UsageError(f"{file}, sampling.{self.name}: points does not go with a grid; give steps to its ranges")
        for path, axis in self.axes.items():
            if axis.values is None:
                raise UsageError(
                    f"{file}, {self.name}.{quoted(path)}: steps is missing; a grid needs the number of values of a "
                    f"range (or take another sampling.{self.name}.method)"
                )
        values = [axis.values or () for axis in self.axes.values()]
        count = prod(len(v) for v in values)
        if count > MOST_POINTS:
            raise UsageError(
                f"{file}, {self.name}: a grid of {count} points, allowed are {MOST_POINTS}; take fewer steps"
            )
        return [dict(zip(self.axes, point, strict=True)) for point in product(*values)]

    def check(self, base: Scenario, beside: Space, file: str) -> None:
        """Raises UsageError unless the base has every path, and takes the ends of each range and all values of each
        list, while everything else that varies is at its first value."""
        first = {path: axis.ends[0] for path, axis in [*beside.axes.items(), *self.axes.items()]}
        for path, axis in self.axes.items():
            for value in axis.ends:
                try:
                    base.replace(in_order({**first, path: value}))
                except ScenarioError as error:
                    hint = ""
                    if isinstance(axis, Range) and not axis.whole and "a whole number" in str(error):
                        hint = "; add whole = true to the range"
                    raise UsageError(f"{file}, {self.name}.{quoted(path)}: {error}{hint}") from None


def space_of(name: str, given: Any, file: str) -> Space:
    """The space that a table describes: path = list or range. Tables may stand in tables instead of dots in a path.

    Raises UsageError naming what was given and what is allowed.
    """
    if isinstance(given, Space):
        return given
    if not isinstance(given, Mapping):
        raise UsageError(f"{file}, {name}: given {given!r}, allowed is a table of paths")
    return Space(name, {path: _axis(f"{name}.{quoted(path)}", value, file) for path, value in _flat(given, "")})


def _flat(given: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for key, value in given.items():
        if isinstance(value, Mapping) and value and not value.keys() & Range.model_fields.keys():
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _axis(place: str, given: Any, file: str) -> Axis:
    if isinstance(given, (Range, Choice)):
        axis: Axis = given
    elif isinstance(given, Mapping):
        try:
            axis = Range.model_validate(dict(given))
        except ValidationError as error:
            raise UsageError(explain(error.errors(), f"{file}, {place}", Range)) from None
    elif isinstance(given, (list, tuple)):
        axis = Choice(tuple(given))
    else:
        raise UsageError(f"{file}, {place}: given {given!r}, {ALLOWED}")
    wrong = axis.mistake() if isinstance(axis, Range) else _mistake(axis)
    if wrong:
        raise UsageError(f"{file}, {place}: {wrong}")
    return axis


def _mistake(choice: Choice) -> str | None:
    if not choice.values:
        return f"the list is empty; {ALLOWED}"
    seen = [_json(v) for v in choice.values]
    twice = next((text for text in seen if seen.count(text) > 1), None)
    return None if twice is None else f"{twice} is listed twice"


def crossed(levers: Sequence[Changes], uncertainties: Sequence[Changes]) -> list[dict[str, Any]]:
    """Every point of the levers with every point of the uncertainties, levers slowest."""
    return [{**lever, **uncertain} for lever in levers for uncertain in uncertainties]


def in_order(changes: Changes) -> dict[str, Any]:
    """Changes in the order in which they can be made: tables before what is in them, kinds before their parameters."""

    def depth(path: str) -> float:
        parts = path.split(".")
        return len(parts) - 0.5 * (parts[-1] == "kind")

    return {path: changes[path] for path in sorted(changes, key=depth)}


def written(value: Any) -> str:
    """A value in a few words, as labels and messages have it; what is in tables and lists as JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, (Mapping, list, tuple)):
        return _json(value)
    return str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda model: model.model_dump(mode="json"))


def label(changes: Changes) -> str:
    """Changes in a few words: `technology.abatement_cost=0.12, information.kind=full`."""
    return ", ".join(f"{path}={written(value)}" for path, value in changes.items())


def quoted(path: str) -> str:
    """A path as a key of a TOML table."""
    return f'"{path}"' if "." in path else path


def power_of_two(number: int) -> bool:
    """Whether a number is 1, 2, 4, 8, ..."""
    return number & (number - 1) == 0


def not_a_power(number: int) -> str:
    """What is said of a number of points that is not a power of two."""
    below = 1 << (number.bit_length() - 1)
    return (
        f"given {number}, allowed is a power of two, because a Sobol sequence is balanced only then; nearest are "
        f"{below} and {2 * below}"
    )


def _unit_points(method: str, dimensions: int, points: int, seed: int, stream: int) -> Array:
    """A sample of the unit cube, (point, dimension)."""
    from scipy.stats import qmc

    kind = qmc.LatinHypercube if method == "lhs" else qmc.Sobol
    found: Array = kind(dimensions, seed=np.random.default_rng([seed, stream])).random(points)
    return found
