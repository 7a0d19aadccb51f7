"""Free-riding in a team that shares equally."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sim.fields import Count, Positive
from sim.scenario.schema import Scenario
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import BEST_REPLY, Settled, Table, quiet, star


class Teams(Case):
    """n firms make efforts e whose benefit b sum(e) they share equally; effort costs each c e²/2.

    Each for itself e = b/(n c); together e = b/c; welfare each for itself over welfare together (2n - 1)/n².
    In the engine the benefit is the green premium of a chain whose seller hands all of it on in equal parts.
    """

    name: ClassVar[str] = "teams"
    title: ClassVar[str] = "Free-riding in a team that shares equally"
    source: ClassVar[str] = "Holmstrom 1982; Cornes & Sandler 1996"
    formula: ClassVar[str] = "each for itself e = b/(nc); together e = b/c; welfare ratio (2n - 1)/n²"
    explains: ClassVar[str] = (
        "A firm that pays the whole of its effort and gets the n-th part of what it brings does the n-th part of what "
        "would be best for all. The more firms share, the less is done."
    )
    shown: ClassVar = ({}, {"firms": 5}, {"firms": 10}, {"firms": 10, "benefit": 100.0, "cost": 25.0})
    axis: ClassVar[Axis] = Axis(
        "firms",
        (1, 2, 3, 4, 6, 8, 10, 14, 20),
        (Panel("effort", ("effort", "first-best effort")), Panel("welfare, share of the best", ("welfare ratio",))),
    )

    firms: Count = Field(2, le=200, description="firms in the team")
    benefit: Positive = Field(1.0, description="b: benefit of a unit of effort, money")
    cost: Positive = Field(2.0, description="c: effort e costs c e²/2, money")

    def theory(self) -> dict[str, float]:
        n, best = self.firms, self.benefit / self.cost
        return {"effort": best / n, "first-best effort": best, "welfare ratio": (2 * n - 1) / n**2}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        alone = Settled(self._scenario(BEST_REPLY), seed=seed)
        # A step of the gradient with speed 1/k ends where the slope of a quadratic payoff is nothing.
        together = Settled(self._scenario({"kind": "cooperative", "speed": 1.0}), seed=seed)
        welfare = [done.booked("premium", "effort").sum() for done in (alone, together)]
        return {
            "effort": Simulated(alone.quality("f1") * self._unit),
            "first-best effort": Simulated(together.quality("f1") * self._unit),
            "welfare ratio": Simulated(welfare[0] / welfare[1]),
        }

    def size(self, quantity: str) -> float:
        return 1.0 if quantity == "welfare ratio" else self.benefit / self.cost

    @property
    def _unit(self) -> float:
        """Effort of the theory that full effort of the engine stands for: twice the first best."""
        return 2.0 * self.benefit / self.cost

    def _scenario(self, behaviour: Table) -> Scenario:
        # With k_q = 1 a firm's revenue is the cost coefficient of its effort.
        revenue, benefit = self.cost * self._unit**2, self.benefit * self._unit
        return quiet(
            {"technology": {"quality_cost": 1.0}, "market": {"premium": benefit / (2.0 * revenue)}},
            network=star([revenue] * self.firms),
            benefit_sharing={"kind": "revenue_sharing", "share": 1.0},
            behaviours=[behaviour],
            months=3,
        )
