"""Whether a single firm that cooperates is followed by all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, NonNegative, Unit
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import quiet
from sim.theory.playing import CLEAR, COSTLESS, alike, copying, course
from sim.theory.sampling import sampled

MOST: Mapping[Effort, int] = {"quick": 512, "full": 2048}
"""Replications at most."""

FIRST = 512
"""Replications to begin with: worlds side by side cost little."""

LOOKED_AT = 20
"""Months after which it is looked whether every world has come to an end."""

Group = Annotated[int, Field(ge=2), Unit("count")]


class Fixation(Case):
    """N firms, of which n meet at a time: who cooperates puts c = 1 into the pot, which is multiplied by r and shared
    equally. One firm at a time looks at another and copies it by Fermi's rule, on the mean payoff over all meetings.

    A cooperator does better than the others by -u = r (N - n)/(n (N - 1)) - 1 whatever their number, so one of them
    takes over with probability (1 - e^(beta u))/(1 - e^(beta N u)), 1/N where it makes no difference. In the engine all
    firms are partners, groups are drawn among them and paid the mean over the draws, and one firm decides a month.
    """

    name: ClassVar[str] = "fixation"
    title: ClassVar[str] = "A single firm that cooperates, in a small industry"
    source: ClassVar[str] = "Traulsen, Nowak & Pacheco 2006"
    formula: ClassVar[str] = "(1 - e^(beta u))/(1 - e^(beta N u)), u = 1 - r(N - n)/(n(N - 1)); 1/N if u = 0"
    explains: ClassVar[str] = (
        "In a small industry chance decides too: one firm that cooperates at its own expense may yet be copied by "
        "all, and one that does well may not. It takes a return well above the size of the group to be likelier than"
        " by chance."
    )
    shown: ClassVar = ({}, {"group_return": 2.0}, {"firms": 6, "group": 2, "selection": 0.3}, {"firms": 6, "group": 6})
    sampled: ClassVar[bool] = True
    axis: ClassVar[Axis] = Axis(
        "group_return", (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0), (Panel("probability that all come to cooperate"),)
    )

    firms: Group = Field(8, le=12, description="N: number of firms")
    group: Group = Field(4, le=12, description="n: firms that meet, at most all")
    group_return: NonNegative = Field(14.0, le=60.0, description="r: what a unit put in brings the group")
    selection: NonNegative = Field(0.2, le=1.0, description="beta: how much success counts, per unit put in")

    @model_validator(mode="after")
    def _groups_within_the_industry(self) -> Fixation:
        if self.group > self.firms:
            raise ValueError(f"group: given {self.group}, allowed is at most firms ({self.firms})")
        return self

    def theory(self) -> dict[str, float]:
        ahead = self.group_return * (self.firms - self.group) / (self.group * (self.firms - 1)) - 1.0
        step = self.selection * ahead
        ratio = 1.0 / self.firms if step == 0 else np.expm1(-step) / np.expm1(-step * self.firms)
        return {"taken over": float(ratio)}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        scenario = quiet(
            {"technology": COSTLESS},
            network=alike("complete", firms=self.firms),
            information=CLEAR,
            # A firm is in n groups on average: the one around it, and those around the others.
            interaction={
                "group_return": self.group_return,
                "group_cost": 1.0 / self.group,
                "group_size": self.group,
            },
            behaviours=[copying(self.selection, partners=1.0, attempts=1.0)],
            start={"cooperators": 1.0 / self.firms},
            update={"schedule": "single", "begins": 1},
        )

        def draw(replications: range) -> dict[str, Array]:
            for world, efforts in course(scenario, seed, replications):
                if world.month % LOOKED_AT == 0:
                    count = efforts.sum(axis=1)
                    if np.all((count == 0) | (count == self.firms)):
                        return {"taken over": (count > 0).astype(float)}
            raise AssertionError("a course does not end")

        return sampled(draw, effort, first=FIRST, most=MOST[effort])
