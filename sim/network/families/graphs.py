"""What families made of an undirected graph have in common: goods flow one way along every edge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.draws import Draws, slots
from sim.errors import NetworkError
from sim.fields import Distance, Positive, Unit
from sim.network.building import build
from sim.network.columns import Index
from sim.network.families.base import Family
from sim.network.network import Network

Edges = Iterable[tuple[int, int]] | Index
"""Pairs of firms, one by one or as rows of an array."""


class GraphFamily(Family):
    """A supply network on an undirected graph: along an edge the firm of the higher number supplies the one of the
    lower.

    So goods never go round. Firms that sell to the market are manufacturers, the others suppliers; by default the
    market buys of those that have no customers. Inputs of a firm are one group, in equal parts from all its
    suppliers. With `inputs = 0` partners trade nothing; with `sellers = "all"` as well, all firms have the same
    revenue.
    """

    sellers: Literal["ends", "all"] = Field(
        default="ends", description="firms that sell to the market: those without customers, or all"
    )
    demand: Annotated[float, Field(gt=0), Unit("t")] = Field(
        default=1000.0, description="tonnes a month that each of them sells to the market"
    )
    price: Positive = Field(default=20.0, description="thousand CNY for a tonne of any firm's output")
    inputs: Annotated[float, Field(ge=0, lt=1), Unit("share")] = Field(
        default=0.5, description="tonnes of inputs for a tonne of output; 0: nothing is traded"
    )
    distance_km: Distance = Field(default=300.0, description="length of a link")

    def build(self) -> Network:
        count, edges = self.graph()
        return self._network([f"f{n + 1:0{len(str(count))}d}" for n in range(count)], edges)

    def graph(self) -> tuple[int, Edges]:
        """Number of firms, and the pairs of firms, counted from 0, that are partners."""
        raise TypeError(f"{type(self).__name__} must define graph()")

    def _network(self, names: list[str], edges: Edges) -> Network:
        pairs = np.array(edges if isinstance(edges, np.ndarray) else list(edges), dtype=np.int64).reshape(-1, 2)
        if not len(pairs):
            raise NetworkError(f"{self.source}: the graph has no links; more firms or partners are needed")
        # Each pair once, however often and from whichever end it is given.
        supplier, customer = np.divmod(np.unique(pairs.max(axis=1) * len(names) + pairs.min(axis=1)), len(names))
        ends = np.ones(len(names), dtype=bool)
        ends[supplier] = False
        sells = ends | (self.sellers == "all")
        small = Draws(self.seed, [0], slots(names)).uniform("network/size", 0)[0] < self.sme_share
        return build(
            {
                "id": names,
                "role": np.where(sells, "manufacturer", "supplier").tolist(),
                "size": np.where(small & ~sells, "sme", "large").tolist(),
                "price": np.full(len(names), self.price),
                "demand": np.where(sells, self.demand, 0.0),
                "value_added_share": np.full(len(names), 1.0 - self.inputs),
            },
            {
                "supplier": supplier,
                "customer": customer,
                "units_per_unit": np.full(len(supplier), self.inputs),
                "distance_km": np.full(len(supplier), self.distance_km),
            },
            source=self.source,
            carriers=self.carriers,
        )

    @property
    def source(self) -> str:
        """What the network is called in messages."""
        return f"{type(self).model_fields['kind'].default.replace('_', '-')} network"
