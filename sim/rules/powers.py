"""Powers, the same to the last digit whether the exponent is a number or one for each world."""

from __future__ import annotations

import numpy as np

from sim.fields import Array

EXACT = ((2.0, np.square), (0.5, np.sqrt), (-1.0, np.reciprocal))
"""Exponents for which numpy has formulas of their own, where the exponent is a number."""


def raised(x: Array, exponent: Array | float) -> Array:
    """x to a power."""
    result: Array = np.power(x, exponent)
    if np.ndim(exponent) == 0:
        return result
    for special, exactly in EXACT:
        here = np.equal(exponent, special)
        if here.any():
            exactly(x, out=result, where=here)
    return result
