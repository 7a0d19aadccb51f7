"""What a supplier weighs of its customers' reviews: custom that it may lose, and custom that it may gain."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.month.scoring import group_mean, replaceable, score
from sim.programme import Programme
from sim.rules import beliefs, relations
from sim.world import World

PASS_RATE, INFORMATION = 1, 4
"""Indicators that follow at once from what a supplier does this month."""


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
        return slope, group_mean(world, score(world, p))

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
