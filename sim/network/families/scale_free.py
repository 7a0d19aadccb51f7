"""A few firms with very many partners."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.fields import Count
from sim.network.families.complete import Firms
from sim.network.families.graphs import Edges, GraphFamily


class ScaleFree(GraphFamily):
    """Firms come one by one, and those that have many partners already win more of the newcomers.

    Rule: each newcomer takes `partners` of the firms there, with chances in proportion to how many partners these have.
    The first firms become hubs; goods flow toward them. Source: Barabasi & Albert 1999.
    """

    kind: Literal["scale_free"] = "scale_free"
    firms: Firms = Field(default=50, description="number of firms")
    partners: Count = Field(default=2, description="partners that a newcomer takes, fewer where there are not so many")

    def graph(self) -> tuple[int, Edges]:
        import networkx as nx

        return self.firms, nx.barabasi_albert_graph(
            self.firms, min(self.partners, self.firms - 1), seed=self.seed
        ).edges
