"""Inspection between firms, ratings by the regulator, and who bears what failures cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.fields import Array
from sim.programme import Programme
from sim.rules import effort, quality
from sim.world import World


def recognised(p: Programme) -> Any:
    """1 on links within a region or under a unified standard: the buyer accepts the supplier's certificates."""
    if p.scenario.information.unified_standard or len(p.traits.regions) == 1:
        return 1.0
    region = np.broadcast_to(p.traits.region[None, :], p.shape).ravel()
    return (region[p.links.supplier] == region[p.links.customer]).astype(float)


def ratings(world: World, p: Programme) -> Array:
    """Public ratings: an audited firm is rated at its green quality as measured, the others keep theirs."""
    s = p.scenario
    cells = np.flatnonzero(world.audited)
    theta = effort.green_quality(world.quality, world.abatement, s.technology.quality_weight).ravel()[cells]
    error = s.assessment.measurement_error * p.draws.normal("rating", world.month, cells)
    rating = world.rating.copy()
    rating.ravel()[cells] = np.minimum(np.maximum(theta + error, 0.0), 1.0)
    return rating


def blame(world: World, p: Programme) -> World:
    """What a unit of outgoing defect rate costs down the chain, a tier further each month: to everybody
    (`damage`), and to the firm itself by warranty and its contracts' liability (`liability`)."""
    s, links, traits = p.scenario, p.links, p.traits
    warranty = s.quality.warranty_cost * traits.price * world.sold
    own = links.at(links.customer, world.own_defects)
    cost = s.quality.return_cost

    def onward(customer_marginal: Array) -> Array:
        there = links.at(links.customer, customer_marginal)
        return quality.failure_cost(world.order_value, world.catch, world.input_share, own, there, cost)

    everybody = onward(world.damage)
    claim = s.quality.liability * onward(world.liability)
    damage = warranty + links.total(links.supplier, everybody) + links.total(links.carrier, everybody)
    return world.but(
        damage=damage,
        claim=claim,
        liability=warranty + links.total(links.supplier, claim),
    )
