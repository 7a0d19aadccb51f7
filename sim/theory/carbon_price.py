"""Abatement under a carbon price."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from sim.fields import MoneyPerTonne
from sim.theory.abating import Baseline, FirstCost, Plants, Slope, all_or_none, same_length
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Settled


class CarbonPrice(Case):
    """A firm abates until the next tonne costs as much as the price: a_i = (p - alpha_i)/gamma_i, within 0 and all it
    emits.

    In the engine the price is a carbon tax, and firms give their best reply to it.
    """

    name: ClassVar[str] = "carbon_price"
    title: ClassVar[str] = "Abatement under a carbon price"
    source: ClassVar[str] = "marginal abatement cost; Baumol & Oates 1988"
    formula: ClassVar[str] = "a_i = (p - alpha_i)/gamma_i, within 0 and all that firm i emits"
    explains: ClassVar[str] = (
        "Under one price every firm abates just what costs it less than the price, so no tonne is abated dearly while "
        "a cheaper one is emitted. Tonnes that save energy are abated without any price."
    )
    shown: ClassVar = ({}, {"price": 0.5}, {"price": 0.0}, {"first_cost": (0.0, 0.0, 0.0), "price": 0.3})
    axis: ClassVar[Axis] = Axis("price", (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5), (Panel("tonnes abated"),))

    price: MoneyPerTonne = Field(0.1, description="p: price of a tonne")
    first_cost: tuple[FirstCost, ...] = Field(
        (-0.02, -0.05, -0.01), min_length=1, max_length=60, description="alpha: cost of each firm's first tonne"
    )
    slope: tuple[Slope, ...] = Field((0.002, 0.004, 0.001), description="gamma: what each further tonne costs more")
    baseline: tuple[Baseline, ...] = Field((100.0, 60.0, 300.0), description="emissions of each without abatement, t")

    @model_validator(mode="after")
    def _of_the_same_firms(self) -> CarbonPrice:
        same_length(first_cost=self.first_cost, slope=self.slope, baseline=self.baseline)
        all_or_none(self.first_cost)
        return self

    def theory(self) -> dict[str, float]:
        plants = zip(self.first_cost, self.slope, self.baseline, strict=True)
        wanted = [min(max((self.price - alpha) / gamma, 0.0), most) for alpha, gamma, most in plants]
        return {f"firm {n}": tonnes for n, tonnes in enumerate(wanted, 1)}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        plants = Plants(self.first_cost, self.slope, self.baseline)
        done = Settled(plants.scenario(incentives=[{"kind": "carbon_tax", "rate": self.price}], months=1), seed=seed)
        return {f"firm {n}": Simulated(tonnes) for n, tonnes in enumerate(plants.tonnes(done), 1)}

    def size(self, quantity: str) -> float:
        return max(self.baseline)
