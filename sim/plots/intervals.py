"""Means over replications with their 95 % intervals, as frames."""

from __future__ import annotations

import pandas as pd

from sim.experiments.paired import mean


def mean_interval(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Mean of `value` over the replications of each group with its interval: by..., mean, low, high.

    frame: by..., replication, value. A replication that is missing does not count; of one alone the interval
    is NaN.
    """
    table = frame.set_index([*by, "replication"])["value"].unstack("replication")
    found = mean(table.to_numpy(dtype=float).T)
    columns = {"mean": found.value, "low": found.low, "high": found.high}
    return pd.DataFrame(columns, index=table.index).reset_index()
