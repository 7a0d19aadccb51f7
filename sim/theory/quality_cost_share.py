"""Who should pay for a supplier's quality where both bear the failures."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Positive, Unit
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.choosing import best_choice
from sim.theory.engine import BEST_REPLY, Settled, Table, quiet, star

CHEAPEST = 40.0
"""By which factor the buyer may make effort cheaper to its supplier at most."""


class QualityCostShare(Case):
    """Failures of a supplier's goods cost L (1 - q), of which it bears the share a; its quality effort q costs k q²/2,
    of which the buyer pays the share f.

    The supplier does q = a L/((1 - f) k); first best L/k. Best for the buyer is f = (2 - 3a)/(2 - a), if a < 2/3, else
    0. In the engine every lot is inspected, what fails is returned, and a contract says what the supplier is liable
    for.
    """

    name: ClassVar[str] = "quality_cost_share"
    title: ClassVar[str] = "Who pays for quality where both bear the failures"
    source: ClassVar[str] = "linear-quadratic; cf. Chao, Iravani & Savaskan 2009"
    formula: ClassVar[str] = "q = aL/((1 - f)k); first best L/k; f = (2 - 3a)/(2 - a) if a < 2/3, else 0"
    explains: ClassVar[str] = (
        "A supplier that is liable for little of what its failures cost does little about them. A buyer then does well "
        "to pay part of the supplier's quality cost; a buyer whose supplier is liable for two thirds or more pays "
        "nothing."
    )
    shown: ClassVar = ({}, {"liability": 0.1}, {"liability": 0.5}, {"liability": 0.8}, {"loss": 12.0, "cost": 40.0})
    axis: ClassVar[Axis] = Axis(
        "liability",
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
        (
            Panel("quality effort", ("effort without sharing", "effort with it", "first-best effort")),
            Panel("share of the cost that the buyer pays", ("share paid",)),
        ),
    )

    liability: Annotated[float, Field(ge=0.05, le=1), Unit("share")] = Field(
        0.3, description="a: share of the failure cost that the supplier bears"
    )
    loss: Positive = Field(1.0, description="L: what failures cost without any effort, money")
    cost: Positive = Field(2.0, description="k: quality effort q costs k q²/2, money; at least L")

    @model_validator(mode="after")
    def _effort_within_bounds(self) -> QualityCostShare:
        if self.loss > self.cost:
            raise ValueError(f"cost: given {self.cost:g}, allowed is at least loss ({self.loss:g})")
        return self

    def theory(self) -> dict[str, float]:
        a, best = self.liability, self.loss / self.cost
        share = max(0.0, (2 - 3 * a) / (2 - a))
        return {
            "effort without sharing": a * best,
            "first-best effort": best,
            "share paid": share,
            "effort with it": a * best / (1 - share),
        }

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        cheaper = best_choice(
            lambda x: self._gain(self._run(x, seed)), [1.0, *np.geomspace(1.0, CHEAPEST, 12)[1:].tolist()]
        )
        best = {"kind": "cooperative", "speed": self.loss / self.cost}
        return {
            "effort without sharing": Simulated(self._run(1.0, seed).quality("f1")),
            "first-best effort": Simulated(self._run(1.0, seed, best, 3).quality("f1")),
            "share paid": Simulated(1.0 - 1.0 / cheaper),
            "effort with it": Simulated(self._run(cheaper, seed).quality("f1")),
        }

    def _gain(self, done: Settled) -> float:
        """What failures and cost sharing leave the buyer, by the books."""
        return done.of(done.booked("returns", "liability", "cost sharing"), "seller")

    def _run(self, cheaper: float, seed: int, behaviour: Table = BEST_REPLY, months: int = 1) -> Settled:
        """What comes of it if the buyer's share makes effort this many times cheaper to the supplier."""
        scenario = quiet(
            {
                "technology": {"quality_cost": self.cost / self.loss, "defect_rate": 1.0, "defect_cut": 1.0},
                # Every lot is inspected and every defect found and returned, at the whole of its value.
                "quality": {
                    "inspection": 1.0, "detection": 1.0, "return_cost": 1.0, "liability": self.liability,
                    "trust": 0.0, "trust_speed": 0.0,
                },
            },
            network=star([self.loss]),
            cost_sharing={"kind": "sponsor", "share": 1.0 - 1.0 / cheaper},
            behaviours=[behaviour],
            months=months,
        )  # fmt: skip
        return Settled(scenario, seed=seed)
