"""Results made straight from blocks of worlds, with the frames that figures are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from sim.ensemble import run_block
from sim.outcomes.base import outcome_of, over_time
from sim.scenario.schema import Scenario

FRAME = ["scenario", "replication", "month", "outcome", "value"]


@dataclass(frozen=True)
class StandIn:
    scenarios: tuple[Scenario, ...]
    seed: int
    replications: int
    months: int
    monthly: pd.DataFrame
    runs: pd.DataFrame
    reference: str = ""

    @property
    def summary(self) -> pd.DataFrame:
        found = self.runs.groupby(["scenario", "outcome"], sort=False)["value"].apply(list).reset_index()
        return self._intervals(found, "mean")

    @property
    def paired(self) -> pd.DataFrame:
        return self.paired_against(self.reference or self.scenarios[0].name)

    def paired_against(self, name: str) -> pd.DataFrame:
        reference = self.runs[self.runs["scenario"] == name].drop(columns="scenario")
        both = self.runs[self.runs["scenario"] != name].merge(reference, on=["replication", "outcome"])
        both["value"] = both["value_x"] - both["value_y"]
        found = both.groupby(["scenario", "outcome"], sort=False)["value"].apply(list).reset_index()
        frame = self._intervals(found, "difference")
        frame.insert(1, "against", name)
        return frame

    def _intervals(self, found: pd.DataFrame, what: str) -> pd.DataFrame:
        values = np.array(found["value"].tolist(), dtype=float).reshape(len(found), -1)
        n, mean = values.shape[1], values.mean(axis=1)
        half = stdtrit(n - 1, 0.975) * values.std(axis=1, ddof=1) / np.sqrt(n) if n > 1 else np.nan * mean
        unit = [outcome_of(o).unit for o in found["outcome"]]
        frame = found[["scenario", "outcome"]].copy()
        return frame.assign(**{what: mean, "low": mean - half, "high": mean + half, "unit": unit})


def stand_in(scenarios: Sequence[Scenario], seed: int, replications: int) -> StandIn:
    """Run the scenarios and put their figures into frames."""
    monthly, runs = [], []
    for scenario in scenarios:
        block = run_block(scenario, seed, range(replications))
        months = np.repeat(np.arange(scenario.months), replications)
        numbers = np.tile(np.arange(replications), scenario.months)
        for name, series in block.monthly.items():
            columns = (scenario.name, numbers, months, name, series.ravel())
            monthly.append(pd.DataFrame(dict(zip(FRAME, columns, strict=True))))
            run = {"scenario": scenario.name, "replication": range(replications), "outcome": name}
            runs.append(pd.DataFrame(run | {"value": over_time(name, series.T)}))
    return StandIn(
        tuple(scenarios), seed, replications, scenarios[0].months, pd.concat(monthly, ignore_index=True),
        pd.concat(runs, ignore_index=True),
    )  # fmt: skip
