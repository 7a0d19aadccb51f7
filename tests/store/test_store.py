"""The store keeps whole runs, gives back every bit, and says its troubles in one line."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from sim.errors import StoreError
from sim.store.memory import Memory
from sim.store.records import Failure, Recorder
from sim.store.store import Store
from tests.store.conftest import FINGERPRINT, entry, made


@pytest.fixture(params=["database", "memory"])
def recorder(request: pytest.FixtureRequest) -> Recorder:
    return request.getfixturevalue("store") if request.param == "database" else Memory()


def test_what_is_read_is_what_was_written_bit_for_bit(recorder: Recorder) -> None:
    written = made(0, 1, 2)
    recorder.write(FINGERPRINT, 1, written)
    found = recorder.read(FINGERPRINT, 1, 3)
    assert found.replications == (0, 1, 2)
    assert found.units == written.units
    assert found.entries == written.entries
    assert found.budgets == written.budgets
    assert found.monthly.tobytes() == written.monthly.tobytes()
    assert found.ledger.tobytes() == written.ledger.tobytes()
    assert found.last_paid.tobytes() == written.last_paid.tobytes()


def test_parts_come_back_in_the_order_of_replications(recorder: Recorder) -> None:
    recorder.write(FINGERPRINT, 1, made(3, 4))
    recorder.write(FINGERPRINT, 1, made(0, 2))
    found = recorder.read(FINGERPRINT, 1, 4)
    assert found.replications == (0, 2, 3)
    assert np.array_equal(found.monthly[:2], made(0, 2).monthly)
    assert np.array_equal(found.monthly[2], made(3, 4).monthly[0])


def test_missing_are_those_never_run_and_those_that_failed(recorder: Recorder) -> None:
    recorder.write(FINGERPRINT, 1, made(0, 2))
    recorder.write_failure(FINGERPRINT, 1, Failure(3, "Traceback: it broke"))
    assert recorder.missing(FINGERPRINT, 1, 5) == [1, 3, 4]
    assert recorder.missing(FINGERPRINT, 2, 2) == [0, 1]
    assert recorder.failures(FINGERPRINT, 1, 5) == {3: "Traceback: it broke"}
    assert recorder.failures(FINGERPRINT, 1, 3) == {}


def test_nothing_finished_reads_as_nothing(recorder: Recorder) -> None:
    assert recorder.read(FINGERPRINT, 1, 5).replications == ()


def test_a_run_that_succeeds_later_is_no_failure_any_more(store: Store) -> None:
    store.write_failure(FINGERPRINT, 1, Failure(0, "first time"))
    store.write_failure(FINGERPRINT, 1, Failure(0, "second time"))
    assert store.failures(FINGERPRINT, 1, 1) == {0: "second time"}
    store.write(FINGERPRINT, 1, made(0))
    assert store.failures(FINGERPRINT, 1, 1) == {}
    assert store.missing(FINGERPRINT, 1, 1) == []


def test_runs_that_another_process_finished_meanwhile_are_left_as_they_are(store: Store) -> None:
    store.write(FINGERPRINT, 1, made(0, 1))
    store.write(FINGERPRINT, 1, made(1, 2))
    store.write_failure(FINGERPRINT, 1, Failure(1, "too late"))
    found = store.read(FINGERPRINT, 1, 3)
    assert found.replications == (0, 1, 2)
    assert np.array_equal(found.monthly[1], made(0, 1).monthly[1])
    assert store.failures(FINGERPRINT, 1, 3) == {}


def test_runs_of_another_model_version_stay_apart(tmp_path: Path, store: Store) -> None:
    store.write(FINGERPRINT, 1, made(0))
    with Store(tmp_path / "results.db", "another") as later:
        assert later.missing(FINGERPRINT, 1, 1) == [0]


def test_what_a_run_does_not_have_reads_as_not_a_number(store: Store) -> None:
    store.write(FINGERPRINT, 1, made(0))
    other = made(1)
    other = type(other)(
        (1,), {"profit": "kCNY"}, other.monthly[:, :1], other.entries[:1], other.ledger[:, :1], (), np.zeros((1, 0))
    )
    store.write(FINGERPRINT, 1, other)
    found = store.read(FINGERPRINT, 1, 2)
    assert found.series == ("emissions", "free_rider_share_by_tier:tier 1", "profit")
    assert np.isnan(found.monthly[0, 2]).all()
    assert np.isnan(found.monthly[1, :2]).all()
    assert np.isnan(found.ledger[1, 1])
    assert np.isnan(found.last_paid[1, 0])


def test_a_write_that_fails_in_the_middle_leaves_nothing_of_its_runs(tmp_path: Path, store: Store) -> None:
    store.write(FINGERPRINT, 1, made(0))
    with sqlite3.connect(tmp_path / "results.db") as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON ledger_total BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    other.close()
    with pytest.raises(StoreError, match="disk is full") as error:
        store.write(FINGERPRINT, 1, made(1, 2))
    assert "\n" not in str(error.value)
    assert store.read(FINGERPRINT, 1, 3).replications == (0,)
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(DISTINCT run_id) FROM monthly_outcome").scalar() == 1


def test_the_latest_experiment_that_holds_all_names_is_found(store: Store) -> None:
    store.begin("compare", [entry("a"), entry("b")], 1, 5, "a")
    store.begin("run", [entry("b")], 2, 7, "b")
    compared, single, both = store.latest(), store.latest(["b"]), store.latest(["b", "a"])
    assert compared is not None
    assert [e.name for e in compared.entries] == ["a", "b"]
    assert compared.reference == "a"
    assert single is not None
    assert (single.seed, single.replications) == (2, 7)
    assert both is not None
    assert both.id == compared.id
    assert store.latest(["a", "tiny"]) is None
    assert store.scenario_names() == ["a", "b", "tiny"]


def test_an_sqlalchemy_url_names_a_database_as_well_as_a_path(tmp_path: Path, store: Store) -> None:
    store.write(FINGERPRINT, 1, made(0))
    with Store(f"sqlite:///{tmp_path / 'results.db'}") as again:
        assert again.missing(FINGERPRINT, 1, 1) == []
        assert again.name == str(tmp_path / "results.db")


def test_tables_of_another_version_are_refused_with_what_to_do(tmp_path: Path, store: Store) -> None:
    with sqlite3.connect(tmp_path / "results.db") as other:
        other.execute("UPDATE schema_version SET version = 99")
    other.close()
    with pytest.raises(StoreError, match="version 99, this program reads version 1; give another database"):
        Store(tmp_path / "results.db")


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


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="writable"):
            Store(tmp_path / "results.db")
    finally:
        tmp_path.chmod(0o700)


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


def test_frames_hold_what_was_written(store: Store) -> None:
    from sim.store import frames

    written = made(0, 1)
    store.write(FINGERPRINT, 1, written)
    store.write_failure(FINGERPRINT, 1, Failure(2, "Traceback: it broke"))
    monthly = frames.monthly(store, FINGERPRINT)
    assert monthly.value.to_numpy().tobytes() == written.monthly.tobytes()
    assert frames.ledger(store).amount.sort_values().tolist() == sorted(written.ledger.ravel().tolist())
    assert frames.last_paid(store).month.isna().tolist() == [True, False]
    assert frames.runs(store).status.tolist() == ["finished", "finished", "failed"]
    assert frames.experiments(store).scenario.tolist() == ["tiny"]
    assert frames.monthly(store, "another").empty
