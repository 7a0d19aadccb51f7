"""What is missing is run, once, in blocks; a failing world does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sim.ensemble import Block, run_block
from sim.errors import ScenarioError
from sim.experiments import runner
from sim.experiments.cases import Case, blocks_of, tasks_of
from sim.experiments.executors import Lost
from sim.experiments.runner import run_cases, run_task, runs_of
from sim.scenario.schema import Scenario
from sim.store.memory import Memory
from sim.store.records import Runs
from tests.experiments.conftest import tiny

SEED = 5


def run(recorder: Memory, scenarios: Sequence[Scenario], replications: int = 4, **more: Any) -> None:
    run_cases([Case(s) for s in scenarios], SEED, replications, recorder, **({"workers": 1} | more))


def missing(recorder: Memory, scenario: Scenario) -> list[int]:
    return recorder.missing([scenario.fingerprint], SEED, 4)[scenario.fingerprint]


def dearer(scenario: Scenario, *costs: float) -> list[Case]:
    return [Case(scenario, {"technology.abatement_cost": cost}) for cost in costs]


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
    failures = recorder.failures([plain.fingerprint], SEED, 4)[plain.fingerprint]
    assert list(failures) == [2]
    assert failures[2].strip().endswith("ZeroDivisionError: no such world")


def test_a_world_whose_figures_fail_is_a_failing_world(plain: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be memory enough to compute a block, and not for what is kept of it."""

    def short_of_memory(block: Block, seconds: float) -> Runs:
        if len(block.replications) > 1 or 2 in block.replications:
            raise MemoryError
        return runs_of(block, seconds)

    monkeypatch.setattr(runner, "runs_of", short_of_memory)
    recorder = Memory()
    run(recorder, [plain])
    assert missing(recorder, plain) == [2]
    assert "MemoryError" in recorder.failures([plain.fingerprint], SEED, 4)[plain.fingerprint][2]


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
    assert found.figures.tobytes() == expected.figures[:, by_name].tobytes()


