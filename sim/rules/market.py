"""The market: demand, the chain index and the green premium."""

from __future__ import annotations

import numpy as np

from sim.fields import Array


def demand(base: Array, noise: Array, seen_quality: Array, response: float, sigma: float) -> Array:
    """D = D0 exp(sigma z - sigma^2/2) (1 + b Q_seen), tonnes a month; mean D0 (1 + b Q_seen)."""
    return base * np.exp(sigma * noise - 0.5 * sigma * sigma) * (1.0 + response * seen_quality)


def powered(theta: Array, exponent: float) -> Array:
    """theta^r, the summand of the chain index (ln theta for r = 0); theta is kept above 1e-6 so that a negative r
    has a value."""
    if is_mean(exponent):
        return theta
    floored = np.maximum(theta, 1e-6)
    return np.log(floored) if np.all(np.equal(exponent, 0.0)) else np.power(floored, exponent)


def chain_index(total: Array, exponent: float) -> Array:
    """Q = (sum W theta^r)^(1/r) from the sum; r = 1 is the mean, 0 the geometric mean, -inf the weakest link."""
    if is_mean(exponent):
        return total
    return np.exp(total) if np.all(np.equal(exponent, 0.0)) else np.power(total, 1.0 / exponent)


def is_mean(exponent: float) -> bool:
    """Whether the index is the weighted mean (r = 1)."""
    return exponent == 1.0 if isinstance(exponent, float) else bool(np.all(np.equal(exponent, 1.0)))
