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


_kept: tuple[Scenario, Data] | None = None
"""The scenario that was changed last, as plain data: experiments change the same one many thousand times."""


def _with(scenario: Scenario, changes: Mapping[str, Any]) -> Data:
    """The scenario as plain data with changes made, not validated yet."""
    data = _data(scenario)
    for path, value in changes.items():
        data = _assigned(data, path.split("."), 0, _plain(value), scenario.name)
    return data


def _data(scenario: Scenario) -> Data:
    global _kept
    kept = _kept
    if kept is None or kept[0] is not scenario:
        _kept = kept = scenario, _plain(scenario)
    return kept[1]


def _plain(value: Any) -> Any:
    """Models as tables, and lists as tuples."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="python")
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return tuple(_plain(v) for v in value) if isinstance(value, (list, tuple)) else value


def _assigned(here: Any, parts: Sequence[str], n: int, value: Any, name: str) -> Any:
    """A copy with one value set by its path, of which `n` parts are walked; every part must exist. Another kind brings
    its own defaults."""
    part = parts[n]
    inner = _step(here, part, parts[:n], name)
    if n + 1 < len(parts):
        value = _assigned(inner, parts, n + 1, value, name)
    elif part == "kind" and parts[0] in KINDS and value != inner:
        return _of_kind(here, parts[0], value)
    if isinstance(here, tuple):
        return (*here[: int(part)], value, *here[int(part) + 1 :])
    return {**here, part: value}


def _of_kind(table: Data, place: str, kind: Any) -> Data:
    """A table of another kind, with that kind's defaults and what the family has in common kept."""
    _, family = KINDS[place]
    kept = {key: table[key] for key in KEPT if key in table and key in family.model_fields}
    model = kinds_at(place).get(str(kind))
    return (_plain(model.model_construct()) if model else {}) | kept | {"kind": kind}


def _step(here: Any, part: str, walked: Sequence[str], name: str) -> Any:
    place = f"{name}, {'.'.join(walked) or 'scenario'}"
    if isinstance(here, tuple):
        if not part.isdigit() or int(part) >= len(here):
            allowed = f"allowed are 0 to {len(here) - 1}" if here else "but the list is empty"
            raise ScenarioError(f"{place}: given position {part!r}, {allowed}")
        return here[int(part)]
    if isinstance(here, dict):
        if part not in here:
            raise ScenarioError(f"{place}: {unknown('key', part, here)}")
        return here[part]
    raise ScenarioError(f"{place}: {part!r} asked for, but this is a single value ({here!r})")
