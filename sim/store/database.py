"""Opening a results database: where it is, how SQLite is set, and its troubles in one clear line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from sim.errors import StoreError
from sim.store.tables import SCHEMA_VERSION, Base, SchemaVersion

BUSY_SECONDS = 30.0
"""How long to wait for another process that is writing."""

POSTGRESQL = "postgresql+psycopg"

SERVER_BUSY_SECONDS = 600.0
"""The same for a server, at which more of them may wait."""

SERVER_GONE = "the server must run and be reachable; what was finished is kept"

WRITERS_LOCK = 7_301_978
"""Number of the lock that a writer holds at a PostgreSQL server; any number that nobody else uses."""

OWN_FOLDER = Path("results")
"""The folder of the default database, the only one that is made when it is missing."""

WRITES = "writes"
"""Execution option of a connection whose transaction will write, and how: with no other beside it, or beside others."""

ALONE, BESIDE = "alone", "beside"


def address_of(database: str | Path) -> URL:
    """The SQLAlchemy URL of a database given as a URL or as the path of an SQLite file."""
    text = str(database)
    try:
        address = make_url(text) if "://" in text else URL.create("sqlite", database=str(Path(text).expanduser()))
        # The driver that is installed with the extra `postgres`; `postgres://` is what several services hand out.
        plain = address.drivername in ("postgresql", "postgres")
        return address.set(drivername=POSTGRESQL) if plain else address
    except (ArgumentError, ValueError):
        # The text may hold a password, so it is not repeated.
        raise StoreError("not a database URL; give the path of a file, or a URL such as sqlite:///a.db") from None


def shown(address: URL) -> str:
    """A database as messages name it: the path of an SQLite file, else its URL without the password."""
    if _is_file(address):
        return str(address.database)
    return address.render_as_string(hide_password=True)


def connected(address: URL, *, create: bool) -> Engine:
    """An engine for a database with our tables, which are made if it is empty and `create`.

    Raises StoreError if it cannot be opened, is something else, or was written with other tables.
    """
    with explained(address):
        _make_room(address, create)
        try:
            engine = create_engine(address, pool_pre_ping=not _is_file(address), **_arguments(address))
        except NoSuchModuleError:
            raise StoreError(
                f"database {shown(address)}: unknown kind of database {address.drivername!r}; allowed is the path of a "
                "file, or a URL such as sqlite:///a.db or postgresql://user@host/name"
            ) from None
        except ImportError as error:
            raise StoreError(
                f"database {shown(address)}: the driver {error.name!r} is not installed; for PostgreSQL install the "
                "extra: pip install 'supply-chain-lab[postgres]'"
            ) from None
        if address.get_backend_name() == "sqlite":
            _set_sqlite(engine)
        else:
            _set_server(engine)
        try:
            _check_tables(engine, address, create)
        except BaseException:
            engine.dispose()
            raise
    return engine


def writing(engine: Engine, alone: bool = True) -> Engine:
    """The same engine for transactions that write: they wait for their turn at the start, not in the middle. alone: no
    other writes at the same time; in SQLite none does in any case."""
    return engine.execution_options(**{WRITES: ALONE if alone else BESIDE})


def emptied(engine: Engine) -> None:
    """Give back to the disk what was removed from a database, as far as it can be without stopping others."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {', '.join(Base.metadata.tables)}")
        return
    if engine.dialect.name != "sqlite":
        return
    driver = engine.raw_connection()
    try:
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            driver.cursor().execute(statement).close()
    finally:
        driver.close()


