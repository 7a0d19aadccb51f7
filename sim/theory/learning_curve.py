"""Costs that fall with experience."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sim.fields import NonNegative, Share
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Settled, quiet, star


class LearningCurve(Case):
    """What a unit costs falls by the same part with each doubling of all that was made: c(n) = c_1 n^-b.

    In the engine n = 1 + K, K years of full abatement behind the firm, and what falls is the bill of an effort that
    stays the same.
    """

    name: ClassVar[str] = "learning_curve"
    title: ClassVar[str] = "Costs that fall with experience"
    source: ClassVar[str] = "Wright 1936"
    formula: ClassVar[str] = "c(n) = c_1 n^-b, n = 1 + years x abatement"
    explains: ClassVar[str] = (
        "Who has abated for long abates more cheaply: each doubling of experience takes the same part off the cost, a "
        "fifth at an exponent of 0.32. So effort today makes effort tomorrow cheaper."
    )
    shown: ClassVar = ({}, {"years": 3}, {"years": 7, "exponent": 0.5}, {"years": 5, "abatement": 0.4})
    axis: ClassVar[Axis] = Axis("years", (1, 2, 3, 4, 5, 7, 9, 12, 15), (Panel("cost, share of the first"),))

    exponent: NonNegative = Field(0.32, le=3.0, description="b: exponent of experience")
    years: int = Field(1, ge=1, le=30, description="years of abatement")
    abatement: Share = Field(1.0, gt=0, description="abatement effort in these years, share of full effort")

    def theory(self) -> dict[str, float]:
        n = 1.0 + self.abatement * self.years
        return {"cost, of the first": n**-self.exponent}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        scenario = quiet(
            {"technology": {"learning_exponent": self.exponent, "spillover": 0.0}},
            network=star([10.0]),
            behaviours=[{"kind": "fixed", "abatement": self.abatement}],
            months=12 * self.years + 1,
        )
        done = Settled(scenario, seed=seed)
        first, last = (done.of(bills, "f1") for bills in (done.bills[0], done.bills[-1]))
        return {"cost, of the first": Simulated(last / first)}
