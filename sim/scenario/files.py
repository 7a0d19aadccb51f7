"""Reading scenarios: TOML files with `extends`, changes by path, and errors a user can act on."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.discovery import plug_in, plug_in_name
from sim.errors import NetworkError, ScenarioError, nearest, unknown
from sim.mechanisms.filter import ANCHOR
from sim.network.families.base import Family
from sim.network.network import Network
from sim.scenario.mistakes import explain
from sim.scenario.schema import KINDS, Imported, Scenario

Data = dict[str, Any]

TEXTS = ("title", "title_zh", "description", "description_zh", "sources")
"""What a scenario says of itself, which those that extend it do not inherit."""


def folder() -> Path:
    """Where the shipped scenarios are: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """The shipped scenarios by name."""
    return {p.stem: p for p in sorted(folder().glob("*.toml"))}


def load_scenario(
    name_or_path: str | Path, *, allow_plugins: bool = False, beside: str | Path | None = None
) -> Scenario:
    """A shipped scenario by name, or one of your own by the path of its TOML file. With `allow_plugins` it may name
    classes of yours (`kind = "package.module:Class"`), which are then imported. beside: a file that names it,
    from whose folder paths are taken.

    Raises ScenarioError (or NetworkError for its network data) naming file, place, given and allowed.
    """
    path = _find(str(name_or_path), None if beside is None else Path(beside))
    return validated(_tuples(_resolved(path, ())), path.name, allow_plugins)


def load_data(data: Mapping[str, Any], *, place: str = "scenario") -> Scenario:
    """A scenario from a plain dictionary of the form of a TOML file (`extends` names a shipped one or a path)."""
    raw = dict(data)
    parent = raw.pop("extends", None)
    base = _resolved(_parent(parent, None, place), ()) if parent is not None else {}
    for text in (*TEXTS, "name"):
        base.pop(text, None)
    return validated(_tuples(_merged(base, raw)), place)


@lru_cache(maxsize=64)
def network_of(network: Family | Imported) -> Network:
    """The network a scenario describes, built or read once."""
    if isinstance(network, Family):
        return network.build()
    from sim.network import importing

    paths = {key: getattr(network, key) for key in NETWORK_FILES if getattr(network, key) is not None}
    if digest_of(paths) != network.digest:
        raise NetworkError(f"{', '.join(paths.values())}: changed since the scenario was read; load it again")
    if network.graph is not None:
        return importing.from_file(Path(network.graph), carriers=network.carriers)
    assert network.links is not None
    firms = Path(network.firms) if network.firms is not None else None
    return importing.from_tables(Path(network.links), firms, carriers=network.carriers)


# --- finding and merging ------------------------------------------------------------------------------


def _find(name: str, beside: Path | None) -> Path:
    """A scenario file by path (relative to the file that names it) or a shipped scenario by name."""
    path = Path(name) if beside is None else beside.parent / name
    if Path(name).suffix != ".toml" and len(Path(name).parts) == 1:
        if beside is not None and path.with_name(f"{name}.toml").is_file():
            return path.with_name(f"{name}.toml")
        known = shipped()
        if name in known:
            return known[name]
        if not path.exists():
            raise ScenarioError(unknown("scenario", name, known) + "; or give the path of a .toml file")
    if path.is_dir():
        raise ScenarioError(f"{path}: a folder; give the path of a .toml file")
    if not path.exists():
        guess = nearest(path.name, (p.name for p in path.parent.glob("*.toml")))
        raise ScenarioError(f"{path}: no such file" + (f"; did you mean {guess!r}?" if guess else ""))
    if path.suffix != ".toml":
        raise ScenarioError(f"{path}: not a scenario file; give the path of a .toml file")
    return path


def _parent(parent: Any, beside: Path | None, place: str) -> Path:
    """The file that a scenario extends."""
    if not isinstance(parent, str):
        raise ScenarioError(f"{place}, extends: given {parent!r}, allowed is the name or path of a scenario")
    try:
        return _find(parent, beside)
    except ScenarioError as error:
        raise ScenarioError(f"{place}, extends: {error}") from None


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
    data.setdefault("name", path.stem)
    _locate(data, path)
    if parent is None:
        return data
    base = _resolved(_parent(parent, path, path.name), (*children, path))
    for text in TEXTS:
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
    """Network files are named relative to the scenario file."""
    network = data.get("network")
    if not isinstance(network, dict):
        return
    if {"links", "firms", "graph"} & network.keys() and "kind" not in network:
        network["kind"] = "imported"
    if network.get("kind") != "imported":
        return
    for key in NETWORK_FILES:
        name = network.get(key)
        if isinstance(name, str):
            file = (path.parent / name).resolve()
            if not file.is_file():
                raise ScenarioError(f"{path.name}, network.{key}: no such file: {file}")
            network[key] = str(file)


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return tuple(_tuples(v) for v in value) if isinstance(value, (list, tuple)) else value


