"""Cases run side by side in processes, and what their plots show."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from sim.errors import RunError, UsageError
from sim.experiments.executors import Lost, executor_of, processors
from sim.fields import element
from sim.theory.base import Case, Check, Effort, case, cases

if TYPE_CHECKING:
    import pandas as pd

LINE_POINTS = 401
"""Places at which the theory is worked out for the line of a plot."""


@dataclass(frozen=True)
class Task:
    """A case at one set of parameters, to be checked; `place` among all tasks."""

    place: int
    name: str
    parameters: Mapping[str, Any]
    seed: int
    effort: Effort


@dataclass(frozen=True)
class Drawing:
    """What the plot of a case shows: the theory (quantity, x, value), a line, and the simulation (quantity, x, value,
    standard_error), points; both frames."""

    case: Case
    theory: pd.DataFrame
    simulation: pd.DataFrame


def at_hand(name: str | None, changes: Mapping[str, Any]) -> list[Case]:
    """The cases of the table: all as shown, one as shown, or one with changes of what is shown first."""
    if name is None and changes:
        raise UsageError(
            f"--set {next(iter(changes))}: parameters belong to a case; name one (known: {', '.join(cases())})"
        )
    if changes and name is not None:
        return [case(name).at(changes)]
    chosen = cases().values() if name is None else [case(name)]
    return [each.at(change) for each in chosen for change in each.shown]


def along_axis(given: Case) -> list[tuple[Any, Case]]:
    """A case at the values of its axis and at its own, those left out that the other parameters do not allow."""
    found = []
    for value in sorted({*given.axis.values, given.on_axis}):
        try:
            found.append((value, given.along(value)))
        except UsageError:
            continue
    return found


def checked(
    given: Sequence[Case],
    seed: int = 1,
    effort: Effort = "full",
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[list[Check]]:
    """The rows of each case, in order, worked out in as many processes as there are processors unless said
    otherwise. progress: told how many are done of how many."""
    return list(in_order(given, seed, effort, processes, progress))


def in_order(
    given: Sequence[Case],
    seed: int = 1,
    effort: Effort = "full",
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    scheduler: str | None = None,
) -> Generator[list[Check], None, None]:
    """As `checked`, the rows of each case as soon as it and all before it are done. Closing the generator gives up
    the rest. scheduler: address of a Dask scheduler whose workers compute instead."""
    tasks = [Task(n, each.name, dict(each), seed, effort) for n, each in enumerate(given)]
    early: dict[int, list[Check]] = {}
    following = 0
    workers = max(1, min(processes or processors(), len(tasks)))
    with closing(executor_of(workers, scheduler).run(run_task, tasks)) as parts:
        for done, part in enumerate(parts, 1):
            if isinstance(part, Lost):
                raise RunError(f"case {part.task.name}: {part.reason}")
            place, found = part
            early[place] = found
            if progress is not None:
                progress(done, len(tasks))
            while following in early:
                yield early.pop(following)
                following += 1


def run_task(task: Task) -> tuple[int, list[Check]]:
    """Check one case; its place and rows."""
    return task.place, case(task.name).at(task.parameters).checks(task.seed, task.effort)


def drawing(given: Case, points: Sequence[tuple[Any, list[Check]]]) -> Drawing:
    """What the plot of a case shows, from the rows at the values of its axis."""
    import pandas as pd

    values = [value for value, _ in points]
    line = [
        {"quantity": quantity, "x": x, "value": value}
        for x in _between(given, min(values), max(values))
        for quantity, value in _theory(given, x).items()
    ]
    dots = [
        {"quantity": row.quantity, "x": x, "value": row.simulation, "standard_error": row.standard_error}
        for x, rows in points
        for row in rows
    ]
    return Drawing(given, pd.DataFrame(line), pd.DataFrame(dots))


def _theory(given: Case, x: Any) -> dict[str, float]:
    try:
        return given.along(x).theory()
    except UsageError:
        return {}


def _between(given: Case, low: Any, high: Any) -> list[Any]:
    """Values of the axis from low to high: every whole number where it takes only these."""
    field = type(given).model_fields[given.axis.parameter]
    annotation = (element(field) or field).annotation
    whole = int in (annotation, *get_args(annotation))
    return list(range(low, high + 1)) if whole else np.linspace(low, high, LINE_POINTS).tolist()
