"""Stocks of inputs, counted in tonnes of the output that they last for."""

from __future__ import annotations

import numpy as np

from sim.fields import Array


def target(forecast: Array, usual: Array, lead_months: float, safety_months: float) -> Array:
    """L m + s x usual volume: what stock is ordered up to, m the forecast of what a month asks for."""
    return lead_months * forecast + safety_months * usual


def latest(recent: Array, now: Array) -> Array:
    """The last months with this one in the place of the first: (world, firm, months)."""
    return np.concatenate([recent[..., 1:], now[..., None]], axis=2)
