"""What customers see of the sellers: labels that win them over, prices that rise with effort."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.month.knowing import label_accuracy
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
