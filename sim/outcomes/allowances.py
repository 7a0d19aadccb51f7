"""Trade in allowances, where emissions are capped."""

from __future__ import annotations

from collections.abc import Callable

from sim.fields import Array
from sim.mechanisms.incentives.cap_and_trade import CapAndTrade
from sim.outcomes.base import Outcome
from sim.programme import Programme
from sim.world import World


def _figure(name: str) -> Callable[[World, Programme], dict[str, Array]]:
    def measure(world: World, p: Programme) -> dict[str, Array]:
        markets = [force.name for force in p.incentives if isinstance(force.incentive, CapAndTrade)]
        return {market: world.memory[market][name][:, 0] for market in markets}

    return measure


price = Outcome("allowance_price", "kCNY/t", "mean", "price of the allowance for a tonne, by market", _figure("price"))
balance = Outcome(
    "allowances_balance", "t CO2e", "last", "allowances banked, or owed to the regulator where below 0, by market",
    _figure("balance"),
)  # fmt: skip
