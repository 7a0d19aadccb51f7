"""Emissions: every tonne counted once."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.outcomes.base import Outcome, by_role
from sim.programme import Programme
from sim.world import World


def _total(x: Array) -> Array:
    return x.sum(axis=1)


def _scopes(world: World, p: Programme) -> dict[str, Array]:
    made = np.where(p.traits.producer, world.emissions, 0.0).sum(axis=1)
    direct = np.ravel(p.scenario.technology.scope1_share)
    return {
        "scope 1": made * direct,
        "scope 2": made * (1.0 - direct),
        "transport": np.where(p.traits.producer, 0.0, world.emissions).sum(axis=1),
    }


emissions = Outcome(
    "emissions", "t CO2e", "sum", "emissions of all firms, transport included",
    lambda w, p: _total(w.emissions), "lower",
)  # fmt: skip
by_roles = Outcome(
    "emissions_by_role", "t CO2e", "sum", "the same by role of the emitter",
    lambda w, p: by_role(w.emissions, p), "lower",
)  # fmt: skip
by_scope = Outcome(
    "emissions_by_scope", "t CO2e", "sum", "the same by scope: direct, bought energy, transport", _scopes, "lower"
)
intensity = Outcome(
    "emission_intensity", "t CO2e/kCNY", "mean", "emissions for each unit of final sales",
    lambda w, p: _total(w.emissions) / np.maximum(_total(p.traits.price * w.sold), 1e-12), "lower",
)  # fmt: skip


def _outside(world: World, p: Programme) -> Array:
    bought = world.missing + world.short if p.scenario.ordering.holding_stock else world.missing
    return world.links.by_world(bought * world.missing_intensity)


outside = Outcome(
    "emissions_outside", "t CO2e", "sum",
    "emissions of goods bought elsewhere for want of delivery, at the supplier's gross intensity; not in emissions",
    _outside, "lower",
)  # fmt: skip


def _footprint(world: World, p: Programme) -> Array | dict[str, Array]:
    if not p.scenario.assessment.footprints:
        return {}
    return _total(world.footprint * world.sold) / np.maximum(_total(world.sold), 1e-12)


footprint = Outcome(
    "product_footprint", "t CO2e/t", "mean",
    "emissions that a tonne sold to the market stands for, all inputs and their transport included; where followed",
    _footprint, "lower",
)  # fmt: skip
abatement_saved = Outcome(
    "abated", "t CO2e", "sum", "emissions that the firms' abatement efforts avoid",
    lambda w, p: _total(w.gross - w.emissions), "higher",
)  # fmt: skip
