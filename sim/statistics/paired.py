"""Statistics of replications: means, paired differences and ratios of means, with 95 % intervals, and tests.

Arrays are (replication, ...); a replication that is missing (it failed) is NaN and does not count. With fewer than
two replications there is a mean but no interval: its ends are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.fields import Array

LEVEL = 0.95
"""Confidence of every interval that does not say otherwise."""

LARGE = 1e6
"""Replications from which Student's t is the normal distribution for every purpose here."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure with the ends of its interval."""

    value: Array
    low: Array
    high: Array


@dataclass(frozen=True, eq=False)
class Difference(Estimate):
    """A mean paired difference.

    pairs: replications that both have. p: p-value of the two-sided paired t test (Student 1908) of no difference in
    the mean. variance_ratio: how many times smaller its variance is than with independent seeds, (var x + var y) /
    var (x - y). equivalent_replications: how many replications independent seeds take for as narrow an interval, see
    `equivalent`.
    """

    pairs: Array
    p: Array
    variance_ratio: Array
    equivalent_replications: Array


def mean(values: Array) -> Estimate:
    """Mean over replications with Student's t interval."""
    count, centre, variance = _moments(values)
    return _student(centre, _ratio(variance, count), count)


def difference(values: Array, reference: Array, level: float = LEVEL) -> Difference:
    """Mean of values - reference over the replications that both have, with the t interval of paired samples.

    Where all differences are the same there is nothing to estimate: p is 0, or 1 if they are 0.
    """
    both = np.isfinite(values) & np.isfinite(reference)
    x, y = np.where(both, values, np.nan), np.where(both, reference, np.nan)
    count, centre, variance = _moments(x - y)
    found = _student(centre, _ratio(variance, count), count, level)
    variances = _moments(x)[2], _moments(y)[2]
    independent = variances[0] + variances[1]
    with np.errstate(divide="ignore", over="ignore"):
        ratio = np.divide(independent, variance, out=np.full_like(variance, np.nan), where=independent > 0)
    return Difference(
        found.value,
        found.low,
        found.high,
        count.astype(np.int64),
        _two_sided(centre, _ratio(variance, count), count),
        ratio,
        equivalent(*variances, variance, count, level),
    )


def equivalent(x: Array, y: Array, paired: Array, count: Array, level: float = LEVEL) -> Array:
    """Least number of replications of each scenario, on seeds of their own, whose interval of the difference is as
    narrow as that of `count` pairs.

    x, y, paired: variances between replications of both scenarios and of their paired difference. The interval of
    independent samples is that of Welch (1947), with (x + y)^2 / (x^2 + y^2) x (n - 1) degrees of freedom; its wider
    samples let it do with a smaller quantile, so that without correlation it takes a little less than `count`. NaN
    where there is no interval, infinite where all pairs differ by the same.
    """
    from scipy.special import ndtri, stdtrit

    x, y, paired, count = np.broadcast_arrays(x, y, paired, count)
    tail = (1.0 + level) / 2.0
    found = np.where((x + y > 0) & (paired == 0), np.inf, np.nan)
    there = (x + y > 0) & (paired > 0)
    total, count = (x + y)[there], count[there]
    part = x[there] / total
    freedom = 1.0 / (np.square(part) + np.square(1.0 - part))
    wanted = np.square(stdtrit(count - 1.0, tail)) * paired[there] / count
    # Student's quantile is at least the normal one, and at `most` replications at most that of the pairs.
    least = total * ndtri(tail) ** 2 / wanted
    most = np.where(least < LARGE, np.ceil(count * np.maximum(total / paired[there], 1.0)) + 1.0, np.ceil(least))
    low = np.where(least < LARGE, np.maximum(np.floor(least), 1.0), most - 1.0)
    while np.any(most - low > 1.0):
        middle = np.floor((low + most) / 2.0)
        enough = np.square(stdtrit(np.maximum(freedom * (middle - 1.0), 0.1), tail)) * total / middle <= wanted
        low, most = np.where(enough, low, middle), np.where(enough, middle, most)
    found[there] = most
    return found


def holm(p: Array) -> Array:
    """Step-down adjusted p-values (Holm 1979) of a family, all that are not NaN: with p(1) <= ... <= p(m) these are

        adjusted(i) = max over j <= i of min(1, (m - j + 1) p(j)).

    Rejecting where they are at most alpha rejects any true hypothesis with a probability of at most alpha, whatever
    the p-values have to do with each other.
    """
    flat = np.asarray(p, dtype=float).ravel()
    order = np.argsort(flat)[: family(flat)]
    steps = np.arange(len(order), 0, -1) * flat[order]
    adjusted = np.full(flat.shape, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted.reshape(np.shape(p))


def family(p: Array) -> int:
    """Number of hypotheses of a family: p-values that are not NaN."""
    return int(np.isfinite(p).sum())


def simultaneous_level(hypotheses: int) -> float:
    """Level of each interval at which all of a family hold together with `LEVEL` (Bonferroni). Where one of them
    leaves out 0, Holm's adjusted p-value is below 1 - `LEVEL`; he also rejects some that these do not."""
    return 1.0 - (1.0 - LEVEL) / max(hypotheses, 1)


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
    """Count, mean and unbiased variance over the replications that are there; NaN where there are too few. Equal
    values have no variance, not that of a mean rounded."""
    there = np.isfinite(values)
    count = there.sum(axis=0).astype(float)
    centre = _ratio(np.where(there, values, 0.0).sum(axis=0), count)
    least = np.where(there, values, np.inf).min(axis=0, initial=np.inf)
    alike = least == np.where(there, values, -np.inf).max(axis=0, initial=-np.inf)
    squares = np.square(np.where(there, values - centre, 0.0)).sum(axis=0)
    return count, np.where(alike, least, centre), _ratio(np.where(alike, 0.0, squares), count - 1.0)


def _student(centre: Array, variance: Array, count: Array, level: float = LEVEL) -> Estimate:
    """The interval of a figure from the variance of its estimate."""
    from scipy.special import stdtrit

    quantile = stdtrit(np.maximum(count - 1.0, 1.0), (1.0 + level) / 2.0)
    half = quantile * np.sqrt(variance)
    return Estimate(centre, centre - half, centre + half)


def _two_sided(centre: Array, variance: Array, count: Array) -> Array:
    """Probability of a figure at least as far from 0, if it is 0, from the variance of its estimate."""
    from scipy.special import stdtr

    error = np.sqrt(variance)
    with np.errstate(over="ignore"):
        t = np.divide(centre, error, out=np.full(error.shape, np.inf), where=error > 0)
    p = np.where(centre == 0.0, 1.0, 2.0 * stdtr(np.maximum(count - 1.0, 1.0), -np.abs(t)))
    return np.where(np.isfinite(variance), p, np.nan)


def _ratio(x: Array, y: Array) -> Array:
    """x / y where y is positive, else NaN."""
    x, y = np.broadcast_arrays(x, y)
    quotient: Array = np.divide(x, y, out=np.full(x.shape, np.nan), where=y > 0)
    return quotient
