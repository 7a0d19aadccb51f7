"""The price at which what firms plan at a price adds up to what is wanted."""

from __future__ import annotations

import numpy as np

from sim.fields import Array


def clearing_price(at_zero: Array, answer: Array, amount: Array, wanted: Array, low: Array, high: Array) -> Array:
    """Lowest price in low..high at which sum over firms of amount x plan reaches `wanted`, (world, 1): `low` where it
    does so anyway, `high` where it never does.

    A firm plans at_zero + answer x price, in 0..1. The sum is piecewise linear in the price, so the price is exact: the
    kinks are sorted, and the price interpolated between the two where the sum passes `wanted`.
    at_zero, answer (at least 0), amount: (world, firm); wanted, low, high: (world, 1).
    """
    moves = answer > 0
    slower = np.where(moves, answer, 1.0)
    low, high = np.broadcast_to(low, wanted.shape), np.broadcast_to(high, wanted.shape)

    def kink(plan: float) -> Array:
        """Price at which each firm's plan comes to this, within the bounds."""
        return np.minimum(np.maximum(np.where(moves, (plan - at_zero) / slower, low), low), high)

    rate = np.where(moves, amount * answer, 0.0)
    kinks = np.concatenate([low, kink(0.0), kink(1.0), high], axis=1)
    change = np.concatenate([np.zeros_like(low), rate, -rate, np.zeros_like(high)], axis=1)
    order = np.argsort(kinks, axis=1, kind="stable")
    kinks, slope = (
        np.take_along_axis(kinks, order, axis=1),
        np.cumsum(np.take_along_axis(change, order, axis=1), axis=1),
    )
    steps = np.maximum(slope[:, :-1], 0.0) * np.diff(kinks, axis=1)
    start = (amount * np.minimum(np.maximum(at_zero + answer * low, 0.0), 1.0)).sum(axis=1, keepdims=True)
    sums = start + np.concatenate([np.zeros_like(low), np.cumsum(steps, axis=1)], axis=1)
    after = np.clip((sums < wanted).sum(axis=1, keepdims=True), 1, kinks.shape[1] - 1)
    left, right = (np.take_along_axis(sums, after - n, axis=1) for n in (1, 0))
    before, behind = (np.take_along_axis(kinks, after - n, axis=1) for n in (1, 0))
    part = np.divide(wanted - left, right - left, out=np.zeros_like(left), where=right > left)
    inside = before + part * (behind - before)
    # At the lowest kink nothing has moved yet, so there the price is `low`.
    return np.where(sums[:, -1:] < wanted, high, inside)
