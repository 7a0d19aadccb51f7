"""A database as the first version of the tables left it, written down by hand."""

from __future__ import annotations

from sqlalchemy import Connection, create_engine, text

from sim.scenario.schema import MODEL_VERSION, Scenario
from sim.store.database import address_of
from sim.store.records import NEVER, Runs

TABLES = """
CREATE TABLE experiment (
    id {id} NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, created {time} NOT NULL, seed BIGINT NOT NULL,
    replications INTEGER NOT NULL, months INTEGER NOT NULL, reference VARCHAR NOT NULL,
    package_version VARCHAR NOT NULL, python_version VARCHAR NOT NULL, numpy_version VARCHAR NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE outcome (
    id {id} NOT NULL, name VARCHAR NOT NULL, unit VARCHAR NOT NULL, PRIMARY KEY (id), UNIQUE (name)
);
CREATE TABLE scenario (
    fingerprint VARCHAR NOT NULL, canonical TEXT NOT NULL, months INTEGER NOT NULL, PRIMARY KEY (fingerprint)
);
CREATE TABLE schema_version (version {id} NOT NULL, PRIMARY KEY (version));
CREATE TABLE experiment_scenario (
    experiment_id INTEGER NOT NULL, position INTEGER NOT NULL, name VARCHAR NOT NULL, title VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL, text TEXT NOT NULL, PRIMARY KEY (experiment_id, position),
    FOREIGN KEY(experiment_id) REFERENCES experiment (id), FOREIGN KEY(fingerprint) REFERENCES scenario (fingerprint)
);
CREATE TABLE run (
    id {id} NOT NULL, fingerprint VARCHAR NOT NULL, seed BIGINT NOT NULL, replication INTEGER NOT NULL,
    model_version VARCHAR NOT NULL, status VARCHAR NOT NULL, traceback TEXT, seconds {real} NOT NULL,
    finished_at {time} NOT NULL, package_version VARCHAR NOT NULL, python_version VARCHAR NOT NULL,
    numpy_version VARCHAR NOT NULL, PRIMARY KEY (id),
    CONSTRAINT run_key UNIQUE (fingerprint, seed, replication, model_version),
    FOREIGN KEY(fingerprint) REFERENCES scenario (fingerprint)
);
CREATE TABLE last_paid (
    run_id INTEGER NOT NULL, payment VARCHAR NOT NULL, month INTEGER, PRIMARY KEY (run_id, payment),
    FOREIGN KEY(run_id) REFERENCES run (id)
){bare};
CREATE TABLE ledger_total (
    run_id INTEGER NOT NULL, payment VARCHAR NOT NULL, account VARCHAR NOT NULL, amount {real} NOT NULL,
    PRIMARY KEY (run_id, payment, account), FOREIGN KEY(run_id) REFERENCES run (id)
){bare};
CREATE TABLE monthly_outcome (
    run_id INTEGER NOT NULL, outcome_id INTEGER NOT NULL, month INTEGER NOT NULL, value {real} NOT NULL,
    PRIMARY KEY (run_id, outcome_id, month), FOREIGN KEY(run_id) REFERENCES run (id),
    FOREIGN KEY(outcome_id) REFERENCES outcome (id)
){bare};
"""
SQLITE = {"id": "INTEGER", "time": "DATETIME", "real": "DOUBLE", "bare": " WITHOUT ROWID"}
POSTGRESQL = {"id": "SERIAL", "time": "TIMESTAMP WITHOUT TIME ZONE", "real": "DOUBLE PRECISION", "bare": ""}
WHEN = "2026-11-01 12:00:00.000000"


def written(database: str, scenario: Scenario, stored: str, seed: int, runs: Runs) -> None:
    """A database of version 1 with one experiment: a scenario, its finished runs, and one that failed after them."""
    engine = create_engine(address_of(database))
    with engine.begin() as connection:
        for statement in TABLES.format(**SQLITE if engine.dialect.name == "sqlite" else POSTGRESQL).split(";"):
            if statement.strip():
                connection.execute(text(statement))
        _fill(connection, scenario, stored, seed, runs)
    engine.dispose()


def _fill(connection: Connection, scenario: Scenario, stored: str, seed: int, runs: Runs) -> None:
    versions = {"a": "0.1.0", "b": "3.11.7", "c": "2.0.0", "at": WHEN, "seed": seed, "f": scenario.fingerprint}

    def insert(table: str, columns: str, **values: object) -> None:
        names = ", ".join(f":{c.strip()}" for c in columns.split(","))
        connection.execute(text(f"INSERT INTO {table} VALUES ({names})"), versions | values)

    insert("schema_version", "one", one=1)
    insert("scenario", "f, canonical, months", canonical=scenario.canonical, months=scenario.months)
    count = len(runs.replications) + 1
    insert("experiment", "id, name, kind, at, seed, count, months, name, a, b, c",
           id=1, name=scenario.name, kind="run", count=count, months=scenario.months)  # fmt: skip
    insert("experiment_scenario", "id, place, name, title, f, stored",
           id=1, place=0, name=scenario.name, title="", stored=stored)  # fmt: skip
    for n, (name, unit) in enumerate(runs.units.items()):
        insert("outcome", "id, name, unit", id=n + 1, name=name, unit=unit)
    columns = "id, f, seed, replication, model, status, traceback, seconds, at, a, b, c"
    for n in range(count):
        failed = n == len(runs.replications)
        insert("run", columns, id=n + 1, replication=n, model=MODEL_VERSION, seconds=0.5,
               status="failed" if failed else "finished", traceback="it broke" if failed else None)  # fmt: skip
    for n, replication in enumerate(runs.replications):
        assert replication == n
        for s in range(len(runs.series)):
            for month, value in enumerate(runs.monthly[n, s].tolist()):
                insert(
                    "monthly_outcome", "run, outcome, month, value", run=n + 1, outcome=s + 1, month=month, value=value
                )
        for (payment, account), amount in zip(runs.entries, runs.ledger[n].tolist(), strict=True):
            insert(
                "ledger_total",
                "run, payment, account, amount",
                run=n + 1,
                payment=payment,
                account=account,
                amount=amount,
            )
        for payment, month in zip(runs.budgets, runs.last_paid[n].tolist(), strict=True):
            insert(
                "last_paid",
                "run, payment, month",
                run=n + 1,
                payment=payment,
                month=None if month == NEVER else int(month),
            )
    if connection.dialect.name == "postgresql":
        for table in ("experiment", "outcome", "run"):
            connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
