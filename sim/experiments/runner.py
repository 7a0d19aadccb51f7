"""Running what is missing: replications are split into blocks, blocks are run, what is finished is kept at once."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from time import perf_counter

import numpy as np

from sim.ensemble import Block, run_block, worlds_per_block
from sim.experiments.executors import executor_of, processors
from sim.fields import Array
from sim.outcomes.base import outcome_of
from sim.scenario.schema import Scenario
from sim.store.records import Failure, Recorder, Runs, joined

Progress = Callable[[int, int], None]
"""Called with the number of runs done and of all runs asked for."""

FIRM_MONTHS_PER_WORKER = 500_000
"""Work below which another process costs more time to start than it saves (about a second)."""


@dataclass(frozen=True)
class Task:
    """Some replications of a scenario."""

    scenario: Scenario
    seed: int
    replications: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Done:
    """What came of a task: finished runs, if any, and those that failed."""

    task: Task
    runs: Runs | None
    failures: tuple[Failure, ...]


def run_missing(
    scenarios: Sequence[Scenario],
    seed: int,
    replications: int,
    recorder: Recorder,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Run all replications that the recorder does not have yet. workers: processes, or as many as pay off.

    A failing world is recorded as failed, the others go on. An interrupt leaves all that was finished recorded.
    """
    different = {s.fingerprint: s for s in scenarios}
    missing = {key: recorder.missing(key, seed, replications) for key in different}
    total = len(different) * replications
    done = total - sum(len(m) for m in missing.values())
    if progress is not None:
        progress(done, total)
    workers = workers or workers_for(different, missing)
    tasks = tasks_for(different, missing, seed, workers)
    executor = executor_of(min(workers, max(len(tasks), 1)))
    with closing(executor.run(run_task, tasks)) as parts:
        for part in parts:
            key = part.task.scenario.fingerprint
            if part.runs is not None:
                recorder.write(key, seed, part.runs)
            for failure in part.failures:
                recorder.write_failure(key, seed, failure)
            done += len(part.task.replications)
            if progress is not None:
                progress(done, total)


def workers_for(scenarios: dict[str, Scenario], missing: dict[str, list[int]]) -> int:
    """As many processes as there are processors, fewer for little work."""
    work = sum(len(missing[key]) * s.months * s.build_network().size for key, s in scenarios.items())
    return max(1, min(processors(), work // FIRM_MONTHS_PER_WORKER))


def tasks_for(scenarios: dict[str, Scenario], missing: dict[str, list[int]], seed: int, workers: int) -> list[Task]:
    """Blocks of even size, small enough for the processor's cache and many enough for all workers."""
    fair = ceil(sum(len(m) for m in missing.values()) / workers)
    tasks = []
    for key, scenario in scenarios.items():
        if not missing[key]:
            continue
        most = max(1, min(worlds_per_block(scenario.build_network().size), fair))
        blocks = ceil(len(missing[key]) / most)
        for part in np.array_split(missing[key], blocks):
            tasks.append(Task(scenario, seed, tuple(int(r) for r in part)))
    return tasks


def run_task(task: Task) -> Done:
    """Run a task's worlds together; if that fails, one by one, so that only those at fault fail."""
    started = perf_counter()
    try:
        block = run_block(task.scenario, task.seed, task.replications)
    except Exception:
        if len(task.replications) == 1:
            failure = Failure(task.replications[0], traceback.format_exc(), perf_counter() - started)
            return Done(task, None, (failure,))
        alone = [run_task(Task(task.scenario, task.seed, (r,))) for r in task.replications]
        finished = [a.runs for a in alone if a.runs is not None]
        return Done(task, joined(finished) if finished else None, tuple(f for a in alone for f in a.failures))
    return Done(task, runs_of(block, (perf_counter() - started) / len(task.replications)), ())


def runs_of(block: Block, seconds: float = 0.0) -> Runs:
    """What is kept of a block. Adding 0 makes -0 to 0, which databases do not tell apart."""
    entries, budgets = tuple(block.ledger), tuple(block.last_paid)
    width = len(block.replications)
    return Runs(
        replications=block.replications,
        units={name: outcome_of(name).unit for name in block.monthly},
        monthly=np.stack([series.T for series in block.monthly.values()], axis=1) + 0.0,
        entries=entries,
        ledger=_columns([block.ledger[e] for e in entries], width) + 0.0,
        budgets=budgets,
        last_paid=_columns([block.last_paid[b] for b in budgets], width),
        seconds=seconds,
    )


def _columns(columns: Sequence[Array], height: int) -> Array:
    return np.stack(columns, axis=1) if columns else np.zeros((height, 0))
