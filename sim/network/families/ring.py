"""Firms in a circle."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.fields import Unit
from sim.network.families.graphs import Edges, GraphFamily


class Ring(GraphFamily):
    """Firms stand in a circle and are partners of the nearest on both sides.

    Rule: firm i and firm i + k (modulo n) are partners for k = 1..reach. Nothing is drawn but sizes. As goods flow from
    higher to lower numbers, they do not go round.
    """

    kind: Literal["ring"] = "ring"
    firms: Annotated[int, Field(ge=3), Unit("count")] = Field(default=30, description="number of firms")
    reach: Annotated[int, Field(ge=1), Unit("count")] = Field(default=1, description="partners on each side")

    def graph(self) -> tuple[int, Edges]:
        near = np.arange(1, min(self.reach, self.firms // 2) + 1)
        first = np.repeat(np.arange(self.firms), len(near))
        return self.firms, np.stack([first, (first + np.tile(near, self.firms)) % self.firms], axis=1)
