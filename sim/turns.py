"""Who decides together within a month, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.draws import Draws
from sim.fields import Array
from sim.network.links import Index
from sim.network.network import Network


@dataclass(frozen=True, eq=False)
class Turn:
    """Firms that decide at the same time: of each behaviour the flat indices of those that follow it and whose turn it
    is; `deciding` is 1 for each of them, (world, firm), or 1 for all."""

    cells: tuple[Index, ...]
    deciding: Array | float = 1.0


def turns_of(schedule: str, network: Network, worlds: int, followers: Sequence[Index]) -> tuple[Turn, ...]:
    """The turns of every month: one for all, or one for each colour; none where firms decide one by one.

    followers: the flat indices of the firms that follow each behaviour.
    """
    if schedule == "simultaneous":
        return (Turn(tuple(followers)),)
    if schedule == "sequential":
        return ()
    colour = np.tile(colours(network), worlds)
    return tuple(
        Turn(tuple(cells[colour[cells] == k] for cells in followers), (colour == k).reshape(worlds, -1).astype(float))
        for k in range(int(colour.max()) + 1)
    )


def colours(network: Network) -> Index:
    """A colour for each firm, such that the two ends of a link never share one: greedily, those with most partners
    first (Welsh & Powell 1967)."""
    import networkx as nx

    partners: nx.Graph = nx.Graph()
    partners.add_nodes_from(range(network.size))
    partners.add_edges_from(zip(network.supplier.tolist(), network.customer.tolist(), strict=True))
    colour = nx.greedy_color(partners, strategy="largest_first")
    return np.array([colour[firm] for firm in range(network.size)], dtype=np.int64)


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
