"""Numbers by which tables know series and entries of ledgers.

New ones are noted in a short transaction of their own that no other writer shares, so that those who write runs beside
each other never note the same name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from sim.store.ledger import Entry, entries_of
from sim.store.tables import LedgerEntry, Outcome


@dataclass(frozen=True)
class Places:
    """Ids of series, and places of entries, in the order in which they were named."""

    outcomes: list[int]
    entries: list[int]


def places_of(connection: Connection, series: Sequence[str], entries: Sequence[Entry]) -> Places | None:
    """Where these are; None if any of them is new."""
    outcomes, places = _outcomes(connection), entries_of(connection)
    if not (outcomes.keys() >= set(series) and places.keys() >= set(entries)):
        return None
    return Places([outcomes[name] for name in series], [places[name] for name in entries])


def note_names(connection: Connection, units: Mapping[str, str], entries: Sequence[Entry]) -> Places:
    """Note those that are new, and where all are. Within a transaction that has no other beside it."""
    outcomes, places = _outcomes(connection), entries_of(connection)
    named = [{"name": name, "unit": unit} for name, unit in units.items() if name not in outcomes]
    if named:
        connection.execute(insert(Outcome), named)
    new = [name for name in dict.fromkeys(entries) if name not in places]
    placed = [{"position": len(places) + n, "payment": p, "account": a} for n, (p, a) in enumerate(new)]
    if placed:
        connection.execute(insert(LedgerEntry), placed)
    found = places_of(connection, list(units), entries)
    assert found is not None
    return found


def _outcomes(connection: Connection) -> dict[str, int]:
    return {name: number for name, number in connection.execute(select(Outcome.name, Outcome.id))}
