"""What all answers of experiments have in common: the points, their figures, and means over replications."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.results import BASE_CURRENCY
from sim.experiments.space import Changes, label
from sim.fields import Array
from sim.outcomes.base import outcome_of
from sim.statistics import paired

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.definition import Design
    from sim.experiments.found import Found


@dataclass(frozen=True, eq=False)
class Answer:
    """What came of an experiment. The frames are made when first asked for, from the figures that are there; a run
    that failed or is not finished is missing and does not count."""

    definition: Design
    found: Found

    @property
    def database(self) -> str | None:
        """Where the runs are saved; None if they are not."""
        return self.found.database

    @property
    def finished(self) -> int:
        """Runs that are there, of all points and replications."""
        if self.found.finished is not None:
            return self.found.finished
        return int(np.isfinite(self.found.figures.values).any(axis=2).sum())

    @property
    def total(self) -> int:
        """Runs asked for."""
        return len(self.found.points) * self.definition.replications

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Those of the outcomes asked for that the runs have."""
        figures = self.found.figures
        return tuple(name for n, name in enumerate(figures.units) if np.isfinite(figures.values[:, :, n]).any())

    @property
    def absent(self) -> tuple[str, ...]:
        """Outcomes asked for that no run has: they have to be switched on in the scenario, or nothing has run."""
        return tuple(name for name in self.definition.outcomes if name not in self.outcomes)

    @cached_property
    def points(self) -> pd.DataFrame:
        """What is changed in each case: point, a column for each path, label."""
        import pandas as pd

        columns: dict[str, Any] = {"point": np.arange(len(self.found.points))}
        columns |= {path: [p.get(path) for p in self.found.points] for path in paths_of(self.found.points)}
        return pd.DataFrame(columns | {"label": [label(p) for p in self.found.points]})

    @cached_property
    def figures(self) -> pd.DataFrame:
        """Figures of single runs over time: point, replication, outcome, value."""
        import pandas as pd

        points, replications, _ = self.found.figures.values.shape
        point, replication = np.divmod(np.arange(points * replications), replications)
        parts = [
            pd.DataFrame(
                {"point": point, "replication": replication, "outcome": name, "value": self.values(name).ravel()}
            )
            for name in self.outcomes
        ]
        return _under(parts, ("point", "replication", "outcome", "value")).dropna(subset="value", ignore_index=True)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean over replications at each point with its 95 % interval: point, outcome, mean, low, high, unit."""
        import pandas as pd

        parts = []
        for name in self.outcomes:
            found = paired.mean(self.values(name).T)
            ends = {"mean": found.value, "low": found.low, "high": found.high, "unit": self.unit(name)}
            parts.append(pd.DataFrame({"point": np.arange(len(found.value)), "outcome": name, **ends}))
        return _under(parts, ("point", "outcome", "mean", "low", "high", "unit"))

    @cached_property
    def failures(self) -> pd.DataFrame:
        """Runs that failed: point, replication, traceback."""
        import pandas as pd

        rows = [(n, r, text) for n, failed in self.found.failures.items() for r, text in failed.items()]
        return pd.DataFrame(rows, columns=["point", "replication", "traceback"])

    def values(self, outcome: str) -> Array:
        """Figures of an outcome, (point, replication); NaN where a run is missing."""
        figures = self.found.figures
        return figures.values[:, :, list(figures.units).index(outcome)]

    def means(self, outcome: str) -> Array:
        """Mean of an outcome over the replications that are there, (point,); NaN where none is."""
        return mean_of_there(self.values(outcome), axis=1)

    def unit(self, outcome: str) -> str:
        """The unit of an outcome, in the currency of the scenario."""
        return outcome_of(outcome).unit.replace(BASE_CURRENCY, self.found.base.currency)

    def better(self, outcome: str) -> str:
        """Which way an outcome is good: lower, higher or neither."""
        return outcome_of(outcome).better


def paths_of(points: Iterable[Changes]) -> tuple[str, ...]:
    """Every path that some point changes, in the order in which they come."""
    return tuple(dict.fromkeys(path for point in points for path in point))


def mean_of_there(values: Array, axis: int) -> Array:
    """Mean over an axis of what is there; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)
        found: Array = np.nanmean(values, axis=axis)
    return found


def _under(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """Frames one under another; an empty one with these columns if there are none."""
    import pandas as pd

    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({c: [] for c in columns})
