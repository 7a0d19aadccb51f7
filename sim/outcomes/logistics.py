"""Logistics: electric haulage, packaging, what stand-ins haul."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.outcomes.base import Outcome
from sim.programme import Programme
from sim.rules import logistics
from sim.world import World


def _share(part: Array, world: World) -> Array:
    """Share of all tonne-km that a part of them makes up, (W,)."""
    return part / np.maximum(world.links.by_world(world.tonne_km), 1e-12)


def _packaging(world: World, p: Programme) -> Array:
    s = p.scenario.logistics
    shipped = np.where(p.traits.producer, world.volume, 0.0)
    used = logistics.packaging(s.packaging_used, shipped, world.abatement, s.packaging_saving)
    return used.sum(axis=1)


def _stood_in(world: World, p: Programme) -> Array:
    part = world.links.at(world.links.carrier, world.backup_part)
    return _share(world.links.by_world(world.tonne_km * part), world)


electric_haulage = Outcome(
    "electric_haulage", "share", "mean", "share of tonne-kilometres that electric lorries haul",
    lambda w, p: _share(w.electric_km.sum(axis=1), w), "higher",
)  # fmt: skip
electric_reach = Outcome(
    "electric_reach", "share", "mean", "share of tonne-kilometres on routes that electric lorries can serve",
    lambda w, p: _share(w.served_km.sum(axis=1), w), "higher",
)  # fmt: skip
packaging = Outcome("packaging", "t", "sum", "packaging that producers use up", _packaging, "lower")
packaging_emissions = Outcome(
    "packaging_emissions", "t CO2e", "sum", "emissions of making it, which count among those of its user",
    lambda w, p: np.ravel(p.scenario.logistics.packaging_intensity) * _packaging(w, p), "lower",
)  # fmt: skip
backup_haulage = Outcome(
    "backup_haulage", "share", "mean", "share of tonne-kilometres that stand-ins haul for carriers that are out",
    _stood_in,
)  # fmt: skip
