"""Reviews: customers shift their orders; suppliers are rewarded, warned, given notice, paid off, replaced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.fields import Array
from sim.month.knowing import true
from sim.month.orders import reordered
from sim.month.pricing import priced
from sim.month.scoring import group_mean, levels, market_of, score
from sim.network.chains import chains_of
from sim.network.links import Index
from sim.programme import Programme
from sim.rules import relations
from sim.world import World


def order_shares(world: World, p: Programme) -> Array:
    """Shares of what a customer orders of an input after a review, (W*L,): the contracted ones, shifted by the weights
    of scores and of mechanisms, which judge with this review's errors of measurement."""
    known = true(world, p, "review")
    scores = rewards(world, p) if p.scenario.relations.scored else None
    weights = [] if scores is None else [scores]
    for force in p.incentives:
        if force.incentive.active(world.month):
            own = known.remembering(world.memory[force.name])
            weight = force.incentive.order_weight(own, own.acts)
            if weight is not None:
                weights.append(weight)
    return world.links.shift(world.contract_share, np.prod(weights, axis=0)) if weights else world.contract_share


def rewards(world: World, p: Programme) -> Array | None:
    """Weights by which customers shift orders at a review: max(0, 1 + reward (score - mean of the input group)),
    (W*L,)."""
    s = p.by_link.relations
    if world.month < 0 or not s.rewarding:
        return None
    scored = score(world, p)
    return np.maximum(1.0 + s.reward * (scored - group_mean(world, scored)), 0.0)


def warned(world: World, p: Programme) -> World:
    """A review: who scores below the bar, with the error of scores, is warned; who has been warned is given
    notice; who scores above it is warned no more."""
    s, standing, links = p.by_link, world.standing, world.links
    if world.month < 0 or not s.relations.replacing:
        return world
    noise = p.draws.logistic("review/score", world.month)
    found = score(world, p) + s.relations.score_error * links.at(links.supplier, noise)
    below = (found < s.relations.warn_below) & (world.order_value > 0)
    serving = (standing.notice <= 0) & (standing.transition <= 0)
    leaving = below & serving & (standing.warned > 0)
    return world.but(
        standing=replace(
            standing,
            warned=np.where(serving, (below & ~leaving).astype(float), standing.warned),
            notice=np.where(leaving, float(s.relations.notice_months), standing.notice),
        )
    )


def moved_on(world: World, p: Programme) -> World:
    """A month of notices and transitions passes. At the end of the notice the customer looks for a successor, and
    keeps its supplier if there is none; at the end of the transition the successor takes over."""
    standing = world.standing
    if not p.scenario.relations.replacing:
        return world
    ending, ended = standing.notice == 1.0, standing.transition == 1.0
    notice = np.maximum(standing.notice - 1.0, 0.0)
    transition = np.maximum(standing.transition - 1.0, 0.0)
    successor = standing.successor
    if ending.any():
        found = _successors(world, p, np.flatnonzero(ending))
        successor = successor.copy()
        successor[ending] = found
        started = ending.copy()
        started[ending] = found >= 0
        transition = np.where(started, float(p.scenario.relations.transition_months), transition)
    changes = {"notice": notice, "transition": transition, "successor": successor, "replaced": ended.astype(float)}
    world = world.but(standing=replace(standing, **changes))
    return _replaced(world, p, np.flatnonzero(ended)) if ended.any() else world


def _successors(world: World, p: Programme, leaving: Index) -> Index:
    """The best candidate for each of these links, -1 where there is none good enough."""
    links = world.links
    scored = score(world, p)
    return relations.best_candidates(
        leaving,
        (scored + p.by_link.relations.better_by)[leaving],
        market_of(world),
        links.group,
        levels(world, p),
        links.supplier,
        world.standing.successor,
        scored,
        (world.revenue > 0).ravel(),
    )


def _replaced(world: World, p: Programme, changing: Index) -> World:
    """Successors take over these links, at the mean distance of what they deliver already, with their reputation and
    the trust of a newcomer; who gains custom has built the capacity for it during the transition."""
    links, standing = world.links, world.standing
    supplier, distance = links.supplier.copy(), links.distance_km.copy()
    new = standing.successor[changing]
    deliveries = np.bincount(links.supplier, minlength=world.revenue.size)

    def usual(y: Array) -> Array:
        """Mean over a successor's deliveries so far; of this link, where it has lost all of them meanwhile."""
        total: Array = np.bincount(links.supplier, weights=y, minlength=world.revenue.size)[new]
        return np.divide(total, deliveries[new], out=y[changing].copy(), where=deliveries[new] > 0)

    supplier[changing], distance[changing] = new, usual(links.distance_km)
    indicators, trust, inspecting = standing.indicators.copy(), world.trust.copy(), world.inspecting.copy()
    indicators[:, changing] = np.stack([usual(row) for row in standing.indicators])
    trust[changing] = (np.ones(links.count) * p.by_link.quality.trust)[changing]
    inspecting[changing] = (np.ones(links.count) * p.by_link.quality.inspection)[changing]
    successor = standing.successor.copy()
    successor[changing] = -1
    following = links.supplied_by(supplier, distance)
    world = world.but(
        links=following,
        chains=chains_of(following, p.roots),
        trust=trust,
        inspecting=inspecting,
        standing=replace(standing, indicators=indicators, successor=successor),
    )
    world = reordered(world, p)
    if p.scenario.pricing.on:
        # The chains have other firms now.
        world = priced(world, p, world.unpriced)
    # The successors, and who makes what they need.
    gaining = np.zeros(world.revenue.size, dtype=bool)
    gaining[new] = True
    growing = following.upstream_of(gaining).reshape(p.shape)
    built = np.where(growing, world.usual_volume * p.traits.capacity_ratio, 0.0)
    return world.but(capacity=np.maximum(world.capacity, built))


def bills(world: World, p: Programme) -> tuple[Array, Array]:
    """What a customer pays this month on each link, (W*L,) each: to the supplier that it leaves, in the first month of
    the transition, and outside for qualifying the successor."""
    s, standing = p.by_link.relations, world.standing
    first = standing.transition == float(s.transition_months)
    ordered = world.order_value + world.missing_value
    return s.settlement * ordered * first, s.qualification_cost * ordered * (standing.transition > 0)
