"""One worker process, and what passes between it and its parent.

Python's own pools wait for ever for the rest of a result if the worker is killed in the middle of sending it. Here
every worker has a line of its own, of which nobody else holds the far end, so that its death ends the line.
"""

from __future__ import annotations

import os
import pickle
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import current_process
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, Generic

from sim.errors import RunError
from sim.experiments.executors.base import Result, Task, Try
from sim.experiments.executors.starting import context, deaf_to_interrupts, interrupts_later, script_hidden

ENOUGH = b""
"""What a worker is sent when there is nothing more to do."""


class Worker(Generic[Task, Result]):
    """A worker process, started when first needed and anew after its death.

    given: what it was given and has not answered, oldest first: that is what it works on. heard: where it is put once
    for each result that came, and once when it died.
    """

    def __init__(self, function: Callable[[Task], Result], heard: SimpleQueue[Worker[Task, Result]]) -> None:
        self._function, self._heard = function, heard
        self._running: _Running | None = None
        self.given: deque[Try[Task]] = deque()

    def give(self, task: Try[Task]) -> None:
        """Something to work on."""
        if self._running is None:
            with interrupts_later(), script_hidden():
                self._running = _Running(lambda: self._heard.put(self))
        self.given.append(task)
        self._running.send(pickle.dumps((self._function, task.task)))

    @property
    def died(self) -> bool:
        """Whether what was heard next is its death."""
        return self._running is not None and self._running.came[0] is None

    def result(self) -> Result:
        """What it answered next, or the error that this was."""
        assert self._running is not None
        self.given.popleft()
        finished, answer = pickle.loads(self._running.came.popleft() or b"")
        if not finished:
            raise answer
        return answer

    def given_back(self) -> Iterator[Try[Task]]:
        """After its death: what it worked on, which may be the cause, and what it had not begun."""
        self.stop()
        if self.given:
            self.given[0].deaths += 1
        while self.given:
            yield self.given.popleft()

    def dismiss(self) -> None:
        """End it when it is done."""
        if self._running is not None:
            self._running.send(ENOUGH)
            self._running.end()
            self._running = None

    def stop(self) -> None:
        """End it now."""
        if self._running is not None:
            self._running.process.terminate()
            self._running.end()
            self._running = None


class _Running:
    """A process that lives. came: its answers, and None for its death; tell: called after each."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.came: deque[bytes | None] = deque()
        self._tell = tell
        if current_process().daemon:
            raise RunError("worker processes cannot be started from a worker of another pool; use one worker there")
        try:
            self._line, far_end = context().Pipe()
            self.process = context().Process(target=_serve, args=(far_end,), daemon=True)  # type: ignore[attr-defined]
            self.process.start()
        except OSError as error:
            raise RunError(f"worker processes cannot be started ({error.strerror}); try fewer workers") from error
        far_end.close()
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def send(self, message: bytes) -> None:
        """Send it something; if it is dead, that will be heard."""
        with suppress(OSError):
            self._line.send_bytes(message)

    def end(self) -> None:
        """Wait for its end."""
        self.process.join()
        self._listening.join()
        self._line.close()
        self.process.close()

    def _listen(self) -> None:
        """A thread of its own, so that the worker can go on while its parent stores what came before."""
        while True:
            try:
                message = self._line.recv_bytes()
            except (EOFError, OSError):
                message = None
            self.came.append(message)
            self._tell()
            if message is None:
                return


def _serve(line: Connection[Any, Any]) -> None:
    """What a worker process does: call functions, until it is told that it is enough. It ends with its parent, who
    alone answers an interrupt."""
    deaf_to_interrupts()
    waiting: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(line, waiting), daemon=True).start()
    while (message := waiting.get()) != ENOUGH:
        line.send_bytes(_answer(message))


def _receive(line: Connection[Any, Any], waiting: SimpleQueue[bytes]) -> None:
    """Takes what is sent while the worker works, and hears when the parent is gone."""
    while True:
        try:
            message = line.recv_bytes()
        except (EOFError, OSError):
            os._exit(1)
        waiting.put(message)
        if message == ENOUGH:
            return


def _answer(message: bytes) -> bytes:
    """Whether the function finished, and its result or error; pickled."""
    try:
        function, task = pickle.loads(message)
        return pickle.dumps((True, function(task)))
    except BaseException as error:
        where = traceback.format_exc()
        try:
            error.add_note(where)
            answer = pickle.dumps((False, error))
            pickle.loads(answer)
        except Exception:
            return pickle.dumps((False, RuntimeError(where)))
        return answer
