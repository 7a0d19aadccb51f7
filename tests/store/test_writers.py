"""Several processes write runs to one database at the same time: each run ends up once and whole."""

from __future__ import annotations

import multiprocessing
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.errors import StoreError
from sim.outcomes.base import figures
from sim.store.records import Failure, Runs, stacked
from sim.store.store import Store
from tests.store.conftest import FINGERPRINT, begun, made
from tests.store.test_catalogue import CASES, points

SEED = 1
REPLICATIONS = 40
KEYS = [(case, r) for case in CASES for r in range(REPLICATIONS)]
PROCESSES = 4


def one(case: str, replication: int) -> Runs:
    """A run, the same whoever computes it. Half of them have a series and an entry of the ledger of their own."""
    draws = np.random.default_rng([ord(case[0]), replication])
    odd = bool(replication % 2)
    units = {"emissions": "t CO2e", "profit": "kCNY"} | ({f"profit_by_role:{case[0]}": "kCNY"} if odd else {})
    entries = [("goods", "manufacturer"), ("goods", "supplier"), *([("fines", case[0])] if odd else [])]
    monthly = draws.normal(size=(1, len(units), 3))
    return replace(
        made(replication), units=units, monthly=monthly, figures=figures(tuple(units), monthly),
        entries=tuple(entries), ledger=draws.normal(size=(1, len(entries))),
    )  # fmt: skip


def writes(database: str, number: int, together: Any, said: Any) -> None:
    """Write all runs in blocks, in an order of one's own, and say what went wrong."""
    luck = random.Random(number)
    keys = luck.sample(KEYS, len(KEYS))
    try:
        with Store(database, series=["rows", "file", "none", "rows"][number]) as store:  # type: ignore[arg-type]
            together.wait(60)
            for start in range(0, len(keys), 30):
                block = keys[start : start + 30]
                store.write_failure(block[0][0], SEED, Failure(block[0][1], "it broke"))
                store.write([case for case, _ in block], SEED, stacked([one(*key) for key in block]))
        said.put("")
    except BaseException as error:
        said.put(repr(error))


def test_processes_that_write_the_same_runs_in_any_order_leave_each_once_and_whole(database: str) -> None:
    with Store(database) as store:
        store.begin("sweep", [], SEED, REPLICATIONS, "tiny", definition="{}", points=points())
        for case, replication in KEYS[::7]:
            store.write_failure(case, SEED, Failure(replication, "it broke before"))
    context = multiprocessing.get_context("spawn")
    together, said = context.Barrier(PROCESSES), context.Queue()
    started = [context.Process(target=writes, args=(database, n, together, said)) for n in range(PROCESSES)]
    for process in started:
        process.start()
    assert [said.get(timeout=120) for _ in started] == [""] * PROCESSES
    for process in started:
        process.join()
    with Store(database) as store:
        found = {case: store.read(case, SEED, REPLICATIONS) for case in CASES}
        assert store.failures(CASES, SEED, REPLICATIONS) == {}
        with store.reading() as connection:
            counts = {
                table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
                for table in ("run", "figure", "run_ledger", "last_paid")
            }
    expected = {case: stacked([one(case, r) for r in range(REPLICATIONS)]) for case in CASES}
    number = sum(int((~np.isnan(runs.figures)).sum()) for runs in expected.values())
    assert counts == {"run": len(KEYS), "figure": number, "run_ledger": len(KEYS), "last_paid": len(KEYS)}
    for case, runs in expected.items():
        assert found[case].replications == runs.replications
        assert (found[case].units, found[case].entries) == (runs.units, runs.entries)
        for name in ("monthly", "figures", "ledger", "last_paid"):
            assert getattr(found[case], name).tobytes() == getattr(runs, name).tobytes(), name


def test_a_server_lets_several_add_runs_but_none_delete_beside_them(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.store.database.SERVER_BUSY_SECONDS", 1.0)
    with Store(postgres) as store, Store(postgres) as other:
        begun(store).write([FINGERPRINT], 1, made(0))
        with other.adding():
            store.write([FINGERPRINT], 1, made(1))
            with pytest.raises(StoreError, match="another process is writing to it"):
                store.delete(1)
        assert store.missing([FINGERPRINT], 1, 2) == {FINGERPRINT: []}
        assert store.delete(1).runs == 2
