"""Reading scenarios: TOML files with `extends`, changes by path, and errors a user can act on."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import NetworkError, ScenarioError, unknown
from sim.network.families.base import Family
from sim.network.network import Network
from sim.scenario.mistakes import explain
from sim.scenario.schema import KINDS, Imported, Scenario

Data = dict[str, Any]


def folder() -> Path:
    """Where the shipped scenarios are: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """The shipped scenarios by name."""
    return {p.stem: p for p in sorted(folder().glob("*.toml"))}


def load_scenario(name_or_path: str | Path) -> Scenario:
    """A shipped scenario by name, or one of your own by the path of its TOML file.

    Raises ScenarioError (or NetworkError for its network data) naming file, place, given and allowed.
    """
    path = _find(str(name_or_path), None)
    return _validated(_resolved(path, ()), path.name)


def load_data(data: Mapping[str, Any], *, place: str = "scenario") -> Scenario:
    """A scenario from a plain dictionary of the form of a TOML file (`extends` names a shipped one or a path)."""
    raw = dict(data)
    parent = raw.pop("extends", None)
    base = _resolved(_find(str(parent), None), ()) if parent is not None else {}
    return _validated(_merged(base, raw), place)


def changed(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """A copy of a scenario with values changed by path; see `Scenario.replace`."""
    data = _lists(scenario.model_dump(mode="python"))
    for path, value in changes.items():
        _assign(data, path, value, scenario.name)
    return _validated(data, scenario.name)


def has_path(scenario: Scenario, path: str) -> bool:
    """Whether a scenario has a value at a path."""
    try:
        _assign(_lists(scenario.model_dump(mode="python")), path, None, scenario.name)
    except ScenarioError:
        return False
    return True


@lru_cache(maxsize=64)
def network_of(network: Family | Imported) -> Network:
    """The network a scenario describes, built or read once."""
    if isinstance(network, Family):
        return network.build()
    from sim.network import importing

    if network.graph is not None:
        return importing.from_file(Path(network.graph), carriers=network.carriers)
    assert network.links is not None
    firms = Path(network.firms) if network.firms is not None else None
    return importing.from_tables(Path(network.links), firms, carriers=network.carriers)


# --- finding and merging ------------------------------------------------------------------------------


def _find(name: str, beside: Path | None) -> Path:
    """A scenario file by path (relative to the file that names it) or a shipped scenario by name."""
    path = Path(name)
    if path.suffix == ".toml" or len(path.parts) > 1:
        path = path if beside is None else beside.parent / path
        if not path.is_file():
            raise ScenarioError(f"{path}: no such file")
        return path
    if beside is not None and (beside.parent / f"{name}.toml").is_file():
        return beside.parent / f"{name}.toml"
    known = shipped()
    if name not in known:
        raise ScenarioError(unknown("scenario", name, known) + "; or give the path of a .toml file")
    return known[name]


def _resolved(path: Path, children: tuple[Path, ...]) -> Data:
    """The contents of a file over those of the file it extends."""
    path = path.resolve()
    if path in children:
        round_trip = " -> ".join(p.name for p in (*children, path))
        raise ScenarioError(f"{children[-1].name}, extends: the files extend each other in a circle: {round_trip}")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path.name}: not valid TOML ({error})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: not readable ({error})") from error
    parent = data.pop("extends", None)
    if parent is not None and not isinstance(parent, str):
        raise ScenarioError(f"{path.name}, extends: given {parent!r}, allowed is the name or path of a scenario")
    data.setdefault("name", path.stem)
    _locate(data, path)
    if parent is None:
        return data
    base = _resolved(_find(parent, path), (*children, path))
    for text in ("title", "title_zh", "description", "description_zh", "sources"):
        base.pop(text, None)
    return _merged(base, data)


def _merged(base: Data, over: Data) -> Data:
    """Tables merge key by key, all else is replaced; a table of another `kind` replaces the whole table."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            if key in KINDS and _kind_differs(old, value):
                result[key] = value
            else:
                result[key] = _merged(old, value)
        else:
            result[key] = value
    return result


def _kind_differs(old: Data, new: Data) -> bool:
    kind = new.get("kind", "imported" if {"links", "graph"} & new.keys() else old.get("kind"))
    return bool(kind != old.get("kind"))


def _locate(data: Data, path: Path) -> None:
    """Network files are named relative to the scenario file; note their contents' fingerprint."""
    network = data.get("network")
    if not isinstance(network, dict):
        return
    if {"links", "firms", "graph"} & network.keys() and "kind" not in network:
        network["kind"] = "imported"
    if network.get("kind") != "imported":
        return
    digest = hashlib.sha256()
    for key in ("links", "firms", "graph"):
        name = network.get(key)
        if isinstance(name, str):
            file = (path.parent / name).resolve()
            if not file.is_file():
                raise ScenarioError(f"{path.name}, network.{key}: no such file: {file}")
            digest.update(key.encode() + b"\0" + file.read_bytes() + b"\0")
            network[key] = str(file)
    network["digest"] = digest.hexdigest()


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _lists(v) for k, v in value.items()}
    return [_lists(v) for v in value] if isinstance(value, (list, tuple)) else value


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return tuple(_tuples(v) for v in value) if isinstance(value, (list, tuple)) else value


def _assign(data: Data, path: str, value: Any, name: str) -> None:
    """Set one value by its path; every part but the last must exist."""
    *parents, last = path.split(".")
    here: Any = data
    walked: list[str] = []
    for part in parents:
        here = _step(here, part, walked, name)
        walked.append(part)
    _step(here, last, walked, name)
    value = value.model_dump(mode="python") if isinstance(value, BaseModel) else value
    here[int(last) if isinstance(here, list) else last] = _lists(value)


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


# --- validation in words ------------------------------------------------------------------------------


def _validated(data: Data, file: str) -> Scenario:
    try:
        scenario = Scenario.model_validate(_tuples(data))
    except ValidationError as error:
        errors = error.errors()
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ScenarioError(explain(errors[0], data, file) + more) from None
    _check_against_network(scenario, file)
    return scenario


def _check_against_network(scenario: Scenario, file: str) -> None:
    """What a filter names must exist in the network."""
    network = scenario.build_network()
    named = [(f"programme[{n}].enrols", e.enrols) for n, e in enumerate(scenario.programme)]
    named += [(f"incentives[{n}].applies_to", i.applies_to) for n, i in enumerate(scenario.incentives)]
    for place, which in named:
        if which.region is not None and which.region not in network.regions:
            raise ScenarioError(f"{file}, {place}.region: {unknown('region', which.region, network.regions)}")
        if which.chain is not None:
            try:
                network.index(which.chain)
            except NetworkError as error:
                raise ScenarioError(f"{file}, {place}.chain: {error}") from None
