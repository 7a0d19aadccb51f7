"""Changes to a scenario by path, as `Scenario.replace` and `--set` make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from sim.errors import ScenarioError, unknown
from sim.scenario.files import Data, validated
from sim.scenario.schema import KINDS, Scenario, kinds_at

KEPT = ("applies_to", "starts", "ends", "role", "share")
"""What stays as it is when the kind is changed, where the whole family has it."""


def changed(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """A copy of a scenario with values changed by path; see `Scenario.replace`."""
    return validated(_with(scenario, changes), scenario.name)


def how_far(scenario: Scenario, path: str, before: Mapping[str, Any]) -> int:
    """How many parts of a path a scenario has, once the changes before it are made."""
    here: Any = _with(scenario, before)
    for n, part in enumerate(path.split(".")):
        try:
            here = _step(here, part, (), scenario.name)
        except ScenarioError:
            return n
    return len(path.split("."))


def _with(scenario: Scenario, changes: Mapping[str, Any]) -> Data:
    """The scenario as plain data with changes made, not validated yet."""
    data: Data = _plain(scenario)
    for path, value in changes.items():
        _assign(data, path, _plain(value), scenario.name)
    return data


def _plain(value: Any) -> Any:
    """Models as tables and tuples as lists, so that everything can be changed."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="python")
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def _assign(data: Data, path: str, value: Any, name: str) -> None:
    """Set one value by its path; every part must exist. Another kind brings its own defaults."""
    parts = path.split(".")
    here: Any = data
    for n, part in enumerate(parts[:-1]):
        here = _step(here, part, parts[:n], name)
    last = parts[-1]
    _step(here, last, parts[:-1], name)
    if last == "kind" and parts[0] in KINDS and value != here["kind"]:
        _change_kind(here, parts[0], value)
    else:
        here[int(last) if isinstance(here, list) else last] = value


def _change_kind(table: Data, place: str, kind: Any) -> None:
    """Make a table one of another kind, with that kind's defaults and what the family has in common kept."""
    _, family = KINDS[place]
    kept = {key: table[key] for key in KEPT if key in table and key in family.model_fields}
    model = kinds_at(place).get(str(kind))
    table.clear()
    table.update((_plain(model.model_construct()) if model else {}) | kept | {"kind": kind})


def _step(here: Any, part: str, walked: Sequence[str], name: str) -> Any:
    place = f"{name}, {'.'.join(walked) or 'scenario'}"
    if isinstance(here, list):
        if not part.isdigit() or int(part) >= len(here):
            allowed = f"allowed are 0 to {len(here) - 1}" if here else "but the list is empty"
            raise ScenarioError(f"{place}: given position {part!r}, {allowed}")
        return here[int(part)]
    if isinstance(here, dict):
        if part not in here:
            raise ScenarioError(f"{place}: {unknown('key', part, here)}")
        return here[part]
    raise ScenarioError(f"{place}: {part!r} asked for, but this is a single value ({here!r})")
