"""Statistics of replications: means, paired differences and ratios of means, with 95 % intervals.

Arrays are (replication, ...); a replication that is missing (it failed) is NaN and does not count. With fewer than
two replications there is a mean but no interval: its ends are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.fields import Array

LEVEL = 0.95
"""Confidence of every interval."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure with the ends of its interval."""

    value: Array
    low: Array
    high: Array


@dataclass(frozen=True, eq=False)
class Difference(Estimate):
    """A mean paired difference. variance_ratio: how many times smaller its variance is than with independent
    seeds, (var x + var y) / var (x - y)."""

    variance_ratio: Array


def mean(values: Array) -> Estimate:
    """Mean over replications with Student's t interval."""
    count, centre, variance = _moments(values)
    return _student(centre, _ratio(variance, count), count)


def difference(values: Array, reference: Array) -> Difference:
    """Mean of values - reference over the replications that both have, with the t interval of paired samples."""
    both = np.isfinite(values) & np.isfinite(reference)
    x, y = np.where(both, values, np.nan), np.where(both, reference, np.nan)
    count, centre, variance = _moments(x - y)
    found = _student(centre, _ratio(variance, count), count)
    independent = _moments(x)[2] + _moments(y)[2]
    with np.errstate(divide="ignore"):
        ratio = np.divide(independent, variance, out=np.full_like(variance, np.nan), where=independent > 0)
    return Difference(found.value, found.low, found.high, ratio)


def ratio_of_means(numerator: Array, denominator: Array) -> Estimate:
    """mean(numerator) / mean(denominator), both (replication,), with the t interval of the jackknife (Quenouille
    1956, Tukey 1958): each replication is left out once.

    NaN where the denominator is not clearly positive: its own interval holds 0, or lies below it.
    """
    both = np.isfinite(numerator) & np.isfinite(denominator)
    x, y = numerator[both], denominator[both]
    none = Estimate(*(np.array(np.nan) for _ in range(3)))
    if not mean(y).low > 0:
        return none
    n = len(x)
    ratio = x.mean() / y.mean()
    left_out = _ratio(x.sum() - x, y.sum() - y)
    variance = (n - 1) / n * np.square(left_out - left_out.mean()).sum()
    return _student(np.asarray(ratio), np.asarray(variance), np.asarray(float(n)))


def _moments(values: Array) -> tuple[Array, Array, Array]:
    """Count, mean and unbiased variance over the replications that are there; NaN where there are too few."""
    there = np.isfinite(values)
    count = there.sum(axis=0).astype(float)
    centre = _ratio(np.where(there, values, 0.0).sum(axis=0), count)
    squares = np.square(np.where(there, values - centre, 0.0)).sum(axis=0)
    return count, centre, _ratio(squares, count - 1.0)


def _student(centre: Array, variance: Array, count: Array) -> Estimate:
    """The interval of a figure from the variance of its estimate."""
    from scipy.special import stdtrit

    quantile = stdtrit(np.maximum(count - 1.0, 1.0), (1.0 + LEVEL) / 2.0)
    half = quantile * np.sqrt(variance)
    return Estimate(centre, centre - half, centre + half)


def _ratio(x: Array, y: Array) -> Array:
    """x / y where y is positive, else NaN."""
    x, y = np.broadcast_arrays(x, y)
    quotient: Array = np.divide(x, y, out=np.full(x.shape, np.nan), where=y > 0)
    return quotient
