"""Who a firm can look at: its partners and its peers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from sim.network.chains import Chains
from sim.network.links import Index, Links
from sim.network.network import ROLES


@dataclass(frozen=True, eq=False)
class Peers:
    """Peers of each firm, itself among them, flat over the worlds of a block: the ones of firm i are
    `peer[start[i] : start[i] + count[i]]`."""

    peer: Index
    start: Index
    count: Index


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Partners and peers of each firm, flat over the worlds of a block: the ones of firm i are
    `partner[start[i] : start[i] + count[i]]`."""

    partner: Index
    start: Index
    count: Index
    peers: Peers
    _lists: dict[int, tuple[Index, Index, Index]] = field(default_factory=dict, repr=False)

    def fresh(self) -> Neighbours:
        """The same, for arrays of cells that are not asked for again."""
        return replace(self, _lists={})

    def partners_of(self, cells: Index) -> tuple[Index, Index]:
        """The partners of these firms one after the other, and for each the position of its firm in `cells`. Worked
        out once for an array of cells."""
        if id(cells) not in self._lists:
            count = self.count[cells]
            owner = np.repeat(np.arange(len(cells)), count)
            within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
            # The array is kept with its list, so that no other one takes over its identity.
            self._lists[id(cells)] = cells, self.partner[self.start[cells][owner] + within], owner
        return self._lists[id(cells)][1:]


def neighbours_of(links: Links, chains: Chains, role: Index) -> Neighbours:
    """Partners: the other ends of a firm's links. Peers: firms of its role that are in a chain. role: codes of the
    firms of one world."""
    return links.once("neighbours", lambda: _neighbours(links, chains, role))


def _neighbours(links: Links, chains: Chains, role: Index) -> Neighbours:
    size = links.worlds * links.firms
    # A world's own links one after the other, first as their suppliers see them, then as their customers do.
    shape = (links.worlds, -1)
    ends = links.supplier.reshape(shape), links.customer.reshape(shape)
    mine, theirs = np.concatenate(ends, axis=1).ravel(), np.concatenate(ends[::-1], axis=1).ravel()
    order = np.argsort(mine, kind="stable")
    count = np.bincount(mine, minlength=size)
    return Neighbours(
        partner=theirs[order],
        start=np.cumsum(count) - count,
        count=count,
        peers=peers_in(links, chains, role),
    )


def peers_in(links: Links, chains: Chains, kind: Index) -> Peers:
    """Firms of the same kind that are in a chain. kind: a small number for each firm of one world."""
    kinds = max(len(ROLES), int(kind.max()) + 1)
    in_chain = np.zeros(links.worlds * links.firms, dtype=bool)
    in_chain[chains.firm] = True
    club = (np.arange(links.worlds)[:, None] * kinds + kind[None, :]).ravel()
    members = np.bincount(club[in_chain], minlength=links.worlds * kinds)
    inside = np.flatnonzero(in_chain)
    return Peers(
        peer=inside[np.argsort(club[inside], kind="stable")],
        start=(np.cumsum(members) - members)[club],
        count=np.where(in_chain, members[club], 0),
    )
