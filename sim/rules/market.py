"""The market: demand, the chain index and the green premium."""

from __future__ import annotations

import numpy as np

from sim.fields import Array


def demand(base: Array, noise: Array, seen_quality: Array, response: float, sigma: float) -> Array:
    """D = D0 exp(sigma z - sigma^2/2) (1 + b Q_seen), tonnes a month; mean D0 (1 + b Q_seen)."""
    return base * np.exp(sigma * noise - 0.5 * sigma * sigma) * (1.0 + response * seen_quality)


def powered(theta: Array, exponent: float) -> Array:
    """theta^r, the summand of the chain index; theta is kept above 1e-6 so that a negative r has a value."""
    return theta if is_mean(exponent) else np.power(np.maximum(theta, 1e-6), exponent)


def chain_index(total: Array, exponent: float) -> Array:
    """Q = (sum W theta^r)^(1/r) from the sum; r = 1 is the mean, r -> -inf the weakest link."""
    return total if is_mean(exponent) else np.power(total, 1.0 / exponent)


def is_mean(exponent: float) -> bool:
    """Whether the index is the weighted mean (r = 1)."""
    return exponent == 1.0 if isinstance(exponent, float) else bool(np.all(np.equal(exponent, 1.0)))
