"""Everybody is everybody's partner."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.fields import Unit
from sim.network.families.graphs import Edges, GraphFamily

Firms = Annotated[int, Field(ge=2), Unit("count")]
"""A number of firms that leaves somebody to trade with."""


class Complete(GraphFamily):
    """Every two firms are partners, as in a well-mixed population.

    Rule: an edge between any two of `firms`. Nothing is drawn but sizes.
    """

    kind: Literal["complete"] = "complete"
    firms: Firms = Field(default=12, description="number of firms")

    def graph(self) -> tuple[int, Edges]:
        return self.firms, np.stack(np.triu_indices(self.firms, 1), axis=1)
