"""How suppliers stand with their customers: indicators of every link, running means of the months, and a score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.fields import Array
from sim.month.orders import prices
from sim.month.sharing import told
from sim.network.links import Index
from sim.programme import Programme
from sim.rules import effort, relations
from sim.standing import Standing
from sim.world import World


def opened(world: World, p: Programme) -> World:
    """The world with every link assessed for the first time."""
    if not p.scenario.relations.scored:
        return world
    none = np.zeros(world.links.count)
    theta = effort.green_quality(world.quality, world.abatement, p.scenario.technology.quality_weight)
    nobody = np.full(world.links.count, -1)
    return world.but(standing=Standing(evidence(world, p, theta), theta, none, none, none, nobody, none))


def assessed(world: World, p: Programme) -> World:
    """The indicators after a month's evidence, each a running mean: x + speed (evidence - x)."""
    speed, standing = p.scenario.relations.speed, world.standing
    theta = effort.green_quality(world.quality, world.abatement, p.scenario.technology.quality_weight)
    seen = evidence(world, p, standing.usual)
    return world.but(
        standing=replace(
            standing,
            indicators=relations.closer(standing.indicators, seen, p.by_link.relations.speed),
            usual=relations.closer(standing.usual, theta, speed),
        )
    )


def evidence(world: World, p: Programme, usual: Array) -> Array:
    """What the month says of each link, (7, W*L), in the order of `rules.relations.INDICATORS`.

    Delivered of what was ordered; defects that came in, against the tolerated rate; cheapest delivered price of the
    input over its own; what experience and training have cut of its cost of abatement; share of its data that it
    tells; 0 in a month with an outage or incident, else 1; rise of green quality above its running mean.
    """
    s, links = p.scenario, world.links
    ordered = world.order_value + world.missing_value
    theta = effort.green_quality(world.quality, world.abatement, s.technology.quality_weight)
    trouble = np.maximum(np.minimum(world.outage_left, 1.0), world.incident)
    firms = [
        np.minimum(np.maximum(1.0 - world.abatement_cost / p.traits.abatement_cost, 0.0), 1.0),
        told(world, on=True),
        1.0 - trouble,
        relations.improvement(theta, usual, s.relations.improvement_scale),
    ]
    found = np.empty((len(relations.INDICATORS), links.count))
    found[0] = np.divide(world.order_value, ordered, out=np.ones_like(ordered), where=ordered > 0)
    found[1] = relations.pass_rate(world.incoming, p.by_link.quality.tolerated)
    found[2] = links.once("cost effectiveness", lambda: _cost_effectiveness(world, p))
    for row, of_firm in enumerate(firms, start=3):
        found[row] = links.at(links.supplier, of_firm)
    return found


def _cost_effectiveness(world: World, p: Programme) -> Array:
    links = world.links
    delivered = prices(world, p) + p.by_link.logistics.fare * links.distance_km
    return relations.cost_effectiveness(delivered, market_of(world))


def market_of(world: World) -> Index:
    """Number of the input that a link delivers, of its world's own, (W*L,)."""
    links = world.links
    return links.once("market", lambda: links.world * (int(links.input.max(initial=0)) + 1) + links.input)


def levels(world: World, p: Programme) -> Index:
    """Links on the longest way from each link's supplier and customer to the market, in the first network, (2, W*L)."""
    links = world.links
    level = np.tile(p.network.levels, p.worlds)
    return links.once("levels", lambda: np.stack([level[links.supplier], level[links.customer]]))


def replaceable(world: World, p: Programme) -> Array:
    """1 for each link that somebody else could take over, (W*L,)."""
    links = world.links
    return links.once(
        "replaceable", lambda: relations.replaceable(market_of(world), links.group, levels(world, p), links.supplier)
    )


def score(world: World, p: Programme) -> Array:
    """Score of the supplier of each link, (W*L,)."""
    weights = p.by_link.relations.weights.each
    scored: Array = world.once("score", lambda: relations.score(world.standing.indicators, weights))
    return scored


def group_mean(world: World, y: Array) -> Array:
    """Mean over the suppliers of a link's input group, by order share, (W*L,)."""
    links = world.links
    return np.bincount(links.group, weights=world.order_share * y, minlength=links.group_count)[links.group]
