"""A database is found by path or URL, and what is none is refused in one line that says what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import StoreError
from sim.experiments.designs import compare, saved
from sim.store.store import Store
from tests.experiments.conftest import tiny
from tests.store.conftest import FINGERPRINT, begun, made


def test_an_sqlalchemy_url_names_a_database_as_well_as_a_path(tmp_path: Path) -> None:
    with Store(tmp_path / "results.db") as store:
        begun(store).write([FINGERPRINT], 1, made(0))
    with Store(f"sqlite:///{tmp_path / 'results.db'}") as again:
        assert again.missing([FINGERPRINT], 1, 1)[FINGERPRINT] == []
        assert again.name == str(tmp_path / "results.db")


def test_tables_of_a_newer_version_are_refused_with_what_to_do(database: str, store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version = 99")
    with pytest.raises(StoreError, match="version 99, this program reads version 2; give another database"):
        Store(database)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE birds (name TEXT)")
    other.close()
    with pytest.raises(StoreError, match="not a results database"):
        Store(tmp_path / "other.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Dear diary, " * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        Store(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text().startswith("Dear diary")


def test_a_folder_that_is_missing_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"database .*results.db: no such folder: .*new/folder; make it, or give"):
        Store(tmp_path / "new" / "folder" / "results.db")
    assert not (tmp_path / "new").exists()


def test_the_folder_of_the_default_database_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Store("results/results.db").close()
    assert (tmp_path / "results" / "results.db").is_file()


def test_an_unknown_kind_of_database_says_what_is_allowed() -> None:
    with pytest.raises(
        StoreError, match="unknown kind of database 'foo'; allowed is the path of a file, or a URL such"
    ):
        Store("foo://bar")


def test_reading_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file"):
        Store(tmp_path / "results.db", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["nothing://x", "sqlite://:::", "postgresql+nobody://a:secret@b/c"])
def test_a_url_that_leads_nowhere_is_said_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as error:
        Store(url)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_an_experiment_comes_out_the_same_whatever_keeps_it(database: str) -> None:
    scenarios = [tiny("plain"), tiny("subsidised", incentives=[{"kind": "upgrade_grant", "budget": 1.0}])]
    memory = compare(scenarios, replications=2, workers=1)
    for results in (compare(scenarios, replications=2, workers=1, db=database), saved(database)):
        for name in ("monthly", "runs", "summary", "paired", "ledger", "last_paid"):
            pd.testing.assert_frame_equal(getattr(results, name), getattr(memory, name), check_exact=True)
