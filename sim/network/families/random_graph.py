"""Partners by chance."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.fields import NonNegative
from sim.network.families.complete import Firms
from sim.network.families.graphs import Edges, GraphFamily


class RandomGraph(GraphFamily):
    """Any two firms are partners with the same chance.

    Rule: each pair with chance mean_partners / (firms - 1), at most 1. A firm without partners sells to the market by
    itself. Source: Erdos & Renyi 1959; Gilbert 1959.
    """

    kind: Literal["random"] = "random"
    firms: Firms = Field(default=50, description="number of firms")
    mean_partners: NonNegative = Field(default=3.0, description="partners of a firm on average")

    def graph(self) -> tuple[int, Edges]:
        import networkx as nx

        chance = min(self.mean_partners / (self.firms - 1), 1.0)
        if 1.0 - chance == 1.0:
            # networkx divides by log(1 - chance), and no pair would ever come of it.
            chance = 0.0
        return self.firms, nx.fast_gnp_random_graph(self.firms, chance, seed=self.seed).edges
