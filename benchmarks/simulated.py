"""The simulation of a schedule: one parent, one scheduler, their workers; see `benchmarks.schedule`."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from sim.experiments.executors.cluster import AHEAD
from sim.fields import Array


@dataclass(frozen=True)
class Plan:
    """One parent, one scheduler, some workers and the tasks that they share; each time and amount is of a task.

    pack, write: seconds of the parent, before and after. restart: seconds until a worker that died is back. in_flight:
    tasks given out and not yet written.
    """

    tasks: int
    workers: int
    compute: float
    pack: float = 0.0
    schedule: float = 0.0
    write: float = 0.0
    task_bytes: float = 0.0
    result_bytes: float = 0.0
    bandwidth: float = 1.25e9
    spread: float = 0.0
    hours_between_failures: float = float("inf")
    restart: float = 0.0
    in_flight: int = 0

    @property
    def limit(self) -> int:
        """Most tasks in flight."""
        return self.in_flight or AHEAD * self.workers

    @property
    def parent(self) -> str:
        """What the parent does most."""
        return "writer" if self.write >= self.pack else "packer"

    @property
    def most_workers(self) -> dict[str, float]:
        """How many workers each of the others can keep busy."""
        needs = {self.parent: self.pack + self.write, "scheduler": self.schedule}
        needs["network"] = max(self.task_bytes, self.result_bytes) / self.bandwidth
        return {name: self.compute / seconds if seconds else float("inf") for name, seconds in needs.items()}


@dataclass(frozen=True)
class Schedule:
    """What came of a plan. busy: part of the time that each was at work, of workers on average and on tasks that were
    finished. Of each task: when the parent gave it out and when it was written, in seconds, and how often it was. lost:
    attempts that ended with the death of a worker; lost_seconds: time that went into them."""

    seconds: float
    busy: dict[str, float]
    given: Array
    written: Array
    times_written: Array
    lost: int
    lost_seconds: float

    @property
    def slowest(self) -> str:
        """What was busiest."""
        return max(self.busy, key=self.busy.__getitem__)


def simulate(plan: Plan, seed: int = 1) -> Schedule:
    """Run through a plan, event by event. Tasks are handed on in the order in which they are given, each to the worker
    that is free first; parent, scheduler and network take one at a time. A worker that dies without a task is not
    missed."""
    rng = np.random.default_rng(seed)
    shape = 1.0 / plan.spread**2 if plan.spread else 0.0
    drawn = plan.compute * (rng.gamma(shape, 1.0 / shape, plan.tasks) if shape else np.ones(plan.tasks))
    length, mean_life = drawn.tolist(), 3600.0 * plan.hours_between_failures
    lives = rng.exponential(mean_life, plan.tasks).tolist() if np.isfinite(mean_life) else [mean_life] * plan.tasks
    free, ends = [0.0] * plan.workers, list[tuple[float, int, bool]]()
    out_seconds, in_seconds = plan.task_bytes / plan.bandwidth, plan.result_bytes / plan.bandwidth
    parent = scheduler = outward = inward = lost_seconds = 0.0
    given = finished = lost = 0
    given_at, written_at, times = [0.0] * plan.tasks, [0.0] * plan.tasks, [0] * plan.tasks

    def give(task: int, at: float) -> None:
        nonlocal scheduler, outward
        scheduler = max(scheduler, at) + plan.schedule
        outward = max(outward, scheduler) + out_seconds
        start = max(outward, heappop(free))
        if lives[task] < length[task]:
            heappush(ends, (start + lives[task], task, True))
            heappush(free, start + lives[task] + plan.restart)
        else:
            heappush(ends, (start + length[task], task, False))
            heappush(free, start + length[task])

    while True:
        while given < plan.tasks and given - finished < plan.limit:
            parent += plan.pack
            given_at[given] = parent
            give(given, parent)
            given += 1
        if not ends:
            break
        now, task, died = heappop(ends)
        if died:
            lost, lost_seconds = lost + 1, lost_seconds + lives[task]
            lives[task] = rng.exponential(mean_life)
            give(task, now)
            continue
        inward = max(inward, now) + in_seconds
        parent = max(parent, inward) + plan.write
        written_at[task] = parent
        times[task] += 1
        finished += 1
    total = max(parent, 1e-300)
    attempts = plan.tasks + lost
    busy = {
        "workers": float(drawn.sum()) / plan.workers,
        plan.parent: plan.tasks * (plan.pack + plan.write),
        "scheduler": attempts * plan.schedule,
        "network": max(plan.tasks * in_seconds, attempts * out_seconds),
    }
    shares = {name: seconds / total for name, seconds in busy.items()}
    per_task = np.array(given_at), np.array(written_at), np.array(times)
    return Schedule(parent, shares, *per_task, lost, lost_seconds)
