"""Emissions of production and transport, tonnes CO2e a month."""

from __future__ import annotations

from sim.fields import Array


def own_emissions(gross: Array, abatement: Array, abatable_share: Array | float) -> Array:
    """gross (1 - m a): what is left of a firm's gross emissions after abatement."""
    return gross * (1.0 - abatable_share * abatement)


def load_factor(base: float, best: float, shared: Array) -> Array:
    """Load factor of a link: base + (best - base) x information shared on the route, in 0..1."""
    return base + (best - base) * shared


def transport_gross(tonne_km: Array, load: Array, intensity: Array | float) -> Array:
    """tonnes x km x intensity at full load / load factor, before fleet and driving measures."""
    return tonne_km * intensity / load
