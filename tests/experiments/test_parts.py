"""An experiment in parts: each computes its own, together they are the whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sim.errors import UsageError
from sim.experiments import runner
from sim.experiments.kinds.sweep import Sweep
from sim.experiments.search.search import Search
from sim.scenario.schema import Scenario
from sim.store import frames
from sim.store.store import Store

COSTS = {"technology.abatement_cost": [0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2]}


@pytest.fixture
def sweep(plain: Scenario) -> Sweep:
    return Sweep(scenario=plain, uncertainties=COSTS, replications=2)


def test_parts_compute_every_run_once_and_the_whole_then_computes_none(
    sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [sweep.run_part(n, 3, tmp_path / "parts.db", workers=1) for n in (2, 3, 1)]
    assert [part.cases for part in parts] == [2, 2, 3]
    assert [part.runs for part in parts] == [4, 4, 6]
    assert {part.experiment for part in parts} == {1}
    with Store(tmp_path / "parts.db") as store:
        assert len(frames.runs(store)) == 14
    whole = sweep.run(tmp_path / "whole.db", workers=1)
    monkeypatch.setattr(runner, "run_block", lambda *_: pytest.fail("computed again"))
    again = sweep.run(tmp_path / "parts.db", workers=1)
    assert again.finished == again.total == 14
    pd.testing.assert_frame_equal(again.figures, whole.figures, check_exact=True)


def test_a_part_leaves_the_rest_of_the_experiment_to_others(sweep: Sweep, tmp_path: Path) -> None:
    sweep.run_part(2, 3, tmp_path / "a.db", workers=1)
    with Store(tmp_path / "a.db") as store:
        costs = sorted(point["technology.abatement_cost"] for point in sweep.plan[1::3])
        held = store.missing([c.fingerprint for c in sweep.cases], sweep.seed, 2)
        there = [c.changes["technology.abatement_cost"] for c in sweep.cases if not held[c.fingerprint]]
    assert sorted(there) == costs


@pytest.mark.parametrize(("part", "of"), [(0, 3), (4, 3), (1, 0)])
def test_a_part_that_is_not_there_is_refused(sweep: Sweep, tmp_path: Path, part: int, of: int) -> None:
    with pytest.raises(UsageError, match=f"part: given {part} of {of}, allowed is"):
        sweep.run_part(part, of, tmp_path / "a.db")


def test_a_failed_world_of_a_part_is_told(sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "run_block", lambda *_: 1 / 0)
    part = sweep.run_part(2, 3, tmp_path / "a.db", workers=1)
    assert sum(len(each) for each in part.failures.values()) == part.runs == 4


def test_a_search_has_no_parts(plain: Scenario, tmp_path: Path) -> None:
    search = Search(
        scenario=plain, levers={"technology.margin": {"low": 0.05, "high": 0.1}}, trials=2,
        objectives=[{"outcome": "emissions", "direction": "lower"}],
    )  # fmt: skip
    with pytest.raises(UsageError, match="cannot be run in parts"):
        search.run_part(1, 2, tmp_path / "a.db")
