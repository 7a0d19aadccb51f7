"""Experiments in files: one TOML file for each; and definitions as they are saved with their runs."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import ScenarioError, StoreError, UsageError, nearest, unknown
from sim.experiments.answer import Answer
from sim.experiments.cases import Case
from sim.experiments.definition import Definition, Design
from sim.experiments.found import found_in
from sim.experiments.kinds.ablation import Ablation
from sim.experiments.kinds.comparing import Comparison, Single
from sim.experiments.kinds.sensitivity import Sensitivity
from sim.experiments.kinds.sweep import Sweep
from sim.experiments.search.search import Search
from sim.experiments.space import Changes, in_order, json_of
from sim.scenario.files import folder, load_scenario
from sim.scenario.files import restored as restored_scenario
from sim.scenario.schema import Scenario
from sim.store.catalogue import Point, Saved
from sim.store.store import Store

KINDS: dict[str, type[Definition]] = {
    "run": Single,
    "compare": Comparison,
    "sweep": Sweep,
    "sensitivity": Sensitivity,
    "search": Search,
    "ablation": Ablation,
}
"""What a file may define, by its `kind`."""


def shipped() -> dict[str, Path]:
    """The shipped experiments by name."""
    return {p.stem: p for p in sorted((folder() / "experiments").glob("*.toml"))}


def load_experiment(name_or_path: str | Path, *, allow_plugins: bool = False, **changes: Any) -> Any:
    """A shipped experiment by name, or one of your own by the path of its TOML file; checked against its scenarios.
    changes: keys of the file that are to be others. With `allow_plugins` its scenarios may name classes of yours, which
    are then imported.

    Raises UsageError, or ScenarioError for its scenarios, naming file, place, given and allowed.
    """
    path = _find(name_or_path)
    data = {**_read(path), **changes, "file": path.name}
    kind = data.get("kind")
    if kind is None:
        raise UsageError(f"{path.name}, kind: missing; allowed are {', '.join(KINDS)}")
    if not isinstance(kind, str):
        raise UsageError(f"{path.name}, kind: given {kind!r}, allowed are {', '.join(KINDS)}")
    if kind not in KINDS:
        raise UsageError(f"{path.name}, kind: {unknown('kind', kind, KINDS)}")
    for key in ("scenario", "scenarios"):
        if key in KINDS[kind].model_fields and key in data:
            data[key] = _loaded(data[key], f"{path.name}, {key}", path, allow_plugins)
    return KINDS[kind](**data)


def analysed(store: Store, number: int, *, allow_plugins: bool = False) -> Answer:
    """What follows from the runs that a database holds of an experiment; nothing is run. See `Design.answer`.

    Raises StoreError if there is no such experiment, or none that can be analysed here.
    """
    saved = store.experiment(number)
    if saved is None:
        raise StoreError(f"database {store.name}: no experiment {number}")
    design, base = restored(saved, store.name, allow_plugins)
    if isinstance(design, Search):
        return design.analysed(store, number)
    noted = store.points(number)
    planned = design.plan
    _check_same(noted, planned, base, f"database {store.name}, experiment {number}")
    found = found_in(store, design, base, planned, [p.fingerprint for p in noted], store.name, number)
    return design.answer(found)


def restored(saved: Saved, database: str, allow_plugins: bool = False) -> tuple[Design, Scenario]:
    """The definition of a saved experiment, and its base scenario.

    Raises StoreError if it has none, or one that is not known here.
    """
    place = f"database {database}, experiment {saved.id}"
    kind = KINDS.get(saved.kind)
    if saved.definition is None or kind is None or not issubclass(kind, Design):
        raise StoreError(f"{place}: a {saved.kind}, which has no definition that can be analysed")
    try:
        base = restored_scenario(saved.entries[0].text, f"{place}, {saved.entries[0].name}", allow_plugins)
        data = json.loads(saved.definition)
        design = kind(**data | {"scenario": base, "set": {}, "months": None, "file": place})
    except (ValidationError, UsageError) as error:
        raise StoreError(f"{place}: its definition is not known here ({error}); run it again") from None
    if base.fingerprint != saved.entries[0].fingerprint:
        raise StoreError(f"{place}: stored by another version of the model, or of a plug-in; run it again")
    assert isinstance(design, Design)
    return design, base


def _check_same(noted: Sequence[Point], planned: Sequence[Changes], base: Scenario, place: str) -> None:
    """Raises StoreError unless the points that were noted are those that the definition plans. The changes of a point
    are noted as those of the experiment that came first, so where they differ the fingerprint decides."""

    def same(point: Point, point_planned: Changes) -> bool:
        changes = in_order(point_planned)
        if point.base == base.fingerprint and point.changes == json_of(changes):
            return True
        return Case(base, changes).fingerprint == point.fingerprint

    if len(noted) != len(planned) or not all(same(p, c) for p, c in zip(noted, planned, strict=True)):
        raise StoreError(f"{place}: its points were drawn by another version of a library; run it again")


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    known = shipped()
    if path.suffix != ".toml" and len(path.parts) == 1 and not path.exists():
        if str(path) not in known:
            raise UsageError(f"{unknown('experiment', str(path), known)}; or give the path of a .toml file")
        return known[str(path)]
    if path.is_dir():
        raise UsageError(f"{path}: a folder; give the path of a .toml file")
    if not path.exists():
        guess = nearest(path.name, (p.name for p in path.parent.glob("*.toml")))
        raise UsageError(f"{path}: no such file" + (f"; did you mean {guess!r}?" if guess else ""))
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name}: not valid TOML ({error})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not readable ({error})") from None


def _loaded(given: Any, place: str, file: Path, allow_plugins: bool) -> Any:
    """Scenarios named in a file; what is no name is left for the definition to refuse."""
    if isinstance(given, list):
        return [_loaded(each, place, file, allow_plugins) for each in given]
    if not isinstance(given, str):
        return given
    try:
        return load_scenario(given, allow_plugins=allow_plugins, beside=file)
    except ScenarioError as error:
        raise UsageError(f"{place}: {error}") from None
