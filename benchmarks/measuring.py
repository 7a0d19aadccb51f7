"""Measuring what agent-steps, runs and tasks cost, see `benchmarks.constants`."""

from __future__ import annotations

import json
import pickle
import platform
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, Literal, TypeVar

from sqlalchemy import func, select

from benchmarks.costs import MONTHS, Constants, Dask, Size
from sim.experiments.cases import Case, Task, blocks_of, tasks_of
from sim.experiments.executors import Cluster, processors
from sim.experiments.executors.installed import installed
from sim.experiments.runner import Done, run_task
from sim.experiments.space import json_of
from sim.scenario.files import load_scenario, stored
from sim.scenario.schema import Scenario
from sim.store.store import Entry, Point, Store
from sim.store.tables import FILE, NONE, ROWS, Base

T = TypeVar("T")
Where = Literal["none", "file", "rows"]

SEED, REPLICATIONS = 1, 10
POINTS = 1000
"""Points of the sweep."""

NETWORKS: dict[int, dict[str, Any]] = {
    60: {"buyers": 2, "tiers": [20, 32], "carriers": 6},
    200: {"buyers": 4, "tiers": [70, 120], "carriers": 6},
    2000: {"buyers": 40, "tiers": [700, 1200], "carriers": 60},
}
WHERE: tuple[Where, ...] = (NONE, FILE, ROWS)
"""Where monthly series of a run go, see `sim.store`."""


def base(firms: int) -> Scenario:
    """The pilot on a network of so many firms, without second worlds beside each."""
    network = {"kind": "tiered", "shared": 0.3, "sme_share": 0.7, **NETWORKS[firms]}
    changes = {"network": network, "months": MONTHS, "assessment.counterfactual": False, "assessment.first_best": False}
    return load_scenario("shenzhen-huawei").replace(changes)


def cases_of(scenario: Scenario, points: int) -> list[Case]:
    """A sweep over two numbers."""
    cost, margin = "technology.abatement_cost", "technology.margin"
    return [Case(scenario, {cost: 0.08 + 0.16 * n / points, margin: 0.06 + 0.08 * n / points}) for n in range(points)]


