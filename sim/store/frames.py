"""A results database as pandas frames, all of it or what a scenario left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from sim.store.store import Store
from sim.store.tables import (
    Experiment,
    ExperimentScenario,
    LastPaid,
    LedgerEntry,
    LedgerTotal,
    MonthlyOutcome,
    Outcome,
    Run,
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
    query = (
        select(*KEY, LedgerEntry.payment, LedgerEntry.account, LedgerTotal.amount)
        .join(Run, Run.id == LedgerTotal.run_id)
        .join(LedgerEntry, LedgerEntry.id == LedgerTotal.entry_id)
        .order_by(LedgerTotal.run_id, LedgerEntry.payment, LedgerEntry.account)
    )
    return _frame(store, query, fingerprint)


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
