"""Serial or in processes, tasks give the same results; workers that die cost time only; they leave with their
parent."""

from __future__ import annotations

import math
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from sim.errors import RunError, UsageError
from sim.experiments.executors import Cluster, Lost, Processes, Serial, executor_of, processors
from sim.experiments.executors.starting import script_hidden
from sim.scenario.schema import Scenario
from tests.experiments.tasks import Fatal, Sending, Worlds, bits, sent, survived, tried


def test_processes_compute_the_same_bits_as_serial(plain: Scenario, subsidised: Scenario) -> None:
    tasks = [Worlds(scenario, part) for scenario in (plain, subsidised) for part in ((0, 1), (2,), (3, 4, 5))]
    assert sorted(Processes(2).run(bits, tasks)) == sorted(Serial().run(bits, tasks))


def test_an_exception_in_a_worker_comes_back() -> None:
    with closing(Processes(1).run(math.sqrt, [-1.0])) as results, pytest.raises(ValueError, match=r"expected|domain"):
        list(results)


def test_a_worker_killed_in_the_middle_costs_time_only(tmp_path: Path) -> None:
    tasks = [Fatal(str(tmp_path), f"task {n}", times=n in (1, 4)) for n in range(6)]
    assert sorted(Processes(2).run(survived, tasks)) == [task.name for task in tasks]
    assert [tried(task) for task in tasks] == [1, 2, 1, 1, 2, 1]


def test_a_worker_killed_while_it_sends_a_result_costs_time_only(tmp_path: Path) -> None:
    tasks = [Sending(Fatal(str(tmp_path), f"task {n}"), 0.01 * n) for n in range(6)]
    assert sorted(Processes(2).run(sent, tasks)) == sorted(task.task.name.encode() * 2_000_000 for task in tasks)


def test_a_task_that_kills_its_worker_in_company_only_is_not_lost(tmp_path: Path) -> None:
    tasks = [Fatal(str(tmp_path), "large", times=2), Fatal(str(tmp_path), "small")]
    assert list(Processes(2).run(survived, tasks)) == ["small", "large"]


def test_a_task_that_always_kills_its_worker_is_lost_and_the_others_finish(tmp_path: Path) -> None:
    tasks = [Fatal(str(tmp_path), f"task {n}", times=100 * (n in (0, 3))) for n in range(6)]
    found = list(Processes(2).run(survived, tasks))
    lost = [each for each in found if isinstance(each, Lost)]
    assert sorted(each for each in found if not isinstance(each, Lost)) == ["task 1", "task 2", "task 4", "task 5"]
    assert sorted(each.task for each in lost) == [tasks[0], tasks[3]]
    assert "killed" in lost[0].reason
    assert [tried(task) for task in tasks] == [3, 1, 1, 3, 1, 1]


def test_where_every_worker_dies_that_is_a_clear_error(tmp_path: Path) -> None:
    tasks = [Fatal(str(tmp_path), f"task {n}", times=100) for n in range(100)]
    with closing(Processes(2).run(survived, tasks)) as results, pytest.raises(RunError, match="none finished anything"):
        list(results)
    assert sum(map(tried, tasks)) <= 25


def test_tasks_are_taken_as_there_is_room_for_them() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for n in range(1000):
            taken.append(n)
            yield n

    with closing(Processes(2).run(math.sqrt, tasks())) as results:
        for done, _ in zip(range(1, 21), results, strict=False):
            assert len(taken) <= done + 4
    assert len(taken) < 100


def test_one_worker_works_here() -> None:
    assert isinstance(executor_of(1), Serial)
    assert isinstance(executor_of(2), Processes)
    assert isinstance(executor_of(1, "tcp://127.0.0.1:8786"), Cluster)
    assert (executor_of(1).workers, executor_of(3).workers) == (1, 3)
    assert processors() >= 1


def test_what_is_no_address_is_no_scheduler() -> None:
    for address in ("somewhere", "127.0.0.1:8786", "tcp://127.0.0.1", ""):
        with pytest.raises(UsageError, match="tcp://host:8786"):
            executor_of(2, address)


def test_a_cluster_whose_workers_have_just_gone_counts_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Deserted:
        def nthreads(self) -> dict[str, int]:
            return {}

    monkeypatch.setattr(Cluster, "_connected", lambda self: nullcontext(Deserted()))
    assert Cluster("tcp://host:8786").workers == 1


def test_closing_ends_workers_at_once() -> None:
    results = Processes(2).run(time.sleep, [0, 600, 600, 600])
    next(results)
    started = time.monotonic()
    results.close()
    assert time.monotonic() - started < 60


def test_a_script_without_a_main_guard_is_not_run_again_by_workers(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "print('begins', flush=True)\n"
        "import math\n"
        "from sim.experiments.executors import Processes\n"
        "print(sorted(Processes(2).run(math.sqrt, [1, 4, 9])))\n"
    )
    found = subprocess.run(
        [sys.executable, str(script)], env=_with_package(), capture_output=True, text=True, check=True
    )
    assert found.stdout.split("\n")[:2] == ["begins", "[1.0, 2.0, 3.0]"]


def test_threads_that_start_workers_at_once_leave_the_main_module_in_its_place() -> None:
    script = sys.modules["__main__"]
    second_is_in, first_is_out = threading.Event(), threading.Event()

    def second() -> None:
        with script_hidden():
            second_is_in.set()
            first_is_out.wait(10)

    thread = threading.Thread(target=second)
    with script_hidden():
        thread.start()
        second_is_in.wait(0.2)
    first_is_out.set()
    thread.join()
    found, sys.modules["__main__"] = sys.modules["__main__"], script
    assert found is script


def test_in_a_worker_of_another_pool_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    assert processors() == 1
    with pytest.raises(RunError, match="use one worker"):
        list(Processes(2).run(math.sqrt, [1, 4]))


def test_workers_end_when_their_parent_is_killed() -> None:
    """They hold this pipe open as long as they live, so it ends only after them."""
    code = (
        "import os, signal, time\n"
        "from sim.experiments.executors import Processes\n"
        "results = Processes(2).run(time.sleep, [0, 600, 600])\n"
        "next(results)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], env=_with_package(), capture_output=True, timeout=60)
    assert found.returncode == -9


def test_an_interrupt_while_workers_start_ends_them_cleanly() -> None:
    """As a terminal sends it: to all processes at once."""
    code = (
        "import multiprocessing, os, signal, time\n"
        "from multiprocessing.process import BaseProcess\n"
        "from sim.experiments.executors import Processes\n"
        "start = BaseProcess.start\n"
        "def interrupted(process):\n"
        "    start(process)\n"
        "    os.killpg(os.getpgrp(), signal.SIGINT)\n"
        "BaseProcess.start = interrupted\n"
        "try:\n"
        "    list(Processes(2).run(time.sleep, [600, 600]))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', multiprocessing.active_children())\n"
        "    time.sleep(0.2)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=_with_package(),
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "interrupted []\n", "")


def _with_package() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    return os.environ | {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