def timed(work: Callable[[], T], times: int = 1) -> tuple[float, T]:
    """Median of seconds, and what came of the last."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        found.append(time.perf_counter() - start)
    return median(found), result


def tasks(firms: int) -> Iterator[Task]:
    """The tasks of a sweep of worlds of one size."""
    cases = {case.fingerprint: case for case in cases_of(base(firms), POINTS)}
    return tasks_of(cases, blocks_of(cases, {key: list(range(REPLICATIONS)) for key in cases}, 1), SEED)


def size_of(firms: int, rounds: int) -> Size:
    """Worlds of one size: blocks computed here, sent and kept as an experiment does it."""
    few = list(islice(tasks(firms), rounds + 1))
    task, done = few[0], run_task(few[0])
    seconds = median(timed(lambda task=task: run_task(task))[0] for task in few[1:] or few)
    pack, packed = timed(lambda: pickle.dumps((installed(), pickle.dumps((run_task, task)))), 20)
    results: dict[str, int] = {}
    unpack: dict[str, float] = {}
    kept: dict[str, Kept] = {}
    for where in WHERE:
        sent = _with_series(done, where != NONE)
        result = pickle.dumps(sent)
        results[where] = len(result)
        unpack[where], _ = timed(lambda result=result: pickle.loads(result), 9)
        kept[where] = kept_of(list(task.cases.values()), sent, where, rounds if where == ROWS else 2 * rounds + 1)
    return Size(
        firms, MONTHS, len(task.worlds), seconds, len(packed), pack, results, unpack,
        {where: k.seconds for where, k in kept.items()}, {where: k.rows for where, k in kept.items()},
        {where: k.database for where, k in kept.items()}, kept[FILE].files,
    )  # fmt: skip


def _with_series(done: Done, series: bool) -> Done:
    assert done.runs is not None
    return done if series else replace(done, runs=done.runs.without_series())


@dataclass(frozen=True)
class Kept:
    """What the store needs. seconds: of a block; rows, database and files (bytes): of a run."""

    seconds: float
    rows: float
    database: float
    files: float


def kept_of(cases: Sequence[Case], done: Done, where: Where, times: int) -> Kept:
    """Keep a block so many times, after once to warm up, as further replications each time."""
    assert done.runs is not None
    keys, runs = [w.fingerprint for w in done.finished], done.runs
    later = [replace(runs, replications=tuple(r + n * REPLICATIONS for r in runs.replications)) for n in range(times)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.db"
        with Store(file, series=where) as store:
            _note(store, cases)
            warm = tuple(r + times * REPLICATIONS for r in runs.replications)
            store.write(keys, SEED, replace(runs, replications=warm))
            rows = _rows(store)
        before, files = file.stat().st_size, _bytes_of_files(folder)
        with Store(file, series=where) as store:
            seconds = median(timed(lambda part=part: store.write(keys, SEED, part))[0] for part in later)
            rows = _rows(store) - rows
        new = len(keys) * times
        grown, files = file.stat().st_size - before, _bytes_of_files(folder) - files
    return Kept(seconds, rows / new, grown / new, files / new)


def _note(store: Store, cases: Sequence[Case]) -> None:
    one = cases[0].base
    entry = Entry(one.name, one.title, one.fingerprint, one.canonical, stored(one), one.months)
    points = [Point(c.fingerprint, one.fingerprint, json_of(c.changes), one.months) for c in cases]
    store.begin("sweep", [entry], SEED, REPLICATIONS, one.name, definition="{}", points=points)


def _rows(store: Store) -> int:
    with store.reading() as connection:
        return sum(connection.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables)


def _bytes_of_files(folder: str) -> int:
    return sum(file.stat().st_size for file in Path(folder).rglob("*.parquet"))


@dataclass(frozen=True)
class Planned:
    """What the parent spends before anything runs: seconds and bytes of a case, and of a run."""

    case_seconds: float
    case_memory: float
    run_memory: float
    plan_seconds: float
    missing_seconds: float


def planned(points: int) -> Planned:
    """Cases made, and looked for in a database that has none of their runs."""
    scenario = base(60)
    runs = points * REPLICATIONS
    assert cases_of(scenario, 1)[0].fingerprint  # What all cases share is made here, once.
    tracemalloc.start()
    cases = {case.fingerprint: case for case in cases_of(scenario, points)}
    of_cases, _ = tracemalloc.get_traced_memory()
    missing = {key: list(range(REPLICATIONS)) for key in cases}
    blocks = blocks_of(cases, missing, 1)
    of_runs, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert blocks
    making, _ = timed(lambda: [case.fingerprint for case in cases_of(scenario, points)], 3)
    planning, _ = timed(lambda: blocks_of(cases, missing, 1), 3)
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "runs.db") as store:
        _note(store, list(cases.values()))
        looking, _ = timed(lambda: store.missing(list(cases), SEED, REPLICATIONS), 3)
    return Planned(making / points, of_cases / points, (of_runs - of_cases) / runs, planning / runs, looking / runs)


def start_seconds() -> float:
    """Seconds until a fresh process can take a task."""
    code = "import sim.experiments.runner; from sim.experiments.executors.installed import installed; installed()"
    return timed(lambda: subprocess.run([sys.executable, "-c", code], check=True), 3)[0]


def note_seconds() -> float:
    """Seconds to write one run alone, figures only."""
    cases = cases_of(base(60), 1)
    different = {case.fingerprint: case for case in cases}
    (task,) = tasks_of(different, blocks_of(different, {key: [0] for key in different}, 1), SEED)
    return kept_of(cases, _with_series(run_task(task), False), NONE, 30).seconds


def dask_of(result_bytes: Sequence[int], tasks: int) -> tuple[Dask, ...]:
    """Tasks without work through a real scheduler with one worker process; nothing where Dask is not installed."""
    if find_spec("distributed") is None:
        return ()
    import psutil

    with tempfile.TemporaryDirectory() as folder, _cluster(Path(folder)) as (address, process):
        scheduler, found = psutil.Process(process.pid), []
        for size in result_bytes:
            list(Cluster(address, patience=60.0).run(bytes, [size] * 64))
            before, here, start = sum(scheduler.cpu_times()[:2]), time.process_time(), time.perf_counter()
            list(Cluster(address).run(bytes, [size] * tasks))
            wall, mine = time.perf_counter() - start, time.process_time() - here
            found.append(Dask(size, mine / tasks, (sum(scheduler.cpu_times()[:2]) - before) / tasks, wall / tasks))
    return tuple(found)


@contextmanager
def _cluster(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a scheduler with a worker, and the scheduler's process."""
    file = folder / "scheduler.json"
    common = ["--host", "127.0.0.1", "--dashboard-address", ":0", "--scheduler-file", str(file)]
    one = ["--nthreads", "1", "--nworkers", "1", "--no-nanny", "--local-directory", str(folder)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen([sys.executable, "-m", "dask", "scheduler", "--port", "0", *common], **quiet)]
    try:
        started.append(subprocess.Popen([sys.executable, "-m", "dask", "worker", *common, *one], **quiet))
        while not file.exists() or not file.stat().st_size:
            time.sleep(0.1)
        yield json.loads(file.read_text(encoding="utf-8"))["address"], started[0]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def measured(quick: bool = False, dask: bool = True) -> Constants:
    """All constants. quick: fewer rounds. dask: with a scheduler too."""
    sizes = tuple(size_of(firms, 2 if quick else 7) for firms in NETWORKS)
    plan = planned(POINTS // 5 if quick else POINTS)
    results = sorted({sizes[0].result_bytes[NONE], sizes[0].result_bytes[FILE]})
    return Constants(
        measured=datetime.now(UTC).strftime("%Y-%m-%d"),
        machine=f"{processors()} processors ({platform.machine()}), Python {platform.python_version()}",
        sizes=sizes,
        start_seconds=start_seconds(),
        note_seconds=note_seconds(),
        dask=dask_of(results, 100 if quick else 500) if dask else (),
        **asdict(plan),
    )
