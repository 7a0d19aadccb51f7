"""What follows from who orders from whom."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.programme import Programme
from sim.world import World


def prices(world: World, p: Programme) -> Array:
    """Price of the supplier of each link, (W*L,)."""
    links = world.links
    return links.once("price", lambda: links.at(links.supplier, np.broadcast_to(p.traits.price, p.shape)))


def intensities(world: World, p: Programme) -> Array:
    """Gross emissions of a tonne that the supplier of each link makes, (W*L,)."""
    links = world.links
    return links.once("intensity", lambda: links.at(links.supplier, np.broadcast_to(p.traits.intensity, p.shape)))


def reordered(world: World, p: Programme) -> World:
    """What follows from order shares: requirements, input shares, chain weights."""
    links, chains, traits = world.links, world.chains, p.traits
    requirement = links.units_per_unit * world.order_share
    total = links.at(links.customer, links.total(links.customer, requirement))
    at_rest = chains.volumes(np.broadcast_to(traits.demand, p.shape), requirement)
    value_added = np.broadcast_to(traits.value_added, p.shape)
    logistics = p.by_link.logistics
    freight = logistics.fare * (1.0 + logistics.return_share) * links.distance_km * requirement
    freight = freight * links.at(links.carrier, np.broadcast_to(traits.value_added_share, p.shape))
    value, weight = chains.weights(at_rest, value_added, freight)
    usual = chains.by_firm(at_rest)
    held = chains.at_firm(chains.by_firm(value))
    return world.but(
        usual_volume=usual,
        requirement=requirement,
        input_share=np.divide(requirement, total, out=np.zeros_like(total), where=total > 0),
        weight=weight,
        part=np.divide(value, held, out=np.zeros_like(held), where=held > 0),
    )
