"""Product chains as arrays over many worlds: which firm's work goes into which product.

A chain is a firm that sells to the market (its root) with every firm its product's value contains. Entries are flat
over all worlds of the block; they are worked out anew when links change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from sim.errors import NetworkError
from sim.fields import Array
from sim.network.entries import MANY, Entries, Listed, Marked, narrow
from sim.network.links import Index, Links

Made = TypeVar("Made")

MOST_LAYERS = 8
"""Chains of a world up to which a firm's entries are added up layer by layer, which is faster than in runs of unequal
length."""

MOST_MARKED = 200_000
"""Places of a block, firms x chains, up to which a mask of them is faster than a list of those that are taken."""

SETTLED = 1e-13
"""Relative change below which the volumes of a chain count as settled."""


@dataclass(frozen=True, eq=False)
class Chains:
    """Which firm belongs to which product chain: one entry for each (firm, chain), flat over worlds.

    A chain is a firm that sells to the market (its root) with every firm its product's value contains,
    carriers included; a link over which no goods go (0 units for a unit) adds nobody. Entries are sorted by world,
    firm, chain.

    roots: flat firm index of each chain's root, (W*M,). firm, chain: flat indices of each entry, written (W*E,) though
    worlds may differ in how many they have; world: of each entry. link, supplier_entry, customer_entry, carrier_entry:
    for each (link, chain) that carries goods, 32 bits wide where they are very many.
    """

    worlds: int
    firms: int
    per_world: int
    roots: Index
    firm: Index
    chain: Index
    world: Index
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
            # Wide enough for a number for each pair of entries.
            source = np.concatenate([self.supplier_entry, self.carrier_entry]).astype(np.int64)
            target = np.concatenate([self.customer_entry, self.customer_entry]).astype(np.int64)
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

    def largest(self, y: Array, least: Array) -> Array:
        """Largest entry of each world, at least `least`: (W*E,) -> (world,)."""
        most = least.copy()
        np.maximum.at(most, self.world, y)
        return most

    def any_in_world(self, marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Whether any entry of a world is marked, (W*E,) -> (world,)."""
        return np.bincount(self.world[marked], minlength=self.worlds) > 0

    def volumes(self, demand: Array, requirement: Array) -> Array:
        """Volume that each entry's firm makes for the chain at rest, (W*E,), in tonnes a month.

        demand: (world, firm) tonnes sold to the market; requirement: (W*L,) tonnes of input for one
        tonne of output (A_ji). Solves x = D + A x by following orders upstream until nothing changes;
        exact after as many rounds as there are tiers, geometric in a network with cycles.
        """
        final = np.where(self.is_root, self.at_firm(demand), 0.0)
        # Where they are very many, looked up again in every round, for room.
        need = None if len(self.link) > MANY else requirement[self.link]
        volume = final
        settled = np.zeros(self.worlds, dtype=bool)
        for _ in range(10_000):
            flow = volume[self.customer_entry]
            flow *= requirement[self.link] if need is None else need
            following = final + np.bincount(self.supplier_entry, weights=flow, minlength=self.count)
            del flow
            moved = self.any_in_world(np.abs(following - volume) > SETTLED * following)
            # A settled world is left alone, so that it never depends on how long the others take.
            volume = np.where(settled[self.world], volume, following)
            settled = settled | ~moved
            if settled.all():
                return volume
        raise NetworkError("orders do not settle: a cycle of the network needs more of its own product than it makes")

    def weights(self, volume: Array, value_added: Array, freight: Array) -> tuple[Array, Array]:
        """Value that each entry's firm adds to the chain, and its share of the chain's (W_im), each (W*E,);
        shares sum to 1 over a chain. value_added: (world, firm) money per tonne made; freight: (W*L,)
        value added by the carrier for one tonne of the customer's output."""
        value = volume * self.at_firm(value_added)
        hauled = volume[self.customer_entry]
        hauled *= freight[self.link]
        value = value + np.bincount(self.carrier_entry, weights=hauled, minlength=self.count)
        total = self.by_chain(value)
        return value, value / np.take(total.reshape(-1), self.chain)


def chains_of(links: Links, roots: Index, most_marked: int = MOST_MARKED) -> Chains:
    """The chains of the given roots, flat firm indices, as many in each world. most_marked: (firm, chain) places up to
    which they are marked in a mask; beyond, those that are taken are listed."""
    per_world = len(roots) // links.worlds
    root_chain = np.arange(len(roots)) % per_world
    starts = np.searchsorted(links.customer, np.arange(links.worlds * links.firms + 1))
    count = np.diff(starts)
    goods = links.units_per_unit > 0

    def incoming(keys: Index) -> tuple[Index, Index]:
        """Links that deliver goods to the firms of these (firm, chain) pairs, each with its chain."""
        firm, chain = np.divmod(keys, per_world)
        each = count[firm]
        within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        link, chain = np.repeat(starts[firm], each) + within, np.repeat(chain, each)
        return (link, chain) if goods.all() else (link[goods[link]], chain[goods[link]])

    # Places of (firm, chain) pairs that are inside, upstream from the roots until nobody is new.
    size = links.worlds * links.firms * per_world
    inside: Marked | Listed = Marked(size) if size <= most_marked else Listed()
    latest = inside.add(roots * per_world + root_chain)
    while len(latest):
        link, chain = incoming(latest)
        # Who is reached in several ways is gone on from once.
        latest = inside.add(links.supplier[link] * per_world + chain)
    link, chain = incoming(inside.all())
    # One number for both, as sorting numbers is faster than finding their order.
    flat_chain, link = np.divmod(
        np.sort((links.world[link] * per_world + chain) * links.count + link), max(links.count, 1)
    )
    chain = flat_chain % per_world
    inside.add(links.carrier[link] * per_world + chain)
    firm, entry_chain = np.divmod(inside.all(), per_world)
    world = _worlds(firm // links.firms, links.worlds)
    entry_chain += world * per_world
    first = np.flatnonzero(np.r_[True, firm[1:] != firm[:-1]])
    is_root = firm == roots[entry_chain]
    by_chain = np.sort(entry_chain * len(firm) + np.arange(len(firm))) % len(firm)
    entries = Entries(firm, entry_chain, by_chain, np.searchsorted(entry_chain[by_chain], np.arange(len(roots) + 1)))
    supplier, customer, carrier = entries.of(
        (links.supplier, links.customer, links.carrier), link, flat_chain, links.firms
    )
    return Chains(
        worlds=links.worlds,
        firms=links.firms,
        per_world=per_world,
        roots=roots,
        firm=firm,
        chain=entry_chain,
        world=world,
        is_root=is_root,
        root_entry=np.flatnonzero(is_root),
        link=link.astype(narrow(len(link), links.count), copy=False),
        supplier_entry=supplier,
        customer_entry=customer,
        carrier_entry=carrier,
        _starts=first,
        _holders=firm[first],
        _layers=_layers(first, np.diff(np.r_[first, len(firm)]), len(firm)) if per_world <= MOST_LAYERS else None,
        _by_chain=by_chain,
        _chain_starts=entries.starts[:-1],
    )


def _worlds(world: Index, count: int) -> Index:
    """The world of each entry; of one world alone it takes no room."""
    return np.broadcast_to(np.int64(0), world.shape) if count == 1 else world


def _layers(starts: Index, counts: Index, nothing: int) -> tuple[Index, ...]:
    """First, second, ... entry of each firm, `nothing` where it has fewer."""
    return tuple(np.where(counts > k, starts + k, nothing) for k in range(int(counts.max(initial=0))))
