"""Means over replications with their 95 % intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

LEVEL = 0.95


def mean_interval(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Mean of `value` over the rows of each group with its interval (Student's t): by..., mean, low, high.

    One row per replication within each group. The interval of a single replication is the point itself.
    """
    grouped = frame.groupby(by, sort=False, observed=True)["value"].agg(["mean", "std", "count"])
    count = grouped["count"].to_numpy(dtype=float)
    quantile = stdtrit(np.maximum(count - 1.0, 1.0), 0.5 + LEVEL / 2)
    half = np.where(count > 1, quantile * grouped["std"].fillna(0.0).to_numpy() / np.sqrt(count), 0.0)
    mean = grouped["mean"].to_numpy()
    found = pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half}, index=grouped.index)
    return found.reset_index()
