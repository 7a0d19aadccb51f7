"""Tiers between which links are drawn."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from sim.draws import Draws, slots
from sim.fields import Count, Share
from sim.network.columns import Index
from sim.network.families.graphs import Edges, GraphFamily
from sim.network.network import Network


class RandomLayered(GraphFamily):
    """Firms in tiers; a firm may supply any firm of the tier below, and supplies at least one.

    Rule: each pair of neighbouring tiers' firms is linked with chance `density`; a supplier that would have no customer
    takes the one whose draw came nearest. The first tier sells to the market. Nothing else depends on who is who,
    unlike in `tiered`, where firms take turns. With density 1 every firm supplies all of the tier below.
    """

    kind: Literal["random_layered"] = "random_layered"
    tiers: tuple[Count, ...] = Field(
        default=(4, 10, 16),
        min_length=2,
        description="number of firms in the tier that sells to the market, the next, ...",
    )
    density: Share = Field(default=0.25, description="chance that a firm supplies a firm of the tier below (assumed)")

    def build(self) -> Network:
        return self._network(self._names, self.graph()[1])

    def graph(self) -> tuple[int, Edges]:
        names, start = self._names, np.cumsum([0, *self.tiers]).tolist()
        edges: list[Index] = []
        for tier in range(1, len(self.tiers)):
            below = range(start[tier - 1], start[tier])
            for j in range(start[tier], start[tier + 1]):
                luck = Draws(self.seed, [0], slots(f"{names[j]}>{names[i]}" for i in below)).uniform("network/link", 0)[
                    0
                ]
                chosen = np.flatnonzero((luck < self.density) | (luck == luck.min()))
                edges.append(np.stack([np.full(len(chosen), j), below.start + chosen], axis=1))
        return len(names), np.concatenate(edges)

    @property
    def _names(self) -> list[str]:
        return [f"t{tier}-{n + 1:03d}" for tier, count in enumerate(self.tiers) for n in range(count)]
