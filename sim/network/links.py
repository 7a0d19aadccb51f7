"""Links as arrays over many worlds: the disjoint union of their graphs.

Firm arrays are (world, firm). Links are flat over all worlds of the block, with flattened firm indices, so worlds may
come to differ in who supplies whom. A link keeps its place, its customer and its input group all run; its supplier
may be replaced. Sums run over flat indices in a fixed order, so a world's numbers never depend on worlds beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from sim.fields import Array
from sim.network.columns import coded
from sim.network.network import Network

Index = npt.NDArray[np.int64]

Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class Links:
    """The links of a block of worlds (W worlds, N firms, L links each).

    supplier, customer, carrier: flat firm index of each link's ends, (W*L,).
    distance_km, units_per_unit, group: attributes of each link, (W*L,); group numbers (one for each customer and input)
    are unique over the block. input: number of the kind of input, the same in all worlds. coloured: colours of firms
    worked out so far, which outlast a replacement of suppliers.
    """

    worlds: int
    firms: int
    supplier: Index
    customer: Index
    carrier: Index
    distance_km: Array
    units_per_unit: Array
    group: Index
    group_count: int
    input: Index
    coloured: dict[tuple[int, bytes], Index] = field(default_factory=dict, repr=False)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def count(self) -> int:
        """Links of all worlds together."""
        return len(self.supplier)

    @property
    def world(self) -> Index:
        """World of each link, (W*L,); of one world alone it takes no room."""
        if self.worlds == 1:
            return np.broadcast_to(np.int64(0), (self.count,))
        return self.once("world", lambda: np.repeat(np.arange(self.worlds), self.count // self.worlds))

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """A value worked out once for these links."""
        if name not in self._kept:
            self._kept[name] = make()
        made: Made = self._kept[name]
        return made

    def supplied_by(self, supplier: Index, distance_km: Array) -> Links:
        """The same links with other suppliers, at other distances."""
        return replace(self, supplier=supplier, distance_km=distance_km, _kept={}, coloured=self.coloured)

    def at(self, ends: Index, x: Array) -> Array:
        """Firm values at one end of every link: (..., world, firm) -> (..., W*L)."""
        return x.reshape(*x.shape[:-2], -1).take(ends, axis=-1)

    def total(self, ends: Index, y: Array) -> Array:
        """Sum of link values over each firm's links at one end: (W*L,) -> (world, firm)."""
        return np.bincount(ends, weights=y, minlength=self.worlds * self.firms).reshape(self.worlds, self.firms)

    def by_world(self, y: Array) -> Array:
        """Sum of link values in each world: (W*L,) -> (world,)."""
        return y.reshape(self.worlds, -1).sum(axis=1)

    def partners(self) -> Array:
        """Number of partners of each firm, link by link, (world, firm)."""
        one = np.ones(self.count)
        return self.once("partners", lambda: self.total(self.supplier, one) + self.total(self.customer, one))

    def pairs(self) -> tuple[Index, Index]:
        """Every firm with each of its partners, each once however many links join them: flat firm indices of the firm
        and of the partner, sorted."""

        def make() -> tuple[Index, Index]:
            size = self.worlds * self.firms
            there, back = self.supplier * size + self.customer, self.customer * size + self.supplier
            first, last = np.divmod(np.unique(np.concatenate([there, back])), size)
            return first, last

        return self.once("pairs", make)

    def shift(self, order_share: Array, weight: Array) -> Array:
        """Order shares moved toward links of higher weight; each input group still sums to 1.

        A weight of one everywhere leaves every share as it is, bit for bit. Where a whole group has
        weight 0 nothing moves: there is nobody better to order from.
        """
        weighted = order_share * weight
        total = np.bincount(self.group, weights=weighted, minlength=self.group_count)
        before = np.bincount(self.group, weights=order_share, minlength=self.group_count)
        scale = np.divide(total, before, out=np.ones_like(total), where=total > 0)[self.group]
        return np.where(total[self.group] > 0, weighted / scale, order_share)

    def upstream_of(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Firms from which goods reach a marked firm, marked ones and the carriers of these goods included: flat
        (W*N,) -> (W*N,)."""
        while True:
            following = mask.copy()
            following[self.supplier[mask[self.customer]]] = True
            if np.array_equal(following, mask):
                break
            mask = following
        mask = mask.copy()
        mask[self.carrier[mask[self.customer]]] = True
        return mask


def links_of(network: Network, worlds: int) -> Links:
    """The links of `worlds` copies of one network."""
    n, m = network.size, network.link_count
    groups = int(network.links["group"].max()) + 1 if m else 0

    def each(column: Index, apart: int) -> Index:
        """A column for each world, numbers of one world `apart` from those of the next; one world's is not copied."""
        if worlds == 1:
            return column
        return np.tile(column, worlds) + np.repeat(np.arange(worlds, dtype=np.int64) * apart, m)

    return Links(
        worlds=worlds,
        firms=n,
        supplier=each(network.supplier, n),
        customer=each(network.customer, n),
        carrier=each(network.carrier, n),
        distance_km=_tiled(network.links["distance_km"], worlds),
        units_per_unit=_tiled(network.links["units_per_unit"], worlds),
        group=each(network.links["group"], groups),
        group_count=groups * worlds,
        input=_tiled(coded(network.links["input_group"])[1], worlds),
    )


def _tiled(column: Array, worlds: int) -> Array:
    return column if worlds == 1 else np.tile(column, worlds)
