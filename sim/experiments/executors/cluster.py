"""Tasks on the workers of a Dask cluster, found by the address of its scheduler."""

from __future__ import annotations

import logging
import pickle
import re
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Generic
from uuid import uuid4

from sim.errors import RunError, UsageError
from sim.experiments.executors.base import Lost, Result, Task, Try
from sim.experiments.executors.installed import Installed, installed

AHEAD = 4
"""Tasks given to the scheduler for each thread of its workers; more would fill it, fewer would leave workers idle
while results are stored."""

LOOK = 1.0
"""Seconds after which somebody looks how many workers there are."""

TOGETHER = 64
"""Results fetched at a time."""

GONE = "the scheduler went away; what was finished is kept"
KILLED = "the workers that took it were killed, also with nothing beside it (out of memory?)"


class Cluster:
    """Runs tasks on a Dask cluster.

    scheduler: its address, tcp://host:port. patience: seconds to wait for it, and for its first worker. leave: seconds
    without any worker after which it is given up.

    Workers must have the same versions installed and the same arithmetic as this process, else results would not be
    the same to the bit. A worker that goes costs time only. What kills every worker it meets is lost, the others go on.
    """

    def __init__(self, scheduler: str, patience: float = 10.0, leave: float = 300.0) -> None:
        if not re.fullmatch(r"[a-z]+://.+:\d+", scheduler):
            raise UsageError(f"scheduler: given {scheduler!r}, allowed is an address like tcp://host:8786")
        self.scheduler, self.patience, self.leave = scheduler, patience, leave

    @property
    def workers(self) -> int:
        """Threads of all workers that are there now; one where they have just gone, as others may come."""
        with self._connected() as client:
            return max(1, sum(client.nthreads().values()))

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[Result | Lost[Task], None, None]:
        """function(task) of every task, or that the task is lost."""
        with self._connected() as client:
            flight: _Flight[Task, Result] = _Flight(client, function, self.leave)
            fresh, alone = (Try(task) for task in tasks), list[Try[Task]]()
            yield from flight.results(fresh, alone)
            for suspect in alone:
                again = list[Try[Task]]()
                yield from flight.results(iter([suspect]), again)
                for lost in again:
                    yield Lost(lost.task, KILLED)
        # Leaving the scheduler, however it comes, takes back from it what is not finished.

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """A client of the scheduler, once a worker is there and all workers are alike."""
        try:
            distributed = import_module("distributed")
        except ImportError:
            raise UsageError("a scheduler needs Dask: install supply-chain-lab with its extra `cluster`") from None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)  # Compared below.
                client = distributed.Client(self.scheduler, timeout=self.patience, set_as_default=False)
        except OSError:
            raise UsageError(
                f"scheduler {self.scheduler}: no Dask scheduler answers there in {self.patience:g} s"
            ) from None
        except ValueError as error:
            raise UsageError(f"scheduler {self.scheduler}: {error}") from None
        with _said_here_only(), client:
            try:
                client.wait_for_workers(1, timeout=self.patience)
            except TimeoutError:
                raise UsageError(
                    f"scheduler {self.scheduler}: no worker came in {self.patience:g} s; start some: "
                    f"dask worker {self.scheduler} --nthreads 1"
                ) from None
            here = installed()
            for worker, there in client.run(installed, on_error="return").items():
                if not isinstance(there, OSError):  # It has gone since.
                    _compare(worker, here, there)
            yield client


