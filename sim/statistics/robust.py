"""One figure of a candidate that is tried at several points of what is uncertain, with bounds on it.

Values are (point, replication): the points are the same for every candidate, a replication has the same random numbers
at each of them. Lower is better here; whoever prefers more turns the sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from sim.fields import Array

How = Literal["mean", "worst", "quantile"]
"""The mean over the points, the worst of them, or what a share of them does not exceed."""


@dataclass(frozen=True)
class Bounded:
    """A figure with a lower and an upper bound, each of them right with the confidence asked for."""

    value: float
    low: float
    high: float

    def turned(self) -> Bounded:
        """The same of the negative values."""
        return Bounded(-self.value, -self.high, -self.low)


def over_points(values: Array, how: How, quantile: float | None, confidence: float) -> Bounded:
    """The figure of a candidate over all points, with its bounds.

    confidence: of each bound alone (one-sided); 0.5 takes the estimate itself for the bounds. NaN with fewer than two
    replications, unless the confidence is 0.5.

    The k-th smallest of P means (k = P for the worst, ceil(quantile x P) for a quantile) lies below the k-th smallest
    of the upper bounds of the means with probability c, if each of those is right with probability
    1 - (1 - c) / (P - k + 1): for the claim to fail, one of the P - k + 1 points at or above it must exceed its own
    bound (Bonferroni; with k = P the intersection-union test: Berger 1982). The lower bound likewise, with k points.
    """
    if how == "mean":
        return _of_replications(values.mean(axis=0), confidence)
    points = len(values)
    rank = points if how == "worst" else rank_of(quantile or 0.5, points)
    means = np.array([_of_replications(v, 0.5).value for v in values])
    if not np.isfinite(means).all():
        return Bounded(np.nan, np.nan, np.nan)
    if confidence == 0.5:
        value = float(np.sort(means)[rank - 1])
        return Bounded(value, value, value)
    above = [_of_replications(v, 1.0 - (1.0 - confidence) / (points - rank + 1)).high for v in values]
    below = [_of_replications(v, 1.0 - (1.0 - confidence) / rank).low for v in values]
    return Bounded(*(float(np.sort(x)[rank - 1]) for x in (means, below, above)))


def rank_of(quantile: float, points: int) -> int:
    """How many of the points do not exceed a quantile of them: the inverse of their distribution function."""
    return max(1, ceil(quantile * points - 1e-9))


def _of_replications(values: Array, confidence: float) -> Bounded:
    """Mean over the replications that are there, and Student's one-sided bounds."""
    from scipy.special import stdtrit

    there = values[np.isfinite(values)]
    count = len(there)
    if count == 0:
        return Bounded(np.nan, np.nan, np.nan)
    mean = float(there.mean())
    if confidence == 0.5:
        return Bounded(mean, mean, mean)
    if count == 1:
        return Bounded(mean, np.nan, np.nan)
    half = float(stdtrit(count - 1, confidence) * there.std(ddof=1) / np.sqrt(count))
    return Bounded(mean, mean - half, mean + half)
