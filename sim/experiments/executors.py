"""Where tasks are run: here one after another, or in worker processes. One interface: results as they come."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from types import ModuleType
from typing import Protocol, TypeVar

from sim.errors import RunError

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs tasks and hands over each result as soon as it is there, in any order."""

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Generator[Result, None, None]:
        """function(task) of every task. Function, tasks and results must be picklable. Closing the generator
        gives up what is not done yet."""
        ...


class Serial:
    """Runs tasks in this process, in order."""

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Generator[Result, None, None]:
        for task in tasks:
            yield function(task)


class Processes:
    """Runs tasks in worker processes of this machine.

    Workers start clean (never by fork, which breaks threads) and do not run the user's script again, so a script
    needs no `if __name__ == "__main__"`. They end with this process, however it ends.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Generator[Result, None, None]:
        pool = ProcessPoolExecutor(self.workers, mp_context=_context(), initializer=_begin_worker)
        try:
            with _interrupts_later(), _script_hidden():
                futures = [pool.submit(function, task) for task in tasks]
            yield from _results(futures)
        except BaseException:
            # An interrupt must not wait for what is still being computed.
            workers = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()
            raise
        pool.shutdown()


def executor_of(workers: int) -> Executor:
    """The executor for a number of workers: one works here."""
    return Serial() if workers == 1 else Processes(workers)


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _results(futures: Sequence[Future[Result]]) -> Iterator[Result]:
    try:
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool:
        raise RunError(
            "a worker process ended abruptly (out of memory?); what was finished is kept; try fewer workers"
        ) from None


def _context() -> BaseContext:
    """Workers forked from a clean server that has loaded the engine once; new interpreters where there is none."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sim.ensemble"])
    return context


@contextmanager
def _script_hidden() -> Iterator[None]:
    """Workers load the modules they need; while they are started they do not see the main module, which
    multiprocessing would otherwise run once more in each of them."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """While workers are started an interrupt waits, so that none is left half begun, and workers inherit that they
    do not hear interrupts. The resource tracker goes first, because starting it ends the blocking of signals."""
    waiting: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    in_charge = threading.current_thread() is threading.main_thread() and handler is not None
    if in_charge:
        signal.signal(signal.SIGINT, lambda number, _: waiting.append(number))
    mask = None
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if in_charge:
            signal.signal(signal.SIGINT, handler)
    if waiting:
        signal.raise_signal(signal.SIGINT)


def _begin_worker() -> None:
    """The parent alone answers an interrupt; a worker whose parent was killed ends by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
