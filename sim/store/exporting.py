"""An experiment as plain tables, for programs that do not read the database.

Tables are written in parts, so that an experiment may be larger than the memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Connection, Select, and_, select

from sim.errors import StoreError
from sim.fields import Array
from sim.store import catalogue, reading, tables
from sim.store.catalogue import Saved
from sim.store.files import KEYS, Files
from sim.store.frames import as_rows
from sim.store.ledger import entries_of, unpacked
from sim.store.store import Store
from sim.store.summary import cases_of
from sim.store.tables import FAILED, FILE, FINISHED, ROWS, Run

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "parquet")

RUNS_AT_ONCE = 500
"""Runs whose months are in memory at once."""


def export(store: Store, experiment: int, folder: str | Path, form: str = "csv") -> list[Path]:
    """Write an experiment into a new or empty folder; the files.

    experiment.json: what was asked for. cases: every case, by the number `case`. runs, figures (a column for each
    series), monthly (the same by months), ledger, last_paid, failures: by case and replication. Panels as they are.
    """
    saved = store.experiment(experiment)
    place = Path(folder)
    try:
        place.mkdir(exist_ok=True)
        if any(place.iterdir()):
            raise StoreError(f"folder {place}: is not empty; give a new one")
        files = [_described(place, saved)]
        with store.reading() as connection:
            for name, parts in _tables(store, connection, saved).items():
                files += _written(place / f"{name}.{form}", parts)
        files += _panels(store, place, experiment)
    except OSError as error:
        raise StoreError(f"folder {place}: {error.strerror or error}; give another") from error
    return files


def _described(place: Path, saved: Saved) -> Path:
    scenarios = [{"name": e.name, "fingerprint": e.fingerprint, "text": json.loads(e.text)} for e in saved.entries]
    facts: dict[str, Any] = {
        "id": saved.id, "kind": saved.kind, "name": saved.name, "created": str(saved.created), "seed": saved.seed,
        "replications": saved.replications, "months": saved.months, "reference": saved.reference,
        "definition": json.loads(saved.definition) if saved.definition else None,
        "scenarios": scenarios,
    }  # fmt: skip
    file = place / "experiment.json"
    file.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def _tables(store: Store, connection: Connection, saved: Saved) -> dict[str, Iterator[pd.DataFrame]]:
    cases = cases_of(connection, saved.id)
    rows = connection.execute(select(cases.c.position, cases.c.fingerprint).order_by(cases.c.position)).all()
    case: dict[str, int] = {}
    for position, fingerprint in rows:
        case.setdefault(fingerprint, position)
    mine = and_(
        Run.fingerprint.in_(select(cases.c.fingerprint)), Run.seed == saved.seed,
        Run.replication < saved.replications, Run.model_version == store.model_version,
    )  # fmt: skip
    books, last = tables.RunLedger, tables.LastPaid
    key = (Run.fingerprint, Run.replication)
    return {
        "cases": _cases(connection, saved, rows),
        "runs": _query(
            connection, case, select(*key, Run.status, Run.seconds, Run.finished_at, Run.series, Run.model_version,
                                     Run.package_version, Run.python_version, Run.numpy_version).where(mine),
        ),
        "figures": _figures(store, case, saved),
        "monthly": _monthly(connection, store.files, case, select(Run).where(mine, Run.status == FINISHED)),
        "ledger": _ledger(connection, _query(connection, case, select(*key, books.amounts)
                                             .join(books, books.run_id == Run.id).where(mine), RUNS_AT_ONCE)),
        "last_paid": _query(connection, case, select(*key, last.payment, last.month)
                            .join(last, last.run_id == Run.id).where(mine)),
        "failures": _query(connection, case, select(*key, Run.traceback).where(mine, Run.status == FAILED)),
    }  # fmt: skip


def _cases(connection: Connection, saved: Saved, rows: Sequence[Any]) -> Iterator[pd.DataFrame]:
    import pandas as pd

    names = {e.fingerprint: e.name for e in saved.entries}
    changes = {p.fingerprint: p.changes for p in catalogue.points_of(connection, saved.id)}
    yield pd.DataFrame(
        [(n, f, names.get(f, saved.reference), changes.get(f, "{}")) for n, f in rows],
        columns=["case", "fingerprint", "scenario", "changes"],
    )


def _query(
    connection: Connection, case: Mapping[str, int], query: Select[*tuple[Any, ...]], at_once: int = 100_000
) -> Iterator[pd.DataFrame]:
    """The rows of a query by fingerprint and replication, by case and replication instead."""
    import pandas as pd

    ordered = query.order_by(Run.id).execution_options(yield_per=at_once)
    for part in connection.execute(ordered).partitions():
        frame = pd.DataFrame(part, columns=list(query.selected_columns.keys()))
        frame.insert(0, "case", frame.pop("fingerprint").map(case))
        yield frame


def _ledger(connection: Connection, parts: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Totals as rows. Entries are read when the first part is there, which may be new since the beginning."""
    for frame in parts:
        entries, totals = unpacked(frame.pop("amounts").tolist(), entries_of(connection))
        yield as_rows(frame, entries, totals)


