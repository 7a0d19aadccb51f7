"""A results database as pandas frames, all of it or what a scenario left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Select, select

from sim.fields import Array
from sim.store.ledger import entries_of, unpacked
from sim.store.store import Store
from sim.store.tables import (
    Experiment,
    ExperimentScenario,
    LastPaid,
    MonthlyOutcome,
    Outcome,
    Run,
    RunLedger,
)

if TYPE_CHECKING:
    import pandas as pd

KEY = (Run.fingerprint, Run.seed, Run.replication, Run.model_version)


def experiments(store: Store) -> pd.DataFrame:
    """Every command as it was given, a row for each of its scenarios."""
    query = (
        select(Experiment, ExperimentScenario.position, ExperimentScenario.name.label("scenario"),
               ExperimentScenario.title, ExperimentScenario.fingerprint)
        .join(ExperimentScenario, ExperimentScenario.experiment_id == Experiment.id)
        .order_by(Experiment.id, ExperimentScenario.position)
    )  # fmt: skip
    return _frame(store, query)


def runs(store: Store) -> pd.DataFrame:
    """Every run: key, status, traceback, versions, computing time."""
    return _frame(store, select(Run).order_by(Run.id))


def monthly(store: Store, fingerprint: str | None = None) -> pd.DataFrame:
    """Monthly values: fingerprint, seed, replication, model_version, outcome, unit, month, value."""
    query = (
        select(*KEY, Outcome.name.label("outcome"), Outcome.unit, MonthlyOutcome.month, MonthlyOutcome.value)
        .join(Run, Run.id == MonthlyOutcome.run_id)
        .join(Outcome, Outcome.id == MonthlyOutcome.outcome_id)
        .order_by(MonthlyOutcome.run_id, MonthlyOutcome.outcome_id, MonthlyOutcome.month)
    )
    return _frame(store, query, fingerprint)


def ledger(store: Store, fingerprint: str | None = None) -> pd.DataFrame:
    """Net receipts of each account over each run, by payment."""
    query = select(*KEY, RunLedger.amounts).join(Run, Run.id == RunLedger.run_id).order_by(RunLedger.run_id)
    found = _frame(store, query, fingerprint)
    with store.reading() as connection:
        entries, totals = unpacked(found.pop("amounts").tolist(), entries_of(connection))
    return as_rows(found, entries, totals)


def as_rows(keys: pd.DataFrame, entries: Sequence[tuple[str, str]], totals: Array) -> pd.DataFrame:
    """Totals (run, entry) as rows under the keys of their runs, with payment, account and amount."""
    at, entry = np.nonzero(~np.isnan(totals))
    frame = keys.iloc[at].reset_index(drop=True)
    for place, name in enumerate(("payment", "account")):
        frame[name] = np.array([e[place] for e in entries], dtype=object)[entry]
    frame["amount"] = totals[at, entry]
    return frame


def last_paid(store: Store, fingerprint: str | None = None) -> pd.DataFrame:
    """For each payment with a budget the last month in which it paid (none if never)."""
    query = (
        select(*KEY, LastPaid.payment, LastPaid.month)
        .join(Run, Run.id == LastPaid.run_id)
        .order_by(LastPaid.run_id, LastPaid.payment)
    )
    return _frame(store, query, fingerprint)


def _frame(store: Store, query: Select[*tuple[Any, ...]], fingerprint: str | None = None) -> pd.DataFrame:
    import pandas as pd

    if fingerprint is not None:
        query = query.where(Run.fingerprint == fingerprint)
    with store.reading() as connection:
        return pd.read_sql(query, connection)
