"""Disruptions as they strike: slumps of demand, environmental incidents, and what firms lose by them."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.month import freight
from sim.payoff import incident_bill
from sim.programme import Programme
from sim.rules import effort, risk
from sim.world import World


def slumps(world: World, p: Programme) -> Array:
    """Months left of the slump of each root's demand, (world, firm)."""
    s = p.scenario.risk
    luck = p.draws.uniform("demand-shock", world.month)
    return risk.spell(world.slump_left, luck, s.demand_shock_rate, float(s.demand_shock_months))


def interruptions(world: World, p: Programme) -> Array:
    """Months left of the interruption of public policy, (world, region); drawn by the names of the regions."""
    s = p.scenario.risk
    luck = p.regional.uniform("policy-shock", world.month)
    return risk.spell(world.policy_left, luck, s.policy_shock_rate, float(s.policy_shock_months))


def in_force(world: World, p: Programme) -> Array | None:
    """1 - depth x [interrupted]: share of what its regulator pays and charges by incentives that each firm meets,
    (world, firm); None where policy is never interrupted."""
    s = p.scenario.risk
    if not s.policy_shocks:
        return None
    return (1.0 - s.policy_shock_depth * np.minimum(world.policy_left, 1.0))[:, p.traits.region]


def incidents(world: World, p: Programme) -> Array:
    """1 for each trading firm that has an environmental incident this month, (world, firm)."""
    s = p.scenario.risk
    theta = effort.green_quality(world.quality, world.abatement, p.scenario.technology.quality_weight)
    chance = risk.incident_chance(theta, s.incident_rate, s.incident_cut)
    struck = (p.draws.uniform("incident", world.month) < chance) & (world.revenue > 0)
    return struck.astype(float)


def losses(world: World, p: Programme, known: Known, acts: Acts) -> Array:
    """Loss of each firm by its outages and incidents, money a month, (..., world, firm): what happened in truth, else
    as expected at the acts."""
    outage = known.once("outage loss", lambda: _undelivered(world, p) if known.certain else _expected(world, p))
    if not p.scenario.risk.incidents:
        return outage
    if known.certain:
        return outage + p.scenario.risk.incident_cost * world.revenue * world.incident
    return outage - incident_bill(known, acts)


def _undelivered(world: World, p: Programme) -> Array:
    """Margin on the orders that firms under an outage did not deliver, or haul."""
    unsold = p.traits.price * (world.demand - world.sold)
    missing = world.links.total(world.links.supplier, world.missing_value) + unsold
    if p.scenario.risk.carriers_fail:
        # What no carrier hauled is the loss of the carrier that is out, not of the supplier.
        price = np.broadcast_to(p.traits.price, p.shape)
        missing = missing - world.links.total(world.links.supplier, freight.not_hauled(world, p)) * price
        missing = missing + freight.freight_lost(world, p)
    return np.where(world.outage_left > 0, p.scenario.technology.margin * missing, 0.0)


def _expected(world: World, p: Programme) -> Array:
    """The same in the long run: share of time under an outage x share of orders then missing x margin x revenue;
    for carriers, of what they haul."""
    s = p.scenario.risk
    often = risk.share_of_time(s.outage_rate, float(s.outage_months))
    made = risk.shortfall(p.traits.capacity_ratio, s.capacity_lost)
    missing = np.where(p.traits.producer, made, s.carrier_outage_loss)
    return often * missing * p.scenario.technology.margin * world.revenue