# --- validation in words ------------------------------------------------------------------------------


def validated(data: Data, file: str, allow_plugins: bool = False) -> Scenario:
    """The scenario that data describe, lists as tuples. Raises ScenarioError with what is wrong in them."""
    data = _plugged_in(data, file, allow_plugins)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError(explain(error.errors(), file)) from None
    if isinstance(scenario.network, Imported):
        located = _located(scenario.network, file)
        scenario = scenario.model_copy(update={"network": located})
    _check_against_network(scenario, file)
    return scenario


def _plugged_in(data: Data, file: str, allowed: bool) -> Data:
    """The data with every `kind = "package.module:Class"` made a kind; a data file alone never imports code."""
    plugged = dict(data)
    found = False
    for place in KINDS:
        tables = data.get(place)
        entries = tables if isinstance(tables, tuple) else (tables,)
        named = [e for e in entries if isinstance(e, dict) and ":" in str(e.get("kind", ""))]
        for entry in named:
            if not allowed:
                raise ScenarioError(
                    f"{file}, {place}.kind: {entry['kind']!r} names code of yours; allowed only with --allow-plugins "
                    "(in Python: allow_plugins=True)"
                )
        if named:
            found = True
            renamed = tuple(e | {"kind": plug_in(e["kind"])} if e in named else e for e in entries)
            plugged[place] = renamed if isinstance(tables, tuple) else renamed[0]
    if found:
        Scenario.model_rebuild(force=True)
    return plugged


def stored(scenario: Scenario) -> str:
    """A scenario as JSON from which `restored` makes it again; plug-ins by the names of their classes."""
    data = scenario.model_dump(mode="json")
    for place in KINDS:
        given = getattr(scenario, place)
        objects = given if isinstance(given, tuple) else (given,)
        for entry, value in zip(data[place] if isinstance(given, tuple) else [data[place]], objects, strict=True):
            name = plug_in_name(type(value))
            if name is not None:
                entry["kind"] = name
    return json.dumps(data, ensure_ascii=False)


def restored(text: str, file: str, allow_plugins: bool = False) -> Scenario:
    """The scenario that was stored as this text. Raises ScenarioError if it names plug-ins that are not allowed or not
    there; ValidationError if it holds what is not known here."""
    return Scenario.model_validate_json(json.dumps(_plugged_in(_tuples(json.loads(text)), file, allow_plugins)))


NETWORK_FILES = ("links", "firms", "graph")


def _located(network: Imported, file: str) -> Imported:
    """The network with whole paths and the fingerprint of its files' contents."""
    paths = {}
    for key in NETWORK_FILES:
        name = getattr(network, key)
        if name is not None:
            path = Path(name).resolve()
            if not path.is_file():
                raise ScenarioError(f"{file}, network.{key}: no such file: {path}")
            paths[key] = str(path)
    return network.model_copy(update={**paths, "digest": digest_of(paths)})


def digest_of(paths: Mapping[str, str]) -> str:
    """Fingerprint of the contents of a network's files, by what they are."""
    digest = hashlib.sha256()
    for key in sorted(paths):
        digest.update(key.encode() + b"\0" + Path(paths[key]).read_bytes() + b"\0")
    return digest.hexdigest()


def _check_against_network(scenario: Scenario, file: str) -> None:
    """What a filter names must exist in the network."""
    network = scenario.build_network()
    named = [(f"programme.{n}.enrols", e.enrols) for n, e in enumerate(scenario.programme)]
    for place in ("information", "cost_sharing", "benefit_sharing", "risk_sharing", "regulator"):
        named.append((f"{place}.applies_to", getattr(scenario, place).applies_to))
    named += [(f"incentives.{n}.applies_to", i.applies_to) for n, i in enumerate(scenario.incentives)]
    for place, which in named:
        if which.region is not None and which.region not in network.regions:
            raise ScenarioError(f"{file}, {place}.region: {unknown('region', which.region, network.regions)}")
        if which.chain not in (None, ANCHOR):
            try:
                network.index(which.chain)
            except NetworkError as error:
                raise ScenarioError(f"{file}, {place}.chain: {error}") from None
