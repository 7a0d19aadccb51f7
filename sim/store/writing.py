"""Runs into the tables. Each function works within a transaction of its caller, who holds the right to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from sim.store import tables
from sim.store.bulk import cell_rows, chunks, figure_rows, insert_rows, monthly_rows, named_rows
from sim.store.files import Files
from sim.store.records import NEVER, Failure, Runs
from sim.store.tables import FAILED, FILE, FINISHED, NONE, ROWS, Run
from sim.store.versions import versions


class Known(NamedTuple):
    """A finished run as the database has it. series: where its monthly series are; path: of their file."""

    id: int
    series: str
    path: str | None


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
            select(Run.fingerprint, Run.replication, Run.id, Run.series, file.path)
            .outerjoin(file, file.id == Run.series_file_id)
            .where(Run.fingerprint.in_(part), Run.replication.between(replications.start, replications.stop - 1))
            .where(lot.are(FINISHED))
        )
        for fingerprint, replication, number, series, path in connection.execute(query):
            found[fingerprint, replication] = Known(number, series, path)
    return found


def bare(known: Mapping[tuple[str, int], Known], files: Files) -> set[tuple[str, int]]:
    """Finished runs whose monthly series were not kept, or whose file is gone."""
    there = {path for path in {run.path for run in known.values()} if path and files.exists(path)}
    return {key for key, run in known.items() if run.series == NONE or (run.series == FILE and run.path not in there)}


def wanted(
    connection: Connection, lot: Lot, files: Files, fingerprints: Sequence[str], runs: Runs
) -> tuple[list[int], list[tuple[int, int]]]:
    """Rows of runs that are new, and rows whose series are not there, with the ids of their runs."""
    within = range(min(runs.replications), max(runs.replications) + 1)
    known = finished(connection, lot, fingerprints, within)
    keys = list(zip(fingerprints, runs.replications, strict=True))
    without = bare(known, files) if runs.months else set()
    new = [n for n, key in enumerate(keys) if key not in known]
    return new, [(n, known[key].id) for n, key in enumerate(keys) if key in without]


def put_runs(
    connection: Connection, lot: Lot, fingerprints: Sequence[str], runs: Runs, rows: Sequence[int],
    again: Sequence[tuple[int, int]], file: tuple[str, int] | None,
) -> None:  # fmt: skip
    """Write finished runs. rows: those that are new; again: rows of runs that are there without their monthly series,
    with their ids. file: path and bytes of the file that has the series, if they are kept in one."""
    kept = NONE if not runs.months else FILE if file else ROWS
    place = {"series": kept, "series_file_id": _note_file(connection, file) if file else None}
    keys = [(fingerprints[n], runs.replications[n]) for n in rows]
    ids = _insert(connection, lot, keys, FINISHED, runs.seconds, None, place)
    outcomes = _outcome_ids(connection, runs)
    new = runs.at(rows)
    insert_rows(connection, tables.Figure, figure_rows(ids, outcomes, new.figures))
    insert_rows(connection, tables.LedgerTotal, cell_rows(ids, _entry_ids(connection, runs), new.ledger))
    paid = (
        (*row, None if month == NEVER else int(month))
        for *row, month in named_rows(ids, [(b,) for b in new.budgets], new.last_paid)
    )
    insert_rows(connection, tables.LastPaid, paid)
    if again:
        connection.execute(update(Run).where(Run.id.in_([i for _, i in again])).values(place))
    if kept == ROWS:
        all_ids = [*ids, *(i for _, i in again)]
        monthly = runs.at([*rows, *(n for n, _ in again)]).monthly
        insert_rows(connection, tables.MonthlyOutcome, monthly_rows(all_ids, outcomes, monthly))


def put_failure(connection: Connection, lot: Lot, fingerprint: str, failure: Failure) -> None:
    """Write that a run failed, unless it is finished."""
    at = failure.replication
    if not finished(connection, lot, [fingerprint], range(at, at + 1)):
        place = {"series": NONE, "series_file_id": None}
        _insert(connection, lot, [(fingerprint, at)], FAILED, failure.seconds, failure.traceback, place)


def _insert(
    connection: Connection, lot: Lot, keys: Sequence[tuple[str, int]], status: str, seconds: float,
    traceback: str | None, place: dict[str, Any],
) -> list[int]:  # fmt: skip
    """Rows of runs in place of those that failed before; their ids, in order."""
    if not keys:
        return []
    _delete_failed(connection, lot, keys)
    common: dict[str, Any] = {
        "seed": lot.seed, "model_version": lot.model_version, "status": status, "traceback": traceback,
        "seconds": seconds, "finished_at": now(), **versions(), **place,
    }  # fmt: skip
    query = insert(Run).returning(Run.id, sort_by_parameter_order=True)
    return list(connection.scalars(query, [common | {"fingerprint": f, "replication": r} for f, r in keys]))


def _delete_failed(connection: Connection, lot: Lot, keys: Iterable[tuple[str, int]]) -> None:
    cases: dict[str, list[int]] = {}
    for fingerprint, replication in keys:
        cases.setdefault(fingerprint, []).append(replication)
    there: set[str] = set()
    for part in chunks(list(cases)):
        there |= set(connection.scalars(select(Run.fingerprint).where(Run.fingerprint.in_(part), lot.are(FAILED))))
    for fingerprint in sorted(there):
        these = and_(Run.fingerprint == fingerprint, Run.replication.in_(cases[fingerprint]))
        connection.execute(delete(Run).where(these, lot.are(FAILED)))


def _note_file(connection: Connection, file: tuple[str, int]) -> int:
    path, size = file
    made = connection.execute(insert(tables.SeriesFile).values(path=path, bytes=size))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def _outcome_ids(connection: Connection, runs: Runs) -> list[int]:
    """Ids of the series; new ones are noted with their units."""
    query = select(tables.Outcome.name, tables.Outcome.id)
    known = {name: number for name, number in connection.execute(query)}
    new = [{"name": name, "unit": unit} for name, unit in runs.units.items() if name not in known]
    if new:
        connection.execute(insert(tables.Outcome), new)
        known = {name: number for name, number in connection.execute(query)}
    return [known[name] for name in runs.series]


def _entry_ids(connection: Connection, runs: Runs) -> list[int]:
    """Ids of the entries of the ledger; new ones are noted."""
    entry = tables.LedgerEntry
    query = select(entry.payment, entry.account, entry.id)
    known = {(payment, account): number for payment, account, number in connection.execute(query)}
    new = [{"payment": p, "account": a} for p, a in runs.entries if (p, a) not in known]
    if new:
        connection.execute(insert(entry), new)
        known = {(payment, account): number for payment, account, number in connection.execute(query)}
    return [known[key] for key in runs.entries]


def now() -> datetime:
    """This moment in UTC, as the tables have it."""
    return datetime.now(UTC).replace(tzinfo=None)
