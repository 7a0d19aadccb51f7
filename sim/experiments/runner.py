"""Running what is missing: worlds are packed into blocks, blocks are run, what is finished is kept at once."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from sim.ensemble import Block, run_block
from sim.experiments.cases import Case, RunKey, Task, blocks_of, firm_months, tasks_of
from sim.experiments.executors import Executor, Lost, executor_of, processors
from sim.fields import Array
from sim.outcomes.base import figures, outcome_of
from sim.store.records import Failure, Recorder, Runs, stacked

Progress = Callable[[int, int], None]
"""Called with the number of runs done and of all runs asked for. If it has a method `fail`, that is called with the
number of runs that have failed just now."""

FIRM_MONTHS_PER_WORKER = 500_000
"""Work below which another process costs more time to start than it saves (about a second)."""


@dataclass(frozen=True, eq=False)
class Done:
    """What came of a task. finished: the worlds that `runs` has a row for, in order; failed: the others."""

    finished: tuple[RunKey, ...]
    runs: Runs | None
    failed: tuple[tuple[RunKey, Failure], ...] = ()


def run_cases(
    cases: Sequence[Case],
    seed: int,
    replications: int,
    recorder: Recorder,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
    series: bool = True,
) -> None:
    """Run all replications that the recorder does not have yet.

    workers: processes, or as many as pay off. scheduler: address of a Dask scheduler whose workers compute instead.
    series: whether the monthly series are asked for, or only the figures over time.

    A failing world is recorded as failed, the others go on. An interrupt leaves all that was finished recorded.
    """
    different = {case.fingerprint: case for case in cases}
    missing = recorder.missing(list(different), seed, replications, series)
    total = len(different) * replications
    done = total - sum(len(m) for m in missing.values())
    if progress is not None:
        progress(done, total)
    if done == total:
        return
    workers = workers or workers_for(different, missing)
    executor = executor_of(min(workers, total - done), scheduler)
    tasks = tasks_of(different, blocks_of(different, missing, executor.workers), seed, series)
    lost: list[tuple[RunKey, ...]] = []
    for part in _parts(executor, tasks):
        if isinstance(part, Lost) and len(part.task.worlds) > 1:
            lost.append(part.task.worlds)
            continue
        done += _keep(part, recorder, seed, progress)
        if progress is not None:
            progress(done, total)
    # Which of the worlds of a lost block brought the worker down shows when each is alone.
    alone = [(world,) for worlds in lost for world in worlds]
    for part in _parts(executor, tasks_of(different, alone, seed, series)) if alone else ():
        done += _keep(part, recorder, seed, progress)
        if progress is not None:
            progress(done, total)


def _parts(executor: Executor, tasks: Iterable[Task]) -> Generator[Done | Lost[Task], None, None]:
    with closing(executor.run(run_task, tasks)) as parts:
        yield from parts


def _keep(part: Done | Lost[Task], recorder: Recorder, seed: int, progress: Progress | None) -> int:
    """Record what came of a task; of how many worlds."""
    if isinstance(part, Lost):
        reason = part.reason
        part = Done((), None, tuple((w, Failure(w.replication, reason)) for w in part.task.worlds))
    if part.runs is not None:
        recorder.write([w.fingerprint for w in part.finished], seed, part.runs)
    for world, failure in part.failed:
        recorder.write_failure(world.fingerprint, seed, failure)
    if part.failed and (tell := getattr(progress, "fail", None)) is not None:
        tell(len(part.failed))
    return len(part.finished) + len(part.failed)


def workers_for(cases: Mapping[str, Case], missing: Mapping[str, Sequence[int]]) -> int:
    """As many processes as there are processors, fewer for little work."""
    return max(1, min(processors(), firm_months(cases, missing) // FIRM_MONTHS_PER_WORKER))


def run_task(task: Task) -> Done:
    """Run a task's worlds together; if that fails, one by one, so that only those at fault fail."""
    started = perf_counter()
    try:
        return _all_at_once(task, started)
    except Exception:
        if len(task.worlds) == 1:
            world = task.worlds[0]
            failure = Failure(world.replication, traceback.format_exc(), perf_counter() - started)
            return Done((), None, ((world, failure),))
    # Not where the error is handled, which would hold on to what the block took up.
    return _together([run_task(task.alone(n)) for n in range(len(task.worlds))])


def _all_at_once(task: Task, started: float) -> Done:
    block = run_block(task.scenario(), task.seed, [w.replication for w in task.worlds])
    runs = runs_of(block, (perf_counter() - started) / len(task.worlds))
    return Done(task.worlds, runs if task.series else runs.without_series())


def _together(parts: Sequence[Done]) -> Done:
    finished = [part for part in parts if part.runs is not None]
    return Done(
        tuple(world for part in finished for world in part.finished),
        stacked([part.runs for part in finished if part.runs is not None]) if finished else None,
        tuple(failed for part in parts for failed in part.failed),
    )


def runs_of(block: Block, seconds: float = 0.0) -> Runs:
    """What is kept of a block. Adding 0 makes -0 to 0, which databases do not tell apart."""
    entries, budgets = tuple(block.ledger), tuple(block.last_paid)
    width = len(block.replications)
    monthly = np.stack([series.T for series in block.monthly.values()], axis=1) + 0.0
    return Runs(
        replications=block.replications,
        units={name: outcome_of(name).unit for name in block.monthly},
        monthly=monthly,
        figures=figures(tuple(block.monthly), monthly),
        entries=entries,
        ledger=_columns([block.ledger[e] for e in entries], width) + 0.0,
        budgets=budgets,
        last_paid=_columns([block.last_paid[b] for b in budgets], width),
        seconds=seconds,
    )


def _columns(columns: Sequence[Array], height: int) -> Array:
    return np.stack(columns, axis=1) if columns else np.zeros((height, 0))
