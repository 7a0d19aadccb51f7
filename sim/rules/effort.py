"""Effort: what it costs, what it makes better."""

from __future__ import annotations

from sim.fields import Array
from sim.rules.powers import raised


def green_quality(quality: Array, abatement: Array, quality_weight: float) -> Array:
    """theta = w_q q + (1 - w_q) a, in 0..1."""
    return quality_weight * quality + (1.0 - quality_weight) * abatement


def effort_cost(
    quality: Array, abatement: Array, revenue: Array, quality_cost: Array, abatement_cost: Array, synergy: float
) -> Array:
    """C = S (k_q q^2/2 + k_a a^2/2 - g q a), money a month."""
    half = 0.5 * quality_cost * quality * quality + 0.5 * abatement_cost * abatement * abatement
    return revenue * (half - synergy * quality * abatement)


def disclosure_cost(disclosure: Array, revenue: Array, cost: float) -> Array:
    """S k_d d^2/2, money a month."""
    return revenue * (0.5 * cost) * disclosure * disclosure


def experienced_cost(first_cost: Array, experience: Array, exponent: float) -> Array:
    """k_a (1 + K)^-l: abatement gets cheaper with experience K (Wright 1936), K in years of full abatement."""
    return first_cost * raised(1.0 + experience, -exponent)


def experience_gained(abatement: Array, partners_disclosed: Array, spillover: float) -> Array:
    """dK a month: a twelfth of own abatement, and of the share that spills over from what partners disclose."""
    return (abatement + spillover * partners_disclosed) / 12.0
