"""From what tasks cost to the schedule of an experiment on a cluster, see `benchmarks.schedule`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from benchmarks.costs import Constants, Size
from benchmarks.simulated import Plan, simulate
from sim.store.tables import FILE, NONE, ROWS

AGENT_STEPS = 10**12
WORKERS = (16, 64, 256, 1024, 4096)
REPLICATIONS = 100
"""Runs of each point of the experiment."""
DOCUMENTED_SECONDS = 1e-3
"""What Dask says that a task costs its scheduler (distributed.dask.org: "about 1ms of overhead", on its page of
limitations "a few hundred microseconds"); taken where it was not measured."""
BUSY = 0.8
"""Part of its time that a parent may be busy before it is given fewer workers."""


@dataclass(frozen=True)
class Assumed:
    """What is not measured. price: of a core for an hour; bandwidth and disk: bytes a second; spread: coefficient of
    variation of the time that equal tasks take; hours_between_failures: of one worker; memory: bytes of the parent."""

    price: float = 0.05
    bandwidth: float = 1.25e9
    disk: float = 5e8
    spread: float = 0.2
    hours_between_failures: float = 500.0
    memory: float = 64e9


WAYS = {
    ROWS: "series as rows",
    FILE: "series in files",
    NONE: "figures only",
    "worker": "workers write",
}
"""Who keeps what: the parent all of it, as it is today; or workers figures and series in files, and the parent a row
for each, which is not built."""


def plan_of(found: Constants, size: Size, way: str, workers: int, tasks: int, assumed: Assumed) -> Plan:
    """What tasks of a size of world take."""
    parent, scheduler = _dask(found, size.result_bytes[NONE if way in (NONE, "worker") else FILE])
    common = Plan(
        tasks, workers, size.task_seconds, size.pack_seconds + parent, scheduler, task_bytes=size.task_bytes,
        bandwidth=assumed.bandwidth, spread=assumed.spread, restart=found.start_seconds,
        hours_between_failures=assumed.hours_between_failures,
    )  # fmt: skip
    if way == "worker":
        filed = size.write_seconds[FILE] - size.write_seconds[NONE]
        parent, scheduler = _dask(found, size.task_bytes)
        return replace(
            common, compute=size.task_seconds + max(filed, 0.0), pack=size.pack_seconds + parent, schedule=scheduler,
            write=found.note_seconds, result_bytes=size.task_bytes,
        )  # fmt: skip
    on_disk = size.worlds * (size.database_bytes_per_run[way] + (size.file_bytes_per_run if way == FILE else 0.0))
    write = size.unpack_seconds[way] + max(size.write_seconds[way], on_disk / assumed.disk)
    return replace(common, write=write, result_bytes=size.result_bytes[way])


def _dask(found: Constants, result_bytes: float) -> tuple[float, float]:
    """Seconds of parent and scheduler for a task with a result of so many bytes, on the line through what was
    measured."""
    if not found.dask:
        return 0.0, DOCUMENTED_SECONDS
    small, large = found.dask[0], found.dask[-1]
    part = (result_bytes - small.result_bytes) / max(large.result_bytes - small.result_bytes, 1)
    pairs = (
        (small.parent_seconds, large.parent_seconds), (small.scheduler_seconds, large.scheduler_seconds),
    )  # fmt: skip
    parent, scheduler = (max(low + max(part, 0.0) * (high - low), 0.0) for low, high in pairs)
    return parent, scheduler


@dataclass(frozen=True)
class Outcome:
    """An experiment on a cluster. parents: each with its part of the points, of the workers and a database of its own.
    seconds: from its start to the last write; planning: of these, before the first task is sent. used: part of the
    workers' time that went into tasks; cost: of all workers and parents."""

    way: str
    workers: int
    parents: int
    seconds: float
    planning: float
    used: float
    slowest: str
    core_hours: float
    cost: float
    lost: int


def outcome(
    found: Constants, size: Size, way: str, workers: int, assumed: Assumed, *, parents: int = 1,
    steps: float = AGENT_STEPS, share: float = 1.0,
) -> Outcome:  # fmt: skip
    """Simulate one of the parents, all of which have alike to do. share: part of its tasks that is simulated; the time
    is then taken to be in proportion."""
    tasks = ceil(steps / size.steps / parents)
    plan = plan_of(found, size, way, max(1, round(workers / parents)), max(1, round(tasks * share)), assumed)
    done = simulate(plan)
    planning = found.start_seconds + planning_seconds(found, tasks * size.worlds)
    seconds = planning + done.seconds / share
    cores = (workers + parents) * seconds / 3600.0
    used = done.busy["workers"] * (done.seconds / share) / seconds
    slowest = done.slowest if planning < seconds / 2 else "planning"
    lost = round(done.lost * parents / share)
    return Outcome(way, workers, parents, seconds, planning, used, slowest, cores, cores * assumed.price, lost)


def planning_seconds(found: Constants, runs: float) -> float:
    """Seconds of a parent before it sends its first task: cases made, looked for, put into blocks."""
    return runs * (found.case_seconds / REPLICATIONS + found.missing_seconds + found.plan_seconds)


def parents_for(found: Constants, size: Size, way: str, workers: int, assumed: Assumed) -> int:
    """So many parents that each is busy for a part `BUSY` of the time at most."""
    most = plan_of(found, size, way, 1, 1, assumed).most_workers
    return ceil(workers / max(1.0, BUSY * min(most.values())))


def outcomes(found: Constants, size: Size, assumed: Assumed, share: float = 1.0) -> list[Outcome]:
    """One parent, as many parents as it takes, and one parent whose workers write, for each number of workers."""
    rows = []
    for workers in WORKERS:
        rows.append(outcome(found, size, NONE, workers, assumed, share=share))
        parents = parents_for(found, size, NONE, workers, assumed)
        rows.append(outcome(found, size, NONE, workers, assumed, parents=parents, share=min(1.0, share * parents)))
        rows.append(outcome(found, size, "worker", workers, assumed, share=share))
    return rows
