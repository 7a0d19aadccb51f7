"""The results database: written by one process, whole runs at a time, and read back exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from sim.scenario.schema import MODEL_VERSION
from sim.store import tables
from sim.store.bulk import insert_rows, monthly_rows, named_rows, numbers, pivot
from sim.store.database import address_of, connected, explained, shown, writing
from sim.store.records import NEVER, Failure, Runs
from sim.store.tables import FAILED, FINISHED, Run
from sim.store.versions import versions


@dataclass(frozen=True)
class Entry:
    """A scenario of an experiment. canonical: what can move a number; text: all of it, so it can be read back."""

    name: str
    title: str
    fingerprint: str
    canonical: str
    text: str
    months: int


@dataclass(frozen=True)
class Saved:
    """An experiment as the database holds it."""

    id: int
    kind: str
    seed: int
    replications: int
    reference: str
    entries: tuple[Entry, ...]


class Store:
    """A results database, by path or SQLAlchemy URL; a `records.Recorder`.

    model_version: version of the model whose runs are kept and looked for; runs of other versions stay apart.
    create: make the database if there is none. Every trouble is a StoreError of one line.
    """

    def __init__(self, database: str | Path, model_version: str = MODEL_VERSION, *, create: bool = True) -> None:
        self._address = address_of(database)
        self._engine = connected(self._address, create=create)
        self._model_version = model_version

    @property
    def name(self) -> str:
        """Where it is, as messages show it."""
        return shown(self._address)

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with."""
        with explained(self._address), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction: all of it is kept, or nothing."""
        with explained(self._address), writing(self._engine).begin() as connection:
            yield connection

    # --- experiments ----------------------------------------------------------------------------------

    def begin(self, kind: str, entries: Sequence[Entry], seed: int, replications: int, reference: str) -> int:
        """Note an experiment and its scenarios before anything runs; its id."""
        with self._writing() as connection:
            known = set(connection.scalars(select(tables.Scenario.fingerprint)))
            new = {e.fingerprint: e for e in entries if e.fingerprint not in known}
            insert_rows(connection, tables.Scenario, ((e.fingerprint, e.canonical, e.months) for e in new.values()))
            names = ", ".join(e.name for e in entries)
            values = {
                "name": f"{kind} {names}", "kind": kind, "created": _now(), "seed": seed,
                "replications": replications, "months": entries[0].months, "reference": reference,
            }  # fmt: skip
            made = connection.execute(insert(tables.Experiment).values(values | versions()))
            assert made.inserted_primary_key is not None
            experiment = int(made.inserted_primary_key[0])
            rows = ((experiment, n, e.name, e.title, e.fingerprint, e.text) for n, e in enumerate(entries))
            insert_rows(connection, tables.ExperimentScenario, rows)
        return experiment

    def latest(self, names: Sequence[str] = ()) -> Saved | None:
        """The latest experiment that holds scenarios of all these names; without names the latest comparison,
        or the latest experiment if nothing was compared. None if there is none."""
        chosen = tables.Experiment
        member = tables.ExperimentScenario
        query = select(chosen).order_by(chosen.id.desc()).limit(1)
        for name in names:
            query = query.where(chosen.id.in_(select(member.experiment_id).where(member.name == name)))
        with self.reading() as connection:
            compared = None if names else connection.execute(query.where(chosen.kind == "compare")).one_or_none()
            found = compared or connection.execute(query).one_or_none()
            if found is None:
                return None
            parts = connection.execute(
                select(member, tables.Scenario.canonical, tables.Scenario.months)
                .join(tables.Scenario, tables.Scenario.fingerprint == member.fingerprint)
                .where(member.experiment_id == found.id)
                .order_by(member.position)
            ).all()
        entries = tuple(Entry(p.name, p.title, p.fingerprint, p.canonical, p.text, p.months) for p in parts)
        return Saved(found.id, found.kind, found.seed, found.replications, found.reference, entries)

    def scenario_names(self) -> list[str]:
        """Names of the scenarios of all experiments."""
        with self.reading() as connection:
            return sorted(set(connection.scalars(select(tables.ExperimentScenario.name))))

    # --- runs -----------------------------------------------------------------------------------------

    def missing(self, fingerprint: str, seed: int, replications: int) -> list[int]:
        """Which of replications 0 to `replications` - 1 are not finished yet, failed ones among them."""
        with self.reading() as connection:
            done = set(connection.scalars(select(Run.replication).where(self._are(fingerprint, seed, FINISHED))))
        return [r for r in range(replications) if r not in done]

    def write(self, fingerprint: str, seed: int, runs: Runs) -> None:
        """Keep finished runs in one transaction. Those that another process finished meanwhile are left as they are
        (they are the same)."""
        with self._writing() as connection:
            done = set(connection.scalars(select(Run.replication).where(self._are(fingerprint, seed, FINISHED))))
            new = [n for n, r in enumerate(runs.replications) if r not in done]
            if not new:
                return
            replications = [runs.replications[n] for n in new]
            ids = self._insert_runs(connection, fingerprint, seed, replications, FINISHED, runs.seconds, None)
            outcome_ids = self._outcomes(connection, runs)
            insert_rows(connection, tables.MonthlyOutcome, monthly_rows(ids, outcome_ids, runs.monthly[new]))
            insert_rows(connection, tables.LedgerTotal, named_rows(ids, runs.entries, runs.ledger[new]))
            paid = (
                (*row, None if month == NEVER else int(month))
                for *row, month in named_rows(ids, [(b,) for b in runs.budgets], runs.last_paid[new])
            )
            insert_rows(connection, tables.LastPaid, paid)

    def write_failure(self, fingerprint: str, seed: int, failure: Failure) -> None:
        """Keep that a run failed; it will be tried again by the next command that asks for it."""
        one = [failure.replication]
        with self._writing() as connection:
            done = select(Run.id).where(self._are(fingerprint, seed, FINISHED), Run.replication.in_(one))
            if connection.scalar(done) is None:
                self._insert_runs(connection, fingerprint, seed, one, FAILED, failure.seconds, failure.traceback)

    def failures(self, fingerprint: str, seed: int, replications: int) -> dict[int, str]:
        """Tracebacks of the replications under `replications` that failed."""
        query = select(Run.replication, Run.traceback).where(
            self._are(fingerprint, seed, FAILED), Run.replication < replications
        )
        with self.reading() as connection:
            return {r: text or "" for r, text in connection.execute(query.order_by(Run.replication))}

    def read(self, fingerprint: str, seed: int, replications: int) -> Runs:
        """What is finished of replications 0 to `replications` - 1, in order; names in order."""
        wanted = and_(self._are(fingerprint, seed, FINISHED), Run.replication < replications)
        month, total, last = tables.MonthlyOutcome, tables.LedgerTotal, tables.LastPaid
        with self.reading() as connection:
            runs = connection.execute(select(Run.id, Run.replication).where(wanted).order_by(Run.replication)).all()
            units = {o.id: (o.name, o.unit) for o in connection.execute(select(tables.Outcome))}
            values = numbers(
                connection,
                select(month.run_id, month.outcome_id, month.month, month.value).join(Run).where(wanted),
            )
            ledger = connection.execute(
                select(total.run_id, total.payment, total.account, total.amount).join(Run).where(wanted)
            ).all()
            paid = connection.execute(select(last.run_id, last.payment, last.month).join(Run).where(wanted)).all()
        place = {run.id: n for n, run in enumerate(runs)}
        run_ids, at_run = np.unique(values[:, 0], return_inverse=True)
        outcome_ids, at_outcome = np.unique(values[:, 1], return_inverse=True)
        names = sorted(units[int(i)][0] for i in outcome_ids)
        row = np.array([place[i] for i in run_ids], dtype=np.intp)[at_run]
        column = np.array([names.index(units[int(i)][0]) for i in outcome_ids], dtype=np.intp)[at_outcome]
        months = values[:, 2].astype(np.intp)
        monthly = np.full((len(runs), len(names), int(months.max(initial=-1)) + 1), np.nan)
        monthly[row, column, months] = values[:, 3]
        entries, amounts = pivot([(place[i], (p, a), x) for i, p, a, x in ledger], len(runs))
        budgets, last_paid = pivot([(place[i], p, NEVER if m is None else m) for i, p, m in paid], len(runs))
        named = {name: unit for name, unit in sorted(units[int(i)] for i in outcome_ids)}
        return Runs(tuple(r.replication for r in runs), named, monthly, entries, amounts, budgets, last_paid)

    def _are(self, fingerprint: str, seed: int, status: str) -> ColumnElement[bool]:
        return and_(
            Run.fingerprint == fingerprint,
            Run.seed == seed,
            Run.model_version == self._model_version,
            Run.status == status,
        )

    def _insert_runs(
        self, connection: Connection, fingerprint: str, seed: int, replications: list[int], status: str,
        seconds: float, traceback: str | None,
    ) -> list[int]:  # fmt: skip
        """Rows of runs in place of those that failed before; their ids, in order."""
        failed = and_(self._are(fingerprint, seed, FAILED), Run.replication.in_(replications))
        connection.execute(delete(Run).where(failed))
        common: dict[str, Any] = {
            "fingerprint": fingerprint, "seed": seed, "model_version": self._model_version, "status": status,
            "traceback": traceback, "seconds": seconds, "finished_at": _now(), **versions(),
        }  # fmt: skip
        query = insert(Run).returning(Run.id, sort_by_parameter_order=True)
        return list(connection.scalars(query, [common | {"replication": r} for r in replications]))

    def _outcomes(self, connection: Connection, runs: Runs) -> list[int]:
        """Ids of the monthly series; new ones are noted with their units."""
        query = select(tables.Outcome.name, tables.Outcome.id)
        known = {name: number for name, number in connection.execute(query)}
        new = [{"name": name, "unit": unit} for name, unit in runs.units.items() if name not in known]
        if new:
            connection.execute(insert(tables.Outcome), new)
            known = {name: number for name, number in connection.execute(query)}
        return [known[name] for name in runs.series]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
