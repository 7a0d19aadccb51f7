"""Inspection between firms, ratings by the regulator, and who bears what failures cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim import freight
from sim.fields import Array, above_zero
from sim.programme import Programme
from sim.rules import effort, quality
from sim.sharing import near_through, shown_ratings
from sim.world import World


def recognised(world: World, p: Programme) -> Any:
    """1 on links within a region or under a unified standard: the buyer accepts the supplier's certificates."""
    if p.scenario.information.unified_standard or len(p.traits.regions) == 1:
        return 1.0
    links, region = world.links, p.traits.region

    def same_region() -> Array:
        return (region[links.supplier % links.firms] == region[links.customer % links.firms]).astype(float)

    return links.once("same region", same_region)


def ratings(world: World, p: Programme) -> Array:
    """Public ratings: an audited firm is rated at its green quality as measured, the others keep theirs, or what
    disclosed data make of it."""
    s = p.scenario
    cells = np.flatnonzero(world.audited)
    theta = effort.green_quality(world.quality, world.abatement, s.technology.quality_weight).ravel()[cells]
    error = s.assessment.measurement_error * p.draws.normal("rating", world.month, cells)
    rating = shown_ratings(world, p)
    rating.ravel()[cells] = np.minimum(np.maximum(theta + error, 0.0), 1.0)
    return rating


def blame(world: World, p: Programme) -> World:
    """What a unit of outgoing defect rate costs down the chain, a tier further each month: to the firm itself by
    warranty and its contracts' liability (`liability`), and to everybody (`damage`, kept up where somebody weighs
    it). And what a unit of disclosure costs by defects that spared inspections no longer catch (`reliance_*`)."""
    s, links, traits = p.scenario, world.links, p.traits
    warranty = s.quality.warranty_cost * traits.price * world.sold
    own = links.at(links.customer, world.own_defects)
    spared = s.quality.detection * s.quality.inspection * world.trust * recognised(world, p)

    def onward(marginal: Array) -> Array:
        """Cost of an uncaught defect rate on each link, at the customer's marginal cost of its own."""
        return quality.onward_cost(world.input_share, own, links.at(links.customer, marginal))

    def each(passed_on: Array) -> Array:
        return quality.failure_cost(world.order_value, world.catch, passed_on, s.quality.return_cost)

    def reliance(passed_on: Array, defects: Array) -> Array:
        cost = spared * defects * (passed_on - s.quality.return_cost * world.order_value)
        return links.total(links.supplier, cost) * near_through(world, s.information.channels.duplicate_inspections)

    changes = {"liability": warranty, "claim": np.zeros(links.count)}
    if above_zero(s.quality.liability):
        passed_on = onward(world.liability)
        claim = s.quality.liability * each(passed_on)
        outgoing = links.at(links.supplier, world.outgoing)
        changes = {
            "claim": claim,
            "liability": warranty + links.total(links.supplier, claim),
            "reliance_liability": s.quality.liability * reliance(passed_on, outgoing),
        }
    if p.social_weighed:
        passed_on = onward(world.damage)
        cost = each(passed_on)
        changes["damage"] = warranty + links.total(links.supplier, cost) + freight.to_carriers(world, p, cost)
        changes["reliance_damage"] = reliance(passed_on, world.incoming)
    return world.but(**changes)


def load_saved(world: World, p: Programme) -> Array:
    """Fuel and climate damage that a unit of a firm's disclosure saves on its links, money a month, (world, firm)."""
    s, links = p.scenario.logistics, world.links
    saved = freight.lorry_cost(world, p) * (0.5 * (s.best_load - s.base_load)) / world.load
    reached = near_through(world, p.scenario.information.channels.load_factor)
    return (links.total(links.supplier, saved) + links.total(links.customer, saved)) * reached
