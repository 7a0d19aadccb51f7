"""What firms believe of each other."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from sim.fields import Array

LOGIT = np.pi / np.sqrt(3.0)
"""Scale of a logistic distribution of standard deviation 1, inverted."""

NORMAL = np.sqrt(2.0 / np.pi)
"""Slope at 0 of the hyperbolic tangent that stands for the normal distribution."""

NO_ERROR = 1e-12
"""A standard error kept above 0 in divisions."""


def accuracy(without: float, with_sharing: float, disclosure: Array, shared: Array) -> Array:
    """Accuracy of what others see of a firm: without + (with - without) x disclosure x shared (0 or 1)."""
    return without + (with_sharing - without) * disclosure * shared


def seen(truth: Array, accuracy: Array, prior: float, noise: Array | float) -> Array:
    """What others see: accuracy x truth + (1 - accuracy) (prior + noise)."""
    return accuracy * truth + (1.0 - accuracy) * (prior + noise)


def overclaimed(truth: Array, accuracy: Array, without: float, overclaim: Array) -> Array:
    """What is seen too much of a firm whose data say truth x (1 + overclaim): (accuracy - without) x truth x overclaim,
    as only what shared data add to accuracy rests on its report."""
    return (accuracy - without) * truth * overclaim


def chance_over(gap: Array, measured: float, observed: Array | float) -> Array:
    """Chance that a gap plus an error of measurement (logistic) and one of observation (normal) is over 0.

    Formula: k / (1 + exp(-(pi / sqrt 3) z)) + (1 - k) Phi(z), z = gap / s, s^2 = measured^2 + observed^2,
    k = (measured / s)^4: a mixture with the first four moments of the sum of both errors, exact where either is 0.
    Phi(z) = 1/2 + 1/2 tanh(sqrt(2 / pi) (z + 0.044715 z^3)), within 3e-4 (Page 1977), as firms weigh it every month.
    """
    variance = measured * measured + observed * observed
    logistic = (measured * measured / variance) ** 2
    z = gap / np.sqrt(variance)
    normal = np.tanh(z * (NORMAL + (NORMAL * 0.044715) * z * z))
    chance: Array = 0.5 + 0.5 * (normal + logistic * (np.tanh((0.5 * LOGIT) * z) - normal))
    return chance


def expected_excess(gap: Array, error: Array | float) -> Array:
    """E max(gap + error z, 0), z standard normal: gap Phi(gap / error) + error phi(gap / error); max(gap, 0) at 0."""
    spread = np.maximum(error, NO_ERROR)
    z = gap / spread
    # Beyond 38 standard errors the density is 0 anyway; a gap of minus infinity stays at 0.
    density = np.exp(-0.5 * np.minimum(z * z, 1500.0)) / np.sqrt(2.0 * np.pi)
    return np.where(z > -38.0, np.maximum(gap, -1e300) * ndtr(z) + spread * density, 0.0)
