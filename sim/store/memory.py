"""Runs kept in the memory of this process only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.store.records import Failure, Figures, Runs, joined


class Memory:
    """A recorder that saves nothing; see `records.Recorder` for what each method does."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], dict[int, tuple[Runs, int]]] = {}
        """By case and seed: where each finished replication is, as runs written and a row of them."""
        self._failures: dict[tuple[str, int], dict[int, str]] = {}

    def missing(
        self, fingerprints: Sequence[str], seed: int, replications: int, series: bool = True
    ) -> dict[str, list[int]]:
        found = {}
        for key in fingerprints:
            rows = self._rows.get((key, seed), {})
            done = {r for r, (runs, _) in rows.items() if runs.months or not series}
            found[key] = [r for r in range(replications) if r not in done]
        return found

    def write(self, fingerprints: Sequence[str], seed: int, runs: Runs) -> None:
        for row, (key, replication) in enumerate(zip(fingerprints, runs.replications, strict=True)):
            rows = self._rows.setdefault((key, seed), {})
            if replication not in rows or runs.months > rows[replication][0].months:
                rows[replication] = (runs, row)
            self._failures.get((key, seed), {}).pop(replication, None)

    def write_failure(self, fingerprint: str, seed: int, failure: Failure) -> None:
        if failure.replication not in self._rows.get((fingerprint, seed), {}):
            self._failures.setdefault((fingerprint, seed), {})[failure.replication] = failure.traceback

    def read(self, fingerprint: str, seed: int, replications: int) -> Runs:
        parts: dict[int, tuple[Runs, list[int]]] = {}
        for replication, (runs, row) in self._rows.get((fingerprint, seed), {}).items():
            if replication < replications and runs.months:
                parts.setdefault(id(runs), (runs, []))[1].append(row)
        return joined([runs.at(rows) for runs, rows in parts.values()])

    def figures(
        self, fingerprints: Sequence[str], seed: int, replications: int, names: Sequence[str] | None = None
    ) -> Figures:
        found = [
            (n, replication, runs, row)
            for n, key in enumerate(fingerprints)
            for replication, (runs, row) in self._rows.get((key, seed), {}).items()
            if replication < replications
        ]
        known = {name: unit for runs in {id(f[2]): f[2] for f in found}.values() for name, unit in runs.units.items()}
        units = {name: known.get(name, "") for name in (sorted(known) if names is None else names)}
        values = np.full((len(fingerprints), replications, len(units)), np.nan)
        places: dict[int, tuple[list[int], list[int]]] = {}
        for n, replication, runs, row in found:
            if id(runs) not in places:
                there = [name for name in units if name in runs.units]
                places[id(runs)] = [list(units).index(t) for t in there], [runs.series.index(t) for t in there]
            to, of = places[id(runs)]
            values[n, replication, to] = runs.figures[row, of]
        return Figures(units, values)

    def failures(self, fingerprints: Sequence[str], seed: int, replications: int) -> dict[str, dict[int, str]]:
        found = {key: self._failures.get((key, seed), {}) for key in fingerprints}
        found = {key: {r: failed[r] for r in sorted(failed) if r < replications} for key, failed in found.items()}
        return {key: failed for key, failed in found.items() if failed}
