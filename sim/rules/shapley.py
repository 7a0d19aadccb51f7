"""The Shapley value of games in which the worth of a coalition follows from a sum over the players.

A player adds `inside` to the sum if it is in the coalition and `outside` if it is not. The players of a game are the
entries of a chain; entries are flat over all chains, so that many games are worked out at once. What others do is
fixed, and a player's own term may have leading axes: its value if it alone did otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from sim.fields import Array
from sim.network.chains import Chains
from sim.network.links import Index

MOST_EXACT = 12
"""Players up to which every coalition is looked at; larger games are sampled."""

LOW_BITS = 6
"""A coalition's total is the sum of two table entries; the first table is for this many players."""

TURNS = 4
"""Turns of a drawn order by a part of its length, so that a player stands in every part of it; each also reversed."""

BLOCK = 8
"""Coalitions worked out at a time: always so many, so that no world depends on those beside it."""

Worth = Callable[[Array, Index], Array]
"""Worth of coalitions from their totals, (..., P) -> (..., P), at these entries, (P,)."""


@dataclass(frozen=True, eq=False)
class Coalitions:
    """Coalitions that the players at `entries`, (P,), may join: coalition a + A b has the total low[a] + high[b],
    (A, P) and (B, P), of all players but the one that may join, and counts with `weight`, (A B,). Sampled coalitions
    stand in independent groups of 2 x TURNS."""

    entries: Index
    low: Array
    high: Array
    weight: Array
    sampled: bool

    def blocks(self) -> Iterator[tuple[Array, Array]]:
        """Weights and totals of some coalitions after others, (K,) and (K, P)."""
        count = len(self.low)
        for b, high in enumerate(self.high):
            for a in range(0, count, BLOCK):
                low = self.low[a : a + BLOCK]
                yield self.weight[b * count + a : b * count + a + len(low)], low + high


def coalitions(chains: Chains, inside: Array, outside: Array, orders: Callable[[], Index]) -> list[Coalitions]:
    """The coalitions of every chain: all of them up to 12 players, beyond it the ones before a player in each of the
    `orders`, (K, chain, player) of entries, see `orders_of`. inside, outside: (W*E,)."""
    slots, sizes = chains.slots()
    found = [_all_of(slots[sizes == n, :n], inside, outside) for n in range(1, MOST_EXACT + 1) if np.any(sizes == n)]
    if np.any(sizes > MOST_EXACT):
        found.append(_before(orders(), inside, outside))
    return found


