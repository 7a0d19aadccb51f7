"""Runs kept in the memory of this process only."""

from __future__ import annotations

from dataclasses import replace

from sim.store.records import Failure, Runs, joined


class Memory:
    """A recorder that saves nothing; see `records.Recorder` for what each method does."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, int], list[Runs]] = {}
        self._failures: dict[tuple[str, int], dict[int, str]] = {}

    def missing(self, fingerprint: str, seed: int, replications: int) -> list[int]:
        done = {r for part in self._parts.get((fingerprint, seed), ()) for r in part.replications}
        return [r for r in range(replications) if r not in done]

    def write(self, fingerprint: str, seed: int, runs: Runs) -> None:
        self._parts.setdefault((fingerprint, seed), []).append(runs)

    def write_failure(self, fingerprint: str, seed: int, failure: Failure) -> None:
        self._failures.setdefault((fingerprint, seed), {})[failure.replication] = failure.traceback

    def read(self, fingerprint: str, seed: int, replications: int) -> Runs:
        runs = joined(self._parts.get((fingerprint, seed), ()))
        wanted = sum(r < replications for r in runs.replications)
        return replace(
            runs,
            replications=runs.replications[:wanted],
            monthly=runs.monthly[:wanted],
            ledger=runs.ledger[:wanted],
            last_paid=runs.last_paid[:wanted],
        )

    def failures(self, fingerprint: str, seed: int, replications: int) -> dict[int, str]:
        failed = self._failures.get((fingerprint, seed), {})
        return {r: failed[r] for r in sorted(failed) if r < replications}
