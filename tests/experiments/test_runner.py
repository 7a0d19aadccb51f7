"""What is missing is run, once, in blocks; a failing world does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sim.ensemble import Block, run_block
from sim.experiments import runner
from sim.experiments.runner import run_missing, run_task, runs_of, tasks_for
from sim.scenario.schema import Scenario
from sim.store.memory import Memory
from tests.experiments.conftest import tiny

SEED = 5


def run(recorder: Memory, scenarios: Sequence[Scenario], replications: int = 4, **more: Any) -> None:
    run_missing(scenarios, SEED, replications, recorder, workers=1, **more)


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Replication 2 fails; what was asked of the engine."""
    asked = []

    def run_faulty(scenario: Scenario, seed: int, replications: Sequence[int]) -> Block:
        asked.append(tuple(replications))
        if 2 in replications:
            raise ZeroDivisionError("no such world")
        return run_block(scenario, seed, replications)

    monkeypatch.setattr(runner, "run_block", run_faulty)
    return asked


def test_a_failing_world_is_recorded_with_its_traceback_and_the_others_go_on(
    plain: Scenario, faulty: list[tuple[int, ...]]
) -> None:
    recorder = Memory()
    run(recorder, [plain])
    assert recorder.read(plain.fingerprint, SEED, 4).replications == (0, 1, 3)
    failures = recorder.failures(plain.fingerprint, SEED, 4)
    assert list(failures) == [2]
    assert failures[2].strip().endswith("ZeroDivisionError: no such world")


def test_a_failed_world_is_tried_again_and_a_finished_one_is_not(
    plain: Scenario, faulty: list[tuple[int, ...]]
) -> None:
    recorder = Memory()
    run(recorder, [plain])
    faulty.clear()
    run(recorder, [plain])
    assert faulty == [(2,)]


def test_worlds_beside_a_failing_one_have_the_same_numbers(plain: Scenario, faulty: list[tuple[int, ...]]) -> None:
    recorder = Memory()
    run(recorder, [plain])
    found = recorder.read(plain.fingerprint, SEED, 4)
    expected = runs_of(run_block(plain, SEED, [0, 1, 3]))
    by_name = [expected.series.index(s) for s in found.series]
    assert found.monthly.tobytes() == expected.monthly[:, by_name].tobytes()


def test_a_scenario_under_two_names_is_computed_once(plain: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = []
    monkeypatch.setattr(runner, "run_task", lambda task: tasks.append(task) or run_task(task))
    run(Memory(), [plain, tiny("the same")])
    assert [t.replications for t in tasks] == [(0, 1, 2, 3)]


def test_progress_counts_what_was_there_before(plain: Scenario, subsidised: Scenario) -> None:
    recorder = Memory()
    run(recorder, [plain])
    calls: list[tuple[int, int]] = []
    run(recorder, [plain, subsidised], progress=lambda done, total: calls.append((done, total)))
    assert calls == [(4, 8), (8, 8)]


@pytest.mark.parametrize(("workers", "sizes"), [(1, [10, 3]), (2, [5, 5, 3]), (4, [4, 3, 3, 3]), (100, [1] * 13)])
def test_blocks_are_even_and_give_all_workers_work(
    plain: Scenario, subsidised: Scenario, workers: int, sizes: list[int]
) -> None:
    scenarios = {"a": plain, "b": subsidised}
    tasks = tasks_for(scenarios, {"a": list(range(10)), "b": [7, 8, 9]}, SEED, workers)
    assert sorted((len(t.replications) for t in tasks), reverse=True) == sizes
    assert sorted(r for t in tasks if t.scenario is plain for r in t.replications) == list(range(10))


def test_little_work_is_done_without_other_processes(plain: Scenario) -> None:
    assert runner.workers_for({"a": plain}, {"a": list(range(50))}) == 1


def test_an_interrupt_keeps_what_was_finished(
    plain: Scenario, subsidised: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(task: runner.Task) -> runner.Done:
        if task.scenario is subsidised:
            raise KeyboardInterrupt
        return run_task(task)

    monkeypatch.setattr(runner, "run_task", interrupted)
    recorder = Memory()
    with pytest.raises(KeyboardInterrupt):
        run(recorder, [plain, subsidised])
    assert recorder.missing(plain.fingerprint, SEED, 4) == []
    assert recorder.missing(subsidised.fingerprint, SEED, 4) == [0, 1, 2, 3]


def test_a_negative_zero_is_kept_as_zero(subsidised: Scenario) -> None:
    """Databases do not tell them apart, and runs must read back as they were."""
    runs = runs_of(run_block(subsidised, SEED, [0]))
    for values in (runs.monthly, runs.ledger):
        assert not np.signbit(values[values == 0.0]).any()