def _figures(store: Store, case: Mapping[str, int], saved: Saved) -> Iterator[pd.DataFrame]:
    import pandas as pd

    found = store.figures(list(case), saved.seed, saved.replications)
    there = ~np.isnan(found.values).all(axis=2)
    at, replication = np.nonzero(there)
    frame = pd.DataFrame(found.values[there], columns=list(found.units))
    frame.insert(0, "case", np.array(list(case.values()), dtype=np.int64)[at])
    frame.insert(1, "replication", replication)
    yield frame


def _monthly(
    connection: Connection, files: Files, case: Mapping[str, int], runs: Select[Any]
) -> Iterator[pd.DataFrame]:
    """A row for each month of each run, a column for each series that any run may have."""
    chosen = runs.with_only_columns(Run.id, Run.fingerprint, Run.replication, Run.seed)
    names = list(connection.scalars(select(tables.Outcome.name).order_by(tables.Outcome.name)))
    rows = connection.execute(chosen.where(Run.series == ROWS).order_by(Run.id)).all()
    for start in range(0, len(rows), RUNS_AT_ONCE):
        part = rows[start : start + RUNS_AT_ONCE]
        units, monthly = reading.series_of(connection, {run.id: n for n, run in enumerate(part)})
        keys = [(case[run.fingerprint], run.replication) for run in part]
        yield _wide(keys, list(units), monthly, names)
    file = tables.SeriesFile
    kept = chosen.add_columns(file.path).join(file, file.id == Run.series_file_id).where(Run.series == FILE)
    by_file: dict[str, list[Any]] = {}
    for run in connection.execute(kept.order_by(Run.id)):
        by_file.setdefault(run.path, []).append(run)
    for path, kept_runs in by_file.items():
        table = files.read(path).to_pandas()
        wanted = {(run.fingerprint, run.replication): case[run.fingerprint] for run in kept_runs}
        number = [wanted.get(key) for key in zip(table["fingerprint"], table["replication"], strict=True)]
        there = np.array([n is not None for n in number], dtype=bool)
        part = table[there]
        frame = part.drop(columns=list(KEYS)).reindex(columns=names)
        frame.insert(0, "case", np.array([n for n in number if n is not None], dtype=np.int64))
        frame.insert(1, "replication", part["replication"].astype(np.int64))
        frame.insert(2, "month", part["month"].astype(np.int64))
        yield frame


def _wide(keys: Sequence[tuple[int, int]], series: list[str], monthly: Array, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    width, count, months = monthly.shape
    frame = pd.DataFrame(monthly.transpose(0, 2, 1).reshape(width * months, count), columns=series)
    frame = frame.reindex(columns=names)
    cases, replications = np.array(keys, dtype=np.int64).reshape(-1, 2).T
    frame.insert(0, "case", np.repeat(cases, months))
    frame.insert(1, "replication", np.repeat(replications, months))
    frame.insert(2, "month", np.tile(np.arange(months), width))
    return frame


def _written(file: Path, parts: Iterator[pd.DataFrame]) -> list[Path]:
    """Write parts one under another; no file where there is nothing."""
    writer: Any = None
    try:
        for frame in parts:
            if file.suffix == ".csv":
                frame.to_csv(file, mode="a", header=writer is None, index=False)
                writer = writer or file
                continue
            import pyarrow as pa
            import pyarrow.parquet as pq

            table = pa.Table.from_pandas(frame, preserve_index=False, schema=writer.schema if writer else None)
            writer = writer or pq.ParquetWriter(file, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None and file.suffix != ".csv":
            writer.close()
    return [] if writer is None else [file]


def _panels(store: Store, place: Path, experiment: int) -> list[Path]:
    files = []
    for panel in store.panels(experiment):
        file = place / f"{panel.kind}-{panel.id}.parquet"
        store.files.read(panel.path)  # says what is wrong with it
        file.write_bytes(panel.place.read_bytes())
        files.append(file)
    return files
