"""Money: profit, public spending, consumers, welfare."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.outcomes.base import Outcome, by_role
from sim.programme import Programme
from sim.rules import market
from sim.world import World


def _sum(x: Array) -> Array:
    return x.sum(axis=1)


def _public(world: World) -> tuple[Array, Array]:
    """Spending and revenue of the regulators, (W,) each, worked out once."""
    return world.once("public", world.ledger.public)


def _public_cost(world: World, p: Programme) -> Array:
    spending, revenue = _public(world)
    return spending - revenue


def _welfare(world: World, p: Programme) -> Array:
    carbon = np.ravel(p.scenario.market.social_cost_of_carbon) * _sum(world.emissions)
    total = _sum(world.profit) - _public_cost(world, p) - carbon
    if market.switched_on(p.scenario.market.pass_through):
        # What sellers get by a higher price is what customers lose.
        total = total - _sum(_sales(world, p) * world.price_rise)
    if p.scenario.pricing.on:
        total = total - _sum(_sales(world, p) * world.markup)
    return total


def _sales(world: World, p: Programme) -> Array:
    """Sales to the market at usual prices, (world, firm)."""
    return p.traits.price * world.sold


def _consumer_surplus(world: World, p: Programme) -> Array:
    elasticity = p.scenario.market.price_elasticity
    if not market.switched_on(elasticity):
        return np.zeros(p.worlds)
    return _sum(market.consumer_surplus(_sales(world, p), world.appetite, elasticity))


profit = Outcome("profit", "kCNY", "sum", "profit of all firms", lambda w, p: _sum(w.profit), "higher")
by_roles = Outcome("profit_by_role", "kCNY", "sum", "the same by role", lambda w, p: by_role(w.profit, p), "higher")
premium = Outcome(
    "green_premium", "kCNY", "sum", "premium that the market pays for visible green quality",
    lambda w, p: _sum(w.ledger.firm["premium"]),
)  # fmt: skip
effort_cost = Outcome(
    "effort_cost", "kCNY", "sum", "what firms spend on quality and abatement efforts",
    lambda w, p: -_sum(w.ledger.firm["effort"]),
)  # fmt: skip
spending = Outcome(
    "public_spending", "kCNY", "sum", "what regulators pay: incentives, training, audits",
    lambda w, p: _public(w)[0], "lower",
)  # fmt: skip
revenue = Outcome(
    "public_revenue", "kCNY", "sum", "what regulators receive: taxes, fines",
    lambda w, p: _public(w)[1],
)  # fmt: skip
public_cost = Outcome(
    "public_cost", "kCNY", "sum", "public spending less public revenue", _public_cost, "lower"
)  # fmt: skip
consumer_surplus = Outcome(
    "consumer_surplus", "kCNY", "sum", "worth of what customers buy above what they pay; 0 without price_elasticity",
    _consumer_surplus, "higher",
)  # fmt: skip
welfare = Outcome(
    "welfare", "kCNY", "sum", "profit less public cost less emissions at their social cost, less price rises paid",
    _welfare, "higher",
)  # fmt: skip
