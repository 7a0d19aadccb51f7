"""Upgrading databases that were written with older tables, step by step, by Alembic's operations.

A step is a module in `versions`, whose `revision` is the version of the tables it leads to. A step names tables and
columns itself, never those of `sim.store.tables`, which go on changing. The version of a database stands in its table
`schema_version`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from sim.store.tables import SCHEMA_VERSION


def upgrade(engine: Engine, name: str) -> None:
    """Bring a database to the present version in one transaction, and say so in one line on standard error."""
    from sim.store.database import writing

    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # A table that others refer to is changed by making it anew. This is only heard outside a transaction.
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys = OFF")
        try:
            before = _upgrade(connection.execution_options(**writing(engine).get_execution_options()))
        finally:
            connection.invalidate()
    if before < SCHEMA_VERSION:
        print(
            f"sim: database {name}: upgraded from version {before} of its tables to {SCHEMA_VERSION}", file=sys.stderr
        )


def _upgrade(connection: Connection) -> int:
    """The version that was found."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    with connection.begin():
        # Another process may have done it while this one waited.
        before = int(connection.execute(text("SELECT version FROM schema_version")).scalar_one())
        if before >= SCHEMA_VERSION:
            return before
        steps = ScriptDirectory(str(Path(__file__).parent))
        missing = list(steps.iterate_revisions(str(SCHEMA_VERSION), str(before)))
        with Operations.context(MigrationContext.configure(connection)):
            for step in reversed(missing):
                step.module.upgrade()
        connection.execute(text("UPDATE schema_version SET version = :version"), {"version": SCHEMA_VERSION})
        return before
