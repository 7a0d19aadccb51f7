"""Relations: how suppliers stand with their customers; where they are assessed."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.month.scoring import score
from sim.outcomes.base import Outcome
from sim.programme import Programme
from sim.rules.relations import INDICATORS
from sim.world import World


def _by_value(x: Array, world: World) -> Array:
    """Mean over links, weighted by what is ordered, (world,)."""
    ordered = world.order_value + world.missing_value
    return world.links.by_world(x * ordered) / np.maximum(world.links.by_world(ordered), 1e-12)


def _indicators(world: World, p: Programme) -> dict[str, Array]:
    if not p.scenario.relations.scored:
        return {}
    return {name: _by_value(x, world) for name, x in zip(INDICATORS, world.standing.indicators, strict=True)}


def _score(world: World, p: Programme) -> Array | dict[str, Array]:
    return _by_value(score(world, p), world) if p.scenario.relations.scored else {}


def _standing(world: World, p: Programme) -> dict[str, Array]:
    """Shares of links in use."""
    if not p.scenario.relations.replacing:
        return {}
    links, standing = world.links, world.standing
    used = world.order_value + world.missing_value > 0
    count = np.maximum(links.by_world(used), 1.0)
    states = {"warned": standing.warned, "under notice": standing.notice, "in transition": standing.transition}
    return {name: links.by_world(used & (x > 0)) / count for name, x in states.items()}


def _replaced(world: World, p: Programme) -> Array | dict[str, Array]:
    return world.links.by_world(world.standing.replaced) if p.scenario.relations.replacing else {}


indicators = Outcome(
    "relation_indicator", "share", "mean", "indicators of links between firms, weighted by what is ordered",
    _indicators, "higher",
)  # fmt: skip
relation_score = Outcome(
    "relation_score", "share", "mean", "score of suppliers with their customers, weighted by what is ordered",
    _score, "higher",
)  # fmt: skip
standing = Outcome(
    "relations_in_trouble", "share", "mean", "links whose supplier is warned, under notice or about to be replaced",
    _standing, "lower",
)  # fmt: skip
replaced = Outcome(
    "suppliers_replaced", "links", "sum", "links whose supplier was replaced by the best-scored candidate", _replaced
)
