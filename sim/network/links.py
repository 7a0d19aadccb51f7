"""A network as arrays over many worlds: the disjoint union of their graphs.

Firm arrays are (world, firm). Links and chain entries are flat over all worlds of the block, with
flattened firm indices, so worlds may come to differ in their links. Sums run over flat indices in a
fixed order, so a world's numbers do not depend on the worlds beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from sim.errors import NetworkError
from sim.fields import Array
from sim.network.network import Network

Index = npt.NDArray[np.int64]

Made = TypeVar("Made")

MOST_LAYERS = 8
"""Chains a firm may be in for its entries to be added up layer by layer."""

SETTLED = 1e-13
"""Relative change below which the volumes of a chain count as settled."""


@dataclass(frozen=True, eq=False)
class Links:
    """The links of a block of worlds (W worlds, N firms, L links each).

    supplier, customer, carrier: flat firm index of each link's ends, (W*L,).
    distance_km, units_per_unit, group: attributes of each link, (W*L,); group numbers are unique
    over the block.
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

    @property
    def count(self) -> int:
        """Links of all worlds together."""
        return len(self.supplier)

    def at(self, ends: Index, x: Array) -> Array:
        """Firm values at one end of every link: (..., world, firm) -> (..., W*L)."""
        return x.reshape(*x.shape[:-2], -1).take(ends, axis=-1)

    def total(self, ends: Index, y: Array) -> Array:
        """Sum of link values over each firm's links at one end: (W*L,) -> (world, firm)."""
        return np.bincount(ends, weights=y, minlength=self.worlds * self.firms).reshape(self.worlds, self.firms)

    def by_world(self, y: Array) -> Array:
        """Sum of link values in each world: (W*L,) -> (world,)."""
        return y.reshape(self.worlds, -1).sum(axis=1)

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


