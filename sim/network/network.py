"""A supply network: firms and links as columns, in one canonical order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.errors import NetworkError, unknown

if TYPE_CHECKING:
    import networkx

ROLES = ("supplier", "manufacturer", "logistics")
SIZES = ("sme", "large")

Column = npt.NDArray[Any]

MOST_NAMED = 12
"""Firms that a message names; of more it gives the number and a few as examples."""


def unknown_firm(name: str, known: Collection[str]) -> str:
    """One sentence for an unknown firm: the nearest known one, and which are known."""
    text = unknown("firm", name, known)
    if len(known) <= MOST_NAMED:
        return text
    few = ", ".join(sorted(known)[:3])
    return f"{text.split(' (known: ')[0]} ({len(known)} firms are known, e.g. {few})"


FIRM_DEFAULTS: dict[str, Any] = {
    "name": "",
    "role": None,
    "tier": -1,
    "region": "home",
    "industry": "general",
    "size": "large",
    "anchor": False,
    "price": 20.0,
    "demand": 0.0,
    "capacity_ratio": 1.3,
    "value_added_share": 0.5,
    "quality_cost_factor": 1.0,
    "abatement_cost_factor": 1.0,
    "intensity_factor": 1.0,
}
"""Firm attributes and what they are when the data do not say (-1: worked out from the links).

Units: price thousand CNY per tonne of output; demand tonnes per month sold to the market; capacity
as a multiple of the volume at rest; value added as a share of revenue; factors on the effort costs and the
emission intensity of the firm's technology. All assumed."""

LINK_DEFAULTS: dict[str, Any] = {
    "input_group": "inputs",
    "order_share": np.nan,
    "units_per_unit": np.nan,
    "distance_km": 300.0,
    "carrier": "",
}
"""Link attributes; a missing order share means an equal split, missing units per unit an equal part
of what the customer spends on inputs."""

SHARE_TOLERANCE = 1e-4
"""Order shares may miss 1 by this much (published tables are rounded); they are then made exact."""


@dataclass(frozen=True, eq=False)
class Network:
    """Firms and links as columns. Firms are ordered by role, tier and identifier, links by customer,
    input group and supplier, so the order of rows in a file never matters."""

    ids: tuple[str, ...]
    firms: Mapping[str, Column]
    supplier: npt.NDArray[np.int64]
    customer: npt.NDArray[np.int64]
    carrier: npt.NDArray[np.int64]
    links: Mapping[str, Column]
    source: str = ""
    _roles: dict[str, slice] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        return len(self.ids)

    @property
    def link_count(self) -> int:
        return len(self.supplier)

    def role(self, name: str) -> slice:
        """Firms of one role stand together; this is where."""
        if name not in self._roles:
            codes = self.firms["role"]
            low, high = (int(np.searchsorted(codes, ROLES.index(name), side=side)) for side in ("left", "right"))
            self._roles[name] = slice(low, high)
        return self._roles[name]

    @property
    def depth(self) -> int | None:
        """Links on the longest way through the network, or None where goods go round in a circle."""
        rounds = np.bincount(self._circles) > 1
        return None if rounds.any() else int(self.levels.max())

    @cached_property
    def _circles(self) -> npt.NDArray[np.int64]:
        """A number for each firm, the same for firms among which goods go round in a circle."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        ends = (np.ones(self.link_count), (self.supplier, self.customer))
        found: npt.NDArray[np.int64] = connected_components(
            csr_array(ends, shape=(self.size, self.size)), connection="strong"
        )[1].astype(np.int64)
        return found

    @cached_property
    def levels(self) -> npt.NDArray[np.int64]:
        """Links on the longest way from each firm to the end of its chains, a circle counting as one firm: goods move
        from a higher level to a lower one, or round within a circle."""
        supplier, customer = self._circles[self.supplier], self._circles[self.customer]
        onward = supplier != customer
        supplier, customer = supplier[onward], customer[onward]
        level = np.zeros(int(self._circles.max(initial=0)) + 1, dtype=np.int64)
        while True:
            following = level.copy()
            np.maximum.at(following, supplier, level[customer] + 1)
            if np.array_equal(following, level):
                return level[self._circles]
            level = following

    def index(self, firm: str) -> int:
        """Position of a firm by its identifier."""
        try:
            return self.ids.index(firm)
        except ValueError:
            raise NetworkError(f"{self.source}: {unknown_firm(firm, self.ids)}") from None

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.firms["region"].tolist())))

    def supplied_by(self, supplier: npt.NDArray[np.int64], distance_km: Column) -> Network:
        """The same network with other suppliers of its links, at other distances."""
        return replace(self, supplier=supplier, links={**self.links, "distance_km": distance_km}, _roles={})

    def graph(self) -> networkx.MultiDiGraph | networkx.DiGraph:
        """The network as a networkx graph, an edge from supplier to customer; a multigraph only
        where one supplier sells to one customer under several input groups."""
        import networkx as nx

        pairs = set(zip(self.supplier.tolist(), self.customer.tolist(), strict=True))
        graph: Any = nx.DiGraph() if len(pairs) == self.link_count else nx.MultiDiGraph()
        for i, firm in enumerate(self.ids):
            values = {k: v[i].item() if hasattr(v[i], "item") else v[i] for k, v in self.firms.items()}
            values["role"] = ROLES[values["role"]]
            graph.add_node(firm, **values)
        for n, (j, i, c) in enumerate(zip(self.supplier, self.customer, self.carrier, strict=True)):
            values = {k: v[n].item() if hasattr(v[n], "item") else v[n] for k, v in self.links.items()}
            graph.add_edge(self.ids[j], self.ids[i], carrier=self.ids[c], **values)
        return graph