def test_a_scenario_under_two_names_is_computed_once(plain: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = []
    monkeypatch.setattr(runner, "run_task", lambda task: tasks.append(task) or run_task(task))
    run(Memory(), [plain, tiny("the same")])
    assert [[w.replication for w in t.worlds] for t in tasks] == [[0, 1, 2, 3]]


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
    cases = {"a": Case(plain), "b": Case(subsidised)}
    blocks = blocks_of(cases, {"a": list(range(10)), "b": [7, 8, 9]}, workers)
    assert sorted((len(block) for block in blocks), reverse=True) == sizes
    assert sorted(w.replication for block in blocks for w in block if w.fingerprint == "a") == list(range(10))


def test_cases_that_differ_in_numbers_alone_are_computed_together(
    plain: Scenario, subsidised: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Points, replications and variants with the same mechanisms are one array program; others have their own."""
    tasks = []
    monkeypatch.setattr(runner, "run_task", lambda task: tasks.append(task) or run_task(task))
    cases = [*dearer(plain, 0.1, 0.2, 0.3), Case(tiny("variant", technology={"margin": 0.1})), Case(subsidised)]
    run_cases(cases, SEED, 2, Memory(), workers=1)
    assert [len(t.worlds) for t in tasks] == [8, 2]


def test_a_case_has_the_same_numbers_alone_and_beside_others(plain: Scenario) -> None:
    cases = dearer(plain, 0.05, 0.1, 0.2)
    together, alone = Memory(), Memory()
    run_cases(cases, SEED, 3, together, workers=1)
    for case in cases:
        run_cases([Case(case.scenario)], SEED, 3, alone, workers=1)
    for case in cases:
        one, many = (recorder.read(case.fingerprint, SEED, 3) for recorder in (alone, together))
        assert one.series == many.series
        for name in ("monthly", "figures", "ledger", "last_paid"):
            assert getattr(one, name).tobytes() == getattr(many, name).tobytes(), name


@pytest.mark.parametrize("series", [True, False])
def test_figures_do_not_depend_on_which_runs_are_worked_out_together(series: bool) -> None:
    # From 8 numbers in a row on numpy adds in another order than it adds rows to each other.
    case = Case(tiny("long", months=12))
    found = []
    for workers in (1, 2, 5):
        memory = Memory()
        cases = {case.fingerprint: case}
        blocks = blocks_of(cases, memory.missing([case.fingerprint], 1, 5, series), workers)
        for task in tasks_of(cases, blocks, 1, series):
            done = run_task(task)
            assert done.runs is not None
            memory.write([world.fingerprint for world in done.finished], 1, done.runs)
        found.append(memory.figures([case.fingerprint], 1, 5).values)
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


def test_a_failing_world_among_cases_leaves_the_others(plain: Scenario, faulty: list[tuple[int, ...]]) -> None:
    cases, recorder = dearer(plain, 0.1, 0.2), Memory()
    run_cases(cases, SEED, 3, recorder, workers=1)
    for case in cases:
        assert recorder.missing([case.fingerprint], SEED, 3) == {case.fingerprint: [2]}
        assert list(recorder.failures([case.fingerprint], SEED, 3)[case.fingerprint]) == [2]


def test_a_task_has_the_cases_of_its_worlds_and_no_others(plain: Scenario) -> None:
    cases = {case.fingerprint: case for case in dearer(plain, 0.1, 0.2)}
    blocks = blocks_of(cases, {key: [0, 1] for key in cases}, 2)
    first, second = tasks_of(cases, blocks, SEED)
    assert [first.worlds, second.worlds] == blocks
    assert first.scenario().technology.abatement_cost == 0.1
    assert second.scenario().technology.abatement_cost == 0.2
    assert len(first.cases) == len(second.cases) == 1


def test_a_case_that_cannot_be_fails_alone(plain: Scenario) -> None:
    """What the scenario does not allow is found when it is made, and said like any failure."""
    good, bad = dearer(plain, 0.1, -1.0)
    recorder = Memory()
    run_cases([good, bad], SEED, 2, recorder, workers=1)
    assert recorder.missing([good.fingerprint], SEED, 2) == {good.fingerprint: []}
    told = recorder.failures([bad.fingerprint], SEED, 2)[bad.fingerprint]
    assert list(told) == [0, 1]
    assert "technology.abatement_cost: given -1.0" in told[0]


def test_a_case_that_cannot_be_fails_alone_wherever_it_stands(plain: Scenario) -> None:
    cases = bad, good = dearer(plain, -1.0, 0.1)
    recorder = Memory()
    for workers in (None, 1):  # Run again, it is all that is missing.
        run_cases(cases, SEED, 2, recorder, workers=workers)
        keys = [bad.fingerprint, good.fingerprint]
        assert [recorder.missing(keys, SEED, 2)[key] for key in keys] == [[0, 1], []]
        assert "technology.abatement_cost: given -1.0" in recorder.failures(keys, SEED, 2)[bad.fingerprint][1]


def test_where_no_case_can_be_that_is_said_at_once(plain: Scenario) -> None:
    bad, worse = dearer(plain, -1.0, -2.0)
    with pytest.raises(ScenarioError, match=r"abatement_cost: given -1.0"):
        run_cases([bad, worse], SEED, 2, Memory(), workers=1)


def test_without_series_a_task_hands_over_figures_only(plain: Scenario) -> None:
    cases, with_series, without = dearer(plain, 0.1, 0.2), Memory(), Memory()
    run_cases(cases, SEED, 2, with_series, workers=1)
    run_cases(cases, SEED, 2, without, workers=1, series=False)
    keys = [case.fingerprint for case in cases]
    assert with_series.figures(keys, SEED, 2).values.tobytes() == without.figures(keys, SEED, 2).values.tobytes()
    assert without.missing(keys, SEED, 2, series=False) == {key: [] for key in keys}
    assert without.missing(keys, SEED, 2) == {key: [0, 1] for key in keys}


def test_who_brings_down_a_worker_is_found_and_the_others_go_on(
    plain: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block that is lost is tried world by world; the one that is lost alone is recorded as failed."""

    class Deadly:
        workers = 1

        def run(self, function: Any, tasks: Any) -> Any:
            for task in tasks:
                deadly = any(w.replication == 1 for w in task.worlds)
                yield Lost(task, "the worker was killed") if deadly else function(task)

    monkeypatch.setattr(runner, "executor_of", lambda *_: Deadly())
    recorder, calls = Memory(), []
    run(recorder, [plain], progress=lambda done, total: calls.append((done, total)))
    assert recorder.read(plain.fingerprint, SEED, 4).replications == (0, 2, 3)
    assert recorder.failures([plain.fingerprint], SEED, 4) == {plain.fingerprint: {1: "the worker was killed"}}
    assert calls[-1] == (4, 4)


def test_little_work_is_done_without_other_processes(plain: Scenario) -> None:
    assert runner.workers_for({"a": Case(plain)}, {"a": list(range(50))}) == 1


def test_an_interrupt_keeps_what_was_finished(
    plain: Scenario, subsidised: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(task: runner.Task) -> runner.Done:
        if task.scenario().incentives:
            raise KeyboardInterrupt
        return run_task(task)

    monkeypatch.setattr(runner, "run_task", interrupted)
    recorder = Memory()
    with pytest.raises(KeyboardInterrupt):
        run(recorder, [plain, subsidised])
    assert missing(recorder, plain) == []
    assert missing(recorder, subsidised) == [0, 1, 2, 3]


def test_a_negative_zero_is_kept_as_zero(subsidised: Scenario) -> None:
    """Databases do not tell them apart, and runs must read back as they were."""
    runs = runs_of(run_block(subsidised, SEED, [0]))
    for values in (runs.monthly, runs.ledger):
        assert not np.signbit(values[values == 0.0]).any()


def test_a_bar_is_told_of_failures(plain: Scenario, faulty: list[tuple[int, ...]]) -> None:
    class Telling:
        failed = 0

        def __call__(self, done: int, total: int) -> None: ...

        def fail(self, number: int) -> None:
            self.failed += number

    bar = Telling()
    run(Memory(), [plain], progress=bar)
    assert bar.failed == 1