@contextmanager
def explained(address: URL) -> Iterator[None]:
    """Turn any trouble with the database into a StoreError of one line."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        said = str(reason)
        if isinstance(reason, OSError) and reason.strerror:
            said = f"{reason.strerror}: {reason.filename}" if reason.filename else reason.strerror
        text = " ".join(said.split())
        raise StoreError(f"database {shown(address)}: {text}{_advice(text)}") from error


def _advice(reason: str) -> str:
    advice = {
        "locked": "another process is writing to it; try again when it is done",
        "lock timeout": "another process is writing to it; try again when it is done",
        "connection failed": SERVER_GONE,
        "connection is": SERVER_GONE,
        "terminating connection": SERVER_GONE,
        "closed the connection": SERVER_GONE,
        "No space left": "make room; what was finished is kept",
        "unable to open": "its folder must exist and be writable; or give another database",
        "denied": "its folder must be writable; or give another database",
        "readonly": "it must be writable; or give another database",
        "not a database": "this file is something else; give another",
        "full": "make room; what was finished is kept",
        "malformed": "the file is damaged; move it away or give another",
    }
    return next((f" ({text})" for key, text in advice.items() if key in reason), "")


def _is_file(address: URL) -> bool:
    return address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:")


def _arguments(address: URL) -> dict[str, Any]:
    if address.get_backend_name() != "sqlite":
        return {"connect_args": {"connect_timeout": int(BUSY_SECONDS)}} if address.drivername == POSTGRESQL else {}
    path = Path(str(address.database))
    if not _is_file(address) or not path.exists() or (_writable(path) and _writable(path.parent)):
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    # SQLite must be told that it may only read; and where nobody writes, that it need not look for a log, which it
    # would make beside the file.
    log = path.with_name(f"{path.name}-wal")
    alone = not (log.exists() and log.stat().st_size)
    uri = f"file:{quote(str(path.absolute()))}?mode=ro{'&immutable=1' if alone else ''}"
    return {"creator": lambda: sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)}


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _make_room(address: URL, create: bool) -> None:
    """SQLite makes its file by itself, but not its folder; we make none but our own."""
    if not _is_file(address):
        return
    path = Path(str(address.database))
    if create:
        if path.parent == OWN_FOLDER:
            path.parent.mkdir(exist_ok=True)
        if not path.parent.is_dir():
            raise StoreError(f"database {path}: no such folder: {path.parent}; make it, or give another database")
    elif not path.exists():
        raise StoreError(f"database {path}: no such file; `sim run` and `sim compare` make one")


def _set_sqlite(engine: Engine) -> None:
    """Write-ahead log, so that readers never wait and a killed writer leaves the last whole transaction;
    transactions begun by us, because the driver would begin them too late to wait for a lock."""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            try:
                connection.execute(f"PRAGMA {pragma}")
            except sqlite3.OperationalError as error:
                # A database that may only be read is read as it is.
                if "readonly" not in str(error):
                    raise

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_server(engine: Engine) -> None:
    """Those who add runs share a lock; what changes anything else waits until it has it alone."""
    if engine.dialect.name != "postgresql":
        return

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if how := connection.get_execution_options().get(WRITES):
            lock = "pg_advisory_xact_lock" if how == ALONE else "pg_advisory_xact_lock_shared"
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(SERVER_BUSY_SECONDS)}s'")
            connection.exec_driver_sql(f"SELECT {lock}({WRITERS_LOCK})")


def _check_tables(engine: Engine, address: URL, create: bool) -> None:
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    if not names and create:
        with writing(engine).begin() as connection:
            # Another process may have made them while this one waited.
            Base.metadata.create_all(connection)
            if connection.scalar(select(SchemaVersion.version)) is None:
                connection.execute(SchemaVersion.__table__.insert(), {"version": SCHEMA_VERSION})  # type: ignore[attr-defined]
        return
    if SchemaVersion.__tablename__ not in names:
        what = "empty" if not names else "not a results database: its tables are others"
        raise StoreError(f"database {shown(address)}: {what}; give another")
    with engine.connect() as connection:
        version = connection.scalar(select(SchemaVersion.version))
    if version is None or version > SCHEMA_VERSION:
        raise StoreError(
            f"database {shown(address)}: written with tables of version {version}, this program reads version "
            f"{SCHEMA_VERSION}; give another database, or use the program that wrote it"
        )
    if version < SCHEMA_VERSION:
        _upgrade(engine, address, version)


def _upgrade(engine: Engine, address: URL, version: int) -> None:
    from sim.store.migrations import upgrade

    try:
        upgrade(engine, shown(address))
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        raise StoreError(
            f"database {shown(address)}: written with tables of version {version}, and cannot be upgraded to version "
            f"{SCHEMA_VERSION}: {reason} (nothing was changed; it must be writable and have room: free it, or work "
            "with a copy)"
        ) from error
