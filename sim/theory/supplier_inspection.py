"""The quality control game between a buyer and its supplier."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.beginning import opening
from sim.fields import Positive, Share
from sim.phases import month
from sim.programme import programme_of
from sim.scenario.schema import Scenario
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import quiet, star

VALUE = 10.0
"""What a month's goods cost, money; any other value would do, as all the rest is told by what it costs."""

MONTHS = {"full": 1350, "quick": 1100}
"""Months of play."""

COMING_TO_REST = 350
"""First months, left out of the averages."""

PACE = 0.12
"""How far the chances of a defect must lie from the one at which inspecting brings what it costs, relative to their
sum, for the buyer to come to rest within these months."""


class SupplierInspection(Case):
    """A supplier's lot is defective with chance p1 if it makes an effort, which costs T, and p2 if not. Its buyer
    inspects for m, or not: for a defect found the price is reduced by D, one that is not costs R after the sale, a R
    of it the supplier.

    The buyer is indifferent where defects come with chance pbar = m/(D + (1 - a)R), the supplier where a defect costs
    it kappa = T/(p2 - p1). So the buyer inspects (kappa - aR)/(D - aR) of the time, and the supplier makes an effort
    (p2 - pbar)/(p2 - p1) of it. In the engine the supplier does what pays, all or nothing, and the buyer inspects
    more of the lots while that brings in more than it costs; what is compared are averages over months.
    """

    name: ClassVar[str] = "supplier_inspection"
    title: ClassVar[str] = "Does a buyer inspect, does a supplier care?"
    source: ClassVar[str] = "after Reyniers & Tapiero 1995"
    formula: ClassVar[str] = (
        "inspections (kappa - aR)/(D - aR); effort (p2 - pbar)/(p2 - p1); kappa = T/(p2 - p1), pbar = m/(D + (1 - a)R)"
    )
    explains: ClassVar[str] = (
        "A higher price reduction for defects found makes the buyer inspect less, and the supplier care more, as "
        "the buyer would else inspect all. What effort costs the supplier moves the buyer's inspections, not the "
        "supplier's effort."
    )
    shown: ClassVar = ({}, {"reduction": 14.0}, {"effort_cost": 0.9, "inspection_cost": 1.5, "supplier_part": 0.0})
    axis: ClassVar[Axis] = Axis(
        "reduction",
        (4.5, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 14.0),
        (Panel("share of the time", ("inspections", "effort")),),
    )
    sampled: ClassVar[bool] = True

    careful: Share = Field(0.05, gt=0, lt=1, description="p1: chance of a defect with effort")
    careless: Share = Field(0.25, lt=1, description="p2: chance of a defect without; above p1")
    effort_cost: Positive = Field(0.6, description="T: what effort costs the supplier a month, money")
    inspection_cost: Positive = Field(1.2, description="m: what inspecting costs the buyer, money")
    reduction: Positive = Field(8.0, description="D: price reduction for a defect found, money")
    failure: Positive = Field(4.0, description="R: cost of a defect that reaches the market, money")
    supplier_part: Share = Field(0.25, description="a: part of it that the supplier bears")

    @model_validator(mode="after")
    def _mixed(self) -> SupplierInspection:
        if self.careless <= self.careful:
            raise ValueError(f"careless: given {self.careless:g}, allowed is a number above careful ({self.careful:g})")
        wide = (1.0 + PACE) / (1.0 - PACE)
        least, most = wide * self.careful, self.careless / wide
        if not least <= self._indifferent <= most:
            raise ValueError(
                f"inspection_cost: given {self.inspection_cost:g}, at which inspecting pays where a defect has a "
                f"chance of {self._indifferent:g} or more; allowed is what makes that a number in [{least:g}, {most:g}]"
            )
        low, high = self.supplier_part * self.failure, self.reduction
        if not low < self._at_stake < high:
            raise ValueError(
                f"effort_cost: given {self.effort_cost:g}, for which a defect must cost the supplier "
                f"{self._at_stake:g}; allowed is what makes that a number in ({low:g}, {high:g})"
            )
        return self

    @property
    def _indifferent(self) -> float:
        """pbar: chance of a defect at which inspecting brings what it costs."""
        return self.inspection_cost / (self.reduction + (1.0 - self.supplier_part) * self.failure)

    @property
    def _at_stake(self) -> float:
        """kappa: what a defect must cost the supplier for effort to bring what it costs."""
        return self.effort_cost / (self.careless - self.careful)

    def theory(self) -> dict[str, float]:
        borne = self.supplier_part * self.failure
        return {
            "inspections": (self._at_stake - borne) / (self.reduction - borne),
            "effort": (self.careless - self._indifferent) / (self.careless - self.careful),
        }

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        months = MONTHS[effort]
        p = programme_of(self._scenario(months), seed, [0])
        world, firm = opening(p), p.network.index("f1")
        inspections, efforts = [], []
        for t in range(months):
            world = month(world, p)
            if t >= COMING_TO_REST:
                inspections.append(float(world.intensity[0]))
                efforts.append(float(world.quality[0, firm]))
        # Nothing is drawn.
        return {"inspections": Simulated(float(np.mean(inspections))), "effort": Simulated(float(np.mean(efforts)))}

    def _scenario(self, months: int) -> Scenario:
        price = 4.0 * VALUE
        return quiet(
            {
                "technology": {
                    # Full effort costs half of k_q.
                    "quality_cost": 2.0 * self.effort_cost / VALUE,
                    "defect_rate": self.careless,
                    "defect_cut": 1.0 - self.careful / self.careless,
                },
                "quality": {
                    "inspecting": "reply",
                    "inspection": 0.5,
                    "inspection_learning": 0.05,
                    "inspection_speed": 0.01,
                    "detection": 1.0,
                    "inspection_cost": self.inspection_cost / VALUE,
                    "reduction": self.reduction / VALUE,
                    # The buyer's own process spoils no more than it must, which only takes off these.
                    "warranty_cost": self.failure / price / (1.0 - self.careful),
                    "liability": self.supplier_part,
                    "trust": 0.0,
                    "trust_speed": 0.0,
                },
                "logistics": {"damage_rate": 0.0},
            },
            network=star([VALUE], price),
            behaviours=[
                {"kind": "best_reply", "levels": 2, "role": "supplier"},
                {"kind": "fixed", "quality": 1.0, "role": "manufacturer"},
                {"kind": "fixed", "role": "logistics"},
            ],
            months=months,
        )
