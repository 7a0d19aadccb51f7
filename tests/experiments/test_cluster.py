"""On a real Dask cluster of several worker processes, tasks give the same results as here, whoever is killed."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from sim.errors import RunError, UsageError
from sim.experiments.executors import Cluster, Lost, Serial, cluster
from sim.experiments.executors.installed import installed
from sim.scenario.schema import Scenario
from tests.experiments.tasks import Fatal, Worlds, bits, survived, tried

distributed = pytest.importorskip("distributed")

ROOT = Path(__file__).resolve().parents[2]
ALLOWED_FAILURES = 1
"""Workers that a task may kill before the scheduler gives it up, and one more."""


@contextmanager
def dask(what: str, *arguments: str, path: Path = ROOT) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler, or workers, in processes of their own that end with the test."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(path), os.environ.get("PYTHONPATH", "")]),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(ALLOWED_FAILURES),
    }
    command = [sys.executable, "-m", "dask", what, "--host", "127.0.0.1", "--dashboard-address", ":0", *arguments]
    process = subprocess.Popen(
        command, env=environment, cwd=path, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        # Workers are started by a nanny, in its session.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def scheduler(folder: Path, path: Path = ROOT) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a scheduler, and its process."""
    file = folder / "scheduler.json"
    ending = ("--idle-timeout", "300s")  # Also where the tests are killed.
    with dask("scheduler", "--port", "0", "--scheduler-file", str(file), *ending, path=path) as process:
        _until(lambda: file.exists() and file.read_text().rstrip().endswith("}"))
        yield str(json.loads(file.read_text())["address"]), process


@contextmanager
def workers(address: str, folder: Path, number: int = 1, path: Path = ROOT) -> Iterator[None]:
    """So many worker processes of one thread each."""
    threads = ("--nthreads", "1", "--nworkers", str(number), "--death-timeout", "60")
    with (
        dask("worker", address, "--local-directory", str(folder), *threads, path=path),
        distributed.Client(address, set_as_default=False) as client,
    ):
        client.wait_for_workers(number, timeout=60)
        yield


def _until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("dask")
    with scheduler(folder) as (found, _), workers(found, folder, 2):
        yield found


@pytest.fixture(scope="module")
def without_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler that has no workers, nor this package."""
    folder = tmp_path_factory.mktemp("dask")
    with scheduler(folder, _without_package(folder)) as (found, _):
        yield found


def _without_package(folder: Path) -> Path:
    """A place where processes find something else by its name."""
    (folder / "other" / "sim").mkdir(parents=True)
    (folder / "other" / "sim" / "__init__.py").touch()
    return folder / "other"


def test_a_cluster_computes_the_same_bits_as_serial(address: str, plain: Scenario, subsidised: Scenario) -> None:
    tasks = [Worlds(scenario, part) for scenario in (plain, subsidised) for part in ((0, 1), (2,), (3, 4, 5))]
    assert sorted(Cluster(address).run(bits, tasks)) == sorted(Serial().run(bits, tasks))


def test_a_worker_killed_in_the_middle_costs_time_only(address: str, tmp_path: Path) -> None:
    tasks = [Fatal(str(tmp_path), f"task {n}", times=n == 3) for n in range(12)]
    assert sorted(Cluster(address).run(survived, tasks)) == sorted(task.name for task in tasks)
    assert tried(tasks[3]) == 2


def test_a_task_that_kills_every_worker_is_lost_and_the_others_finish(address: str, tmp_path: Path) -> None:
    tasks = [Fatal(str(tmp_path), f"task {n}", times=100 * (n == 3)) for n in range(12)]
    found = list(Cluster(address).run(survived, tasks))
    (lost,) = (each for each in found if isinstance(each, Lost))
    assert lost.task == tasks[3]
    assert "killed" in lost.reason
    others = sorted(each for each in found if not isinstance(each, Lost))
    assert others == sorted(task.name for task in tasks if not task.times)
    assert tried(tasks[3]) == 2 * (ALLOWED_FAILURES + 1)


def test_an_exception_in_a_worker_comes_back(address: str) -> None:
    with (
        closing(Cluster(address).run(math.sqrt, [-1.0])) as results,
        pytest.raises(ValueError, match="expected|domain"),
    ):
        list(results)


def test_tasks_are_taken_as_there_is_room_for_them(address: str) -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for n in range(10_000):
            taken.append(n)
            yield n

    with closing(Cluster(address).run(math.sqrt, tasks())) as results:
        for done, _ in zip(range(1, 101), results, strict=False):
            assert len(taken) <= done + 2 * cluster.AHEAD + cluster.TOGETHER
        assert len(taken) < 300
        with distributed.Client(address, set_as_default=False) as client:
            # What has been handed over is not kept.
            _until(lambda: client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) <= 100, 5)


def test_closing_takes_back_what_waits(address: str) -> None:
    tasks = [0.0, *(0.3 for _ in range(1000))]
    with closing(Cluster(address).run(time.sleep, tasks)) as results:
        next(results)
    with distributed.Client(address, set_as_default=False) as client:
        _until(lambda: client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0, 5)


def test_an_interrupt_ends_the_wait_for_a_cluster(address: str) -> None:
    code = (
        "import signal, sys, threading, time\n"
        "from sim.experiments.executors import Cluster\n"
        "results = Cluster(sys.argv[1]).run(time.sleep, [0, *(1 for _ in range(200))])\n"
        "next(results)\n"
        "threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()\n"
        "try:\n"
        "    list(results)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    started = time.monotonic()
    found = subprocess.run(
        [sys.executable, "-c", code, address],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "interrupted\n", "")
    assert time.monotonic() - started < 60


def test_where_no_scheduler_is_that_is_said() -> None:
    with pytest.raises(UsageError, match=r"tcp://127.0.0.1:1: no Dask scheduler answers"):
        list(Cluster("tcp://127.0.0.1:1", patience=0.3).run(math.sqrt, [1]))


def test_a_scheduler_without_workers_is_said(without_workers: str) -> None:
    with pytest.raises(UsageError, match="no worker came"):
        list(Cluster(without_workers, patience=0.3).run(math.sqrt, [1]))


def test_where_dask_is_not_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="supply-chain-lab with its extra `cluster`"):
        list(Cluster("tcp://127.0.0.1:1").run(math.sqrt, [1]))


@pytest.fixture
def other_numpy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process has a version of numpy that no worker has."""
    monkeypatch.setattr(np, "__version__", "0.1")
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.mark.usefixtures("other_numpy")
def test_workers_with_other_versions_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunError, match=r"worker tcp://127.0.0.1:\d+ would compute other numbers: numpy .*, here 0.1"):
        list(Cluster(address).run(math.sqrt, [1]))
    # Also those that come later, which no client asks beforehand.
    monkeypatch.setattr(cluster, "_compare", lambda *_: None)
    with pytest.raises(RunError, match=r"worker tcp://127.0.0.1:\d+ would compute other numbers: numpy .*, here 0.1"):
        list(Cluster(address).run(math.sqrt, [1]))


