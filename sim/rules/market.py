"""The market: what customers see, demand, the chain index."""

from __future__ import annotations

import numpy as np

from sim.fields import Array, above_zero
from sim.rules.powers import raised


def appetite(seen_quality: Array, response: float, price_rise: Array, elasticity: float) -> Array:
    """max(0, 1 + b Q_seen - e rise): demand for each unit of usual demand."""
    wanted = 1.0 + response * seen_quality
    if not switched_on(elasticity):
        return wanted
    return np.maximum(wanted - elasticity * price_rise, 0.0)


def correlated(memory: float) -> bool:
    """Whether a month's demand has to do with the last month's, in some world."""
    return memory != 0 if isinstance(memory, float) else bool(np.any(np.asarray(memory) != 0))


def remembered(before: Array, fresh: Array, memory: float) -> Array:
    """rho z + sqrt(1 - rho^2) e: this month's noise, standard normal as last month's z and the fresh e are."""
    return memory * before + np.sqrt(1.0 - memory * memory) * fresh


def demand(base: Array, noise: Array, wanted: Array, sigma: float) -> Array:
    """D = D0 exp(sigma z - sigma^2/2) x appetite, tonnes a month; mean D0 x appetite."""
    return base * np.exp(sigma * noise - 0.5 * sigma * sigma) * wanted


def label_accuracy(accuracy: float, sharing: float, shared: Array) -> Array:
    """accuracy (1 - sharing (1 - shared)): labels convey more of a chain that shares more of its data (form
    assumed)."""
    return accuracy * (1.0 - sharing * (1.0 - shared))


def awareness_after(awareness: Array, growth: float, shown: Array) -> Array:
    """A + growth x shown (1 - A): each customer who does not look yet is won over by the quality that labels show;
    the external influence in Bass (1969). It never falls, and its ceiling is 1."""
    return awareness + growth * shown * (1.0 - awareness)


def consumer_surplus(sales: Array, wanted: Array, elasticity: float) -> Array:
    """Triangle under linear demand, sales x appetite / (2 e), money a month; 0 where e = 0, where it has no bound.

    With N = D0 x noise customers' worth of demand, D = N (appetite), customers would buy nothing at a price higher
    by D / (e N) of itself, so the D tonnes they want are worth (D/2) x D / (e N) x price to them above what they
    pay; of these, the share sold / D is served, whoever comes first. Green quality lifts appetite by b Q_seen: what
    it is worth to customers above the premium that they pay for it is b / e of the price, and is in the triangle.
    """
    wide = np.asarray(elasticity)
    return np.where(wide > 0, 0.5 * sales * wanted / np.where(wide > 0, wide, 1.0), 0.0)


def switched_on(parameter: float) -> bool:
    """Whether a parameter is above 0 in some world."""
    return above_zero(parameter)


def powered(theta: Array, exponent: float) -> Array:
    """theta^r, the summand of the chain index (ln theta for r = 0); theta is kept above 1e-6 where r is not above 0, so
    that it has a value, and at least at 0 elsewhere."""
    if is_mean(exponent):
        return theta
    floored = np.maximum(theta, _least(exponent))
    return np.log(floored) if np.all(np.equal(exponent, 0.0)) else raised(floored, exponent)


def _least(exponent: float) -> Array | float:
    """The lowest theta that has a power."""
    if isinstance(exponent, float):
        return 0.0 if exponent > 0 else 1e-6
    return np.where(np.asarray(exponent) > 0, 0.0, 1e-6)


def chain_index(total: Array, exponent: float) -> Array:
    """Q = (sum W theta^r)^(1/r) from the sum; r = 1 is the mean, 0 the geometric mean, -inf the weakest link."""
    if is_mean(exponent):
        return total
    return np.exp(total) if np.all(np.equal(exponent, 0.0)) else raised(total, 1.0 / exponent)


def saturated(worth: Array, index: Array, saturation: float) -> Array:
    """worth (1 - h Q/2): what is left of a worth in proportion to the chain index Q, Q - h Q^2/2 of each Q, where
    customers care less for more of what they have."""
    return worth * (1.0 - 0.5 * saturation * index)


def is_mean(exponent: float) -> bool:
    """Whether the index is the weighted mean (r = 1)."""
    return exponent == 1.0 if isinstance(exponent, float) else bool(np.all(np.equal(exponent, 1.0)))
