"""What every executor does."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Lost(Generic[Task]):
    """In place of a result: the process that worked on the task was killed, also when the task was alone."""

    task: Task
    reason: str


class Executor(Protocol):
    """Runs tasks and hands over each result as soon as it is there, in any order."""

    @property
    def workers(self) -> int:
        """How many tasks are worked on at a time."""
        ...

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[Result | Lost[Task], None, None]:
        """function(task) of every task, or that the task is lost. Closing the generator gives up what is not done.

        Function, tasks and results must be picklable, and the function must be found by its name. Tasks are taken from
        `tasks` as there is room for them, so these may be made one by one. What the function raises is raised here.
        """
        ...


@dataclass
class Try(Generic[Task]):
    """A task, and how often a process died while working on it."""

    task: Task
    deaths: int = 0