def test_a_worker_without_this_package_is_refused(
    without_workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workers(without_workers, tmp_path, path=_without_package(tmp_path)):
        with pytest.raises(RunError, match=r"worker tcp://127.0.0.1:\d+ cannot load this package .*install the same"):
            list(Cluster(without_workers).run(math.sqrt, [1]))
        # Also one that comes later, which no client asks beforehand.
        monkeypatch.setattr(cluster, "_compare", lambda *_: None)
        with pytest.raises(RunError, match=r"cannot load what a task needs .*install the same"):
            list(Cluster(without_workers).run(math.sqrt, [1]))


def test_everything_that_may_change_numbers_is_compared() -> None:
    here = installed()
    assert here.difference(here) == ""
    for name, said in {"model": "model", "python": "Python", "scipy": "scipy", "arithmetic": "rounds"}.items():
        assert said in here.difference(here._replace(**{name: "other"}))


def test_a_function_that_workers_do_not_find_is_said(address: str) -> None:
    code = (
        "import sys\n"
        "from sim.experiments.executors import Cluster\n"
        "from sim.errors import RunError\n"
        "def mine(task): return task\n"
        "try:\n"
        "    list(Cluster(sys.argv[1]).run(mine, [1]))\n"
        "except RunError as error:\n"
        "    print(error)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, address],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "lacks what a task needs" in found.stdout
    assert found.stderr == ""


def test_a_scheduler_that_goes_away_is_a_clear_error(tmp_path: Path) -> None:
    with scheduler(tmp_path) as (found, process), workers(found, tmp_path):
        results = Cluster(found, patience=2).run(time.sleep, [0.0, *(0.2 for _ in range(100))])
        next(results)
        os.killpg(process.pid, signal.SIGKILL)
        with pytest.raises(RunError, match="went away; what was finished is kept"):
            list(results)


def test_workers_that_all_leave_are_waited_for_only_so_long(without_workers: str, tmp_path: Path) -> None:
    with workers(without_workers, tmp_path):
        results = Cluster(without_workers, leave=0.3).run(time.sleep, [0.0, *(0.2 for _ in range(100))])
        next(results)
    with closing(results), pytest.raises(RunError, match="no worker has been there"):
        list(results)
