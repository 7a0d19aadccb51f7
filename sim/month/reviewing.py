"""Relations between customers and suppliers: assessed, rewarded, warned, given notice, paid off, replaced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.month.orders import prices, reordered
from sim.month.pricing import priced
from sim.month.sharing import told
from sim.network.chains import chains_of
from sim.network.links import Index
from sim.programme import Programme
from sim.rules import beliefs, effort, relations
from sim.standing import Standing
from sim.world import World

PASS_RATE, INFORMATION = 1, 4
"""Indicators that follow at once from what a supplier does this month."""


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


# --- what a supplier weighs -----------------------------------------------------------------------------


def at_stake(world: World, p: Programme, known: Known, acts: Acts) -> Array:
    """Money a month that a supplier expects of its customers' reviews at its acts, (..., world, firm).

    Of a link with sales v, margin m, score s if it goes on so, and P = P(s < bar) with the error of scores (logistic):
    -m v H P / R if it has been warned, for the next failed review costs it the custom; -m v H P^2 / (2 R) if not, for
    it takes two; H months of custom weighed, R months between reviews. Rewards: m v (1 - order share) x reward x
    (s - mean score of the input group). A link under notice is lost anyway, one that nobody else could take over never.
    """
    s, standing = p.by_link.relations, world.standing
    to_come = _score_at(world, p, known, acts)
    if world.month < 0:
        return np.zeros(p.shape)

    def worth() -> Array:
        return p.by_link.technology.margin * known.order_value * (standing.notice <= 0) * (standing.transition <= 0)

    def lost() -> tuple[Array, Array]:
        """What a failed review costs, and what two in a row do, per link; one of them is 0."""
        custom = known.once("custom", worth) * (s.horizon / s.review_every) * replaceable(world, p)
        return custom * standing.warned, 0.5 * custom * (1.0 - standing.warned)

    def gained() -> tuple[Array, Array]:
        slope = known.once("custom", worth) * (1.0 - known.order_share) * s.reward
        return slope, _group_mean(world, score(world, p))

    expected: Array | float = 0.0
    if s.replacing:
        at_once, in_two = known.once("custom lost", lost)
        fails = beliefs.chance_over(s.warn_below - to_come, s.score_error, 0.0)
        expected = -fails * (at_once + in_two * fails)
    if s.rewarding:
        slope, usual = known.once("custom gained", gained)
        expected = expected + slope * (to_come - usual)
    return _by_supplier(world, np.asarray(expected))


def _score_at(world: World, p: Programme, known: Known, acts: Acts) -> Array:
    """Score of each link if its supplier goes on with these acts, (..., W*L): defects and what it tells follow them,
    the other indicators stay."""
    s, links = p.by_link, known.links
    weights = s.relations.weights.each
    total = sum(weights)

    def make() -> tuple[Array, Array]:
        now = world.standing.indicators
        moved = weights[PASS_RATE] * now[PASS_RATE] + weights[INFORMATION] * now[INFORMATION]
        return score(world, p) - moved / total, links.at(links.carrier, world.own_defects)

    rest, damage = known.once("score of the rest", make)
    incoming = links.at(links.supplier, known.outgoing_defects(acts)) + damage
    tells = links.at(links.supplier, acts.disclosure * known.shared_near)
    passes = relations.pass_rate(incoming, s.quality.tolerated)
    return rest + (weights[PASS_RATE] / total) * passes + (weights[INFORMATION] / total) * tells


def _by_supplier(world: World, y: Array) -> Array:
    """Sum over a supplier's links, (..., W*L) -> (..., world, firm)."""
    links = world.links
    rows = y.reshape(-1, links.count)
    summed = np.stack([links.total(links.supplier, row) for row in rows])
    return summed.reshape(*y.shape[:-1], links.worlds, links.firms)


def _group_mean(world: World, y: Array) -> Array:
    """Mean over the suppliers of a link's input group, by order share, (W*L,)."""
    links = world.links
    return np.bincount(links.group, weights=world.order_share * y, minlength=links.group_count)[links.group]


# --- reviews --------------------------------------------------------------------------------------------


def rewards(world: World, p: Programme) -> Array | None:
    """Weights by which customers shift orders at a review: max(0, 1 + reward (score - mean of the input group)),
    (W*L,)."""
    s = p.by_link.relations
    if world.month < 0 or not s.rewarding:
        return None
    scored = score(world, p)
    return np.maximum(1.0 + s.reward * (scored - _group_mean(world, scored)), 0.0)


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


def replaced(world: World) -> Array:
    """1 for each link whose supplier is replaced at the end of this month, (W*L,)."""
    return np.where(world.standing.transition == 1.0, 1.0, 0.0)
