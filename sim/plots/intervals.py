"""Means over replications with their 95 % intervals, as frames."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.statistics.paired import mean

ROUNDING = 1e-9
"""Differences smaller than this part of the figures themselves come from rounding and are shown as none."""


def differences(frame: pd.DataFrame, against: str) -> pd.DataFrame:
    """Each value less that of scenario `against` in the same outcome, replication and month; rows without one there
    are left out. frame: scenario, replication, month, outcome, value."""
    at = ["outcome", "replication", "month"]
    reference = frame.loc[frame["scenario"] == against, [*at, "value"]]
    both = frame.merge(reference, on=at, suffixes=("", "_there"))
    there = both.pop("value_there")
    apart = both["value"] - there
    both["value"] = apart.where(np.abs(apart) > ROUNDING * np.abs(there), 0.0)
    return both


def mean_interval(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Mean of `value` over the replications of each group with its interval: by..., mean, low, high.

    frame: by..., replication, value. A replication that is missing does not count; of one alone the interval
    is NaN.
    """
    table = frame.set_index([*by, "replication"])["value"].unstack("replication")
    found = mean(table.to_numpy(dtype=float).T)
    columns = {"mean": found.value, "low": found.low, "high": found.high}
    return pd.DataFrame(columns, index=table.index).reset_index()
