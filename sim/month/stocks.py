"""What firms order of their suppliers, and what inputs they hold."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.network.links import Links
from sim.programme import Programme
from sim.rules import stocks
from sim.world import World


def at_first(p: Programme, usual: Array) -> dict[str, Array]:
    """The state of stocks at rest: firms have long been ordered what is usual."""
    s = p.scenario.ordering
    if not s.holding_stock:
        nothing = np.zeros(p.shape)
        return {"recent": np.zeros((*p.shape, 0)), "forecast": nothing, "stock": nothing}
    asked = p.traits.demand if s.forecast == "shared" else usual
    recent = np.repeat((asked * np.ones(p.shape))[..., None], s.average_months, axis=2)
    level = stocks.target(usual, usual, s.lead_months, s.safety_months)
    return {"recent": recent, "forecast": usual, "stock": level - usual}


def wanted(world: World, p: Programme) -> Array:
    """What each firm orders inputs for, tonnes of its own output, (world, firm): last month's, or what brings its
    stock of inputs up to target."""
    s = p.scenario.ordering
    if not s.holding_stock:
        return world.volume
    level = stocks.target(world.forecast, world.usual_volume, s.lead_months, s.safety_months)
    return np.maximum(level - world.stock, 0.0)


def used(world: World, p: Programme, ordered: Array, asked: Array) -> World:
    """The month's output takes its inputs from what was there and what came; what is missing for it is bought
    elsewhere. Then firms work out anew what they expect to be ordered. ordered: what inputs were ordered for; asked:
    tonnes that were ordered of each firm; both (world, firm)."""
    s, links = p.scenario.ordering, world.links
    if not s.holding_stock:
        return world
    left = world.stock + ordered - world.volume
    short = np.maximum(-left, 0.0)
    if s.forecast == "shared":
        recent = stocks.latest(world.recent, np.broadcast_to(world.demand, p.shape))
        forecast = recent.mean(axis=2) + _handed_on(links, world.requirement, world.forecast)
    else:
        recent = stocks.latest(world.recent, asked)
        forecast = recent.mean(axis=2)
    return world.but(
        stock=left + short,
        short=world.requirement * links.at(links.customer, short),
        recent=recent,
        forecast=forecast,
    )


def held_value(world: World, p: Programme) -> Array:
    """What the inputs that each firm holds cost it, money, (world, firm)."""
    links = world.links
    price = links.at(links.supplier, np.broadcast_to(p.traits.price, p.shape))
    return world.stock * links.total(links.customer, world.requirement * price)


def _handed_on(links: Links, requirement: Array, forecast: Array) -> Array:
    """What customers expected to need of each firm when they placed the orders that it has now."""
    return links.total(links.supplier, requirement * links.at(links.customer, forecast))
