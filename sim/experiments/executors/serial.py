"""One task after another, in this process."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from sim.experiments.executors.base import Result, Task


class Serial:
    """Runs tasks in this process, in order."""

    workers = 1

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Generator[Result, None, None]:
        """function(task) of every task."""
        for task in tasks:
            yield function(task)
