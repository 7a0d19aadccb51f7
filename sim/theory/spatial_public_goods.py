"""Cooperation among neighbours that copy each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, NonNegative
from sim.scenario.schema import Scenario
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import quiet
from sim.theory.playing import CLEAR, COSTLESS, alike, copying, course
from sim.theory.sampling import sampled

PUBLISHED = {4.0: 0.51, 4.5: 0.75, 5.0: 0.93}
"""Cooperators' share by return r, from the paper's figures, within 0.02."""

GONE, ALONE = 3.74, 5.49
"""Returns below which cooperators die out, and above which they are alone."""

SOON_GONE, SOON_ALONE = 3.6, 6.0
"""Returns up to which, and from which, this takes a few hundred rounds; nearer the thresholds it takes far longer."""

NOISE = 0.5
"""K of the paper: selection is 1/K."""

CLASSES = 8
"""Classes of a square lattice whose firms are more than three links apart: as many months are a round."""

SIDE = 40
"""Length of the lattice: a multiple of 4, so that these classes are of equal size."""

START = 0.98
"""Share of cooperators at first: a few who do not put anything in come among many who do."""

ROUNDS: Mapping[Effort, Mapping[float, tuple[int, int]]] = {
    "quick": {4.0: (150, 120), 4.5: (200, 150), 5.0: (100, 120)},
    "full": {4.0: (250, 350), 4.5: (300, 300), 5.0: (150, 450)},
}
"""Rounds before, and rounds over which the share is taken, by return: the slower the nearer to the lower threshold."""

SURE: Mapping[Effort, tuple[int, int]] = {"quick": (180, 20), "full": (300, 30)}
"""The same beyond the thresholds, where the end is certain."""

WORLDS: Mapping[Effort, int] = {"quick": 3, "full": 4}
"""Replications to begin with."""


class SpatialPublicGoods(Case):
    """Firms on a square lattice are each in five groups of five, the one around them and those around their
    neighbours. Who cooperates puts 1 into each; pots are multiplied by r and shared equally. One firm after the other
    looks at a neighbour and copies it with chance 1/(1 + exp((own payoff - its payoff)/K)), K = 0.5.

    Published are the cooperators' share at three returns, and the returns at which they die out and at which they are
    alone. In the engine one class of firms that do not touch each other's comparison decides a month.
    """

    name: ClassVar[str] = "spatial_public_goods"
    title: ClassVar[str] = "Cooperation among neighbours"
    source: ClassVar[str] = "Szolnoki, Perc & Szabo 2009"
    formula: ClassVar[str] = (
        "none; published shares of cooperators: 0 below r = 3.74; 0.51, 0.75, 0.93 at r = 4, 4.5, 5; 1 above 5.49"
    )
    explains: ClassVar[str] = (
        "Where firms meet at random, nobody cooperates unless a unit put in brings the giver itself more than one. "
        "Among neighbours cooperators stand together, so a return of 3.74 in groups of five is enough for some to "
        "last."
    )
    shown: ClassVar = ({}, {"group_return": 4.5}, {"group_return": 4.0}, {"group_return": 3.2}, {"group_return": 6.0})
    sampled: ClassVar[bool] = True
    axis: ClassVar[Axis] = Axis(
        "group_return", (3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0), (Panel("share of firms that cooperate"),)
    )

    group_return: NonNegative = Field(5.0, le=20.0, description="r: what a unit put in brings the group")

    @model_validator(mode="after")
    def _is_published(self) -> SpatialPublicGoods:
        if SOON_GONE < self.group_return < SOON_ALONE and self.group_return not in PUBLISHED:
            raise ValueError(
                f"group_return: given {self.group_return:g}, allowed is what is published, "
                f"{', '.join(f'{r:g}' for r in PUBLISHED)}, up to {SOON_GONE} (gone below {GONE}) or from {SOON_ALONE} "
                f"(alone above {ALONE})"
            )
        return self

    def theory(self) -> dict[str, float]:
        beyond = 0.0 if self.group_return < GONE else 1.0
        return {"cooperators": PUBLISHED.get(self.group_return, beyond)}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        before, over = ROUNDS[effort].get(self.group_return, SURE[effort])

        def draw(replications: range) -> dict[str, Array]:
            worlds = course(self._scenario(), seed, replications)
            late = islice(worlds, before * CLASSES, (before + over) * CLASSES, CLASSES)
            return {"cooperators": np.mean([efforts.mean(axis=1) for _, efforts in late], axis=0)}

        return sampled(draw, effort, first=WORLDS[effort], most=2 * WORLDS[effort])

    def _scenario(self) -> Scenario:
        return quiet(
            {"technology": COSTLESS},
            network=alike("lattice", rows=SIDE, columns=SIDE),
            information=CLEAR,
            interaction={"group_return": self.group_return, "group_cost": 1.0},
            behaviours=[copying(1.0 / NOISE, partners=1.0, attempts=1.0)],
            start={"cooperators": START},
            update={"schedule": "sublattice", "distance": 3, "begins": 1},
        )
