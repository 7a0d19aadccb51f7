"""Who decides together within a month, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.draws import Draws
from sim.fields import Array
from sim.network.links import Index, Links


@dataclass(frozen=True, eq=False)
class Turn:
    """Firms that decide at the same time: of each behaviour the flat indices of those that follow it and whose turn it
    is; `deciding` is 1 for each of them, (world, firm), or 1 for all."""

    cells: tuple[Index, ...]
    deciding: Array | float = 1.0


def turns_of(schedule: str, links: Links, followers: Sequence[Index]) -> tuple[Turn, ...]:
    """The turns of a month: one for all, or one for each colour; none where firms decide one by one.

    followers: the flat indices of the firms that follow each behaviour.
    """
    if schedule == "sequential":
        return ()
    return links.once("turns", lambda: _turns(schedule, links, followers))


def _turns(schedule: str, links: Links, followers: Sequence[Index]) -> tuple[Turn, ...]:
    if schedule == "simultaneous":
        return (Turn(tuple(followers)),)
    colour = colours(links)
    return tuple(
        Turn(tuple(cells[colour[cells] == k] for cells in followers), deciding.reshape(links.worlds, -1).astype(float))
        for k in range(int(colour.max()) + 1)
        for deciding in (colour == k,)
    )


def colours(links: Links) -> Index:
    """A colour for each firm, (W*N,), such that the two ends of a link never share one: greedily, those with most
    partners first (Welsh & Powell 1967)."""
    first = np.arange(links.worlds)[:, None] * links.firms
    supplier, customer = (ends.reshape(links.worlds, -1) - first for ends in (links.supplier, links.customer))
    coloured: dict[bytes, Index] = {}
    # Worlds of the same links are coloured once.
    for each, other in zip(supplier, customer, strict=True):
        if each.tobytes() not in coloured:
            coloured[each.tobytes()] = _coloured(links.firms, each, other)
    return np.concatenate([coloured[each.tobytes()] for each in supplier])


def _coloured(firms: int, supplier: Index, customer: Index) -> Index:
    import networkx as nx

    partners: nx.Graph = nx.Graph()
    partners.add_nodes_from(range(firms))
    partners.add_edges_from(zip(supplier.tolist(), customer.tolist(), strict=True))
    colour = nx.greedy_color(partners, strategy="largest_first")
    return np.array([colour[firm] for firm in range(firms)], dtype=np.int64)


def one_by_one(draws: Draws, month: int, followers: Sequence[Index]) -> Iterator[Turn]:
    """One firm of each world after the other, in an order drawn for each world and month."""
    luck = draws.uniform("update/order", month)
    order = np.argsort(luck, axis=1, kind="stable")
    worlds, firms = luck.shape
    followed = np.empty(worlds * firms, dtype=np.int64)
    for n, cells in enumerate(followers):
        followed[cells] = n
    for place in range(firms):
        now = np.arange(worlds) * firms + order[:, place]
        deciding = np.zeros((worlds, firms))
        deciding.ravel()[now] = 1.0
        yield Turn(tuple(now[followed[now] == n] for n in range(len(followers))), deciding)
