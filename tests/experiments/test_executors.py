"""Serial or in processes, tasks give the same results; workers leave with their parent."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sim.errors import RunError
from sim.experiments.executors import Processes, Serial, executor_of, processors


def test_processes_do_what_serial_does() -> None:
    tasks = list(range(7))
    with closing(Serial().run(math.sqrt, tasks)) as serial, closing(Processes(2).run(math.sqrt, tasks)) as processes:
        assert sorted(processes) == list(serial)


def test_an_exception_in_a_worker_comes_back() -> None:
    with closing(Processes(1).run(math.sqrt, [-1.0])) as results, pytest.raises(ValueError, match=r"expected|domain"):
        list(results)


def test_a_worker_that_dies_is_a_clear_error() -> None:
    with closing(Processes(1).run(os._exit, [3])) as results, pytest.raises(RunError, match="try fewer workers"):
        list(results)


def test_one_worker_works_here() -> None:
    assert isinstance(executor_of(1), Serial)
    assert isinstance(executor_of(2), Processes)
    assert processors() >= 1


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
    code = (
        "import signal, time\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from sim.experiments.executors import Processes\n"
        "submit = ProcessPoolExecutor.submit\n"
        "def interrupted(*arguments):\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    return submit(*arguments)\n"
        "ProcessPoolExecutor.submit = interrupted\n"
        "try:\n"
        "    list(Processes(2).run(time.sleep, [600, 600]))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env=_with_package(), capture_output=True, text=True, timeout=60
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "interrupted\n", "")


def _with_package() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    return os.environ | {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
