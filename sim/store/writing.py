"""Runs into the tables. Each function works within a transaction of its caller, beside others who write runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    false,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from sim.store import tables
from sim.store.bulk import chunks, figure_rows, insert_rows, monthly_rows, named_rows
from sim.store.files import Files
from sim.store.ledger import packed
from sim.store.naming import Places
from sim.store.records import NEVER, Failure, Runs
from sim.store.tables import FAILED, FILE, FINISHED, NONE, ROWS, Run
from sim.store.versions import versions


class Known(NamedTuple):
    """A finished run as the database has it. series: where its monthly series are; file, path: of their file."""

    id: int
    series: str
    file: int | None
    path: str | None


class RunKey(NamedTuple):
    """What a run is known by."""

    fingerprint: str
    replication: int
    seed: int
    model_version: str


RUN_KEY = RunKey._fields

OF_A_TRY = (
    "status", "traceback", "seconds", "finished_at", "package_version", "python_version", "numpy_version"
)  # fmt: skip
"""Columns of a run that failed which those of a later try replace."""


@dataclass(frozen=True)
class Lot:
    """Runs of one seed and model version; the keys that are left are case and replication."""

    seed: int
    model_version: str

    def are(self, status: str) -> ColumnElement[bool]:
        """Condition: such a run of this status."""
        return and_(Run.seed == self.seed, Run.model_version == self.model_version, Run.status == status)


def finished(
    connection: Connection, lot: Lot, fingerprints: Sequence[str], replications: range
) -> dict[tuple[str, int], Known]:
    """Runs of these cases that are finished, by case and replication."""
    file = tables.SeriesFile
    found = {}
    for part in chunks(fingerprints):
        query = (
            select(Run.fingerprint, Run.replication, Run.id, Run.series, file.id, file.path)
            .outerjoin(file, file.id == Run.series_file_id)
            .where(Run.fingerprint.in_(part), Run.replication.between(replications.start, replications.stop - 1))
            .where(lot.are(FINISHED))
        )
        for fingerprint, replication, number, series, of, path in connection.execute(query):
            found[fingerprint, replication] = Known(number, series, of, path)
    return found


def bare(known: Mapping[tuple[str, int], Known], files: Files) -> set[tuple[str, int]]:
    """Finished runs whose monthly series were not kept, or whose file is gone."""
    there = {path for path in {run.path for run in known.values()} if path and files.exists(path)}
    return {key for key, run in known.items() if run.series == NONE or (run.series == FILE and run.path not in there)}


class Wanted(NamedTuple):
    """rows: of runs that are new, or there without the monthly series that they have now; gone: ids of series files
    that are no longer there."""

    rows: list[int]
    gone: list[int]


def wanted(connection: Connection, lot: Lot, files: Files, fingerprints: Sequence[str], runs: Runs) -> Wanted:
    """What of some runs is to be written."""
    within = range(min(runs.replications), max(runs.replications) + 1)
    known = finished(connection, lot, fingerprints, within)
    without = bare(known, files) if runs.months else set()
    keys = zip(fingerprints, runs.replications, strict=True)
    rows = [n for n, key in enumerate(keys) if key not in known or key in without]
    return Wanted(rows, sorted({known[key].file or 0 for key in without} - {0}))


def put_runs(
    connection: Connection, lot: Lot, fingerprints: Sequence[str], runs: Runs, places: Places, wanted: Wanted,
    file: tuple[str, int] | None,
) -> bool:  # fmt: skip
    """Write finished runs; whether anything was left to write. What another process has written since `wanted` was
    found is left as it is. file: path and bytes of the file that has the series, if they are kept in one."""
    kept = NONE if not runs.months else FILE if file else ROWS
    number = note_files(connection, [file])[file[0]] if file else None
    rows = {(fingerprints[n], runs.replications[n]): n for n in wanted.rows}
    common = _common(lot, FINISHED, runs.seconds, None) | {"series": kept, "series_file_id": number}
    noted = note_runs(connection, [common | {"fingerprint": f, "replication": r} for f, r in rows], wanted.gone)
    if number is not None and not noted:
        connection.execute(delete(tables.SeriesFile).where(tables.SeriesFile.id == number))
    ids = {i: rows[fingerprint, replication] for i, (fingerprint, replication, *_) in noted.items()}
    old = with_books(connection, list(ids))
    new = [i for i in ids if i not in old]
    put_books(connection, new, runs.at([ids[i] for i in new]), places)
    if kept == ROWS:
        monthly = runs.at(list(ids.values())).monthly
        insert_rows(connection, tables.MonthlyOutcome, monthly_rows(list(ids), places.outcomes, monthly))
    return bool(noted)


def put_failure(connection: Connection, lot: Lot, fingerprint: str, failure: Failure) -> None:
    """Write that a run failed, unless it is finished."""
    row = _common(lot, FAILED, failure.seconds, failure.traceback) | {"series": NONE, "series_file_id": None}
    note_runs(connection, [row | {"fingerprint": fingerprint, "replication": failure.replication}], ())


def note_runs(connection: Connection, rows: Sequence[dict[str, Any]], gone: Sequence[int]) -> dict[int, RunKey]:
    """Note runs that are new, failed before, or are there without the monthly series that they have now; their keys by
    their ids, in the order of the keys. rows: columns of table `run`; gone: ids of series files that are not there.

    Those who write the same runs at once wait for each other here, one for each run: the first notes it, and the others
    find it. All go in the order of the keys, so that no two wait for each other.
    """
    if not rows:
        return {}
    begin = _insert_of(connection, Run)
    new = begin.excluded
    failed, finished = (_text(status) for status in (FAILED, FINISHED))
    lost = Run.series_file_id.in_([_text(number) for number in gone]) if gone else false()
    series = and_(new.status == finished, new.series != _text(NONE), or_(Run.series == _text(NONE), lost))
    taken = {name: case((Run.status == failed, new[name]), else_=getattr(Run, name)) for name in OF_A_TRY}
    place = {"series": new.series, "series_file_id": new.series_file_id}
    query = begin.on_conflict_do_update(
        index_elements=list(RUN_KEY), set_=taken | place, where=or_(Run.status == failed, series)
    ).returning(Run.id, *(getattr(Run, name) for name in RUN_KEY))
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in RUN_KEY))
    noted = {number: RunKey(*key) for number, *key in connection.execute(query, ordered)}
    return dict(sorted(noted.items(), key=lambda item: item[1]))


def with_books(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of some runs that have what every finished run has, a ledger."""
    book = tables.RunLedger.run_id
    return {i for part in chunks(ids) for i in connection.scalars(select(book).where(book.in_(part)))}


