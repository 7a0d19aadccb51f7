"""A circle with short cuts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.fields import Share, Unit
from sim.network.families.graphs import Edges, GraphFamily


class SmallWorld(GraphFamily):
    """A ring in which some links lead anywhere: partners know each other, and everybody is near.

    Rule: firms in a circle with `reach` partners on each side; each link is turned to a firm drawn at random with
    chance `rewired`. Source: Watts & Strogatz 1998.
    """

    kind: Literal["small_world"] = "small_world"
    firms: Annotated[int, Field(ge=3), Unit("count")] = Field(default=50, description="number of firms")
    reach: Annotated[int, Field(ge=1), Unit("count")] = Field(
        default=2, description="partners on each side before links are turned"
    )
    rewired: Share = Field(default=0.1, description="share of links that lead anywhere (assumed)")

    def graph(self) -> tuple[int, Edges]:
        import networkx as nx

        near = min(2 * self.reach, self.firms - 1)
        return self.firms, nx.watts_strogatz_graph(self.firms, near, self.rewired, seed=self.seed).edges
