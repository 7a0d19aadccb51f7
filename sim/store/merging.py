"""Experiments and runs of another database into this one, for an experiment whose parts were computed apart.

In small steps, each whole or not done, and each first looks what is there: a merge that was interrupted is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, and_, insert, or_, select, union, update

from sim.errors import StoreError
from sim.store import catalogue, reading
from sim.store.bulk import chunks, insert_rows, monthly_rows
from sim.store.records import Runs
from sim.store.store import Store
from sim.store.tables import (
    FILE,
    FINISHED,
    NONE,
    ROWS,
    Experiment,
    ExperimentPoint,
    ExperimentScenario,
    MonthlyOutcome,
    Outcome,
    Panel,
    Run,
    Scenario,
    SeriesFile,
)
from sim.store.writing import RUN_KEY, RunKey, note_files, note_runs, put_books, with_books

RUNS_AT_ONCE = 500
"""Runs brought in one transaction."""


@dataclass(frozen=True)
class Merged:
    """What came. experiments: that were not there; runs, failed ones too, that were not there; series: runs that were
    there and got their months; file_bytes: of the files copied; gone: files that the other has lost."""

    experiments: int = 0
    runs: int = 0
    series: int = 0
    files: int = 0
    file_bytes: int = 0
    gone: int = 0


def merge(store: Store, other: Store) -> Merged:
    """Bring all experiments of another database, with their runs and files, into a store. What is there stays as it is;
    runs that are there without monthly series get those of the other. An experiment that is there too becomes one with
    it: one begun at the same moment, or with the same definition, cases and seed."""
    if Path(store.name).resolve() == Path(other.name).resolve():
        raise StoreError(f"database {other.name}: is the one to merge into; give another")
    came = dict.fromkeys(Merged.__annotations__, 0)
    with other.reading() as source:
        numbers = catalogue.numbers(source)
    for number in numbers:
        with other.reading() as source, store.writing() as connection:
            experiment, new = _bring_experiment(source, connection, number)
        came["experiments"] += new
        for runs in _runs_of(other, number):
            _bring_runs(store, other, runs, came)
        _bring_panels(store, other, number, experiment, came)
    return Merged(**came)


def _bring_experiment(source: Connection, connection: Connection, number: int) -> tuple[int, bool]:
    """Its id here, and whether it was not here yet."""
    row = source.execute(select(Experiment).where(Experiment.id == number)).one()
    points = catalogue.fingerprints_of_points(source, number)
    member = ExperimentScenario
    named = source.execute(select(member).where(member.experiment_id == number).order_by(member.position)).all()
    _bring_scenarios(source, connection, [*(one.fingerprint for one in named), *points])
    found = _there(connection, row, [(one.name, one.fingerprint) for one in named], points)
    if found is None:
        values = {name: value for name, value in row._mapping.items() if name != "id"}
        made = connection.execute(insert(Experiment).values(values))
        assert made.inserted_primary_key is not None
        experiment = int(made.inserted_primary_key[0])
        insert_rows(connection, member, ((experiment, *one[1:]) for one in named))
    else:
        experiment = found
        longer = and_(Experiment.id == experiment, Experiment.replications < row.replications)
        connection.execute(update(Experiment).where(longer).values(replications=row.replications))
    there = len(catalogue.fingerprints_of_points(connection, experiment))
    rows = ((experiment, there + n, key) for n, key in enumerate(points[there:]))
    insert_rows(connection, ExperimentPoint, rows)
    return experiment, found is None


def _bring_scenarios(source: Connection, connection: Connection, keys: Sequence[str]) -> None:
    """Scenarios, and those that they are made from, that are not here yet."""
    bases: list[str] = []
    for part in chunks(keys):
        rows = source.execute(select(Scenario).where(Scenario.fingerprint.in_(part))).all()
        known = set(connection.scalars(select(Scenario.fingerprint).where(Scenario.fingerprint.in_(part))))
        insert_rows(connection, Scenario, (tuple(row) for row in rows if row.fingerprint not in known))
        bases += {row.base for row in rows if row.base and row.base not in known}
    if bases := [base for base in dict.fromkeys(bases) if base not in set(keys)]:
        _bring_scenarios(source, connection, bases)


def _there(
    connection: Connection, row: Row[Any], named: list[tuple[str, str]], points: list[str]
) -> int | None:  # fmt: skip
    """The experiment here that is the same, or that goes further or less far with its points."""
    of = Experiment
    defined = and_(of.definition.is_not(None), of.definition == row.definition, of.replications == row.replications)
    query = (
        select(of.id)
        .where(of.kind == row.kind, of.seed == row.seed, of.reference == row.reference)
        .where(or_(of.created == row.created, defined))
        .order_by(of.id)
    )
    for experiment in connection.scalars(query).all():
        mine = catalogue.fingerprints_of_points(connection, experiment)
        shared = min(len(mine), len(points))
        entries = [(e.name, e.fingerprint) for e in catalogue.entries_of(connection, experiment)]
        if entries == named and mine[:shared] == points[:shared]:
            return int(experiment)
    return None


def _runs_of(other: Store, number: int) -> Iterator[Sequence[Row[Any]]]:
    """The runs of an experiment's cases and seed, of any replication and model version, in parts."""
    point, member = ExperimentPoint, ExperimentScenario
    with other.reading() as source:
        cases = union(
            select(point.fingerprint).where(point.experiment_id == number),
            select(member.fingerprint).where(member.experiment_id == number),
        )
        seed = source.scalar(select(Experiment.seed).where(Experiment.id == number))
        query = select(Run.id).where(Run.fingerprint.in_(cases), Run.seed == seed).order_by(Run.id)
        ids = list(source.scalars(query))
    for start in range(0, len(ids), RUNS_AT_ONCE):
        with other.reading() as source:
            part = ids[start : start + RUNS_AT_ONCE]
            yield source.execute(select(Run).where(Run.id.in_(part)).order_by(Run.id)).all()


