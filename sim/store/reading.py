"""Runs out of the tables. Each function works within a transaction of its caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from sim.fields import Array
from sim.store import tables
from sim.store.bulk import MOST_NAMED, chunks, numbers, pivot
from sim.store.files import Files
from sim.store.ledger import entries_of, unpacked
from sim.store.records import NEVER, Figures, Runs
from sim.store.tables import FAILED, FILE, FINISHED, ROWS, Run
from sim.store.writing import Lot

Ids = Mapping[int, int]
"""Row of each run, by its id."""


def kept_runs(connection: Connection, lot: Lot, fingerprint: str, replications: int) -> list[tuple[int, int, str, str]]:
    """(id, replication, where its series are, their file) of the finished runs of a case that have series."""
    file = tables.SeriesFile
    query = (
        select(Run.id, Run.replication, Run.series, file.path)
        .outerjoin(file, file.id == Run.series_file_id)
        .where(Run.fingerprint == fingerprint, lot.are(FINISHED), Run.replication < replications)
        .where(Run.series.in_([ROWS, FILE]))
        .order_by(Run.replication)
    )
    return [(i, r, where, path or "") for i, r, where, path in connection.execute(query)]


def series_of(connection: Connection, ids: Ids) -> tuple[dict[str, str], Array]:
    """Monthly series kept as rows: units by name, and (row, series, month)."""
    month, outcome = tables.MonthlyOutcome, tables.Outcome
    names = {o.id: (o.name, o.unit) for o in connection.execute(select(outcome))}
    query = select(month.run_id, month.outcome_id, month.month, month.value)
    values = np.concatenate(
        [np.zeros((0, 4)), *(numbers(connection, query.where(month.run_id.in_(part))) for part in chunks(list(ids)))]
    )
    run_ids, at_run = np.unique(values[:, 0], return_inverse=True)
    outcome_ids, at_outcome = np.unique(values[:, 1], return_inverse=True)
    there = sorted(names[int(i)] for i in outcome_ids)
    place = {name: n for n, (name, _) in enumerate(there)}
    row = np.array([ids[int(i)] for i in run_ids], dtype=np.intp)[at_run]
    column = np.array([place[names[int(i)][0]] for i in outcome_ids], dtype=np.intp)[at_outcome]
    months = values[:, 2].astype(np.intp)
    monthly = np.full((len(ids), len(there), int(months.max(initial=-1)) + 1), np.nan)
    monthly[row, column, months] = values[:, 3]
    return dict(there), monthly


def series_in(
    connection: Connection, files: Files, path: str, fingerprint: str, seed: int, replications: Sequence[int]
) -> tuple[dict[str, str], Array]:
    """Monthly series kept in a file, as `series_of`."""
    names, monthly = files.read_series(path, fingerprint, seed, replications)
    outcome = tables.Outcome
    units = {name: unit for name, unit in connection.execute(select(outcome.name, outcome.unit))}
    there = [n for n in range(len(names)) if not np.isnan(monthly[:, n]).all()]
    there.sort(key=names.__getitem__)
    return {names[n]: units[names[n]] for n in there}, monthly[:, there]


def with_books(
    connection: Connection, ids: Ids, replications: Sequence[int], units: dict[str, str], monthly: Array
) -> Runs:
    """Runs with what they have beside their series: figures, ledger, last payments."""
    books, last = tables.RunLedger, tables.LastPaid
    texts = ["[]"] * len(ids)
    paid: list[Any] = []
    for part in chunks(list(ids)):
        for number, text in connection.execute(select(books.run_id, books.amounts).where(books.run_id.in_(part))):
            texts[ids[number]] = text
        paid += connection.execute(select(last.run_id, last.payment, last.month).where(last.run_id.in_(part))).all()
    entries, amounts = unpacked(texts, entries_of(connection))
    budgets, last_paid = pivot([(ids[i], p, NEVER if m is None else m) for i, p, m in paid], len(ids))
    figures = _figures(connection, ids, list(units))
    return Runs(tuple(replications), units, monthly, entries, amounts, budgets, last_paid, figures)


def figures(
    connection: Connection, lot: Lot, fingerprints: Sequence[str], replications: int, names: Sequence[str] | None
) -> Figures:
    """Series over whole runs of cases; see `records.Recorder`."""
    outcome = tables.Outcome
    place: dict[str, list[int]] = {}
    for n, fingerprint in enumerate(fingerprints):
        place.setdefault(fingerprint, []).append(n)
    at: dict[int, tuple[str, int]] = {}
    for part in chunks(fingerprints):
        query = select(Run.id, Run.fingerprint, Run.replication).where(
            Run.fingerprint.in_(part), lot.are(FINISHED), Run.replication < replications
        )
        at |= {i: (f, r) for i, f, r in connection.execute(query)}
    known = {name: unit for name, unit in connection.execute(select(outcome.name, outcome.unit).order_by(outcome.name))}
    wanted = list(known) if names is None else list(names)
    found = _figures(connection, {i: n for n, i in enumerate(at)}, wanted)
    if names is None:
        there = np.flatnonzero(~np.isnan(found).all(axis=0)) if len(at) else np.zeros(0, dtype=np.intp)
        found, wanted = found[:, there], [wanted[n] for n in there]
    values = np.full((len(fingerprints), replications, len(wanted)), np.nan)
    for row, (fingerprint, replication) in enumerate(at.values()):
        values[place[fingerprint], replication] = found[row]
    return Figures({name: known.get(name, "") for name in wanted}, values)


def failures(
    connection: Connection, lot: Lot, fingerprints: Sequence[str], replications: int
) -> dict[str, dict[int, str]]:
    """Tracebacks of failed runs, by case and replication."""
    found: dict[str, dict[int, str]] = {}
    for part in chunks(fingerprints):
        query = (
            select(Run.fingerprint, Run.replication, Run.traceback)
            .where(Run.fingerprint.in_(part), lot.are(FAILED), Run.replication < replications)
            .order_by(Run.replication)
        )
        for fingerprint, replication, text in connection.execute(query):
            found.setdefault(fingerprint, {})[replication] = text or ""
    return {key: found[key] for key in dict.fromkeys(fingerprints) if key in found}


def _figures(connection: Connection, ids: Ids, names: Sequence[str]) -> Array:
    """(row, series) of runs, NaN where there is none. Of many runs the whole range is read, of few each by its key."""
    figure, outcome = tables.Figure, tables.Outcome
    column = {n.id: names.index(n.name) for n in connection.execute(select(outcome)) if n.name in set(names)}
    values = np.full((len(ids), len(names)), np.nan)
    if not ids:
        return values
    rows = np.array([*ids.values()], dtype=np.intp)
    keys = np.array([*ids], dtype=np.int64)
    order = np.argsort(keys)
    keys, rows = keys[order], rows[order]
    runs = (
        figure.run_id.in_(keys.tolist())
        if len(keys) <= MOST_NAMED
        else figure.run_id.between(int(keys[0]), int(keys[-1]))
    )
    for number, place in column.items():
        query = select(figure.run_id, figure.value).where(figure.outcome_id == number, runs)
        found = numbers(connection, query)
        at = np.minimum(np.searchsorted(keys, found[:, 0]), len(keys) - 1)
        mine = keys[at] == found[:, 0]
        values[rows[at[mine]], place] = found[mine, 1]
    return values
