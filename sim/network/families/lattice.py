"""Firms on a chessboard without edges."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.fields import Unit
from sim.network.families.graphs import Edges, GraphFamily

Side = Annotated[int, Field(ge=3), Unit("count")]
"""Length of a side on which the neighbours to the left and to the right are two."""


class Lattice(GraphFamily):
    """Firms on a square lattice whose edges are joined (a torus): each has four partners.

    Rule: partners are the von Neumann neighbours. Nothing is drawn but sizes. Source: the usual neighbourhood of
    spatial games (Nowak & May 1992; Szabo & Fath 2007).
    """

    kind: Literal["lattice"] = "lattice"
    rows: Side = Field(default=6, description="rows of firms")
    columns: Side = Field(default=6, description="columns of firms")

    def graph(self) -> tuple[int, Edges]:
        firms = np.arange(self.rows * self.columns).reshape(self.rows, self.columns)
        right, below = np.roll(firms, -1, axis=1), np.roll(firms, -1, axis=0)
        return firms.size, np.stack([np.tile(firms.ravel(), 2), np.concatenate([right, below], axis=None)], axis=1)
