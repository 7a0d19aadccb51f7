"""Risk: how often firms are struck, what it costs them, how a pool pays for it."""

from __future__ import annotations

import numpy as np

from sim.fields import Array


def incident_chance(theta: Array, rate: float, cut: float) -> Array:
    """rate (1 - cut theta): chance of an environmental incident in a month at green quality theta."""
    return rate * (1.0 - cut * theta)


def spell(left: Array, luck: Array, rate: float, months: Array | float) -> Array:
    """Months that are left of a disruption, (world, firm): one that goes on has a month less; where there is none, one
    of `months` begins if the uniform draw `luck` is under the rate."""
    struck = (luck < rate) & (left <= 0)
    return np.where(struck, months, np.maximum(left - 1.0, 0.0))


def share_of_time(rate: float, months: float) -> float:
    """rate d / (1 + rate d): share of months under a disruption of d months, in the long run."""
    return rate * months / (1.0 + rate * months)


def shortfall(capacity_ratio: Array, loss: float) -> Array:
    """max(0, 1 - ratio (1 - loss)): share of usual orders that a struck firm cannot deliver."""
    return np.maximum(1.0 - capacity_ratio * (1.0 - loss), 0.0)


def pooled(premium: Array, premiums: Array, loss: Array, losses: Array) -> Array:
    """K (l / sum l - c / sum c), K = min(sum c, sum l): what a pool pays each claimant, less what it keeps of the
    premium; losses beyond the premiums are paid in part, premiums beyond the losses are refunded."""
    paid = np.minimum(premiums, losses)
    claim = np.divide(loss, losses, out=np.zeros(np.broadcast(loss, losses).shape), where=losses > 0)
    due = np.divide(premium, premiums, out=np.zeros(np.broadcast(premium, premiums).shape), where=premiums > 0)
    return paid * (claim - due)
