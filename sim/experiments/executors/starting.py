"""How worker processes start."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext
from types import ModuleType

_HIDING = threading.RLock()
"""Held by the thread that hides the main module: of two at once the second would put back what the first had put in."""


def context() -> BaseContext:
    """Workers forked from a clean server that has loaded the engine once; new interpreters where there is none."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["sim.ensemble"])
    return found


@contextmanager
def script_hidden() -> Iterator[None]:
    """Workers load the modules they need; while they are started they do not see the main module, which
    multiprocessing would otherwise run once more in each of them."""
    with _HIDING:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = script


@contextmanager
def interrupts_later() -> Iterator[None]:
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


def deaf_to_interrupts() -> None:
    """In a worker: the parent alone answers an interrupt."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
