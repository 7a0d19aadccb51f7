"""What is said under a table: what a figure means, and which budgets ran out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.policy import COST_PER_TONNE, LEAKAGE_RATE
from sim.experiments.results import Results
from sim.programme import book_names
from sim.scenario.schema import Scenario
from sim.store.records import Runs

if TYPE_CHECKING:
    import pandas as pd

SPENT = 1e-6
"""A budget with less than this share left is spent."""

SIGNIFICANT = 0.05
"""Adjusted p-values below this have a star."""


def notes(results: Results) -> list[str]:
    """Notes to the table of these results."""
    costs = results.summary[results.summary["outcome"] == COST_PER_TONNE]
    found = []
    if len(costs):
        text = f"cost per tonne abated: net public cost for each tonne abated, against {results.against}"
        unclear = [n for n, x in zip(costs["scenario"], costs["mean"], strict=True) if math.isnan(x)]
        found.append(text + ("; -: no clear reduction" if set(unclear) - {results.against} else ""))
    if LEAKAGE_RATE in set(results.summary["outcome"]):
        found.append(
            "leakage rate: rise of emissions where no incentive reaches for each tonne abated where one does, against "
            "the same worlds without incentives"
        )
    return [*found, *_budgets(results)]


def pairing(shown: pd.DataFrame) -> Iterator[str]:
    """What is said under a table of paired differences: which are clear, and what common random numbers saved."""
    tests = int(shown["p_holm"].notna().sum())
    if not tests:
        return
    yield (
        f"*: p < {SIGNIFICANT} in the paired t test, with Holm's correction for the {tests} differences of this table"
        if (shown["p_holm"] < SIGNIFICANT).any()
        else f"no p < {SIGNIFICANT} in paired t tests with Holm's correction for the {tests} differences of this table"
    )
    times = shown["equivalent_replications"] / shown["pairs"]
    there = np.isfinite(times.to_numpy(dtype=float))
    if there.any():
        outcome = shown[there]["outcome"].iloc[0]
        same = times[there & (shown["outcome"] == outcome)]
        low, high = (f"{x:,.0f}" if x >= 10 else f"{x:.1f}" for x in (same.min(), same.max()))
        many = low if low == high else f"{low} to {high}"
        yield (
            f"common random numbers: as narrow an interval of {outcome} takes {many} times as many runs with "
            "independent seeds"
        )


def _budgets(results: Results) -> Iterator[str]:
    """Payments that stopped early because their budgets were spent, and when."""
    stopped: dict[str, list[str]] = {}
    for scenario in results.scenarios:
        runs = results.runs_of[scenario.name]
        for payment, months in _stops(scenario, runs):
            low, high = int(min(months)), int(max(months))
            when = f"after month {low}" if low == high else f"after months {low} to {high}"
            some = f" in {len(months)} of {len(runs.replications)} runs" if len(months) < len(runs.replications) else ""
            stopped.setdefault(payment, []).append(f"{scenario.name} {when}{some}")
    for payment, where in stopped.items():
        yield f"{payment} stopped, its budget spent: {', '.join(where)}"


def _stops(scenario: Scenario, runs: Runs) -> Iterator[tuple[str, np.ndarray]]:
    """Each payment that stopped before it had to, with its last months in the runs where it did."""
    for incentive, name in zip(scenario.incentives, book_names(scenario.incentives), strict=True):
        if incentive.budget is None or name not in runs.budgets:
            continue
        payers = [n for n, entry in enumerate(runs.entries) if entry in {(name, incentive.payer), (name, "regulator")}]
        spent = -np.nansum(runs.ledger[:, payers], axis=1) >= (1.0 - SPENT) * incentive.budget
        last = runs.last_paid[:, runs.budgets.index(name)]
        end = scenario.months if incentive.ends is None else min(incentive.ends, scenario.months)
        early = last[spent & (last >= 0) & (last < end - 1)]
        if len(early):
            yield name, early
