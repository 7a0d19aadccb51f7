"""What figures need of a set of results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from sim.scenario.schema import Scenario
from sim.text import text


class Results(Protocol):
    """Scenarios that were run, and their figures as frames."""

    @property
    def scenarios(self) -> Sequence[Scenario]: ...
    @property
    def seed(self) -> int: ...
    @property
    def replications(self) -> int: ...
    @property
    def months(self) -> int: ...
    @property
    def monthly(self) -> pd.DataFrame: ...
    @property
    def summary(self) -> pd.DataFrame: ...
    @property
    def paired(self) -> pd.DataFrame: ...
    def paired_against(self, name: str, /) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Run:
    """What a subtitle says of how the figures came about."""

    seed: int
    replications: int
    months: int

    def subtitle(self, figure: str) -> str:
        """Replications, seed and months, and what lines, points and bands of a figure mean."""
        many = self.replications > 1
        run = text(
            "plots.run.many" if many else "plots.run.one",
            replications=self.replications,
            seed=self.seed,
            months=self.months,
        )
        return f"{run}; " + text(f"plots.{figure}.{'interval' if many else 'no_interval'}")


def run_of(results: Results) -> Run:
    """Seed, replications and months of results."""
    return Run(results.seed, results.replications, results.months)
