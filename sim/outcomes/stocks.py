"""Stocks of inputs and the orders that fill them; told only where firms hold stocks."""

from __future__ import annotations

from sim.fields import Array
from sim.month.stocks import held_value
from sim.outcomes.base import Outcome
from sim.programme import Programme
from sim.world import World


def _held(world: World, p: Programme) -> dict[str, Array]:
    if not p.scenario.ordering.holding_stock:
        return {}
    value = held_value(world, p)
    return {group: value[:, firms].sum(axis=1) for group, firms in p.groups.items() if group != "carriers"}


def _ordered(world: World, p: Programme) -> dict[str, Array]:
    if not p.scenario.ordering.holding_stock:
        return {}
    links = world.links
    ordered = links.total(links.customer, world.shipped + world.missing)
    return {group: ordered[:, firms].sum(axis=1) for group, firms in p.groups.items() if group != "carriers"}


stock = Outcome(
    "input_stock",
    "kCNY",
    "mean",
    "inputs that manufacturers and each tier hold; not told where nobody holds any",
    _held,
)
ordered = Outcome("inputs_ordered", "t", "mean", "inputs that manufacturers and each tier order, likewise", _ordered)
