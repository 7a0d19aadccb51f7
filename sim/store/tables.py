"""The tables of the results database, as SQLAlchemy models.

An experiment is a command as it was given; it names scenarios. A scenario is known by its fingerprint, a run by
its scenario, seed, replication and model version, so runs are shared between experiments and never computed twice.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Connection, Double, ForeignKey, MetaData, Text, UniqueConstraint, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA_VERSION = 2
"""Changes whenever a table does. A database of an older version is upgraded (`sim.store.migrations`), one of a newer
version is refused."""

FINISHED, FAILED = "finished", "failed"

ROWS, FILE, NONE = "rows", "file", "none"
"""Where the monthly series of a run are: in `monthly_outcome`, in a file, or nowhere."""


class Base(DeclarativeBase):
    """All tables."""


class SchemaVersion(Base):
    """The version of these tables, in one row."""

    __tablename__ = "schema_version"

    version: Mapped[int] = mapped_column(primary_key=True)


class Experiment(Base):
    """A command as it was given. kind: `run`, `compare`, `sweep` and so on; reference: name of the scenario compared
    against; definition: what a file or a call asked for, as JSON."""

    __tablename__ = "experiment"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    created: Mapped[datetime]
    """UTC."""
    seed: Mapped[int] = mapped_column(BigInteger)
    replications: Mapped[int]
    months: Mapped[int]
    reference: Mapped[str]
    package_version: Mapped[str]
    python_version: Mapped[str]
    numpy_version: Mapped[str]
    definition: Mapped[str | None] = mapped_column(Text)


class Scenario(Base):
    """What was simulated: everything that can move a number, as canonical JSON. A point of a large experiment has none
    of its own: it is a base (the fingerprint of another scenario) and changes, as JSON of path and value."""

    __tablename__ = "scenario"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    canonical: Mapped[str | None] = mapped_column(Text)
    months: Mapped[int]
    base: Mapped[str | None]
    changes: Mapped[str | None] = mapped_column(Text)


class ExperimentScenario(Base):
    """A scenario of an experiment as the user called it. text: all of it as JSON, with its names, words and
    the places of its files, so that it can be read back."""

    __tablename__ = "experiment_scenario"

    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiment.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    title: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(ForeignKey("scenario.fingerprint"))
    text: Mapped[str] = mapped_column(Text)


class ExperimentPoint(Base):
    """A point of an experiment: a scenario that has no name."""

    __tablename__ = "experiment_point"
    __table_args__ = {"sqlite_with_rowid": False}

    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiment.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(ForeignKey("scenario.fingerprint"), index=True)


class SeriesFile(Base):
    """A Parquet file with the monthly series of runs. path: from the folder of the database, or absolute."""

    __tablename__ = "series_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)
    bytes: Mapped[int] = mapped_column(BigInteger)


class Run(Base):
    """One simulated world. seconds: computing time, of worlds run together an equal part."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("fingerprint", "seed", "replication", "model_version", name="run_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(ForeignKey("scenario.fingerprint"))
    seed: Mapped[int] = mapped_column(BigInteger)
    replication: Mapped[int]
    model_version: Mapped[str]
    status: Mapped[str]
    """`finished` or `failed`."""
    traceback: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[float] = mapped_column(Double)
    finished_at: Mapped[datetime]
    """UTC."""
    package_version: Mapped[str]
    python_version: Mapped[str]
    numpy_version: Mapped[str]
    series: Mapped[str] = mapped_column(server_default=ROWS)
    """Where its monthly series are: `rows`, `file` or `none`."""
    series_file_id: Mapped[int | None] = mapped_column(ForeignKey("series_file.id"), index=True)


class Outcome(Base):
    """A series: an outcome, or an outcome of a group (`name:group`)."""

    __tablename__ = "outcome"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    unit: Mapped[str]


class Figure(Base):
    """A series over a whole run. Keyed by outcome first, so that what asks for one outcome of all runs reads one range.

    run_id is the id of a run; it is no foreign key, since each run removed would be looked for in the whole table.
    """

    __tablename__ = "figure"
    __table_args__ = {"sqlite_with_rowid": False}

    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcome.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[float] = mapped_column(Double)


class MonthlyOutcome(Base):
    """The value of a series in a month of a run."""

    __tablename__ = "monthly_outcome"
    __table_args__ = {"sqlite_with_rowid": False}

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcome.id"), primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[float] = mapped_column(Double)


class LedgerEntry(Base):
    """An account under the name of a payment. position: its place, from 0, in the totals of every run."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("payment", "account", name="ledger_entry_key"),)

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payment: Mapped[str]
    account: Mapped[str]


class RunLedger(Base):
    """What each account received net of what it paid, over a finished run, under the name of each payment: a JSON
    array, null where the run has no such entry. The view `ledger_total` has a row for each."""

    __tablename__ = "run_ledger"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True, autoincrement=False)
    amounts: Mapped[str] = mapped_column(Text)


class LastPaid(Base):
    """The last month in which a payment with a budget paid; none if it never did."""

    __tablename__ = "last_paid"
    __table_args__ = {"sqlite_with_rowid": False}

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    payment: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[int | None]


class Panel(Base):
    """A Parquet file with figures of single firms or links, asked for by an experiment. path: as of `series_file`."""

    __tablename__ = "panel"

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiment.id"), index=True)
    kind: Mapped[str]
    """`firms` or `links`."""
    path: Mapped[str] = mapped_column(unique=True)
    rows: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)


LEDGER_TOTAL = {
    "sqlite": "CREATE VIEW IF NOT EXISTS ledger_total AS "
    "SELECT l.run_id AS run_id, e.payment AS payment, e.account AS account, a.value AS amount "
    "FROM run_ledger AS l JOIN json_each(l.amounts) AS a JOIN ledger_entry AS e ON e.position = a.key "
    "WHERE a.value IS NOT NULL",
    "postgresql": "CREATE OR REPLACE VIEW ledger_total AS "
    "SELECT l.run_id, e.payment, e.account, CAST(a.value AS DOUBLE PRECISION) AS amount "
    "FROM run_ledger AS l "
    "CROSS JOIN LATERAL json_array_elements_text(CAST(l.amounts AS json)) WITH ORDINALITY AS a (value, number) "
    "JOIN ledger_entry AS e ON e.position = a.number - 1 WHERE a.value IS NOT NULL",
}
"""The ledgers of all runs as rows, by kind of database."""


@event.listens_for(Base.metadata, "after_create")
def _make_view(_: MetaData, connection: Connection, **__: object) -> None:
    if (view := LEDGER_TOTAL.get(connection.dialect.name)) is not None:
        connection.exec_driver_sql(view)
