"""Scenarios that differ in numbers alone, as one whose numbers are columns: one row for each world of a block.

Such a scenario is made of others, never read or stored: a field that differs holds an array (world, 1), which
broadcasts over firms (world, firm). Links and chain entries are flat over all worlds; `Programme.by_link`,
`Known.per_link` and `Known.per_entry` give them a value each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel

from sim.discovery import source_of
from sim.errors import ScenarioError, UsageError
from sim.fields import AlikeIn, Array
from sim.network.families.base import Family
from sim.scenario.schema import UNCOUNTED, Imported, Scenario

Model = TypeVar("Model", bound=BaseModel)
Traits = tuple[Callable[[float], Any], ...]


def may_vary(scenario: Scenario, path: str) -> bool:
    """Whether worlds of a block may differ in what stands at a path: a number that is not counted, nor in a list, and
    does not shape the network."""
    return _holder(scenario, path) is not None


def keeps_skeleton(scenario: Scenario, path: str, value: float) -> bool:
    """Whether a scenario with this number at a path has the same skeleton."""
    found = _holder(scenario, path)
    if found is None:
        return False
    model, name = found
    return all(trait(value) == trait(getattr(model, name)) for trait in _alike(type(model)).get(name, ()))


def _holder(scenario: Scenario, path: str) -> tuple[BaseModel, str] | None:
    """The part of a scenario that holds what stands at a path, and the name of the field; None if worlds of a block
    may not differ in it."""
    *parts, name = path.split(".")
    here: Any = scenario
    for part in parts:
        if isinstance(here, tuple):
            here = here[int(part)] if part.isdigit() and int(part) < len(here) else None
        else:
            here = getattr(here, part, None) if part in getattr(type(here), "model_fields", ()) else None
    inside = isinstance(here, BaseModel) and name in type(here).model_fields and "network" not in parts[:1]
    return (here, name) if inside and isinstance(getattr(here, name), (float, np.ndarray)) else None


def skeleton(scenario: Scenario) -> str:
    """A scenario as canonical JSON without names, texts and the numbers that may vary: where these are equal, worlds
    can be computed together."""
    parts = {name: _bare(value) for name, value in scenario if name not in (*UNCOUNTED, "network")}
    return json.dumps(parts | {"network": _network(scenario.network)}, sort_keys=True, separators=(",", ":"))


def varied(scenarios: Sequence[Scenario]) -> Scenario:
    """One scenario for a block in which each world has a scenario of its own, in this order: what differs becomes an
    array (world, 1), what does not stays a number. Names and texts are those of the first.

    Raises ScenarioError where skeletons differ.
    """
    first = scenarios[0]
    if any(_network(each.network) != _network(first.network) for each in scenarios):
        raise _different("network")
    kept = {"network": first.network} | {name: getattr(first, name) for name in UNCOUNTED}
    return _joined([each.model_copy(update=kept) if each is not first else each for each in scenarios])


def is_varied(model: BaseModel) -> bool:
    """Whether worlds differ in some number of a scenario or of a part of it."""
    return next(_columns(model), None) is not None


def check_rows(scenario: Scenario, worlds: int) -> None:
    """Raise UsageError if a scenario has numbers for another number of worlds."""
    column = next(_columns(scenario), None)
    if column is not None and len(column) != worlds:
        raise UsageError(f"a scenario for {len(column)} worlds cannot run on {worlds}")


def with_columns(model: Model, change: Callable[[Array], Any]) -> Model:
    """A scenario, or a part of it, with every number in which worlds differ exchanged; itself where there is none."""
    changes: dict[str, Any] = {}
    for name, value in vars(model).items():
        new: Any = value
        if isinstance(value, np.ndarray):
            new = change(value)
        elif isinstance(value, BaseModel):
            new = with_columns(value, change)
        elif _is_list(value):
            new = tuple(with_columns(each, change) for each in value)
            new = value if all(a is b for a, b in zip(new, value, strict=True)) else new
        if new is not value:
            changes[name] = new
    return model.model_copy(update=changes) if changes else model


def _columns(model: BaseModel) -> Iterator[Array]:
    """Every number in which worlds differ."""
    for value in vars(model).values():
        if isinstance(value, np.ndarray):
            yield value
        for part in value if _is_list(value) else (value,):
            if isinstance(part, BaseModel):
                yield from _columns(part)


def _joined(models: Sequence[Model]) -> Model:
    """Models of equal skeletons as one."""
    first, alike = models[0], _alike(type(models[0]))
    changes: dict[str, Any] = {}
    for name, value in vars(first).items():
        new = _column(name, [getattr(model, name) for model in models], alike.get(name, ()))
        if new is not value:
            changes[name] = new
    return first.model_copy(update=changes) if changes else first


def _column(name: str, values: Sequence[Any], alike: Traits = ()) -> Any:
    """A field of every model as a field of all: the first where they are the same."""
    first = values[0]
    if all(value is first or value == first for value in values):
        return first
    if all(isinstance(value, float) for value in values):
        if any(trait(value) != trait(first) for trait in alike for value in values):
            raise _different(name)
        return _frozen(np.array(values)[:, None])
    if isinstance(first, BaseModel) and all(type(value) is type(first) for value in values):
        return _joined(values)
    if all(_is_list(value) and len(value) == len(first) for value in values):
        return tuple(_column(name, each) for each in zip(*values, strict=True))
    raise _different(name)


def _different(name: str) -> ScenarioError:
    return ScenarioError(f"scenarios that differ in more than numbers ({name}) cannot be computed together")


def _bare(value: Any) -> Any:
    """A part of a scenario as plain data; of a number only what worlds of a block must have in common."""
    if isinstance(value, BaseModel):
        alike = _alike(type(value))
        return {
            name: [trait(part) for trait in alike.get(name, ())] if isinstance(part, float) else _bare(part)
            for name, part in vars(value).items()
        }
    return [_bare(part) for part in value] if _is_list(value) else value


@lru_cache(maxsize=1024)
def _alike(model: type[BaseModel]) -> dict[str, Traits]:
    """What worlds must have in common of the numbers of a model, by the name of the field. Of a plug-in that is all, as
    it may take them for numbers, unless it says otherwise."""
    if source_of(model) is not None and not getattr(model, "varies", False):
        return dict.fromkeys(model.model_fields, (float,))
    fields = {n: tuple(m.trait for m in f.metadata if isinstance(m, AlikeIn)) for n, f in model.model_fields.items()}
    return {name: traits for name, traits in fields.items() if traits}


@lru_cache(maxsize=64)
def _network(network: Family | Imported) -> Any:
    """What tells networks apart."""
    if isinstance(network, Imported):
        return {"kind": "imported", "carriers": network.carriers, "digest": network.digest}
    return network.model_dump(mode="json")


def _is_list(value: Any) -> bool:
    """Whether it is a list of models; a list of numbers or words is a value."""
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], BaseModel)


def _frozen(column: Array) -> Array:
    column.flags.writeable = False
    return column
