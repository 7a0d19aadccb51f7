"""The store keeps whole runs, gives back every bit, and says its troubles in one line."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.errors import StoreError
from sim.store.memory import Memory
from sim.store.records import Failure, Recorder
from sim.store.store import Store
from tests.store.conftest import FINGERPRINT, begun, entry, made


@pytest.fixture(params=["memory", "sqlite rows", "sqlite file", "postgresql rows", "postgresql file"])
def recorder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    kind, _, series = request.param.partition(" ")
    if kind == "memory":
        yield Memory()
        return
    monkeypatch.chdir(tmp_path)
    with Store("a.db" if kind == "sqlite" else request.getfixturevalue("postgres"), series=series) as opened:
        yield begun(opened)


def test_what_is_read_is_what_was_written_bit_for_bit(recorder: Recorder) -> None:
    written = made(0, 1, 2)
    recorder.write([FINGERPRINT] * 3, 1, written)
    found = recorder.read(FINGERPRINT, 1, 3)
    assert found.replications == (0, 1, 2)
    assert found.units == written.units
    assert found.entries == written.entries
    assert found.budgets == written.budgets
    assert found.monthly.tobytes() == written.monthly.tobytes()
    assert found.ledger.tobytes() == written.ledger.tobytes()
    assert found.last_paid.tobytes() == written.last_paid.tobytes()


def test_parts_come_back_in_the_order_of_replications(recorder: Recorder) -> None:
    recorder.write([FINGERPRINT] * 2, 1, made(3, 4))
    recorder.write([FINGERPRINT] * 2, 1, made(0, 2))
    found = recorder.read(FINGERPRINT, 1, 4)
    assert found.replications == (0, 2, 3)
    assert np.array_equal(found.monthly[:2], made(0, 2).monthly)
    assert np.array_equal(found.monthly[2], made(3, 4).monthly[0])


def test_series_and_entries_that_come_in_another_order_find_their_places(recorder: Recorder) -> None:
    recorder.write([FINGERPRINT], 1, made(0))
    one = made(1)
    turned = replace(
        one, units=dict(reversed(one.units.items())), monthly=one.monthly[:, ::-1], figures=one.figures[:, ::-1],
        entries=one.entries[::-1], ledger=one.ledger[:, ::-1],
    )  # fmt: skip
    recorder.write([FINGERPRINT], 1, turned)
    found = recorder.read(FINGERPRINT, 1, 2)
    assert np.array_equal(found.monthly[1], one.monthly[0])
    assert np.array_equal(found.ledger[1], one.ledger[0])
    assert np.array_equal(found.figures[1], one.figures[0])
    assert np.array_equal(recorder.figures([FINGERPRINT], 1, 2).values[0], found.figures)


def test_missing_are_those_never_run_and_those_that_failed(recorder: Recorder) -> None:
    recorder.write([FINGERPRINT] * 2, 1, made(0, 2))
    recorder.write_failure(FINGERPRINT, 1, Failure(3, "Traceback: it broke"))
    assert recorder.missing([FINGERPRINT], 1, 5)[FINGERPRINT] == [1, 3, 4]
    assert recorder.missing([FINGERPRINT], 2, 2)[FINGERPRINT] == [0, 1]
    assert recorder.failures([FINGERPRINT], 1, 5) == {FINGERPRINT: {3: "Traceback: it broke"}}
    assert recorder.failures([FINGERPRINT], 1, 3) == {}


def test_nothing_finished_reads_as_nothing(recorder: Recorder) -> None:
    assert recorder.read(FINGERPRINT, 1, 5).replications == ()


def test_a_run_that_succeeds_later_is_no_failure_any_more(store: Store) -> None:
    store.write_failure(FINGERPRINT, 1, Failure(0, "first time"))
    store.write_failure(FINGERPRINT, 1, Failure(0, "second time"))
    assert store.failures([FINGERPRINT], 1, 1) == {FINGERPRINT: {0: "second time"}}
    store.write([FINGERPRINT] * 1, 1, made(0))
    assert store.failures([FINGERPRINT], 1, 1) == {}
    assert store.missing([FINGERPRINT], 1, 1)[FINGERPRINT] == []


def test_runs_that_another_process_finished_meanwhile_are_left_as_they_are(store: Store) -> None:
    store.write([FINGERPRINT] * 2, 1, made(0, 1))
    store.write([FINGERPRINT] * 2, 1, made(1, 2))
    store.write_failure(FINGERPRINT, 1, Failure(1, "too late"))
    found = store.read(FINGERPRINT, 1, 3)
    assert found.replications == (0, 1, 2)
    assert np.array_equal(found.monthly[1], made(0, 1).monthly[1])
    assert store.failures([FINGERPRINT], 1, 3) == {}


def test_runs_of_another_model_version_stay_apart(database: str, store: Store) -> None:
    store.write([FINGERPRINT] * 1, 1, made(0))
    with Store(database, "another") as later:
        assert later.missing([FINGERPRINT], 1, 1) == {FINGERPRINT: [0]}


def test_what_a_run_does_not_have_reads_as_not_a_number(store: Store) -> None:
    store.write([FINGERPRINT] * 1, 1, made(0))
    other = made(1)
    other = type(other)(
        (1,),
        {"profit": "kCNY"},
        other.monthly[:, :1],
        other.entries[:1],
        other.ledger[:, :1],
        (),
        np.zeros((1, 0)),
        other.figures[:, :1],
    )
    store.write([FINGERPRINT], 1, other)
    found = store.read(FINGERPRINT, 1, 2)
    assert found.series == ("emissions", "free_rider_share_by_tier:tier 1", "profit")
    assert np.isnan(found.monthly[0, 2]).all()
    assert np.isnan(found.monthly[1, :2]).all()
    assert np.isnan(found.ledger[1, 1])
    assert np.isnan(found.last_paid[1, 0])


def test_a_write_that_fails_in_the_middle_leaves_nothing_of_its_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write([FINGERPRINT], 1, made(0))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("sim.store.writing.named_rows", full)
        with pytest.raises(StoreError, match="No space left on device .make room") as error:
            store.write([FINGERPRINT] * 2, 1, made(1, 2))
    assert "\n" not in str(error.value)
    assert store.read(FINGERPRINT, 1, 3).replications == (0,)
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(DISTINCT run_id) FROM figure").scalar() == 1
    store.write([FINGERPRINT] * 2, 1, made(1, 2))
    assert store.read(FINGERPRINT, 1, 3).replications == (0, 1, 2)


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


def test_frames_hold_what_was_written(store: Store) -> None:
    from sim.store import frames

    written = made(0, 1)
    store.write([FINGERPRINT] * 2, 1, written)
    store.write_failure(FINGERPRINT, 1, Failure(2, "Traceback: it broke"))
    monthly = frames.monthly(store, FINGERPRINT)
    assert monthly.value.to_numpy().tobytes() == written.monthly.tobytes()
    assert frames.ledger(store).amount.sort_values().tolist() == sorted(written.ledger.ravel().tolist())
    assert frames.last_paid(store).month.isna().tolist() == [True, False]
    assert frames.runs(store).status.tolist() == ["finished", "finished", "failed"]
    assert frames.experiments(store).scenario.tolist() == ["tiny"]
    assert frames.monthly(store, "another").empty


def test_the_ledger_is_the_same_as_rows_of_the_database_as_a_frame_and_as_an_array(store: Store) -> None:
    from sim.store import frames

    written = made(0, 1, 2)
    signs = np.array([[-0.0, 0.0], [0.1 + 0.2, np.nan], [-1e300, 5e-324]])
    store.write([FINGERPRINT] * 3, 1, replace(written, ledger=signs))
    other = replace(made(3), entries=(("fines", "pool"), ("goods", "supplier")), ledger=np.array([[2.5, 1 / 3]]))
    store.write([FINGERPRINT], 1, other)
    store.write([FINGERPRINT], 1, replace(made(4), entries=(), ledger=np.zeros((1, 0))))
    expected = [
        (0, "goods", "manufacturer", -0.0), (0, "goods", "supplier", 0.0), (1, "goods", "manufacturer", 0.1 + 0.2),
        (2, "goods", "manufacturer", -1e300), (2, "goods", "supplier", 5e-324), (3, "fines", "pool", 2.5),
        (3, "goods", "supplier", 1 / 3),
    ]  # fmt: skip
    columns = ["replication", "payment", "account", "amount"]
    assert [tuple(row) for row in frames.ledger(store)[columns].to_numpy()] == expected
    query = (
        "SELECT replication, payment, account, amount FROM ledger_total JOIN run ON run.id = run_id ORDER BY 1, 2, 3"
    )
    with store.reading() as connection:
        assert [tuple(row) for row in connection.exec_driver_sql(query)] == expected
    found = store.read(FINGERPRINT, 1, 5)
    assert found.entries == (("fines", "pool"), ("goods", "manufacturer"), ("goods", "supplier"))
    assert np.signbit(found.ledger[0, 1])
    assert np.isnan(found.ledger[4]).all()
    at = [(r, *found.entries[e], found.ledger[r, e]) for r, e in zip(*np.nonzero(~np.isnan(found.ledger)), strict=True)]
    assert at == expected