def _bring_runs(store: Store, other: Store, rows: Sequence[Row[Any]], came: dict[str, int]) -> None:
    """Those of some runs that are not here, and months of those that are here without."""
    with store.reading() as connection:
        here = _known(connection, rows)
    gone = {number for _, _, number, path in here.values() if number and path and not store.files.exists(path)}
    lacking = [row for row in rows if _lacks(row, here.get(_key(row)), gone)]
    if not lacking:
        return
    with other.reading() as source:
        files = {row.series_file_id for row in lacking} - {None}
        query = select(SeriesFile.id, SeriesFile.path).where(SeriesFile.id.in_(files))
        paths = {number: path for number, path in source.execute(query)}
        runs, monthly, kept = _read(source, lacking)
    copied = _copied(store, other, paths, came)
    places = store.places(runs.units, runs.entries)
    at = {_key(row): n for n, row in enumerate(lacking)}
    with store.adding() as connection:
        numbers = note_files(connection, list(copied.values()))
        values = [_values(row, {old: numbers[file[0]] for old, file in copied.items()}) for row in lacking]
        noted = {number: at[key] for number, key in note_runs(connection, values, sorted(gone)).items()}
        books = with_books(connection, list(noted))
        new = [i for i, n in noted.items() if i not in books and lacking[n].status == FINISHED]
        put_books(connection, new, runs.at([noted[i] for i in new]), places)
        months = [(i, kept[noted[i]]) for i in noted if noted[i] in kept]
        chosen = monthly[[n for _, n in months]]
        insert_rows(connection, MonthlyOutcome, monthly_rows([i for i, _ in months], places.outcomes, chosen))
    came["series"] += len(books)
    came["runs"] += sum(_key(lacking[n]) not in here for n in noted.values())


Here = tuple[str, str, int | None, str | None]
"""Status of a run, where its series are, and number and path of their file."""


def _known(connection: Connection, rows: Sequence[Row[Any]]) -> dict[RunKey, Here]:
    file = SeriesFile
    query = select(*(getattr(Run, name) for name in RUN_KEY), Run.status, Run.series, file.id, file.path)
    query = query.outerjoin(file, file.id == Run.series_file_id)
    found: dict[RunKey, Here] = {}
    for part in chunks([row.fingerprint for row in rows]):
        for *key, status, series, number, path in connection.execute(query.where(Run.fingerprint.in_(part))):
            found[RunKey(*key)] = status, series, number, path
    return found


def _lacks(row: Row[Any], here: Here | None, gone: set[int]) -> bool:
    """Whether a run of the other has anything that is not here."""
    if here is None:
        return True
    status, series, number, _ = here
    if row.status != FINISHED or status != FINISHED:
        return bool(row.status == FINISHED)
    return bool(row.series != NONE) and (series == NONE or (series == FILE and number in gone))


def _read(source: Connection, rows: Sequence[Row[Any]]) -> tuple[Runs, np.ndarray, dict[int, int]]:
    """Runs with all but their months, in the order of rows; months kept as rows, and where those of which row are."""
    units = {name: unit for name, unit in source.execute(select(Outcome.name, Outcome.unit).order_by(Outcome.name))}
    ids = {row.id: n for n, row in enumerate(rows)}
    bare = np.zeros((len(rows), len(units), 0))
    runs = reading.with_books(source, ids, [row.replication for row in rows], units, bare)
    kept = {n: k for k, n in enumerate(n for n, row in enumerate(rows) if row.series == ROWS)}
    names, monthly = reading.series_of(source, {rows[n].id: k for n, k in kept.items()})
    wide = np.full((len(kept), len(units), monthly.shape[2]), np.nan)
    wide[:, [list(units).index(name) for name in names]] = monthly
    return runs, wide, kept


def _copied(
    store: Store, other: Store, paths: Mapping[int, str], came: dict[str, int]
) -> dict[int, tuple[str, int]]:  # fmt: skip
    """Path here and bytes of files of the other, by their numbers there, without those that it has lost."""
    copied = {}
    for number, path in paths.items():
        if not other.files.exists(path):
            came["gone"] += 1
            continue
        copied[number] = _copy(store, other.files.find(path), came)
    return copied


def _copy(store: Store, file: Path, came: dict[str, int]) -> tuple[str, int]:
    path, size, new = store.files.copy(file)
    came["files"] += new
    came["file_bytes"] += size if new else 0
    return path, size


def _values(row: Row[Any], files: Mapping[int, int]) -> dict[str, Any]:
    """A run as it is noted here. One whose file is lost comes without its months."""
    values = {name: value for name, value in row._mapping.items() if name != "id"}
    if row.series == FILE:
        number = files.get(row.series_file_id)
        values |= {"series_file_id": number, "series": FILE if number is not None else NONE}
    return values


def _bring_panels(store: Store, other: Store, number: int, experiment: int, came: dict[str, int]) -> None:
    there = {panel.place.name for panel in store.panels(experiment)}
    for panel in other.panels(number):
        if panel.place.name in there:
            continue
        if not panel.place.exists():
            came["gone"] += 1
            continue
        path, size = _copy(store, panel.place, came)
        values = {"experiment_id": experiment, "kind": panel.kind, "path": path, "rows": panel.rows, "bytes": size}
        with store.writing() as connection:
            connection.execute(insert(Panel).values(values))


def _key(row: Row[Any]) -> RunKey:
    return RunKey(*(getattr(row, name) for name in RUN_KEY))
