"""Tasks in worker processes of this machine; one that is killed costs time only."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from multiprocessing import current_process
from queue import SimpleQueue

from sim.errors import RunError
from sim.experiments.executors.base import Lost, Result, Task, Try
from sim.experiments.executors.worker import Worker

AHEAD = 2
"""Tasks that a worker has: one it works on, and the next, so that it need not wait for it."""

DEATHS_IN_COMPANY = 2
"""A task whose worker died so often is tried once more alone: memory may have been short because of the others."""

HOPELESS = 20
"""Workers that died before anything was finished, after which it is not for the tasks."""

KILLED = "the worker process was killed, also with nothing beside it (out of memory?)"


class Processes:
    """Runs tasks in worker processes of this machine.

    Workers start clean (never by fork, which breaks threads) and do not run the user's script again, so a script
    needs no `if __name__ == "__main__"`. They end with this process, however it ends. A worker that dies is replaced,
    and what it worked on is tried again; a task that kills its worker even alone is lost, the others go on.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[Result | Lost[Task], None, None]:
        """function(task) of every task, or that the task is lost."""
        heard: SimpleQueue[Worker[Task, Result]] = SimpleQueue()
        crew = [Worker(function, heard) for _ in range(self.workers)]
        fresh, again, alone = iter(tasks), deque[Try[Task]](), list[Try[Task]]()
        try:
            yield from _worked(crew, heard, partial(_following, fresh, again, alone), again)
            for suspect in alone:
                yield from _worked(crew[:1], heard, partial(next, iter([suspect]), None), again)
                if again:
                    yield Lost(again.pop().task, KILLED)
        except BaseException:
            # An interrupt must not wait for what is still being computed.
            for worker in crew:
                worker.stop()
            raise
        for worker in crew:
            worker.dismiss()


def processors() -> int:
    """Processors that this process may use: one if it may start no others, as in a pool of Python's own."""
    if current_process().daemon:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _following(fresh: Iterator[Task], again: deque[Try[Task]], alone: list[Try[Task]]) -> Try[Task] | None:
    """What to try next, if anything: again what was given back, unless it is to wait until it is alone; then what is
    new."""
    while again:
        given_back = again.popleft()
        if given_back.deaths < DEATHS_IN_COMPANY:
            return given_back
        alone.append(given_back)
    return next((Try(task) for task in fresh), None)


def _worked(
    crew: list[Worker[Task, Result]],
    heard: SimpleQueue[Worker[Task, Result]],
    following: Callable[[], Try[Task] | None],
    again: deque[Try[Task]],
) -> Iterator[Result]:
    """Results of what follows, worked on by the crew, of whom `heard` says who has something; what workers had when
    they died goes into `again`."""
    deaths, finished = 0, False
    while True:
        _share_out(crew, following)
        if not any(worker.given for worker in crew):
            return
        worker = heard.get()
        if worker.died:
            deaths += 1
            again.extend(worker.given_back())
        else:
            finished = True
            yield worker.result()
        if deaths >= HOPELESS and not finished:
            raise RunError(f"{deaths} worker processes were killed, and none finished anything (out of memory?)")


def _share_out(crew: list[Worker[Task, Result]], following: Callable[[], Try[Task] | None]) -> None:
    """Give every worker something before any is given the next."""
    for place in range(AHEAD):
        for worker in crew:
            if len(worker.given) <= place:
                task = following()
                if task is None:
                    return
                worker.give(task)