@contextmanager
def _said_here_only() -> Iterator[None]:
    """Dask's client logs with tracebacks what is then said here in a line."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _compare(worker: str, here: Installed, there: Any) -> None:
    """Raises RunError if a worker differs from this process; `there` may be the error of asking it."""
    if not isinstance(there, Installed):
        raise RunError(f"worker {worker} cannot load this package ({there}); install the same version there")
    if difference := here.difference(there):
        raise RunError(f"worker {worker} would compute other numbers: {difference}")


class _Flight(Generic[Task, Result]):
    """What the scheduler has been given and not yet given back."""

    def __init__(self, client: Any, function: Callable[[Task], Result], leave: float) -> None:
        self._client, self._function, self._leave = client, function, leave
        self._here = installed()
        self._given: dict[str, tuple[Any, Try[Task]]] = {}
        self._landed: SimpleQueue[str] = SimpleQueue()
        self._name, self._numbers = f"sim-{uuid4().hex}", count()
        self._threads = 0
        self._looked = self._seen = monotonic()
        self._look()

    def results(self, tries: Iterator[Try[Task]], killed: list[Try[Task]]) -> Iterator[Result]:
        """Results of all tries; those whose workers were killed go into `killed`."""
        self._fill(tries)
        while self._given:
            back = self._back()
            self._fill(tries)  # Before anybody spends time on what came back.
            for task, result in back:
                if isinstance(result, BaseException):
                    self._judge(result)
                    task.deaths += 1
                    killed.append(task)
                else:
                    yield pickle.loads(result)

    def _fill(self, tries: Iterator[Try[Task]]) -> None:
        while len(self._given) < max(1, AHEAD * self._threads) and (task := next(tries, None)) is not None:
            self._give(task)

    def _give(self, task: Try[Task]) -> None:
        key = f"{self._name}-{next(self._numbers)}"
        work = pickle.dumps(_Work(self._here, pickle.dumps((self._function, task.task))))
        future = self._client.submit(pickle.loads, work, key=key, pure=False)
        self._given[key] = future, task
        future.add_done_callback(lambda done: self._landed.put(done.key))

    def _back(self) -> list[tuple[Try[Task], bytes | BaseException]]:
        """What has come back since, with its result or error; waits for the first."""
        keys = [self._first()]
        while len(keys) < TOGETHER and not self._landed.empty():
            keys.append(self._landed.get())
        back = [self._given.pop(key) for key in keys]
        try:
            results = self._client.gather([future for future, _ in back])
        except Exception:
            results = [_outcome(future) for future, _ in back]
        for future, _ in back:
            future.release()
        return [(task, result) for (_, task), result in zip(back, results, strict=True)]

    def _first(self) -> str:
        while True:
            if monotonic() - self._looked > LOOK:
                self._look()
            try:
                return self._landed.get(timeout=LOOK)
            except Empty:
                continue

    def _look(self) -> None:
        """See how many workers there are. Raises RunError if there has been none for long."""
        if self._client.status != "running":
            raise RunError(GONE)
        try:
            self._threads = sum(self._client.nthreads().values())
        except OSError:
            raise RunError(GONE) from None
        self._looked = monotonic()
        if self._threads:
            self._seen = self._looked
        elif self._looked - self._seen > self._leave:
            raise RunError(f"no worker has been there for {self._leave:g} s; what was finished is kept")

    def _judge(self, error: BaseException) -> None:
        """Raises an error, unless it is that of workers that were killed."""
        if isinstance(error, import_module("distributed").KilledWorker):
            return
        if isinstance(error, ImportError):
            raise RunError(f"a worker cannot load what a task needs ({error}); install the same versions there")
        raise error


def _outcome(future: Any) -> bytes | BaseException:
    """The result of a task, or its error. Raises RunError if the scheduler cannot say."""
    try:
        return future.result()
    except Exception as error:
        if future.status != "error":
            raise RunError(GONE) from None
        return error


@dataclass(frozen=True)
class _Work:
    """Becomes the result of `_work` when it is unpickled. So the scheduler, which reads what it passes on, need not
    have this package, and a worker that lacks it says so."""

    sender: Installed
    payload: bytes

    def __reduce__(self) -> tuple[Any, ...]:
        return _work, (self.sender, self.payload)


def _work(sender: Installed, payload: bytes) -> bytes:
    """What a worker does: a function of a task, both pickled, if it has what the sender has. That is compared again
    because workers come and go."""
    worker = import_module("distributed").get_worker().address
    _compare(worker, sender, installed())
    try:
        function, task = pickle.loads(payload)
    except (ImportError, AttributeError) as error:
        raise RunError(f"worker {worker} lacks what a task needs: {error}; install it there") from error
    return pickle.dumps(function(task))
