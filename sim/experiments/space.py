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
from sim.experiments.axes import MOST_POINTS, Axis, Choice, Range
from sim.fields import Array
from sim.scenario.mistakes import explain
from sim.scenario.schema import Scenario

Changes = Mapping[str, Any]
"""Values of a scenario by path, as `Scenario.replace` takes them."""

ALLOWED = "allowed is a list of values, or a range { low = ..., high = ... }"


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

        def table(axis: Axis) -> Any:
            return (
                axis.model_dump(exclude_defaults=True) if isinstance(axis, Range) else json.loads(json_of(axis.values))
            )

        return {path: table(axis) for path, axis in self.axes.items()}

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

    def placed(self, unit: Array) -> Array:
        """Where the values at points of the unit cube lie in their ranges and lists, (point, axis) from 0 to 1."""
        return np.stack([axis.placed(unit[:, n]) for n, axis in enumerate(self.axes.values())], axis=1)

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
    axes: dict[str, Axis] = {}
    for path, value in _flat(given, ""):
        if path in axes:
            raise UsageError(f"{file}, {name}.{quoted(path)}: is there twice, with quotes and without")
        axes[path] = _axis(f"{name}.{quoted(path)}", value, file)
    return Space(name, axes)


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
    seen = [json_of(v) for v in choice.values]
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
        return json_of(value)
    return str(value)


def json_of(value: Any) -> str:
    """A value, or changes by path, as JSON."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """What JSON does not know (a model; a date of a TOML file) as what it does."""
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)


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