def orders_of(chains: Chains, drawn: Callable[[str], Array], permutations: int) -> Index:
    """Orders in which the players of large chains arrive, (K, chain, player) of entries, the same in every month and
    for every player (Castro, Gomez & Tejada 2009).

    Each group of 2 x TURNS orders comes from one drawn order, by a uniform draw of each firm from the stream
    `shapley/k`: it is turned by 0, 1/TURNS, 2/TURNS, ... of its length, which puts every player into every part of it
    (stratified: Castro, Gomez, Molina & Tejada 2017), and each is taken in reverse too (antithetic: Mitchell, Cooper,
    Frank & Holmes 2022). K is `permutations`, rounded up to whole groups, at least two.
    """
    slots, sizes = chains.slots()
    slots, sizes = slots[sizes > MOST_EXACT], sizes[sizes > MOST_EXACT][:, None]
    groups = max(2, -(-permutations // (2 * TURNS)))
    place = np.arange(slots.shape[1])[None, :]
    orders = np.empty((groups, TURNS, 2, *slots.shape), dtype=np.int64)
    for k in range(groups):
        luck = np.append(chains.at_firm(drawn(f"shapley/{k}")), 2.0)[slots]
        order = np.take_along_axis(slots, np.argsort(luck, axis=1, kind="stable"), axis=1)
        for turn in range(TURNS):
            turned = (place + turn * sizes // TURNS) % sizes
            for way, at in enumerate((turned, (sizes - 1 - place + turn * sizes // TURNS) % sizes)):
                # What fills up smaller chains stays at the end.
                orders[k, turn, way] = np.take_along_axis(order, np.where(place < sizes, at, place), axis=1)
    return orders.reshape(-1, *slots.shape)


def expected_worth(games: Sequence[Coalitions], own: Array, worth: Worth) -> Array:
    """Expected worth of the coalition that a player finds, with its own term added, (..., W*E). The Shapley value is
    what this is with the term `inside` less what it is with the term `outside`."""
    result = np.zeros_like(own)
    for game in games:
        mine = own.take(game.entries, axis=-1)
        total = np.zeros_like(mine)
        for weight, others in game.blocks():
            each = worth(_beside(others, mine) + mine, game.entries)
            total = total + (_beside(weight[:, None], mine) * each).sum(axis=0)
        result[..., game.entries] = total
    return result


def _beside(x: Array, mine: Array) -> Array:
    """Values of coalitions, (K, P) or (K, 1), with the leading axes of a player's own terms between: (K, ..., P)."""
    return x.reshape(len(x), *(1,) * (mine.ndim - 1), x.shape[1])


def standard_error(games: Sequence[Coalitions], inside: Array, outside: Array, worth: Worth) -> Array:
    """Standard error of each player's Shapley value, (W*E,), from the scatter between independent groups of orders; 0
    where all coalitions were looked at."""
    result = np.zeros_like(inside)
    for game in games:
        if not game.sampled:
            continue
        mine, without = inside[game.entries], outside[game.entries]
        blocks = [worth(t + mine, game.entries) - worth(t + without, game.entries) for _, t in game.blocks()]
        marginal = np.concatenate(blocks).reshape(-1, 2 * TURNS, len(mine)).mean(axis=1)
        result[game.entries] = marginal.std(axis=0, ddof=1) / np.sqrt(len(marginal))
    return result


def total_of_others(chains: Chains, terms: Array) -> Array:
    """Sum of the terms of all other players of the chain, (W*E,), without taking differences of sums."""
    slots, _ = chains.slots()
    return _scattered(slots[None], _other_sums(np.append(terms, 0.0)[slots[None]]), chains.count)[0]


def airport_shares(chains: Chains, need: Array, member: Array) -> Array:
    """Share of each entry's firm in the cost of a facility that must serve the largest need of the members, (W*E,).

    Closed form (Littlechild & Owen 1973): with needs in ascending order, each step up is paid equally by all who need
    it: s_i = sum over l <= i of (n_l - n_(l-1)) / (number of members with need of at least n_l), over the largest
    need. A firm outside gets the share that it would have if it alone joined. need, member: (W*E,), member 0 or 1.
    """
    slots, _ = chains.slots()
    needs, members = np.append(need, 0.0)[slots], np.append(member, 0.0)[slots]
    order = np.argsort(needs, axis=1, kind="stable")
    ranked, inside = np.take_along_axis(needs, order, axis=1), np.take_along_axis(members, order, axis=1)
    step = np.diff(ranked, axis=1, prepend=0.0)
    sharing = np.cumsum(inside[:, ::-1], axis=1)[:, ::-1]
    paid = np.cumsum(step / np.maximum(sharing, 1.0), axis=1)
    paid_joining = np.cumsum(step / (sharing + 1.0), axis=1)
    top = np.maximum((ranked * inside).max(axis=1, keepdims=True), ranked)
    part = np.where(inside > 0, paid, paid_joining)
    count = inside.sum(axis=1, keepdims=True) + 1.0 - inside
    share = np.where(top > 0, part / np.where(top > 0, top, 1.0), 1.0 / count)
    return _scattered(np.take_along_axis(slots, order, axis=1)[None], share[None], chains.count)[0]


def _all_of(players: Index, inside: Array, outside: Array) -> Coalitions:
    """All coalitions of chains of the same number of players; players: (chain, n) of entries."""
    n = players.shape[1]
    others = [np.delete(players, i, axis=1) for i in range(n)]
    rows = np.concatenate(others, axis=0)
    entries = players.T.ravel()
    split = min(LOW_BITS, n - 1)
    low, high = _subset_sums(rows[:, :split], inside, outside), _subset_sums(rows[:, split:], inside, outside)
    size = np.array([k.bit_count() for k in range(2 ** (n - 1))])
    by_size = np.array([factorial(s) * factorial(n - 1 - s) / factorial(n) for s in range(n)])
    return Coalitions(entries, low, high, by_size[size], sampled=False)


def _subset_sums(players: Index, inside: Array, outside: Array) -> Array:
    """Total of each subset of the players, by the bits of its number, (2^columns, rows of players)."""
    sums = np.zeros((1, len(players)))
    for column in players.T:
        sums = np.concatenate([sums + outside[column], sums + inside[column]])
    return sums


def _before(orders: Index, inside: Array, outside: Array) -> Coalitions:
    """For each order, the coalition of those who come before a player."""
    draws, count = len(orders), len(inside)
    sums = _sums_before(np.append(inside, 0.0)[orders])
    if outside.any():
        sums = sums + _sums_before(np.append(outside, 0.0)[orders][..., ::-1])[..., ::-1]
    entries = np.sort(orders[0][orders[0] < count])
    totals = _scattered(orders, sums, count)[:, entries]
    return Coalitions(entries, totals, np.zeros((1, len(entries))), np.full(draws, 1.0 / draws), sampled=True)


def _sums_before(x: Array) -> Array:
    """Sum of what stands before each place on the last axis."""
    sums = np.zeros_like(x)
    np.cumsum(x[..., :-1], axis=-1, out=sums[..., 1:])
    return sums


def _other_sums(x: Array) -> Array:
    """Sum of all other places on the last axis."""
    return _sums_before(x) + _sums_before(x[..., ::-1])[..., ::-1]


def _scattered(slots: Index, x: Array, count: int) -> Array:
    """Values at slots, (K, chain, player), as values at entries, (K, W*E)."""
    flat = np.zeros((len(slots), count + 1))
    np.put_along_axis(flat, slots.reshape(len(slots), -1), x.reshape(len(slots), -1), axis=1)
    return flat[:, :-1]
