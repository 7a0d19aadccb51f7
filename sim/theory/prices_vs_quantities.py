"""Whether to set a price or a quantity when costs are uncertain."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sim.fields import Count, NonNegative, Positive
from sim.theory.abating import SAVED, Plants
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.emissions_trading import MONTHS
from sim.theory.engine import Settled

KNOWN, WANTED, EMITTED = 2.0, 6.0, 8.0
"""In shocks of marginal cost, or tonnes that these shift abatement by: what the first tonne is expected to save; tonnes
abated at the best price or cap; tonnes emitted without abatement. The result does not depend on them."""


class PricesVsQuantities(Case):
    """Marginal cost is uncertain by sigma when the regulator sets a price or a cap, and known when firms abate.

    The price is better than the cap by sigma² (C'' - |B''|)/(2 C''²), C'' the slope of marginal cost and B'' that of
    marginal benefit. In the engine energy is dearer or cheaper than expected, one as likely as the other, so that
    abatement saves more or less than expected by sigma a tonne; the price is a carbon tax, the cap one of
    `cap_and_trade`. What abated tonnes are worth is reckoned on top of the books, as the engine knows only a social
    cost that is the same for each.
    """

    name: ClassVar[str] = "prices_vs_quantities"
    title: ClassVar[str] = "A price or a quantity when costs are uncertain"
    source: ClassVar[str] = "Weitzman 1974"
    formula: ClassVar[str] = "price better than cap by sigma²(C'' - |B''|)/(2C''²)"
    explains: ClassVar[str] = (
        "A price lets firms do more when abatement turns out cheap and less when it turns out dear; a cap does not. "
        "That is good where another tonne is worth much the same whatever is done, and bad where damage rises steeply."
    )
    shown: ClassVar = ({}, {"benefit_slope": 0.01}, {"benefit_slope": 0.02}, {"benefit_slope": 0.0, "shock": 0.2})
    axis: ClassVar[Axis] = Axis(
        "benefit_slope",
        (0.0, 0.0025, 0.005, 0.0075, 0.01, 0.0125, 0.015, 0.02),
        (Panel("advantage of the price, kCNY", ("advantage of the price",)),),
    )

    shock: Positive = Field(0.1, description="sigma: standard deviation of marginal cost, kCNY/t")
    cost_slope: Positive = Field(0.01, description="C'': slope of marginal cost of all firms together, kCNY/t²")
    benefit_slope: NonNegative = Field(0.005, description="|B''|: slope by which marginal benefit falls, kCNY/t²")
    firms: Count = Field(2, le=60, description="firms, all alike")

    def theory(self) -> dict[str, float]:
        c, b = self.cost_slope, self.benefit_slope
        return {
            "advantage of the price": self.shock**2 * (c - b) / (2 * c**2),
            "deviation of tonnes": self.shock / c,
        }

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        shift, n = self.shock / self.cost_slope, self.firms
        wanted, emitted, price = WANTED * shift, EMITTED * shift, (WANTED - KNOWN) * self.shock
        plants = Plants([-KNOWN * self.shock] * n, [self.cost_slope * n] * n, [emitted / n] * n)
        cap = 1.0 - wanted / emitted
        market = {
            "kind": "cap_and_trade", "cap": cap, "least": cap, "decline": 0.0, "horizon": 1,
            "ceiling": 3.0 * EMITTED * self.shock,
        }  # fmt: skip
        instruments = ({"kind": "carbon_tax", "rate": price}, market)
        worth, tonnes = [0.0, 0.0], []
        for deviation in (-1.0, 1.0):
            for k, instrument in enumerate(instruments):
                scenario = plants.scenario(incentives=[instrument], months=MONTHS if k else 1)
                # A tonne saves (KNOWN - deviation) shocks of energy in the place of KNOWN.
                energy = SAVED * (KNOWN - deviation) / KNOWN
                done = Settled(scenario.replace({"technology.energy_cost": energy}), seed=seed)
                abated = sum(plants.tonnes(done))
                benefit = price * abated - self.benefit_slope * (abated - wanted) ** 2 / 2
                worth[k] += (benefit - plants.cost(done)) / 2
                if k == 0:
                    tonnes.append(abated)
        return {
            "advantage of the price": Simulated(worth[0] - worth[1]),
            "deviation of tonnes": Simulated(abs(tonnes[0] - tonnes[1]) / 2),
        }

    def size(self, quantity: str) -> float:
        shift = self.shock / self.cost_slope
        return shift if quantity == "deviation of tonnes" else shift * self.shock
