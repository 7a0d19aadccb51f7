"""The price of tradable allowances, and what trading saves."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from sim.theory.abating import Baseline, FirstCost, Plants, Slope, all_or_none, same_length
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Settled

MONTHS = 24
"""Months that the market has to come to rest: what the first month emits over the cap is withheld from later caps."""


class EmissionsTrading(Case):
    """Firms must abate A together and trade: p = (A + sum alpha_i/gamma_i)/sum(1/gamma_i), whoever gets the allowances.

    Trading saves, against a standard by which each abates A/n, what marginal costs of different slope make unequal;
    where first tonnes cost nothing it takes the harmonic over the arithmetic mean of the gamma_i of what the standard
    costs. In the engine the price is that of `cap_and_trade`; the standard is imposed on the same firms.
    """

    name: ClassVar[str] = "emissions_trading"
    title: ClassVar[str] = "The price of allowances, and what trading saves"
    source: ClassVar[str] = "Montgomery 1972; Dales 1968"
    formula: ClassVar[str] = (
        "p = (A + sum alpha_i/gamma_i)/sum(1/gamma_i), at which firm i abates (p - alpha_i)/gamma_i"
    )
    explains: ClassVar[str] = (
        "Whoever abates cheaply does more and sells to who abates dearly, until the last tonne costs all the same. The "
        "price depends on how much must be abated and on what it costs, not on who was given the allowances."
    )
    shown: ClassVar = (
        {},
        {"allocation": "benchmarked"},
        {"allocation": "auctioned"},
        {"first_cost": (-0.02, -0.05, -0.01), "abated": 120.0},
    )
    axis: ClassVar[Axis] = Axis(
        "abated",
        (20.0, 40.0, 60.0, 80.0, 100.0, 120.0),
        (Panel("price of a tonne, kCNY", ("price",)), Panel("saved by trading, kCNY", ("saved by trading",))),
    )

    abated: Baseline = Field(80.0, description="A: tonnes that must be abated together")
    allocation: Literal["grandfathered", "benchmarked", "auctioned"] = Field(
        "grandfathered", description="who gets the allowances"
    )
    first_cost: tuple[FirstCost, ...] = Field(
        (0.0, 0.0, 0.0), min_length=1, max_length=60, description="alpha: cost of each firm's first tonne"
    )
    slope: tuple[Slope, ...] = Field((0.002, 0.004, 0.001), description="gamma: what each further tonne costs more")
    baseline: tuple[Baseline, ...] = Field((100.0, 60.0, 300.0), description="emissions of each without abatement, t")

    @model_validator(mode="after")
    def _within_what_can_be_abated(self) -> EmissionsTrading:
        same_length(first_cost=self.first_cost, slope=self.slope, baseline=self.baseline)
        all_or_none(self.first_cost)
        least = sum(-alpha / gamma for alpha, gamma in zip(self.first_cost, self.slope, strict=True))
        plants = zip(self.first_cost, self.slope, self.baseline, strict=True)
        dearest = min(alpha + gamma * most for alpha, gamma, most in plants)
        most = least + dearest * sum(1.0 / gamma for gamma in self.slope)
        most = min(most, len(self.baseline) * min(self.baseline))
        if not least < self.abated < most:
            raise ValueError(
                f"abated: given {self.abated:g}, allowed is a number in ({least:g}, {most:g}) (t), so that every firm "
                "abates and none abates all"
            )
        return self

    @property
    def _price(self) -> float:
        needed = self.abated + sum(alpha / gamma for alpha, gamma in zip(self.first_cost, self.slope, strict=True))
        return needed / sum(1.0 / gamma for gamma in self.slope)

    def theory(self) -> dict[str, float]:
        price, uniform = self._price, self.abated / len(self.slope)
        curves = list(zip(self.first_cost, self.slope, strict=True))
        traded = [(price - alpha) / gamma for alpha, gamma in curves]

        def cost(tonnes: list[float]) -> float:
            return sum(alpha * t + gamma * t * t / 2 for (alpha, gamma), t in zip(curves, tonnes, strict=True))

        standard = [uniform] * len(curves)
        return {"price": price, "cost of trading": cost(traded), "saved by trading": cost(standard) - cost(traded)}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        plants = Plants(self.first_cost, self.slope, self.baseline)
        share = 1.0 - self.abated / sum(self.baseline)
        highest = max(
            alpha + gamma * most for alpha, gamma, most in zip(self.first_cost, self.slope, self.baseline, strict=True)
        )
        market = {
            "kind": "cap_and_trade", "cap": share, "least": share, "decline": 0.0, "allocation": self.allocation,
            "horizon": 1, "ceiling": highest,
        }  # fmt: skip
        traded = Settled(plants.scenario(incentives=[market], months=MONTHS), seed=seed)
        uniform = plants.made_to([self.abated / len(self.slope)] * len(self.slope))
        standard = Settled(plants.scenario(months=1), seed=seed, abatement=uniform)
        price = float(traded.world.memory["cap_and_trade"]["price"][0, 0])
        cost = plants.cost(traded)
        return {
            "price": Simulated(price),
            "cost of trading": Simulated(cost),
            "saved by trading": Simulated(plants.cost(standard) - cost),
        }

    def size(self, quantity: str) -> float:
        highest = max(abs(alpha) for alpha in self.first_cost) + max(self.slope) * self.abated
        return highest if quantity == "price" else highest * self.abated