def links_of(network: Network, worlds: int) -> Links:
    """The links of `worlds` copies of one network."""
    n, m = network.size, network.link_count
    offset = np.repeat(np.arange(worlds, dtype=np.int64) * n, m)
    groups = int(network.links["group"].max()) + 1 if m else 0

    def tile(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        return np.tile(values, worlds)

    return Links(
        worlds=worlds,
        firms=n,
        supplier=np.tile(network.supplier, worlds) + offset,
        customer=np.tile(network.customer, worlds) + offset,
        carrier=np.tile(network.carrier, worlds) + offset,
        distance_km=np.tile(network.links["distance_km"], worlds),
        units_per_unit=np.tile(network.links["units_per_unit"], worlds),
        group=np.tile(network.links["group"], worlds) + np.repeat(np.arange(worlds, dtype=np.int64) * groups, m),
        group_count=groups * worlds,
    )


@dataclass(frozen=True, eq=False)
class Chains:
    """Which firm belongs to which product chain: one entry for each (firm, chain), flat over worlds.

    A chain is a firm that sells to the market (its root) with every firm its product's value contains,
    carriers included. Entries are sorted by world, firm, chain.

    roots: flat firm index of each chain's root, (W*M,). firm, chain: flat indices of each entry, (W*E,).
    link, supplier_entry, customer_entry, carrier_entry: for each (link, chain) that carries goods.
    """

    worlds: int
    firms: int
    per_world: int
    roots: Index
    firm: Index
    chain: Index
    is_root: npt.NDArray[np.bool_]
    root_entry: Index
    link: Index
    supplier_entry: Index
    customer_entry: Index
    carrier_entry: Index
    _starts: Index
    _holders: Index
    _layers: tuple[Index, ...] | None
    _by_chain: Index
    _chain_starts: Index
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def count(self) -> int:
        return len(self.firm)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """A value worked out once for these chains."""
        if name not in self._kept:
            self._kept[name] = make()
        made: Made = self._kept[name]
        return made

    def slots(self) -> tuple[Index, Index]:
        """The entries of each chain in a row, filled up with `count` where chains are smaller, (W*M, n), and how many
        each chain has, (W*M,)."""

        def make() -> tuple[Index, Index]:
            sizes = np.diff(np.r_[self._chain_starts, self.count])
            row = np.repeat(np.arange(len(sizes)), sizes)
            rows = np.full((len(sizes), int(sizes.max(initial=0))), self.count, dtype=np.int64)
            rows[row, np.arange(self.count) - self._chain_starts[row]] = self._by_chain
            return rows, sizes

        return self.once("slots", make)

    def downstream(self) -> tuple[Index, Index]:
        """Pairs of entries of one chain (firm, firm downstream of it): those that its goods reach, and for a carrier
        those that the goods it hauls reach; sorted, without a firm itself."""

        def make() -> tuple[Index, Index]:
            source = np.concatenate([self.supplier_entry, self.carrier_entry])
            target = np.concatenate([self.customer_entry, self.customer_entry])
            order = np.argsort(source, kind="stable")
            source, target = source[order], target[order]
            count = np.bincount(source, minlength=self.count)
            start = np.cumsum(count) - count
            pairs = latest = np.unique(source * self.count + target)
            while len(latest):
                first, last = np.divmod(latest, self.count)
                more = count[last]
                within = np.arange(more.sum()) - np.repeat(np.cumsum(more) - more, more)
                reached = np.repeat(first, more) * self.count + target[np.repeat(start[last], more) + within]
                latest = np.setdiff1d(reached, pairs)
                pairs = np.union1d(pairs, latest)
            first, last = np.divmod(pairs, self.count)
            return first[first != last], last[first != last]

        return self.once("downstream", make)

    def at_firm(self, x: Array) -> Array:
        """Firm values at each entry: (..., world, firm) -> (..., W*E)."""
        return x.reshape(*x.shape[:-2], -1).take(self.firm, axis=-1)

    def at_chain(self, x: Array) -> Array:
        """Chain values at each entry: (world, chain) -> (W*E,)."""
        return x.reshape(-1).take(self.chain)

    def by_firm(self, y: Array) -> Array:
        """Sum over each firm's entries: (..., W*E) -> (..., world, firm)."""
        if self.count == len(self._holders):
            sums = y
        elif self._layers is None:
            sums = np.add.reduceat(y, self._starts, axis=-1)
        else:
            # One more entry, worth nothing, stands for the second, third, ... entry of firms with fewer.
            padded = np.empty((*y.shape[:-1], self.count + 1))
            padded[..., :-1], padded[..., -1] = y, 0.0
            sums = padded.take(self._layers[0], axis=-1)
            for layer in self._layers[1:]:
                sums += padded.take(layer, axis=-1)
        shape = (*y.shape[:-1], self.worlds * self.firms)
        if len(self._holders) < shape[-1]:
            full = np.zeros(shape)
            full[..., self._holders] = sums
            sums = full
        return sums.reshape(*y.shape[:-1], self.worlds, self.firms)

    def by_chain(self, y: Array) -> Array:
        """Sum over each chain's entries: (W*E,) -> (world, chain)."""
        return np.add.reduceat(y.take(self._by_chain), self._chain_starts).reshape(self.worlds, -1)

    def at_root(self, x: Array) -> Array:
        """Firm values at each chain's root: (world, firm) -> (world, chain)."""
        return x.reshape(-1).take(self.roots).reshape(self.worlds, -1)

    def to_roots(self, y: Array) -> Array:
        """Chain values at the firms that are roots, 0 elsewhere: (world, chain) -> (world, firm)."""
        firms = np.zeros((self.worlds, self.firms))
        firms.reshape(-1)[self.roots] = y.ravel()
        return firms

    def volumes(self, demand: Array, requirement: Array) -> Array:
        """Volume that each entry's firm makes for the chain at rest, (W*E,), in tonnes a month.

        demand: (world, firm) tonnes sold to the market; requirement: (W*L,) tonnes of input for one
        tonne of output (A_ji). Solves x = D + A x by following orders upstream until nothing changes;
        exact after as many rounds as there are tiers, geometric in a network with cycles.
        """
        final = np.where(self.is_root, self.at_firm(demand), 0.0)
        need = requirement[self.link]
        volume = final
        settled = np.zeros((self.worlds, 1), dtype=bool)
        for _ in range(10_000):
            ordered = np.bincount(self.supplier_entry, weights=need * volume[self.customer_entry], minlength=self.count)
            following = final + ordered
            moved = (np.abs(following - volume) > SETTLED * following).reshape(self.worlds, -1)
            # A settled world is left alone, so that it never depends on how long the others take.
            volume = np.where(settled, volume.reshape(moved.shape), following.reshape(moved.shape)).ravel()
            settled = settled | ~moved.any(axis=1, keepdims=True)
            if settled.all():
                return volume
        raise NetworkError("orders do not settle: a cycle of the network needs more of its own product than it makes")

    def weights(self, volume: Array, value_added: Array, freight: Array) -> tuple[Array, Array]:
        """Value that each entry's firm adds to the chain, and its share of the chain's (W_im), each (W*E,);
        shares sum to 1 over a chain. value_added: (world, firm) money per tonne made; freight: (W*L,)
        value added by the carrier for one tonne of the customer's output."""
        value = volume * self.at_firm(value_added)
        hauled = freight[self.link] * volume[self.customer_entry]
        value = value + np.bincount(self.carrier_entry, weights=hauled, minlength=self.count)
        total = self.by_chain(value)
        return value, value / np.take(total.reshape(-1), self.chain)


def chains_of(network: Network, worlds: int) -> Chains:
    """The chains of `worlds` copies of one network."""
    n = network.size
    roots = np.flatnonzero(network.firms["demand"] > 0)
    incoming = _by_customer(network)
    firm_list, chain_list, link_rows = [], [], []
    for m, root in enumerate(roots.tolist()):
        inside = _upstream(network, root, incoming)
        used = np.flatnonzero(inside[network.customer])
        inside[network.carrier[used]] = True
        members = np.flatnonzero(inside)
        firm_list.append(members)
        chain_list.append(np.full(len(members), m))
        link_rows.append((used, np.full(len(used), m)))
    firm, chain = np.concatenate(firm_list), np.concatenate(chain_list)
    order = np.lexsort((chain, firm))
    firm, chain = firm[order], chain[order]
    link = np.concatenate([u for u, _ in link_rows])
    link_chain = np.concatenate([m for _, m in link_rows])
    key = firm * len(roots) + chain

    def entry(firms: Index) -> Index:
        return np.searchsorted(key, firms * len(roots) + link_chain)

    holders, starts = np.unique(firm, return_index=True)

    def tile(values: Index, step: int) -> Index:
        return np.tile(values, worlds) + np.repeat(np.arange(worlds, dtype=np.int64) * step, len(values))

    entries = len(firm)
    return Chains(
        worlds=worlds,
        firms=n,
        per_world=len(roots),
        roots=tile(roots, n),
        firm=tile(firm, n),
        chain=tile(chain, len(roots)),
        is_root=np.tile(firm == roots[chain], worlds),
        root_entry=np.flatnonzero(np.tile(firm == roots[chain], worlds)),
        link=tile(link, network.link_count),
        supplier_entry=tile(entry(network.supplier[link]), entries),
        customer_entry=tile(entry(network.customer[link]), entries),
        carrier_entry=tile(entry(network.carrier[link]), entries),
        _starts=tile(starts, entries),
        _holders=tile(holders, n),
        _layers=_layers(tile(starts, entries), np.tile(np.diff(np.r_[starts, entries]), worlds), entries * worlds),
        _by_chain=tile(np.argsort(chain, kind="stable"), entries),
        _chain_starts=tile(np.searchsorted(np.sort(chain), np.arange(len(roots))), entries),
    )


def _layers(starts: Index, counts: Index, nothing: int) -> tuple[Index, ...] | None:
    """First, second, ... entry of each firm (`nothing` where it has fewer), which is faster to add up than runs of
    unequal length while chains are few; None where they are many."""
    most = int(counts.max(initial=0))
    if most > MOST_LAYERS:
        return None
    return tuple(np.where(counts > k, starts + k, nothing) for k in range(most))


def _by_customer(network: Network) -> Mapping[int, Index]:
    """For each customer, its suppliers; links are sorted by customer."""
    customers, starts = np.unique(network.customer, return_index=True)
    return dict(zip(customers.tolist(), np.split(network.supplier, starts[1:]), strict=True)) if len(customers) else {}


def _upstream(network: Network, root: int, suppliers: Mapping[int, Index]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(network.size, dtype=bool)
    inside[root] = True
    frontier = [root]
    while frontier:
        found = np.unique(np.concatenate([suppliers.get(i, np.zeros(0, dtype=np.int64)) for i in frontier]))
        frontier = found[~inside[found]].tolist()
        inside[found] = True
    return inside
