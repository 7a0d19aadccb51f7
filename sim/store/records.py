"""What runs leave, as arrays, and what keeps it: the one form in which runs are written and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.fields import Array

NEVER = -1
"""`last_paid` of a payment that never paid."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Finished replications of one scenario with one seed.

    units: unit of each monthly series, by name. monthly: (replication, series, month). ledger: net receipts over
    the run, (replication, entry), an entry being (payment, account). last_paid: last month in which a payment
    with a budget paid, (replication, payment), `NEVER` if it did not. What a run does not have is NaN.
    seconds: computing time of one run.
    """

    replications: tuple[int, ...]
    units: Mapping[str, str]
    monthly: Array
    entries: tuple[tuple[str, str], ...]
    ledger: Array
    budgets: tuple[str, ...]
    last_paid: Array
    seconds: float = 0.0

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the monthly series, in their order in `monthly`."""
        return tuple(self.units)


@dataclass(frozen=True)
class Failure:
    """A replication that failed, and how."""

    replication: int
    traceback: str
    seconds: float = 0.0


class Recorder(Protocol):
    """Keeps runs: a database, or the memory of this process. Runs are known by the fingerprint of their
    scenario, their seed and their replication."""

    def missing(self, fingerprint: str, seed: int, replications: int) -> list[int]:
        """Which of replications 0 to `replications` - 1 are not finished yet, failed ones among them."""

    def write(self, fingerprint: str, seed: int, runs: Runs) -> None:
        """Keep finished runs, all or none of them."""

    def write_failure(self, fingerprint: str, seed: int, failure: Failure) -> None:
        """Keep that a run failed."""

    def read(self, fingerprint: str, seed: int, replications: int) -> Runs:
        """What is finished of replications 0 to `replications` - 1, in order; series, entries and payments in
        the order of their names."""

    def failures(self, fingerprint: str, seed: int, replications: int) -> dict[int, str]:
        """Tracebacks of the replications under `replications` that failed."""


def joined(parts: Sequence[Runs]) -> Runs:
    """Parts put together, in the order of their replications and of names."""
    units = dict(sorted({name: unit for part in parts for name, unit in part.units.items()}.items()))
    entries = tuple(sorted({e for part in parts for e in part.entries}))
    budgets = tuple(sorted({b for part in parts for b in part.budgets}))
    months = max((part.monthly.shape[2] for part in parts), default=0)
    replications = sorted(r for part in parts for r in part.replications)
    where = {r: n for n, r in enumerate(replications)}
    monthly = np.full((len(where), len(units), months), np.nan)
    ledger = np.full((len(where), len(entries)), np.nan)
    last_paid = np.full((len(where), len(budgets)), np.nan)
    for part in parts:
        rows = np.array([where[r] for r in part.replications], dtype=np.intp)
        monthly[np.ix_(rows, _places(part.series, tuple(units)))] = part.monthly
        ledger[np.ix_(rows, _places(part.entries, entries))] = part.ledger
        last_paid[np.ix_(rows, _places(part.budgets, budgets))] = part.last_paid
    seconds = sum(part.seconds * len(part.replications) for part in parts) / max(len(where), 1)
    return Runs(tuple(replications), units, monthly, entries, ledger, budgets, last_paid, seconds)


def _places(names: Sequence[object], among: Sequence[object]) -> np.ndarray:
    place = {name: n for n, name in enumerate(among)}
    return np.array([place[name] for name in names], dtype=np.intp)
