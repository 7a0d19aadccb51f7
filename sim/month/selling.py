"""What customers see of the sellers and buy: labels that win them over, prices that rise with effort, demand."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.month.knowing import aware, label_accuracy
from sim.month.pricing import priced
from sim.month.risks import slumps
from sim.programme import Programme
from sim.rules import effort, market
from sim.world import World


def noticed(world: World, p: Programme) -> World:
    """Customers who did not look at green quality begin to where last month's labels showed them some."""
    growth = p.scenario.market.awareness_growth
    if world.month <= 0 or not market.switched_on(growth):
        return world
    shown = label_accuracy(world, p) * world.index
    return world.but(awareness=market.awareness_after(world.awareness, growth, shown))


def price_rise(world: World, p: Programme) -> Array:
    """By how much each seller's price is above its usual one, share of it: what last month's efforts cost the seller
    for each unit of revenue, as far as it passes this on; 0 for who does not sell to the market."""
    through = p.scenario.market.pass_through
    if not market.switched_on(through):
        return np.zeros(p.shape)
    unit_cost = effort.effort_cost(
        world.quality,
        world.abatement,
        np.ones(p.shape),
        world.quality_cost,
        world.abatement_cost,
        p.scenario.technology.synergy,
    )
    return through * unit_cost * (p.traits.demand > 0)


def demanded(world: World, p: Programme) -> World:
    """What customers want of each seller this month: more for visible green quality, less for a higher price, by luck,
    in a slump, and as mechanisms move it."""
    t, s = world.month, p.scenario
    seen_quality = world.chains.to_roots(aware(world, p) * label_accuracy(world, p) * world.index)
    rise = price_rise(world, p)
    wanted = market.appetite(seen_quality, s.market.demand_response, rise, s.market.price_elasticity)
    noise = world.chains.to_roots(p.draws.normal("demand", t, p.roots))
    if market.correlated(s.market.demand_memory):
        noise = market.remembered(world.demand_noise, noise, s.market.demand_memory)
    if s.pricing.on:
        world = priced(world, p, wanted)
        wanted = world.appetite
    demand = market.demand(p.traits.demand, noise, wanted, s.market.demand_noise)
    slump_left = world.slump_left
    if s.risk.demand_shocks:
        slump_left = slumps(world, p)
        demand = demand * (1.0 - s.risk.demand_shock_depth * np.minimum(slump_left, 1.0))
    for force in p.incentives:
        factor = force.incentive.demand_factor(world.memory[force.name]) if force.incentive.active(t) else None
        if factor is not None:
            demand = demand * factor
    return world.but(demand=demand, demand_noise=noise, appetite=wanted, price_rise=rise, slump_left=slump_left)
