"""Which firm is in which chain, as numbers: sets of places, and the entry of each firm of a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.network.links import Index

MANY = 1_000_000
"""Rows beyond which room counts for more than the time to widen them."""

TABLE = 4_000_000
"""Places, firms x chains, of which a table is made at a time."""


def narrow(rows: int, limit: int) -> type[np.integer[Any]]:
    """Type of long arrays of numbers below a limit: half as wide where they are many, which takes half the room; short
    ones stay as they index fastest."""
    return np.int32 if rows > MANY and limit < 2**31 else np.int64


@dataclass(frozen=True, eq=False)
class Entries:
    """Entries with their firm and chain, and chain by chain: those of chain m are
    `by_chain[starts[m] : starts[m + 1]]`."""

    firm: Index
    chain: Index
    by_chain: Index
    starts: Index

    def of(self, ends: Sequence[Index], link: Index, chain: Index, firms: int) -> list[Index]:
        """The entry of the firm at each end of these links in these chains, which come in ascending order."""
        found = [np.empty(len(link), dtype=narrow(len(link), len(self.firm))) for _ in ends]
        chains = len(self.starts) - 1
        # A table of the entries of as many chains as make it large enough; what is not asked for stays unwritten.
        step = max(1, TABLE // firms)
        table = np.empty(min(step, chains) * firms, dtype=np.int64)
        for low in range(0, chains, step):
            high = min(low + step, chains)
            rows = self.by_chain[self.starts[low] : self.starts[high]]
            table[(self.chain[rows] - low) * firms + self.firm[rows] % firms] = rows
            asked = slice(*np.searchsorted(chain, (low, high)))
            column = (chain[asked] - low) * firms
            for entry, end in zip(found, ends, strict=True):
                entry[asked] = table[column + end[link[asked]] % firms]
        return found


class Marked:
    """A set of places below a limit, as a mask: fast where the limit is small."""

    def __init__(self, limit: int) -> None:
        self._inside = np.zeros(limit, dtype=bool)

    def add(self, places: Index) -> Index:
        """Take in places; those that were not there, each once, ascending."""
        fresh = np.zeros(len(self._inside), dtype=bool)
        fresh[places] = True
        fresh &= ~self._inside
        self._inside |= fresh
        return np.flatnonzero(fresh)

    def all(self) -> Index:
        """All places, ascending."""
        return np.flatnonzero(self._inside)


class Listed:
    """A set of places as a sorted list: as large as what is in it, however many places there are."""

    def __init__(self) -> None:
        self._inside: Index = np.zeros(0, dtype=np.int64)

    def add(self, places: Index) -> Index:
        """Take in places; those that were not there, each once, ascending."""
        places = np.sort(places)
        places = places[np.diff(places, prepend=-1) > 0]
        at = np.searchsorted(self._inside, places)
        there = np.take(np.append(self._inside, -1), at) == places
        fresh = places[~there]
        self._inside = np.sort(np.concatenate([self._inside, fresh]))
        return fresh

    def all(self) -> Index:
        """All places, ascending."""
        return self._inside
