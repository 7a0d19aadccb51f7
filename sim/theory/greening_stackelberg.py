"""Who greens a product, who sets prices first, and who pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Positive
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.choosing import best_choice
from sim.theory.engine import Settled, Table, quiet, star

CHEAPEST = 1.6
"""By which factor the retailer may make greening cheaper to the manufacturer at most."""

WAYS: Mapping[str, tuple[Table, float, int]] = {
    "one firm": ({"kind": "nash", "applies_to": {"role": "supplier"}}, 1 / 2, 70),
    "manufacturer first": ({"kind": "leader"}, 1 / 4, 30),
    "both at once": ({"kind": "nash"}, 1 / 3, 40),
}
"""How margins are set (the one firm is a retailer that adds none), what part of demand at cost they leave, and months
in which greening and margins come to rest."""


class GreeningStackelberg(Case):
    """A manufacturer greens its product to the level theta at a cost I theta² and sells it through a retailer;
    customers want a - b p + beta theta of it at the price p. A unit costs c; A = a - b c.

    One firm of both: theta = beta A/(4bI - beta²). The manufacturer sets its margin first, knowing what the retailer
    will add: beta A/(8bI - beta²). Both set theirs at once: beta A/(6bI - beta²). A retailer that pays a share of
    I theta² does best with beta²/(16bI), at which theta = 2 beta A/(16bI - 3 beta²). In the engine theta is the quality
    effort of a supplier, both set margins above the usual price c, and the seller tries out what sponsoring brings it
    in the books.
    """

    name: ClassVar[str] = "greening_stackelberg"
    title: ClassVar[str] = "Who greens a product, and who sets prices first"
    source: ClassVar[str] = "Ghosh & Shah 2012, 2015"
    formula: ClassVar[str] = "theta = beta A/(mbI - beta²), A = a - bc, m = 4 one firm, 8 manufacturer first, 6 at once"
    explains: ClassVar[str] = (
        "Two margins on one product leave less demand for greening to win than one margin does, so a chain of two "
        "firms greens less than one firm would, and least where the one that greens sets its price first. A retailer "
        "that pays a part of the cost gains by it."
    )
    shown: ClassVar = ({}, {"greening": 3.0}, {"market": 400.0, "price": 2.5, "unit_cost": 12.0})
    axis: ClassVar[Axis] = Axis("greening", (0.2, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5), (
        Panel("greening", ("one firm", "manufacturer first", "both at once", "manufacturer first, shared")),
        Panel("share of the cost that the retailer pays", ("share paid",)),
    ))  # fmt: skip

    market: Positive = Field(100.0, description="a: demand at a price of nothing without greening, units")
    price: Positive = Field(1.0, description="b: demand lost for each unit of money on the price")
    greening: Positive = Field(2.0, description="beta: demand won for each unit of greening")
    investment: Positive = Field(8.0, description="I: greening theta costs I theta², money; at least beta²/(2b)")
    unit_cost: Positive = Field(20.0, description="c: cost of a unit, money; below a/b")

    @model_validator(mode="after")
    def _demand_and_rest(self) -> GreeningStackelberg:
        if self.price * self.unit_cost >= self.market:
            most = self.market / self.price
            raise ValueError(f"unit_cost: given {self.unit_cost:g}, allowed is a number below a/b ({most:g})")
        least = self.greening**2 / (2.0 * self.price)
        if self.investment < least:
            raise ValueError(f"investment: given {self.investment:g}, allowed is at least beta²/(2b) ({least:g})")
        return self

    def theory(self) -> dict[str, float]:
        beta, square = self.greening, self.greening**2
        sold, stake = self.market - self.price * self.unit_cost, self.price * self.investment
        return {
            "one firm": beta * sold / (4 * stake - square),
            "manufacturer first": beta * sold / (8 * stake - square),
            "both at once": beta * sold / (6 * stake - square),
            "share paid": square / (16 * stake),
            "manufacturer first, shared": 2 * beta * sold / (16 * stake - 3 * square),
        }

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        first = "manufacturer first"
        cheaper = best_choice(lambda x: self._gain(self._run(first, seed, x)), np.linspace(1.0, CHEAPEST, 5).tolist())
        found = {way: Simulated(self._run(way, seed).quality("f1") * self._unit) for way in WAYS}
        shared = Simulated(self._run(first, seed, cheaper).quality("f1") * self._unit)
        return {**found, "share paid": Simulated(1.0 - 1.0 / cheaper), "manufacturer first, shared": shared}

    def size(self, quantity: str) -> float:
        return 1.0 if quantity == "share paid" else self._unit

    @property
    def _unit(self) -> float:
        """Greening that full effort of the engine stands for: twice that of one firm."""
        return 2.0 * self.theory()["one firm"]

    def _gain(self, done: Settled) -> float:
        """What the retailer gets, by the books."""
        return done.of(done.booked("margins", "cost sharing"), "seller")

    def _run(self, way: str, seed: int, cheaper: float = 1.0) -> Settled:
        """What comes of it if the retailer's share makes greening this many times cheaper to the manufacturer."""
        # A tonne of the engine is what is wanted at cost without greening, and its usual price what that costs.
        sold = self.market - self.price * self.unit_cost
        cost = self.unit_cost * sold
        coefficient = 2.0 * self.investment * self._unit**2 / (0.5 * cost)
        pricing, left, months = WAYS[way]
        # About the step at whose end the payoff has no slope, as revenue is about that part of what it is at cost.
        climbing = {"kind": "gradient", "role": "supplier", "speed": left * cheaper / coefficient, "noise": 0.0}
        scenario = quiet(
            {
                "technology": {"quality_cost": coefficient, "effort_base": "plant"},
                "market": {
                    "demand_response": self.greening * self._unit / sold,
                    "price_elasticity": self.price * self.unit_cost / sold,
                },
            },
            network=star([0.5 * cost], cost),
            pricing=pricing,
            cost_sharing={"kind": "sponsor", "share": 1.0 - 1.0 / cheaper},
            behaviours=[climbing, {"kind": "fixed", "role": "manufacturer"}, {"kind": "fixed", "role": "logistics"}],
            months=months,
        )
        return Settled(scenario, seed=seed)