def put_books(connection: Connection, ids: list[int], runs: Runs, places: Places) -> None:
    """Write what finished runs have beside their months: figures, ledger, last payments."""
    insert_rows(connection, tables.Figure, figure_rows(ids, places.outcomes, runs.figures))
    insert_rows(connection, tables.RunLedger, zip(ids, packed(runs.ledger, places.entries), strict=True))
    paid = (
        (*row, None if month == NEVER else int(month))
        for *row, month in named_rows(ids, [(b,) for b in runs.budgets], runs.last_paid)
    )
    insert_rows(connection, tables.LastPaid, paid)


def _common(lot: Lot, status: str, seconds: float, traceback: str | None) -> dict[str, Any]:
    return {
        "seed": lot.seed, "model_version": lot.model_version, "status": status, "traceback": traceback,
        "seconds": seconds, "finished_at": now(), **versions(),
    }  # fmt: skip


def note_files(connection: Connection, files: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Note series files, given as path and bytes, that are not noted yet; ids of all by their paths."""
    file = tables.SeriesFile
    if files:
        begin = _insert_of(connection, file).on_conflict_do_nothing(index_elements=["path"])
        connection.execute(begin, [{"path": path, "bytes": size} for path, size in sorted(files)])
    query = select(file.path, file.id).where(file.path.in_([path for path, _ in files]))
    return {path: number for path, number in connection.execute(query)}


def _insert_of(connection: Connection, model: type[tables.Base]) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(model) if connection.dialect.name == "postgresql" else sqlite.insert(model)


def _text(value: str | int) -> ColumnElement[Any]:
    """A constant in the text of a query: one that goes with many rows takes no others."""
    return literal_column(repr(value))


def now() -> datetime:
    """This moment in UTC, as the tables have it."""
    return datetime.now(UTC).replace(tzinfo=None)
