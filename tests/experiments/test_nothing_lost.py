"""A sweep that is killed at random moments, again and again, ends with the tables of one that never was."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiments.kinds.sweep import Sweep
from sim.store import frames
from sim.store.store import Store
from tests.experiments.conftest import tiny

KILLS = 10
MOST_BLOCKS = 4
"""Blocks that a sweep may finish before it is killed."""

COSTS = {"technology.abatement_cost": {"low": 0.06, "high": 0.24, "steps": 12}}
RUNS = 3 * 12 * 4

SWEEP = """
import sys
import sim.experiments.cases
from tests.experiments.test_nothing_lost import sweep

sim.experiments.cases.worlds_per_block = lambda firms: 2
sweep().run(sys.argv[1], workers=2, progress=lambda done, total: print(done, flush=True))
"""


def sweep() -> Sweep:
    """Thirty-six points with four replications; in blocks of two worlds there are many moments to be killed at."""
    base = tiny("base", incentives=[{"kind": "abatement_subsidy", "rate": 0.0, "budget": 50.0}])
    levers = {"incentives.0.rate": [0.0, 0.2, 0.4]}
    return Sweep(scenario=base, levers=levers, uncertainties=COSTS, replications=4, series="file")


def tables(database: Path) -> dict[str, Any]:
    """Everything that runs left, in the order of the cases, whichever row it stands in."""
    keys = [case.fingerprint for case in sweep().cases]
    with Store(database) as store:
        runs = frames.runs(store)
        # When and how fast a run was computed, and where it stands, is no result.
        runs = runs.drop(columns=["id", "seconds", "finished_at", "series_file_id"])
        found: dict[str, Any] = {"runs": runs.sort_values(["fingerprint", "replication"], ignore_index=True)}
        found["figures"] = store.figures(keys, sweep().seed, sweep().replications).values
        for key in keys:
            one = store.read(key, sweep().seed, sweep().replications)
            for name in ("monthly", "ledger", "last_paid"):
                found[f"{name} of {key}"] = getattr(one, name)
        return found


def killed(database: Path, blocks: int, later: float) -> bool:
    """Whether the sweep was killed, so many seconds after it had kept so many blocks; or was done before."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", SWEEP, str(database)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(1 + blocks):
            process.stdout.readline()
        time.sleep(later)
        process.kill()
        return process.wait() == -9


def test_a_sweep_killed_ten_times_ends_with_the_tables_of_one_that_never_was(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.db", tmp_path / "broken.db"
    sweep().run(whole, workers=1)
    luck = random.Random(1)
    kept = [0]
    for _ in range(KILLS):
        assert killed(broken, luck.randint(0, MOST_BLOCKS), luck.uniform(0.0, 0.1)), "done before the last kill"
        with Store(broken) as store:
            kept.append(len(frames.runs(store)))
    assert kept == sorted(kept), "what was finished was lost"
    assert 0 < kept[-1] < RUNS
    answer = sweep().run(broken, workers=1)
    assert answer.finished == answer.total == RUNS
    found, expected = tables(broken), tables(whole)
    pd.testing.assert_frame_equal(found.pop("runs"), expected.pop("runs"), check_exact=True)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert values.size, name
        assert found[name].tobytes() == values.tobytes(), name
