"""What an outcome is, and how all of them are found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from sim.fields import Array
from sim.programme import Programme
from sim.world import World

ROLE_NAMES = {"supplier": "suppliers", "manufacturer": "manufacturers", "logistics": "carriers"}

Series = Mapping[str, Array]


@dataclass(frozen=True)
class Outcome:
    """A monthly figure of each world.

    name, unit, description: as shown. over_time: how a run's single figure follows from its months.
    measure: (world, programme) -> (W,), or a mapping from group to (W,) whose series are called
    `name:group`; None where the figure takes a second world beside this one (the ensemble works it out).
    better: which way is good, if either is.
    """

    name: str
    unit: str
    over_time: Literal["sum", "mean", "last"]
    description: str
    measure: Callable[[World, Programme], Array | Series] | None
    better: Literal["lower", "higher", "neither"] = "neither"

    def series(self, world: World, p: Programme) -> dict[str, Array]:
        """The outcome's series of this month by full name, (W,) each; none if it takes a second world."""
        if self.measure is None:
            return {}
        value = self.measure(world, p)
        if isinstance(value, np.ndarray):
            return {self.name: value}
        return {f"{self.name}:{group}": x for group, x in value.items()}


@lru_cache(maxsize=1)
def outcomes() -> dict[str, Outcome]:
    """Every outcome defined in a module of this folder, alone or in a tuple of them, by name."""
    folder = importlib.import_module("sim.outcomes")
    found: dict[str, Outcome] = {}
    for info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda i: i.name):
        module = importlib.import_module(f"sim.outcomes.{info.name}")
        for value in vars(module).values():
            for outcome in value if isinstance(value, tuple) else (value,):
                if isinstance(outcome, Outcome):
                    found[outcome.name] = outcome
    return found


def outcome_of(series: str) -> Outcome:
    """The outcome that a series belongs to (`name` or `name:group`)."""
    return outcomes()[series.split(":")[0]]


def over_time(series: str, months: Array) -> Array:
    """A run's figure from its months, which stand in a row so that it does not depend on how many runs are worked out
    together: (..., months) -> (...)."""
    how = outcome_of(series).over_time
    if how == "last":
        return months[..., -1]
    # Numbers that do not stand in a row are added in another order, which depends on the runs beside them.
    months = np.ascontiguousarray(months)
    return months.sum(axis=-1) if how == "sum" else months.mean(axis=-1)


def figures(names: Sequence[str], monthly: Array) -> Array:
    """The figures over time of runs, (run, series, month) -> (run, series). Adding 0 makes -0 to 0."""
    if not names:
        return np.zeros(monthly.shape[:2])
    return np.stack([over_time(name, monthly[:, n]) for n, name in enumerate(names)], axis=1) + 0.0


def mean_over(x: Array, firms: Array) -> Array:
    """Mean over the marked firms, (W,); 0 where there are none. firms: (1 or W, N) of 0 and 1."""
    marked = np.broadcast_to(firms, x.shape)
    return (x * marked).sum(axis=1) / np.maximum(marked.sum(axis=1), 1.0)


def by_role(x: Array, p: Programme) -> dict[str, Array]:
    """Sum over the firms of each role that has any, (W,) each."""
    sums = p.by_role(x)
    return {ROLE_NAMES[role]: sums[:, n] for n, role in enumerate(p.roles)}
