"""Who decides together within a month, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.draws import Draws
from sim.fields import Array
from sim.network.links import Index, Links
from sim.parameters import Update

DRAWN = ("sequential", "sublattice", "single")
"""Schedules by which other firms decide together every time."""

SOME = ("sublattice", "single")
"""Schedules by which not every firm decides in a month."""


@dataclass(frozen=True, eq=False)
class Turn:
    """Firms that decide at the same time: of each behaviour the flat indices of those that follow it and whose turn it
    is; `deciding` is 1 for each of them, (world, firm), or 1 for all."""

    cells: tuple[Index, ...]
    deciding: Array | float = 1.0


def turns_in(month: int, update: Update, draws: Draws, links: Links, followers: Sequence[Index]) -> Iterable[Turn]:
    """The turns of a month by the schedule; none before firms begin to decide."""
    if update.begins and month < update.begins:
        return ()
    if update.schedule == "sequential":
        return one_by_one(draws, month, followers)
    if update.schedule == "single":
        return (one_firm(draws, month, links, followers),)
    if update.schedule == "sublattice":
        return (one_class(draws, month, links, followers, update.distance),)
    return turns_of(update.schedule, links, followers)


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


def one_class(draws: Draws, month: int, links: Links, followers: Sequence[Index], distance: int) -> Turn:
    """Firms of one colour, drawn for each world and month: no two of them are within `distance` links."""
    colour = links.once(f"colours {distance}", lambda: colours(links, distance)).reshape(links.worlds, -1)
    pick = draws.uniform_of("class", "update/class", month)
    return _turn(colour == (pick * (colour.max(axis=1, keepdims=True) + 1)).astype(np.int64), followers)


def one_firm(draws: Draws, month: int, links: Links, followers: Sequence[Index]) -> Turn:
    """One firm of each world, drawn for each month."""
    pick = draws.uniform_of("firm", "update/firm", month)
    return _turn(np.arange(links.firms) == (pick * links.firms).astype(np.int64), followers)


def _turn(deciding: npt.NDArray[np.bool_], followers: Sequence[Index]) -> Turn:
    """The turn of the firms that are marked, (world, firm)."""
    marked = deciding.ravel()
    return Turn(tuple(cells[marked[cells]] for cells in followers), deciding.astype(float))


def colours(links: Links, distance: int = 1) -> Index:
    """A colour for each firm, (W*N,), such that no two firms within `distance` links share one: greedily, those with
    most firms near first (Welsh & Powell 1967)."""
    first = np.arange(links.worlds)[:, None] * links.firms
    supplier, customer = (ends.reshape(links.worlds, -1) - first for ends in (links.supplier, links.customer))
    # Worlds of the same links are coloured once, and not again while they keep them.
    now: dict[tuple[int, bytes], Index] = {}
    keys = [(distance, each.tobytes()) for each in supplier]
    for key, each, other in zip(keys, supplier, customer, strict=True):
        if key not in now:
            known = links.coloured.get(key)
            now[key] = _coloured(links.firms, each, other, distance) if known is None else known
    links.coloured.clear()
    links.coloured.update(now)
    return np.concatenate([now[key] for key in keys])


def _coloured(firms: int, supplier: Index, customer: Index, distance: int) -> Index:
    import networkx as nx

    near: nx.Graph = nx.Graph()
    near.add_nodes_from(range(firms))
    if distance > 1:
        supplier, customer = _within(firms, supplier, customer, distance)
    near.add_edges_from(zip(supplier.tolist(), customer.tolist(), strict=True))
    colour = nx.greedy_color(near, strategy="largest_first")
    return np.array([colour[firm] for firm in range(firms)], dtype=np.int64)


def _within(firms: int, supplier: Index, customer: Index, distance: int) -> tuple[Index, Index]:
    """Pairs of firms that are at most so many links apart, each once."""
    from scipy.sparse import csr_array, eye_array, triu

    ends = (np.ones(len(supplier)), (supplier, customer))
    one = csr_array(ends, shape=(firms, firms))
    step = csr_array(((one + one.T + eye_array(firms)) > 0).astype(float))
    reached = step
    for _ in range(distance - 1):
        reached = csr_array(((reached @ step) > 0).astype(float))
    first, last = triu(reached, k=1).nonzero()
    return first.astype(np.int64), last.astype(np.int64)


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
