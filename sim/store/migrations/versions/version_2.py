"""Figures over whole runs, points of large experiments, definitions, files of series and panels, a shorter ledger.

The figures of runs that are there are worked out from their months.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

RUNS_AT_ONCE = 200
"""Runs whose months are read together: some twenty megabytes."""

FIGURE = sa.table("figure", sa.column("outcome_id"), sa.column("run_id"), sa.column("value"))

ENTRY = sa.table("ledger_entry", sa.column("position"), sa.column("payment"), sa.column("account"))
LEDGER = sa.table("run_ledger", sa.column("run_id"), sa.column("amounts"))
VIEW = {
    "sqlite": "CREATE VIEW ledger_total AS "
    "SELECT l.run_id AS run_id, e.payment AS payment, e.account AS account, a.value AS amount "
    "FROM run_ledger AS l JOIN json_each(l.amounts) AS a JOIN ledger_entry AS e ON e.position = a.key "
    "WHERE a.value IS NOT NULL",
    "postgresql": "CREATE VIEW ledger_total AS "
    "SELECT l.run_id, e.payment, e.account, CAST(a.value AS DOUBLE PRECISION) AS amount "
    "FROM run_ledger AS l "
    "CROSS JOIN LATERAL json_array_elements_text(CAST(l.amounts AS json)) WITH ORDINALITY AS a (value, number) "
    "JOIN ledger_entry AS e ON e.position = a.number - 1 WHERE a.value IS NOT NULL",
}


def upgrade() -> None:
    """From version 1."""
    op.add_column("experiment", sa.Column("definition", sa.Text, nullable=True))
    with op.batch_alter_table("scenario") as scenario:
        scenario.alter_column("canonical", existing_type=sa.Text, nullable=True)
        scenario.add_column(sa.Column("base", sa.String, nullable=True))
        scenario.add_column(sa.Column("changes", sa.Text, nullable=True))
    op.create_table(
        "experiment_point",
        sa.Column("experiment_id", sa.Integer, sa.ForeignKey("experiment.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.String, sa.ForeignKey("scenario.fingerprint"), nullable=False, index=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "series_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("path", sa.String, nullable=False, unique=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    op.execute("ALTER TABLE run ADD COLUMN series VARCHAR DEFAULT 'rows' NOT NULL")
    op.execute("ALTER TABLE run ADD COLUMN series_file_id INTEGER REFERENCES series_file (id)")
    op.execute("UPDATE run SET series = 'none' WHERE status = 'failed'")
    op.create_index("ix_run_series_file_id", "run", ["series_file_id"])
    op.create_table(
        "panel",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("experiment_id", sa.Integer, sa.ForeignKey("experiment.id"), nullable=False, index=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False, unique=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "figure",
        sa.Column("outcome_id", sa.Integer, sa.ForeignKey("outcome.id"), primary_key=True),
        sa.Column("run_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    _shorten_ledger(op.get_bind())
    _fill_figures(op.get_bind())


def _shorten_ledger(connection: sa.Connection) -> None:
    """The totals of a run as one value, and a view of them: as rows they took most of the database of a sweep."""
    op.create_table(
        "ledger_entry",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("payment", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.UniqueConstraint("payment", "account", name="ledger_entry_key"),
    )
    op.create_table(
        "run_ledger",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), primary_key=True, autoincrement=False),
        sa.Column("amounts", sa.Text, nullable=False),
    )
    names = connection.execute(
        sa.text("SELECT DISTINCT payment, account FROM ledger_total ORDER BY payment, account")
    ).all()
    place = {tuple(name): n for n, name in enumerate(names)}
    if place:
        rows = [{"position": n, "payment": p, "account": a} for (p, a), n in place.items()]
        connection.execute(sa.insert(ENTRY), rows)
    totals = sa.text("SELECT run_id, payment, account, amount FROM ledger_total WHERE run_id BETWEEN :first AND :last")
    for part in _parts(_finished(connection)):
        ledgers: dict[int, list[float | None]] = {run: [None] * len(place) for run in part}
        for run, payment, account, amount in connection.execute(totals, {"first": part[0], "last": part[-1]}):
            ledgers[run][place[payment, account]] = amount
        texts = [{"run_id": run, "amounts": json.dumps(ledger)} for run, ledger in ledgers.items()]
        connection.execute(sa.insert(LEDGER), texts)
    op.drop_table("ledger_total")
    op.execute(VIEW[connection.dialect.name])


def _fill_figures(connection: sa.Connection) -> None:
    """Each run's figures from its months. Series of outcomes that are no longer known have none."""
    from sim.outcomes.base import outcomes, over_time

    rows = connection.execute(sa.text("SELECT id, name FROM outcome")).all()
    names = {number: name for number, name in rows if name.split(":")[0] in outcomes()}
    months = sa.text(
        "SELECT run_id, outcome_id, value FROM monthly_outcome WHERE run_id BETWEEN :first AND :last "
        "ORDER BY run_id, outcome_id, month"
    )
    for part in _parts(_finished(connection)):
        figures: list[dict[str, Any]] = []
        found = connection.execute(months, {"first": part[0], "last": part[-1]}).all()
        table = np.array(found, dtype=np.float64).reshape(-1, 3)
        starts = np.flatnonzero(np.any(np.diff(table[:, :2], axis=0, prepend=-1.0) != 0, axis=1))
        for series in np.split(table, starts[1:]) if len(table) else ():
            run, outcome = int(series[0, 0]), int(series[0, 1])
            if outcome in names:
                value = float(over_time(names[outcome], np.ascontiguousarray(series[:, 2]))) + 0.0
                figures.append({"run_id": run, "outcome_id": outcome, "value": value})
        if figures:
            connection.execute(sa.insert(FIGURE), figures)


def _finished(connection: sa.Connection) -> Sequence[int]:
    return connection.execute(sa.text("SELECT id FROM run WHERE status = 'finished' ORDER BY id")).scalars().all()


def _parts(runs: Sequence[int]) -> Iterator[Sequence[int]]:
    return (runs[n : n + RUNS_AT_ONCE] for n in range(0, len(runs), RUNS_AT_ONCE))
