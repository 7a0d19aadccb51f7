"""What a database holds and how large it is, and removing from it. Each function works within a transaction of its
caller."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, and_, delete, func, or_, select, text

from sim.store import tables
from sim.store.bulk import chunks
from sim.store.catalogue import PANELS
from sim.store.files import Files
from sim.store.summary import cases_of
from sim.store.tables import (
    FAILED,
    FILE,
    FINISHED,
    Experiment,
    ExperimentPoint,
    ExperimentScenario,
    Run,
    Scenario,
    SeriesFile,
)


@dataclass(frozen=True)
class Listed:
    """An experiment in a list. title: what its definition calls it, or nothing; cases: scenarios or points; finished,
    failed, asked: runs; series: where the monthly series of its runs are, with how many have them there; file_bytes: of
    the files that hold them; panels: files."""

    id: int
    kind: str
    name: str
    title: str
    created: datetime
    seed: int
    replications: int
    months: int
    cases: int
    finished: int
    failed: int
    asked: int
    series: dict[str, int]
    file_bytes: int
    panels: int
    seconds: float


@dataclass(frozen=True)
class Size:
    """Bytes of a database and of its files; unknown: files that nothing refers to."""

    database: int
    files: int
    file_bytes: int
    unknown: int
    unknown_bytes: int


@dataclass(frozen=True)
class Freed:
    """What was removed: runs, bytes of the database, bytes of files."""

    runs: int
    database_bytes: int
    file_bytes: int


def listed(connection: Connection, model_version: str) -> list[Listed]:
    """All experiments, in the order in which they were begun."""
    found = connection.execute(select(Experiment).order_by(Experiment.id)).all()
    return [_listed(connection, model_version, row) for row in found]


def _listed(connection: Connection, model_version: str, of: Any) -> Listed:
    cases = cases_of(connection, of.id)
    mine = and_(Run.seed == of.seed, Run.replication < of.replications, Run.model_version == model_version)
    different = select(cases.c.fingerprint).distinct().subquery()
    count = connection.scalar(select(func.count()).select_from(cases)) or 0
    distinct = connection.scalar(select(func.count()).select_from(different)) or 0
    runs = (
        select(Run.status, Run.series, func.count(), func.sum(Run.seconds))
        .join(different, different.c.fingerprint == Run.fingerprint)
        .where(mine)
        .group_by(Run.status, Run.series)
    )
    rows: list[Any] = [] if of.kind in PANELS else [tuple(row) for row in connection.execute(runs)]
    files = (
        select(Run.series_file_id)
        .join(different, different.c.fingerprint == Run.fingerprint)
        .where(mine, Run.series == FILE)
        .distinct()
    )
    size = connection.scalar(select(func.sum(SeriesFile.bytes)).where(SeriesFile.id.in_(files)))
    panels = connection.execute(
        select(func.count(), func.sum(tables.Panel.bytes)).where(tables.Panel.experiment_id == of.id)
    ).one()
    return Listed(
        of.id, of.kind, of.name, _title(of.definition), of.created, of.seed, of.replications, of.months, count,
        finished=sum(n for status, _, n, _ in rows if status == FINISHED),
        failed=sum(n for status, _, n, _ in rows if status == FAILED),
        asked=0 if of.kind in PANELS else distinct * of.replications,
        series={series: n for status, series, n, _ in sorted(rows) if status == FINISHED},
        file_bytes=int(size or 0) + int(panels[1] or 0),
        panels=panels[0],
        seconds=float(sum(s or 0.0 for *_, s in rows)),
    )  # fmt: skip


def _title(definition: str | None) -> str:
    """What a definition is called; not every one is a table, or has a title."""
    try:
        found = json.loads(definition or "{}")
    except ValueError:
        return ""
    return str(found.get("title") or "") if isinstance(found, dict) else ""


def database_bytes(connection: Connection) -> int:
    """What the database itself takes."""
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages, size = (connection.exec_driver_sql(f"PRAGMA {what}").scalar() for what in ("page_count", "page_size"))
    return int(pages or 0) * int(size or 0)


def size(connection: Connection, files: Files) -> Size:
    """What a database and its files take."""
    own, known = database_bytes(connection), known_files(connection)
    unknown = files.unknown(known, older=-1.0)
    there = sum(files.find(path).stat().st_size for path in known if files.exists(path))
    return Size(own, len(known), there, len(unknown), sum(file.stat().st_size for file in unknown))


def known_files(connection: Connection) -> list[str]:
    """Paths of all files that the database refers to."""
    return [*connection.scalars(select(SeriesFile.path)), *connection.scalars(select(tables.Panel.path))]


def forget(connection: Connection, experiment: int) -> list[str]:
    """Remove an experiment, not yet its runs; paths of its panels, which nothing refers to any more."""
    paths = list(connection.scalars(select(tables.Panel.path).where(tables.Panel.experiment_id == experiment)))
    for table in (tables.Panel, ExperimentScenario, ExperimentPoint):
        connection.execute(delete(table).where(table.experiment_id == experiment))
    connection.execute(delete(Experiment).where(Experiment.id == experiment))
    return paths


def unused_runs(connection: Connection) -> list[int]:
    """Ids of runs that no experiment asks for: by their case and seed, whatever their replication and version."""
    member = (
        select(Experiment.seed)
        .join(ExperimentScenario, ExperimentScenario.experiment_id == Experiment.id)
        .where(ExperimentScenario.fingerprint == Run.fingerprint, Experiment.seed == Run.seed)
    )
    point = (
        select(Experiment.seed)
        .join(ExperimentPoint, ExperimentPoint.experiment_id == Experiment.id)
        .where(ExperimentPoint.fingerprint == Run.fingerprint, Experiment.seed == Run.seed)
    )
    query = select(Run.id).where(~or_(member.exists(), point.exists())).order_by(Run.id)
    return list(connection.scalars(query))


def remove_runs(connection: Connection, ids: Sequence[int]) -> None:
    """Remove runs and what they left."""
    outcomes = list(connection.scalars(select(tables.Outcome.id)))
    for part in chunks(list(ids)):
        for number in outcomes:
            figure = tables.Figure
            connection.execute(delete(figure).where(figure.outcome_id == number, _these(figure.run_id, part)))
        for table in (tables.MonthlyOutcome, tables.RunLedger, tables.LastPaid):
            connection.execute(delete(table).where(_these(table.run_id, part)))
        connection.execute(delete(Run).where(_these(Run.id, part)))


def remove_unused(connection: Connection) -> list[str]:
    """Remove scenarios and series files that nothing refers to; the paths of these files."""
    used = select(Run.series_file_id).where(Run.series_file_id == SeriesFile.id)
    files = list(connection.execute(select(SeriesFile.id, SeriesFile.path).where(~used.exists())))
    for ids in chunks([number for number, _ in files]):
        connection.execute(delete(SeriesFile).where(SeriesFile.id.in_(ids)))
    users = (Run, ExperimentScenario, ExperimentPoint)
    by = [select(table.fingerprint).where(table.fingerprint == Scenario.fingerprint) for table in users]
    unused = ~or_(*(query.exists() for query in by))
    # First points, then the bases that they leave.
    connection.execute(delete(Scenario).where(unused, Scenario.base.is_not(None)))
    bases = set(connection.scalars(select(Scenario.base).where(Scenario.base.is_not(None)).distinct()))
    left = connection.scalars(select(Scenario.fingerprint).where(unused)).all()
    for part in chunks([key for key in left if key not in bases]):
        connection.execute(delete(Scenario).where(Scenario.fingerprint.in_(part)))
    return [path for _, path in files]


def _these(column: SQLColumnExpression[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column is one of some ids in order; a range where none is left out, which is much quicker."""
    whole = ids[-1] - ids[0] + 1 == len(ids)
    return column.between(ids[0], ids[-1]) if whole else column.in_(ids)
