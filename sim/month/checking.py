"""Inspection between firms, ratings by the regulator, and who bears what failures cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.fields import Array, above_zero
from sim.month import freight
from sim.month.sharing import near_through, shown_ratings
from sim.programme import Programme
from sim.rules import effort, quality
from sim.world import World


def recognised(world: World, p: Programme) -> Any:
    """1 on links within a region or under a unified standard: the buyer accepts the supplier's certificates."""
    if p.scenario.information.unified_standard or len(p.traits.regions) == 1:
        return 1.0
    links, region = world.links, p.traits.region

    def same_region() -> Array:
        return (region[links.supplier % links.firms] == region[links.customer % links.firms]).astype(float)

    return links.once("same region", same_region)


def base_inspection(world: World, p: Programme) -> Array | float:
    """Share of lots that a buyer inspects of a supplier that tells it nothing, per link where buyers choose it."""
    settings = p.by_link.quality
    return world.inspecting if settings.replying else settings.inspection


def inspecting_after(world: World, p: Programme) -> World:
    """Where they choose, buyers inspect more next month of what it pays to inspect, by what they learnt of it; others
    stay as they are, and so do links without goods."""
    s, links = p.by_link.quality, world.links
    if not s.replying:
        return world
    value, outgoing = world.order_value, links.at(links.supplier, world.outgoing)
    own, marginal = links.at(links.customer, world.own_defects), links.at(links.customer, world.liability)
    onward = quality.onward_cost(world.input_share, own, marginal)
    found = quality.worth_of_finding(value, world.incoming, outgoing, onward, s.return_cost, s.liability, s.reduction)
    goods = value > 0
    brought = s.detection * np.divide(found, value, out=np.zeros_like(found), where=goods)
    learnt = world.inspection_return + s.inspection_learning * (brought - world.inspection_return)
    moved = quality.inspected_after(world.inspecting, learnt, s.inspection_cost, s.inspection_speed)
    return world.but(
        inspecting=np.where(goods, moved, world.inspecting),
        inspection_return=np.where(goods, learnt, world.inspection_return),
    )


def price_reductions(world: World, p: Programme) -> Array:
    """What suppliers take off the price for each unit of outgoing defect rate, by what is found of it, money on each
    link: reduction x value x catch."""
    return p.by_link.quality.reduction * world.order_value * world.catch


def ratings(world: World, p: Programme) -> Array:
    """Public ratings: an audited firm is rated at its green quality as measured, the others keep theirs, or what
    disclosed data make of it."""
    s = p.scenario
    cells = np.flatnonzero(world.audited)
    theta = effort.green_quality(world.quality, world.abatement, s.technology.quality_weight).ravel()[cells]
    error = p.at_cells(s.assessment, cells).measurement_error * p.draws.normal("rating", world.month, cells)
    rating = shown_ratings(world, p)
    lenient = np.broadcast_to(p.leniency, p.shape).ravel()[cells]
    rating.ravel()[cells] = np.minimum(np.maximum(theta + lenient + error, 0.0), 1.0)
    return rating


def blame(world: World, p: Programme) -> World:
    """What a unit of outgoing defect rate costs down the chain, a tier further each month: to the firm itself by
    warranty, its contracts' liability and price reductions (`liability`), and to everybody (`damage`, kept up where
    somebody weighs it). And what a unit of disclosure costs by defects that spared inspections no longer catch
    (`reliance_*`)."""
    s, links, traits, of_links = p.scenario, world.links, p.traits, p.by_link.quality
    warranty = s.quality.warranty_cost * traits.price * world.sold
    own = links.at(links.customer, world.own_defects)
    spared = of_links.detection * base_inspection(world, p) * world.trust * recognised(world, p)

    def onward(marginal: Array) -> Array:
        """Cost of an uncaught defect rate on each link, at the customer's marginal cost of its own."""
        return quality.onward_cost(world.input_share, own, links.at(links.customer, marginal))

    def each(passed_on: Array) -> Array:
        return quality.failure_cost(world.order_value, world.catch, passed_on, of_links.return_cost)

    def reliance(passed_on: Array, defects: Array) -> Array:
        cost = spared * defects * (passed_on - of_links.return_cost * world.order_value)
        return links.total(links.supplier, cost) * near_through(world, s.information.channels.duplicate_inspections)

    changes: dict[str, Array] = {"liability": warranty, "claim": np.zeros(links.count)}
    if above_zero(s.quality.liability):
        passed_on = onward(world.liability)
        claim = of_links.liability * each(passed_on)
        outgoing = links.at(links.supplier, world.outgoing)
        changes = {
            "claim": claim,
            "liability": warranty + links.total(links.supplier, claim),
            "reliance_liability": s.quality.liability * reliance(passed_on, outgoing),
        }
    if s.quality.reducing:
        # Defects that go unfound because the supplier is relied on cost it no reduction.
        unfound = spared * world.order_value * links.at(links.supplier, world.outgoing)
        reached = near_through(world, s.information.channels.duplicate_inspections)
        saved = s.quality.reduction * links.total(links.supplier, unfound) * reached
        changes["liability"] = changes["liability"] + links.total(links.supplier, price_reductions(world, p))
        changes["reliance_liability"] = changes.get("reliance_liability", 0.0) - saved
    if p.social_weighed:
        passed_on = onward(world.damage)
        cost = each(passed_on)
        changes["damage"] = warranty + links.total(links.supplier, cost) + freight.to_carriers(world, p, cost)
        changes["reliance_damage"] = reliance(passed_on, world.incoming)
    return world.but(**changes)


def load_saved(world: World, p: Programme) -> Array:
    """Fuel and climate damage that a unit of a firm's disclosure saves on its links, money a month, (world, firm)."""
    s, links = p.by_link.logistics, world.links
    saved = freight.lorry_cost(world, p) * (0.5 * (s.best_load - s.base_load)) / world.load
    reached = near_through(world, p.scenario.information.channels.load_factor)
    return (links.total(links.supplier, saved) + links.total(links.customer, saved)) * reached
