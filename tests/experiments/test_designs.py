"""The same numbers however they are computed; a killed comparison goes on; what cannot be compared is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import StoreError, UsageError
from sim.experiments.designs import LARGEST_SEED, compare, run, saved
from sim.scenario.schema import Scenario
from sim.store import frames
from sim.store.store import Store
from tests.experiments.conftest import tiny

KILLED = """
import os, signal, sys
import sim.store.writing
from sim.experiments.designs import compare
from sim.experiments.runner import Task
from tests.experiments.conftest import tiny

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "in the middle of a write":
    sim.store.writing.named_rows = kill
    progress = None
else:
    progress = lambda done, total: done and kill()
scenarios = [tiny("a"), tiny("b", incentives=[{"kind": "abatement_subsidy", "rate": 0.5}])]
compare(scenarios, replications=5, db=sys.argv[1], workers=int(sys.argv[3]), progress=progress)
"""


@pytest.fixture
def both(plain: Scenario, subsidised: Scenario) -> list[Scenario]:
    return [plain, subsidised]


def bits(frame: pd.DataFrame, column: str = "value") -> bytes:
    keys = [c for c in ("scenario", "replication", "month", "payment", "account", "outcome") if c in frame]
    return frame.sort_values(keys)[column].to_numpy().tobytes()


def test_processes_do_not_change_a_bit(both: list[Scenario]) -> None:
    one, two = (compare(both, replications=5, workers=n) for n in (1, 2))
    assert bits(one.monthly) == bits(two.monthly)
    assert bits(one.ledger, "amount") == bits(two.ledger, "amount")
    pd.testing.assert_frame_equal(one.summary, two.summary, check_exact=True)


def test_replications_and_other_scenarios_do_not_change_a_bit(both: list[Scenario]) -> None:
    many, few = compare(both, replications=5), run(both[1], replications=1)
    mine = many.runs[(many.runs.scenario == both[1].name) & (many.runs.replication == 0)]
    assert bits(few.runs) == bits(mine)


def test_a_database_does_not_change_a_bit(both: list[Scenario], tmp_path: Path) -> None:
    memory, database = compare(both, replications=3), compare(both, replications=3, db=tmp_path / "a.db")
    for name in ("monthly", "runs", "summary", "paired", "ledger", "last_paid"):
        pd.testing.assert_frame_equal(getattr(memory, name), getattr(database, name), check_exact=True)
    assert database.database == str(tmp_path / "a.db")
    assert memory.database is None


def test_what_a_database_holds_is_not_computed_again(
    both: list[Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compare(both, replications=4, db=tmp_path / "a.db")
    monkeypatch.setattr("sim.experiments.runner.run_block", lambda *_: pytest.fail("computed again"))
    again = compare(both, replications=3, db=tmp_path / "a.db")
    assert bits(again.monthly) == bits(first.monthly[first.monthly.replication < 3])


@pytest.mark.parametrize(
    ("when", "workers", "kept"),
    [("after a block", 1, 5), ("after a block", 2, 5), ("in the middle of a write", 1, 0)],
)
def test_a_killed_comparison_leaves_a_readable_database_and_computes_only_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, workers: int, kept: int
) -> None:
    database = tmp_path / "a.db"
    root = str(Path(__file__).resolve().parents[2])
    environment = os.environ | {"PYTHONPATH": root}
    command = [sys.executable, "-c", KILLED, str(database), when, str(workers)]
    killed = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    assert killed.returncode == -9

    with Store(database) as store:
        runs, monthly = frames.runs(store), frames.monthly(store)
    assert (runs.status == "finished").all()
    assert len(runs) == kept
    assert len(monthly.groupby(["fingerprint", "replication"])) == kept

    computed: list[int] = []
    import sim.experiments.runner as runner

    whole = runner.run_block
    monkeypatch.setattr(runner, "run_block", lambda s, seed, r: computed.extend(r) or whole(s, seed, r))
    scenarios = [tiny("a"), tiny("b", incentives=[{"kind": "abatement_subsidy", "rate": 0.5}])]
    resumed = compare(scenarios, replications=5, db=database, workers=1)
    assert len(computed) == 10 - kept
    fresh = compare(scenarios, replications=5)
    pd.testing.assert_frame_equal(resumed.summary, fresh.summary, check_exact=True)
    assert bits(resumed.monthly) == bits(fresh.monthly)


def test_an_interrupt_ends_workers_and_keeps_what_was_finished(both: list[Scenario], tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(both, replications=6, db=tmp_path / "a.db", workers=2, progress=interrupt)
    with Store(tmp_path / "a.db") as store:
        assert 0 < len(frames.runs(store)) < 12


def test_results_are_read_back_from_a_database(both: list[Scenario], tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    compared = compare(both, replications=3, db=database, against="subsidised")
    run(both[0], replications=2, seed=9, db=database)
    found = saved(database)
    assert found.scenarios == tuple(both)
    assert found.against == "subsidised"
    pd.testing.assert_frame_equal(found.summary, compared.summary, check_exact=True)
    only = saved(database, ["plain"])
    assert [s.name for s in only.scenarios] == ["plain"]
    assert (only.seed, only.replications) == (9, 2)
    assert [s.name for s in saved(database, ["subsidised", "plain"]).scenarios] == ["subsidised", "plain"]


def test_results_that_a_database_does_not_hold_are_said(both: list[Scenario], tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    Store(database).close()
    with pytest.raises(StoreError, match="holds no experiment yet"):
        saved(database)
    for scenario in both:
        run(scenario, replications=1, db=database)
    with pytest.raises(StoreError, match="unknown scenario 'plane'; did you mean 'plain'"):
        saved(database, ["plane"])
    with pytest.raises(StoreError, match="no experiment holds all of plain, subsidised"):
        saved(database, ["plain", "subsidised"])


def test_months_may_be_given_for_all(both: list[Scenario]) -> None:
    found = compare([both[0], tiny("longer", months=9)], replications=1, months=3)
    assert found.months == 3
    assert sorted(set(found.monthly.month)) == [0, 1, 2]


def test_a_scenario_may_be_a_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('months = 2\n[network]\nkind = "tiered"\nbuyers = 1\ntiers = [3]\n')
    for given in (path, str(path)):
        assert run(given, replications=1).scenarios[0].name == "mine"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replications": 0}, "replications: given 0, allowed is 1 to 1000000"),
        ({"seed": -1}, "seed: given -1"),
        ({"seed": LARGEST_SEED + 1}, "seed: given"),
        ({"workers": 0}, "workers: given 0"),
        ({"against": "plane"}, "against: unknown scenario 'plane'; did you mean 'plain'"),
    ],
)
def test_impossible_options_are_said(both: list[Scenario], options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare(both, **options)


def test_scenarios_that_cannot_be_compared_are_said(plain: Scenario) -> None:
    with pytest.raises(UsageError, match="two scenarios are called 'plain'"):
        compare([plain, plain])
    with pytest.raises(UsageError, match="'plain' has 6, 'longer' has 9; give months for all"):
        compare([plain, tiny("longer", months=9)])
    with pytest.raises(UsageError, match="differ in currency"):
        compare([plain, tiny("abroad", currency="kEUR")])
    with pytest.raises(UsageError, match="at least one"):
        compare([])


def test_the_largest_seed_is_kept(plain: Scenario, tmp_path: Path) -> None:
    found = run(plain, replications=1, seed=LARGEST_SEED, db=tmp_path / "a.db")
    assert np.isfinite(found.runs.value).all()
