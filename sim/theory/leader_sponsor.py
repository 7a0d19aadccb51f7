"""How much of its follower's cost a chain leader should pay."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Positive
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.choosing import best_choice
from sim.theory.engine import Settled, quiet, star

CHEAPEST = 1000.0
"""By which factor the leader may make effort cheaper to its follower at most."""


class LeaderSponsor(Case):
    """A follower's effort e brings the leader bL e and itself bS e, and costs it (1 - f) c e²/2; the leader pays f of
    it.

    The follower does e = bS/((1 - f) c). Best for the leader is f = (2 bL - bS)/(2 bL + bS), at which e = (2 bL +
    bS)/(2c), if bL > bS/2, else f = 0. In the engine the benefit is the green premium of a chain, shared bL to bS, and
    the leader tries out what each share f brings it in the books.
    """

    name: ClassVar[str] = "leader_sponsor"
    title: ClassVar[str] = "What share of its follower's cost a leader pays"
    source: ClassVar[str] = "Jorgensen, Sigue & Zaccour 2000 (cooperative advertising); Cornes & Sandler 1996"
    formula: ClassVar[str] = "f = (2bL - bS)/(2bL + bS), e = (2bL + bS)/(2c) if bL > bS/2, else f = 0, e = bS/c"
    explains: ClassVar[str] = (
        "A buyer that gains more than half as much as its supplier from the supplier's effort does well to pay part of "
        "the cost, and the more it gains the larger a part. Effort rises, but not to what is best for both together."
    )
    shown: ClassVar = ({}, {"leader_benefit": 4.0}, {"leader_benefit": 0.4}, {"leader_benefit": 60.0, "cost": 9.0})
    axis: ClassVar[Axis] = Axis(
        "leader_benefit",
        (0.1, 0.4, 0.6, 1.0, 1.5, 2.0, 3.0, 4.0),
        (Panel("share of the cost that the leader pays", ("share paid",)), Panel("effort", ("effort",))),
    )

    leader_benefit: Positive = Field(1.0, description="bL: what a unit of effort brings the leader, money")
    follower_benefit: Positive = Field(1.0, description="bS: what it brings the follower, money")
    cost: Positive = Field(2.0, description="c: effort e costs c e²/2, money")

    @model_validator(mode="after")
    def _share_within_reach(self) -> LeaderSponsor:
        most = 0.9 * CHEAPEST * self.follower_benefit
        if self.leader_benefit > most:
            raise ValueError(f"leader_benefit: given {self.leader_benefit:g}, allowed is at most {most:g}")
        return self

    def theory(self) -> dict[str, float]:
        leader, follower = self.leader_benefit, self.follower_benefit
        if leader <= follower / 2:
            return {"share paid": 0.0, "effort": follower / self.cost}
        share = (2 * leader - follower) / (2 * leader + follower)
        return {"share paid": share, "effort": (2 * leader + follower) / (2 * self.cost)}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        cheaper = best_choice(
            lambda x: self._gain(self._run(x, seed)), [1.0, *np.geomspace(1.0, CHEAPEST, 16)[1:].tolist()]
        )
        return {
            "share paid": Simulated(1.0 - 1.0 / cheaper),
            "effort": Simulated(self._run(cheaper, seed).quality("f1") * self._unit),
        }

    def size(self, quantity: str) -> float:
        return 1.0 if quantity == "share paid" else self._unit

    @property
    def _unit(self) -> float:
        """Effort of the theory that full effort of the engine stands for: twice the first best."""
        return 2.0 * (self.leader_benefit + self.follower_benefit) / self.cost

    def _gain(self, done: Settled) -> float:
        """What the leader gets, by the books."""
        return done.of(done.booked("premium", "cost sharing"), "seller")

    def _run(self, cheaper: float, seed: int) -> Settled:
        """What comes of it if the leader's share makes effort this many times cheaper to the follower."""
        both = self.leader_benefit + self.follower_benefit
        revenue = self.cost * self._unit**2
        scenario = quiet(
            {"technology": {"quality_cost": 1.0}, "market": {"premium": both * self._unit / (2.0 * revenue)}},
            network=star([revenue]),
            benefit_sharing={"kind": "revenue_sharing", "share": self.follower_benefit / both},
            cost_sharing={"kind": "sponsor", "share": 1.0 - 1.0 / cheaper},
            months=1,
        )
        return Settled(scenario, seed=seed)
