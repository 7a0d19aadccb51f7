"""What the tests of executors have workers do."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import NamedTuple

from sim.ensemble import run_block
from sim.scenario.schema import Scenario


class Worlds(NamedTuple):
    """Some replications of a scenario."""

    scenario: Scenario
    replications: tuple[int, ...]


def bits(worlds: Worlds) -> tuple[tuple[int, ...], bytes]:
    """The bits of all that comes of a block."""
    block = run_block(worlds.scenario, 7, worlds.replications)
    parts = [*block.monthly.values(), *block.ledger.values(), *block.last_paid.values()]
    return worlds.replications, b"".join(part.tobytes() for part in parts)


class Fatal(NamedTuple):
    """A task that kills its worker so many times; every try leaves a file in the folder."""

    folder: str
    name: str
    times: int = 0


def survived(task: Fatal) -> str:
    """The task's name, once the worker survives it."""
    begun = tried(task)
    Path(task.folder, f"{task.name}-{begun}").touch()
    if begun < task.times:
        os.kill(os.getpid(), signal.SIGKILL)
    return task.name


class Sending(NamedTuple):
    """A task whose worker is killed so many seconds after the first begin, while it packs and sends a large result."""

    task: Fatal
    seconds: float


def sent(sending: Sending) -> bytes:
    """Something large."""
    if not tried(sending.task):
        Path(sending.task.folder, f"{sending.task.name}-0").touch()
        threading.Timer(sending.seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return sending.task.name.encode() * 2_000_000


def tried(task: Fatal) -> int:
    """How often a task was tried."""
    return len(list(Path(task.folder).glob(f"{task.name}-*")))
