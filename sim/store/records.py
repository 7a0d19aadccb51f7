"""What runs leave, as arrays, and what keeps it: the one form in which runs are written and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from sim.fields import Array

NEVER = -1
"""`last_paid` of a payment that never paid."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Finished runs with one seed: a row for each, of one case or of several.

    replications: of each row. units: unit of each series, by name. monthly: (row, series, month); of no months where
    the series are not kept. ledger: net receipts over the run, (row, entry), an entry being (payment, account).
    last_paid: last month in which a payment with a budget paid, (row, payment), `NEVER` if it did not. figures: each
    series over the whole run, (row, series). What a run does not have is NaN. seconds: computing time of one run.
    """

    replications: tuple[int, ...]
    units: Mapping[str, str]
    monthly: Array
    entries: tuple[tuple[str, str], ...]
    ledger: Array
    budgets: tuple[str, ...]
    last_paid: Array
    figures: Array
    seconds: float = 0.0

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series, in their order in `monthly` and `figures`."""
        return tuple(self.units)

    @property
    def months(self) -> int:
        """Months of the series; 0 where they are not kept."""
        return self.monthly.shape[2]

    def at(self, rows: Sequence[int]) -> Runs:
        """Some of the rows."""
        chosen = np.array(rows, dtype=np.intp)
        return replace(
            self,
            replications=tuple(self.replications[n] for n in rows),
            monthly=self.monthly[chosen],
            ledger=self.ledger[chosen],
            last_paid=self.last_paid[chosen],
            figures=self.figures[chosen],
        )

    def without_series(self) -> Runs:
        """The same without the monthly series."""
        return replace(self, monthly=self.monthly[:, :, :0])


@dataclass(frozen=True, eq=False)
class Figures:
    """Series over whole runs. units: unit of each, by name. values: (case, replication, series), NaN where a run is
    not finished or has no such series."""

    units: Mapping[str, str]
    values: Array


@dataclass(frozen=True)
class Failure:
    """A replication that failed, and how."""

    replication: int
    traceback: str
    seconds: float = 0.0


class Recorder(Protocol):
    """Keeps runs: a database, or the memory of this process. Runs are known by the fingerprint of their case, their
    seed and their replication."""

    def missing(
        self, fingerprints: Sequence[str], seed: int, replications: int, series: bool = True
    ) -> dict[str, list[int]]:
        """Which of replications 0 to `replications` - 1 of each case are not finished yet, failed ones among them;
        with `series` also those kept without their monthly series."""

    def write(self, fingerprints: Sequence[str], seed: int, runs: Runs) -> None:
        """Keep finished runs, all or none of them. fingerprints: case of each row."""

    def write_failure(self, fingerprint: str, seed: int, failure: Failure) -> None:
        """Keep that a run failed."""

    def read(self, fingerprint: str, seed: int, replications: int) -> Runs:
        """What is finished of replications 0 to `replications` - 1 of a case and kept with its monthly series, in
        order; series, entries and payments in the order of their names."""

    def figures(
        self, fingerprints: Sequence[str], seed: int, replications: int, names: Sequence[str] | None = None
    ) -> Figures:
        """Series over whole runs of each case: those named, or all in the order of their names."""

    def failures(self, fingerprints: Sequence[str], seed: int, replications: int) -> dict[str, dict[int, str]]:
        """Tracebacks of the replications under `replications` that failed, by case; cases without any are left out."""


def stacked(parts: Sequence[Runs]) -> Runs:
    """The rows of parts one under another; series, entries and payments in the order of their names."""
    units = dict(sorted({name: unit for part in parts for name, unit in part.units.items()}.items()))
    entries = tuple(sorted({e for part in parts for e in part.entries}))
    budgets = tuple(sorted({b for part in parts for b in part.budgets}))
    months = max((part.months for part in parts), default=0)
    replications = tuple(r for part in parts for r in part.replications)
    monthly = np.full((len(replications), len(units), months), np.nan)
    ledger = np.full((len(replications), len(entries)), np.nan)
    last_paid = np.full((len(replications), len(budgets)), np.nan)
    figures = np.full((len(replications), len(units)), np.nan)
    start = 0
    for part in parts:
        rows = np.arange(start, start + len(part.replications))
        series = _places(part.series, tuple(units))
        monthly[np.ix_(rows, series, np.arange(part.months))] = part.monthly
        ledger[np.ix_(rows, _places(part.entries, entries))] = part.ledger
        last_paid[np.ix_(rows, _places(part.budgets, budgets))] = part.last_paid
        figures[np.ix_(rows, series)] = part.figures
        start += len(rows)
    seconds = sum(part.seconds * len(part.replications) for part in parts) / max(len(replications), 1)
    return Runs(replications, units, monthly, entries, ledger, budgets, last_paid, figures, seconds)


def joined(parts: Sequence[Runs]) -> Runs:
    """Parts of one case put together, in the order of their replications and of names."""
    rows = stacked(parts)
    return rows.at(sorted(range(len(rows.replications)), key=rows.replications.__getitem__))


def _places(names: Sequence[object], among: Sequence[object]) -> np.ndarray:
    place = {name: n for n, name in enumerate(among)}
    return np.array([place[name] for name in names], dtype=np.intp)
