"""Quality: defects, inspections, the chain index, efforts."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.outcomes.base import Outcome, by_role, mean_over
from sim.programme import Programme
from sim.rules import effort
from sim.world import World


def active(world: World, p: Programme) -> Array:
    """Firms with revenue, (world, firm) of 0 and 1: the ones that means are taken over."""
    return world.once("active", lambda: (world.revenue > 0).astype(float))


def _role_means(x: Array, world: World, p: Programme) -> dict[str, Array]:
    marked = active(world, p)
    total = by_role(x * marked, p)
    count = world.once("active by role", lambda: by_role(marked, p))
    return {role: total[role] / np.maximum(count[role], 1.0) for role in total}


def _overclaimed(world: World, p: Programme) -> Array:
    """Mean of overclaim x d x shared."""
    if not p.scenario.reporting.overclaiming:
        return np.zeros(p.worlds)
    shared = np.maximum(world.shared_near, world.shared_far)
    return mean_over(world.overclaim * world.disclosure * shared, active(world, p))


def theta(world: World, p: Programme) -> Array:
    """Green quality of each firm, (world, firm)."""
    weight = p.scenario.technology.quality_weight
    return effort.green_quality(world.quality, world.abatement, weight)


def _reaching_market(world: World, p: Programme) -> Array:
    return (world.outgoing * world.sold).sum(axis=1) / np.maximum(world.sold.sum(axis=1), 1e-12)


def _shipped(world: World, p: Programme) -> Array:
    made = np.where(p.traits.producer, world.volume * p.traits.price, 0.0)
    return (world.outgoing * made).sum(axis=1) / np.maximum(made.sum(axis=1), 1e-12)


def _delivered(world: World, p: Programme) -> Array:
    ordered = world.links.by_world(world.order_value + world.missing_value)
    return world.links.by_world(world.order_value) / np.maximum(ordered, 1e-12)


def _indicator(x: Array, world: World, p: Programme) -> Array:
    value = world.links.by_world(world.order_value)
    return world.links.by_world(x * world.order_value) / np.maximum(value, 1e-12)


shipped_defects = Outcome(
    "shipped_defect_rate", "share", "mean", "defects in what firms ship, weighted by value", _shipped, "lower"
)
market_defects = Outcome(
    "market_defect_rate", "share", "mean", "defects in what reaches the market", _reaching_market, "lower"
)
duplicates = Outcome(
    "duplicate_inspections", "lots", "sum", "lots inspected again by the buyer, one lot a link and month",
    lambda w, p: w.links.by_world(w.intensity * (w.order_value > 0)), "lower",
)  # fmt: skip
chain_index = Outcome(
    "chain_index", "share", "mean", "green quality index, mean over chains",
    lambda w, p: w.index.mean(axis=1), "higher",
)  # fmt: skip
green_quality = Outcome(
    "green_quality", "share", "mean", "mean green quality of firms",
    lambda w, p: mean_over(theta(w, p), active(w, p)), "higher",
)  # fmt: skip
quality_effort = Outcome(
    "quality_effort", "share", "mean", "mean quality effort by role",
    lambda w, p: _role_means(w.quality, w, p), "higher",
)  # fmt: skip
abatement_effort = Outcome(
    "abatement_effort", "share", "mean", "mean abatement effort by role",
    lambda w, p: _role_means(w.abatement, w, p), "higher",
)  # fmt: skip
disclosure = Outcome(
    "disclosure", "share", "mean", "mean share of their data that firms disclose",
    lambda w, p: mean_over(w.disclosure, active(w, p)), "higher",
)  # fmt: skip
trading = Outcome(
    "trading_firms", "firms", "mean", "firms with revenue, over which means are taken",
    lambda w, p: active(w, p).sum(axis=1),
)  # fmt: skip
membership = Outcome(
    "membership", "share", "mean", "share of firms that take part in the collaboration",
    lambda w, p: mean_over(w.member, active(w, p)),
)  # fmt: skip
overclaiming = Outcome(
    "overclaiming", "share", "mean", "by how much reports that are shared and believed overstate green quality, mean",
    _overclaimed, "lower",
)  # fmt: skip
trust = Outcome(
    "trust", "share", "mean", "mean trust of buyers in suppliers, weighted by value",
    lambda w, p: _indicator(w.trust, w, p), "higher",
)  # fmt: skip
on_time = Outcome(
    "on_time_delivery", "share", "mean", "share of what is ordered between firms that is delivered, by value",
    _delivered, "higher",
)  # fmt: skip
disruption = Outcome(
    "disruption_months", "months", "sum", "months that producers in a chain are under an outage",
    lambda w, p: (np.minimum(w.outage_left, 1.0) * (w.capacity > 0)).sum(axis=1), "lower",
)  # fmt: skip
incidents = Outcome(
    "incidents", "incidents", "sum", "environmental incidents of firms", lambda w, p: w.incident.sum(axis=1), "lower"
)
load_factor = Outcome(
    "load_factor", "share", "mean", "load factor of transport, weighted by tonne-kilometres",
    lambda w, p: w.links.by_world(w.tonne_km) / np.maximum(w.links.by_world(w.tonne_km / w.load), 1e-12), "higher",
)  # fmt: skip
