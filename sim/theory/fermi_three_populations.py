"""Which practices of three tiers last together."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Unit
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import quiet
from sim.theory.playing import CLEAR, NOTHING, copying, course

FIRMS = 20
"""Firms of each tier."""

FEW = 0.1
"""Share of each tier that begins otherwise than its tier does at the corner."""

SELECTION = 200.0
"""Strong, so that chance decides nothing."""

MONTHS: dict[Effort, int] = {"quick": 80, "full": 120}
WORLDS: dict[Effort, int] = {"quick": 4, "full": 16}

NEAREST = 0.05
"""What an advantage is at least, at every corner."""

Advantage = Annotated[float, Field(ge=-0.5, le=0.5), Unit("share")]

CORNERS = {
    (0, 0, 0): "nobody",
    (1, 0, 0): "buyers alone",
    (0, 1, 0): "first tier alone",
    (0, 0, 1): "second tier alone",
    (1, 1, 0): "all but the second tier",
    (1, 0, 1): "all but the first tier",
    (0, 1, 1): "all but buyers",
    (1, 1, 1): "everybody",
}
"""Whether buyers, the first and the second tier follow the practice, and who does in words."""

Corner = tuple[int, int, int]


class FermiThreePopulations(Case):
    """Firms of three tiers follow a practice or not, and copy peers of their own tier that do better. It is worth a
    of its own, and phi for the share of followers in each neighbouring tier. With u, v, w the shares of followers
    from the market upstream, it is worth Du = a1 + phi v, Dv = a2 + phi (u + w), Dw = a3 + phi v.

    A corner, where each tier follows all or not at all, lasts if (1 - 2u) Du, (1 - 2v) Dv and (1 - 2w) Dw are all below
    0. In the engine each firm supplies every firm of the next tier, efforts of partners are complements (or
    substitutes), full effort costs what it costs, saves scrap, and is subsidised tier by tier.
    """

    name: ClassVar[str] = "fermi_three_populations"
    title: ClassVar[str] = "Practices of three tiers that last together"
    source: ClassVar[str] = "Taylor & Jonker 1978; Friedman 1991; Traulsen, Nowak & Pacheco 2006"
    formula: ClassVar[str] = (
        "a corner lasts if (1-2u)(a1 + phi v), (1-2v)(a2 + phi(u + w)) and (1-2w)(a3 + phi v) are below 0"
    )
    explains: ClassVar[str] = (
        "Where a practice pays in one tier only if the next follows it too, all three following and none following "
        "both last: a chain can be stuck where nobody begins. Where tiers stand in for each other, one does it and "
        "others rest."
    )
    shown: ClassVar = (
        {},
        {"synergy": -0.3, "buyers": 0.2, "first_tier": 0.2, "second_tier": 0.2},
        {"buyers": 0.1},
        {"synergy": 0.0, "second_tier": 0.2},
    )
    sampled: ClassVar[bool] = True
    axis: ClassVar[Axis] = Axis(
        "synergy",
        (-0.4, -0.2, 0.0, 0.05, 0.3, 0.35, 0.4),
        (Panel("share of runs that stay", ("nobody", "everybody")),),
        label="worth of the practice where a neighbouring tier follows it",
    )

    synergy: Annotated[float, Field(ge=-1.0, le=1.0), Unit("share")] = Field(
        0.3, description="phi: worth of the practice where all of a neighbouring tier follow it, share of revenue"
    )
    buyers: Advantage = Field(
        -0.1, description="a1: own worth of the practice to who sells to the market, share of revenue"
    )
    first_tier: Advantage = Field(-0.2, description="a2: the same in the tier that supplies them")
    second_tier: Advantage = Field(-0.1, description="a3: the same in the tier beyond")

    @model_validator(mode="after")
    def _clear_at_every_corner(self) -> FermiThreePopulations:
        least = min(abs(x) for corner in CORNERS for x in self._worth(corner))
        needed = max(NEAREST, 2.5 * FEW * abs(self.synergy))
        if least < needed:
            raise ValueError(
                f"synergy: at a corner the practice is worth only {least:.3g} more or less than none, allowed is at "
                f"least {needed:.3g}"
            )
        return self

    def theory(self) -> dict[str, float]:
        return {name: float(self._lasts(corner)) for corner, name in CORNERS.items()}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        return {name: self._stay(corner, seed, effort) for corner, name in CORNERS.items()}

    def _worth(self, corner: Corner) -> tuple[float, float, float]:
        u, v, w = corner
        phi = self.synergy
        return self.buyers + phi * v, self.first_tier + phi * (u + w), self.second_tier + phi * v

    def _lasts(self, corner: Corner) -> bool:
        return all((1 - 2 * each) * worth < 0 for each, worth in zip(corner, self._worth(corner), strict=True))

    def _stay(self, corner: Corner, seed: int, effort: Effort) -> Simulated:
        """Share of the worlds that begin near a corner and come to it."""
        # Own worth is what scrap is saved, less the cost that a subsidy leaves.
        own = (self.buyers, self.first_tier, self.second_tier)
        saved = max(0.0, *own)
        cost = max(saved - min(own), NOTHING)
        paid = [1.0 - (saved - each) / cost for each in own]
        scenario = quiet(
            {
                "technology": {
                    "quality_cost": 2.0 * cost, "scrap_cost": saved, "defect_rate": 1.0, "defect_cut": 1.0,
                },
            },
            network={
                "kind": "random_layered", "tiers": [FIRMS] * 3, "density": 1.0, "inputs": 0.2, "carriers": 1,
                "sme_share": 0.0,
            },
            information=CLEAR,
            interaction={"complementarity": self.synergy / FIRMS},
            incentives=[
                {"kind": "effort_subsidy", "share": min(max(share, 0.0), 1.0), "applies_to": {"tier": tier}}
                for tier, share in enumerate(paid)
            ],
            behaviours=[copying(SELECTION, partners=0.0, peers="tier", attempts=0.3)],
            start={"cooperators": [FEW + (1.0 - 2.0 * FEW) * each for each in corner]},
            update={"begins": 1},
        )  # fmt: skip
        worlds = course(scenario, seed, range(WORLDS[effort]))
        *_, (_, efforts) = islice(worlds, MONTHS[effort])
        found = efforts.reshape(len(efforts), 3, FIRMS)
        # Suppliers stand before manufacturers.
        there = found[:, [2, 0, 1]] == [[[float(each)] for each in corner]]
        stayed = there.all(axis=(1, 2))
        return Simulated(float(stayed.mean()), float(stayed.std() / np.sqrt(len(stayed))))
