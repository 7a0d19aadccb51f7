"""Disks that are full, folders that may not be written, servers that go away, files that are gone: each is said in one
clear line, what was finished is kept, and it works again when the trouble is over."""

from __future__ import annotations

import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from sim.errors import StoreError
from sim.store import writing
from sim.store.store import Store
from tests.store.conftest import FINGERPRINT, begun, execute, made, nobody


def fails(store: Store, message: str) -> None:
    """Writing runs 1 and 2 fails with this message, in one line, and keeps run 0 alone."""
    with pytest.raises(StoreError, match=message) as error:
        store.write([FINGERPRINT] * 2, 1, made(1, 2))
    assert "\n" not in str(error.value)


def works_again(store: Store) -> None:
    """Run 0 was kept whole and alone, and the others can be written now."""
    assert store.missing([FINGERPRINT], 1, 3) == {FINGERPRINT: [1, 2]}
    assert store.read(FINGERPRINT, 1, 3).monthly.tobytes() == made(0).monthly.tobytes()
    store.write([FINGERPRINT] * 2, 1, made(1, 2))
    assert store.read(FINGERPRINT, 1, 3).replications == (0, 1, 2)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_database_is_said(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        pages = [1]

        @event.listens_for(store._engine, "checkout")
        def _full(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages[0]}")

        many = made(*range(1, 200))
        with pytest.raises(
            StoreError, match=r"database .*a.db: database or disk is full .make room; what was finished"
        ):
            store.write([FINGERPRINT] * 199, 1, many)
        pages[0] = 10**6
        works_again(store)


def test_a_disk_that_takes_no_more_is_said(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        with largest_file(4096):
            fails(store, r"database .*a.db: .*(disk|full)")
        works_again(store)


def test_a_full_disk_under_the_series_is_said_and_leaves_no_part_of_a_file(database: str) -> None:
    with Store(database, series="file") as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        with largest_file(100):
            fails(store, r"files in .*series: File too large .the folder must be writable and have room; what was fin")
        assert len(list(store.files.folder.iterdir())) == 1
        works_again(store)


def test_a_folder_of_series_that_may_not_be_written_is_said(shared: Path) -> None:
    with nobody(), Store(shared / "a.db", series="file") as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        store.files.folder.chmod(0o500)
        fails(store, r"files in .*a.db.series: Permission denied .the folder must be writable")
        store.files.folder.chmod(0o700)
        works_again(store)


def test_a_folder_that_may_not_be_written_is_said(shared: Path) -> None:
    shared.chmod(0o555)
    with (
        nobody(),
        pytest.raises(StoreError, match=r"a.db: unable to open database file .its folder must exist and be w"),
    ):
        Store(shared / "a.db")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_database_that_may_only_be_read_can_be_read_and_says_that_it_may_not_be_written(
    shared: Path, what: str
) -> None:
    with nobody(), Store(shared / "a.db") as store:
        begun(store).write([FINGERPRINT], 1, made(0))
    (shared / "a.db").chmod(0o444)
    shared.chmod(0o555 if what == "folder" else 0o777)
    with nobody(), Store(shared / "a.db") as store:
        assert store.read(FINGERPRINT, 1, 1).replications == (0,)
        fails(store, "attempt to write a readonly database .it must be writable; or give another database")
    shared.chmod(0o777)
    (shared / "a.db").chmod(0o666)
    with nobody(), Store(shared / "a.db") as store:
        works_again(store)


def test_a_series_file_that_is_gone_is_said_and_its_runs_are_computed_again(database: str) -> None:
    with Store(database, series="file") as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        store.write([FINGERPRINT] * 2, 1, made(1, 2))
        gone = max(store.files.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        content = gone.read_bytes()
        gone.unlink()
        with pytest.raises(
            StoreError, match=rf"file .*{gone.name}: is not there; put it back, or give the command"
        ) as error:
            store.read(FINGERPRINT, 1, 3)
        assert "\n" not in str(error.value)
        assert store.missing([FINGERPRINT], 1, 3) == {FINGERPRINT: [1, 2]}
        assert store.missing([FINGERPRINT], 1, 3, series=False) == {FINGERPRINT: []}
        gone.write_bytes(content)
        assert store.read(FINGERPRINT, 1, 3).replications == (0, 1, 2)
        gone.unlink()
        store.write([FINGERPRINT] * 2, 1, made(1, 2))
        assert store.read(FINGERPRINT, 1, 3).monthly[1:].tobytes() == made(1, 2).monthly.tobytes()


def test_a_series_file_that_is_damaged_is_said(database: str) -> None:
    with Store(database, series="file") as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        file = next(store.files.folder.iterdir())
        file.write_bytes(file.read_bytes()[:-100])
        with pytest.raises(StoreError, match=rf"file .*{file.name}: cannot be read .*put it back"):
            store.read(FINGERPRINT, 1, 1)


def test_a_kill_between_file_and_database_leaves_a_file_that_nothing_refers_to(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(database, series="file") as store:
        begun(store).write([FINGERPRINT], 1, made(0))

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(writing, "put_runs", killed)
            with pytest.raises(KeyboardInterrupt):
                store.write([FINGERPRINT] * 2, 1, made(1, 2))
        (store.files.folder / "half.parquet.tmp").write_bytes(b"PAR1")  # killed while it was written
        assert (store.size().files, store.size().unknown) == (1, 2)
        assert store.tidy().file_bytes == 0  # it is young: another process might be about to note it
        monkeypatch.setattr("sim.store.files.YOUNG_SECONDS", -1.0)
        assert store.tidy().file_bytes > 0
        assert (store.size().files, store.size().unknown) == (1, 0)
        works_again(store)


def test_a_server_connection_that_ends_between_two_writes_is_made_again(server: Any, postgres: str) -> None:
    with Store(postgres) as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        execute(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                        "AND pid <> pg_backend_pid()")  # fmt: skip
        works_again(store)


@pytest.mark.parametrize("where", ["named_rows", "monthly_rows", "note_runs"])
def test_a_server_connection_that_ends_in_the_middle_of_a_write_is_said(
    server: Any, postgres: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    whole: Callable[..., Any] = getattr(writing, where)

    def ended(*given: Any) -> Any:
        execute(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                        "AND pid <> pg_backend_pid()")  # fmt: skip
        return whole(*given)

    with Store(postgres) as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        with monkeypatch.context() as patch:
            patch.setattr(writing, where, ended)
            fails(store, "database postgresql.*: .*the server must run and be reachable; what was finished is kept")
        works_again(store)


def test_a_server_that_goes_away_is_said_and_found_again_when_it_is_back(server: Any, postgres: str) -> None:
    with Store(postgres) as store:
        begun(store).write([FINGERPRINT], 1, made(0))
        server.stop()
        try:
            fails(store, "database postgresql.*: .*the server must run and be reachable; what was finished is kept")
            with pytest.raises(StoreError, match="the server must run and be reachable"):
                Store(postgres)
        finally:
            server.ensure_postgres_running()
        works_again(store)


def test_a_writer_that_waits_too_long_says_so(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.store.database.SERVER_BUSY_SECONDS", 1.0)
    with Store(postgres) as store, Store(postgres) as other:
        begun(store).write([FINGERPRINT], 1, made(0))
        with other.writing():
            fails(store, "another process is writing to it; try again when it is done")
        works_again(store)


def test_processes_that_write_the_same_runs_at_once_leave_each_of_them_once(database: str) -> None:
    """Each thread has its own connections, as a process has: they make the tables, note the experiment and write the
    same runs in the same order."""
    troubles: list[BaseException] = []
    together = threading.Barrier(4)

    def work(series: str) -> None:
        try:
            together.wait()
            with Store(database, series=series) as store:  # type: ignore[arg-type]
                begun(store)
                for n in range(0, 12, 2):
                    store.write([FINGERPRINT] * 2, 1, made(n, n + 1))
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=work, args=(series,)) for series in ("rows", "file", "rows", "file")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    with Store(database) as store:
        found = store.read(FINGERPRINT, 1, 100)
        assert found.replications == tuple(range(12))
        for n in range(0, 12, 2):
            assert found.monthly[n : n + 2].tobytes() == made(n, n + 1).monthly.tobytes()
        with store.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM run").scalar() == 12
            assert connection.exec_driver_sql("SELECT count(*) FROM figure").scalar() == 24
        assert store.size().unknown == 0


def test_a_password_is_never_said(postgres: str) -> None:
    with pytest.raises(StoreError) as error:
        Store("postgresql://somebody:secret@localhost:1/nowhere")
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_psycopg_is_what_talks_to_a_plain_postgresql_url(postgres: str) -> None:
    assert postgres.startswith("postgresql://")
    with Store(postgres) as store, store.reading() as connection:
        assert isinstance(connection.connection.driver_connection, psycopg.Connection)
