"""The ledger of a run as one value: its totals as a JSON array, each at the place of its entry (payment and account).

A row for each total would be most of the rows of a sweep. The view `ledger_total` shows them as rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import Connection, select

from sim.fields import Array
from sim.store.tables import LedgerEntry

Entry = tuple[str, str]
"""Payment and account."""


def entries_of(connection: Connection) -> dict[Entry, int]:
    """The place of every entry."""
    entry = LedgerEntry
    return {(p, a): n for p, a, n in connection.execute(select(entry.payment, entry.account, entry.position))}


def packed(amounts: Array, places: Sequence[int]) -> Iterator[str]:
    """The totals of each run, (run, entry), as text to the last bit. places: of the entries."""
    wide = np.full((len(amounts), max(places, default=-1) + 1), np.nan)
    wide[:, list(places)] = amounts
    return (str(row).replace(" ", "").replace("nan", "null") for row in wide.tolist())


def unpacked(texts: Sequence[str], entries: dict[Entry, int]) -> tuple[tuple[Entry, ...], Array]:
    """Entries that any of the runs has, in order, and totals (run, entry), NaN where a run has none."""
    rows = [json.loads(text) for text in texts]
    wide = np.full((len(rows), max(len(entries), 1)), np.nan)
    for n, row in enumerate(rows):
        wide[n, : len(row)] = row
    known = sorted(entries)
    totals = wide[:, [entries[name] for name in known]]
    there = np.flatnonzero(~np.isnan(totals).all(axis=0)) if rows else np.zeros(0, dtype=np.intp)
    return tuple(known[n] for n in there), totals[:, there]
