"""Upstream footprints: the emissions that a tonne of a firm's output stands for, all its inputs included (scope 3)."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.month import freight
from sim.programme import Programme
from sim.world import World


def followed(world: World, p: Programme) -> Array:
    """Footprint of each producer's output, t CO2e for a tonne, (world, firm).

    Formula: own emissions / volume + sum_j A_ji (shipped_ji f_j + transport_ji + missing_ji z_j) / ordered_ji, f_j the
    supplier's footprint of last month, z_j the intensity at which what it did not deliver is bought elsewhere. A firm
    that makes nothing keeps its footprint. Source: scope 3, category 1 and 4 (GHG Protocol 2011).
    """
    links = world.links
    hauled = freight.hauled(world, p)
    each = np.divide(world.emissions, hauled, out=np.zeros(p.shape), where=hauled > 0)
    transport = world.tonne_km * freight.of_carriers(world, p, each)
    inputs = world.shipped * links.at(links.supplier, world.footprint) + transport
    inputs = inputs + world.missing * world.missing_intensity
    ordered = world.shipped + world.missing
    per_tonne = np.divide(inputs, ordered, out=np.zeros_like(ordered), where=ordered > 0)
    upstream = links.total(links.customer, world.requirement * per_tonne)
    made = p.traits.producer & (world.volume > 0)
    own = np.divide(world.emissions, world.volume, out=np.zeros(p.shape), where=made)
    return np.where(made, own + upstream, world.footprint)
