"""The results of an experiment, as pandas frames."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import UsageError, unknown
from sim.experiments.policy import COST_PER_TONNE, LEAKAGE_RATE, policy_frame
from sim.fields import Array
from sim.outcomes.base import outcomes, over_time
from sim.scenario.schema import Scenario
from sim.statistics import paired
from sim.statistics.paired import Estimate
from sim.statistics.stopping import Stopped
from sim.store.records import NEVER, Runs

if TYPE_CHECKING:
    import pandas as pd

BASE_CURRENCY = "kCNY"
"""The unit of money in which outcomes are declared; a scenario may name another."""

PAIRED = ("scenario", "against", "outcome", "difference", "low", "high", "unit", "pairs", "p", "p_holm",
          "variance_ratio", "equivalent_replications")  # fmt: skip
"""Columns of paired differences."""


@dataclass(frozen=True, eq=False)
class Results:
    """What came of scenarios run with the same seed and replications.

    scenarios, seed, replications: what was run. against: name of the reference of a comparison (the first).
    database: where the runs are saved, None if they are not. runs_of: finished runs of each scenario.
    failures_of: tracebacks of each scenario's failed replications. stopped: of a sequential experiment, how it went.
    The frames are made when first asked for.
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    replications: int
    against: str
    database: str | None
    runs_of: Mapping[str, Runs]
    failures_of: Mapping[str, Mapping[int, str]]
    stopped: Stopped | None = None

    @property
    def months(self) -> int:
        """Months simulated, the same in all scenarios."""
        return self.scenarios[0].months

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Every monthly value: scenario, replication, month, outcome, value."""
        return _stacked([_monthly(name, runs, self._series(name)) for name, runs in self.runs_of.items()])

    @cached_property
    def runs(self) -> pd.DataFrame:
        """Every run's figure over time: scenario, replication, outcome, value."""
        parts = []
        for name in self.runs_of:
            replications, series = self.runs_of[name].replications, self._series(name)
            values = self._figures[name][list(replications)]
            parts.append(
                {
                    "scenario": [name] * values.size,
                    "replication": np.repeat(np.array(replications, dtype=np.int64), len(series)),
                    "outcome": np.tile(np.array(series, dtype=object), len(replications)),
                    "value": values.ravel(),
                }
            )
        return _stacked(parts)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean over replications with its 95 % interval: scenario, outcome, mean, low, high, unit."""
        parts = []
        for scenario in self.scenarios:
            name, series = scenario.name, self._series(scenario.name)
            found = paired.mean(self._figures[name])
            parts.append(
                {
                    "scenario": [name] * len(series),
                    "outcome": list(series),
                    "mean": found.value,
                    "low": found.low,
                    "high": found.high,
                    "unit": [self._unit(scenario, s) for s in series],
                }
            )
            if len(self.scenarios) > 1:
                parts.append(_ratio(name, COST_PER_TONNE, self._cost_per_tonne(name), f"{scenario.currency}/t"))
            if "leakage" in series:
                parts.append(_ratio(name, LEAKAGE_RATE, self._leakage_rate(name), "share"))
        return _stacked(parts)

    @cached_property
    def paired(self) -> pd.DataFrame:
        """Differences to the reference; see `paired_against`."""
        return self.paired_against(self.against)

    def paired_against(
        self, name: str, outcomes: Sequence[str] | None = None, *, simultaneous: bool = False
    ) -> pd.DataFrame:
        """Mean difference of every other scenario to this one, paired by replication: scenario, against, outcome,
        difference, low, high, unit, pairs, p, p_holm, variance_ratio, equivalent_replications.

        low, high: the 95 % interval. pairs: replications that both have. p: of the paired t test. p_holm: the same
        with Holm's correction for all rows of this frame, which are its family: all other scenarios x the outcomes
        asked for (all that both record, if not given). simultaneous: intervals that hold together with 95 %, for the
        same family. variance_ratio, equivalent_replications: what pairing saves, see `paired.Difference`.

        Raises UsageError for an unknown name or outcome.
        """
        self._known(name)
        series = self._shared(name, outcomes)
        pairs = {other: (self._of(other, found), self._of(name, found)) for other, found in series.items()}
        found = {other: paired.difference(*pair) for other, pair in pairs.items()}
        level = paired.simultaneous_level(sum(paired.family(f.p) for f in found.values()))
        if simultaneous:
            found = {other: paired.difference(*pair, level) for other, pair in pairs.items()}
        parts = [
            {
                "scenario": [s.name] * len(series[s.name]),
                "against": [name] * len(series[s.name]),
                "outcome": series[s.name],
                "difference": found[s.name].value,
                "low": found[s.name].low,
                "high": found[s.name].high,
                "unit": [self._unit(s, k) for k in series[s.name]],
                "pairs": found[s.name].pairs,
                "p": found[s.name].p,
                "p_holm": found[s.name].p,
                "variance_ratio": found[s.name].variance_ratio,
                "equivalent_replications": found[s.name].equivalent_replications,
            }
            for s in self.scenarios
            if s.name in found
        ]
        frame = _stacked(parts or [{column: [] for column in PAIRED}])
        return frame.assign(p_holm=paired.holm(frame["p"].to_numpy(dtype=float)))

    @cached_property
    def policy(self) -> pd.DataFrame:
        """Policy figures of a comparison, see `policy_frame`: scenario, against, figure, group, value, low, high,
        unit."""
        return policy_frame(self)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Net receipts of each account over each run, by payment: scenario, replication, payment, account, amount."""
        parts = []
        for name, runs in self.runs_of.items():
            at, entry = np.nonzero(np.isfinite(runs.ledger))
            parts.append(
                {
                    "scenario": [name] * len(at),
                    "replication": np.array(runs.replications, dtype=np.int64)[at],
                    "payment": [runs.entries[e][0] for e in entry],
                    "account": [runs.entries[e][1] for e in entry],
                    "amount": runs.ledger[at, entry],
                }
            )
        return _stacked(parts)

    @cached_property
    def last_paid(self) -> pd.DataFrame:
        """The last month in which each payment with a budget paid, NaN if never: scenario, replication, payment,
        month."""
        parts = []
        for name, runs in self.runs_of.items():
            at, budget = np.nonzero(np.isfinite(runs.last_paid))
            month = runs.last_paid[at, budget]
            parts.append(
                {
                    "scenario": [name] * len(at),
                    "replication": np.array(runs.replications, dtype=np.int64)[at],
                    "payment": [runs.budgets[b] for b in budget],
                    "month": np.where(month == NEVER, np.nan, month),
                }
            )
        return _stacked(parts)

    @cached_property
    def failures(self) -> pd.DataFrame:
        """Replications that failed: scenario, replication, traceback."""
        found = [(name, r, text) for name, failed in self.failures_of.items() for r, text in failed.items()]
        return _stacked(
            [{key: [f[n] for f in found] for n, key in enumerate(("scenario", "replication", "traceback"))}]
        )

    @cached_property
    def _figures(self) -> dict[str, Array]:
        """Figures over time by scenario, (replication, series); NaN where a replication is missing."""
        found = {}
        for name, runs in self.runs_of.items():
            values = np.full((self.replications, len(runs.series)), np.nan)
            rows = list(runs.replications)
            for n, series in enumerate(self._series(name)):
                place = runs.series.index(series)
                values[rows, n] = over_time(series, runs.monthly[:, place])
            found[name] = values
        return found

    def _of(self, name: str, series: Sequence[str]) -> Array:
        """Figures of some series, (replication, series); NaN for those the scenario has none of."""
        known = {s: n for n, s in enumerate(self._series(name))}
        nothing = np.full(self.replications, np.nan)
        return np.stack([self._figures[name][:, known[s]] if s in known else nothing for s in series], axis=1)

    def _shared(self, name: str, outcomes: Sequence[str] | None) -> dict[str, list[str]]:
        """Series that other scenarios and this one record, of those asked for; by scenario, where there are any."""
        others = [s.name for s in self.scenarios if s.name != name]
        shared = {other: [k for k in self._series(other) if k in self.runs_of[name].units] for other in others}
        known = list(dict.fromkeys(k for found in shared.values() for k in found))
        if (strange := next((o for o in outcomes or () if known and o not in known), None)) is not None:
            raise UsageError(unknown("outcome", strange, known))
        chosen = {other: [k for k in found if outcomes is None or k in outcomes] for other, found in shared.items()}
        return {other: found for other, found in chosen.items() if found}

    def _series(self, name: str) -> tuple[str, ...]:
        """Series of a scenario in the order of the outcomes, whatever order they were kept in."""
        order = {outcome: n for n, outcome in enumerate(outcomes())}
        return tuple(sorted(self.runs_of[name].series, key=lambda s: (order[s.split(":")[0]], _natural(s))))

    def _unit(self, scenario: Scenario, series: str) -> str:
        return self.runs_of[scenario.name].units[series].replace(BASE_CURRENCY, scenario.currency)

    def _cost_per_tonne(self, name: str) -> Estimate:
        mine, reference = (self._of(n, ("public_cost", "emissions")) for n in (name, self.against))
        return paired.ratio_of_means(mine[:, 0] - reference[:, 0], reference[:, 1] - mine[:, 1])

    def _leakage_rate(self, name: str) -> Estimate:
        found = self._of(name, ("leakage", "abated_in_reach"))
        return paired.ratio_of_means(found[:, 0], found[:, 1])

    def _known(self, name: str) -> None:
        names = [s.name for s in self.scenarios]
        if name not in names:
            raise UsageError(unknown("scenario", name, names))


def _natural(text: str) -> list[tuple[int, str]]:
    """A sort key by which tier 10 comes after tier 2."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]


def _ratio(scenario: str, outcome: str, found: Estimate, unit: str) -> dict[str, Any]:
    """A row of the summary."""
    ends = {"mean": [float(found.value)], "low": [float(found.low)], "high": [float(found.high)]}
    return {"scenario": [scenario], "outcome": [outcome], **ends, "unit": [unit]}


def _monthly(name: str, runs: Runs, series: Sequence[str]) -> dict[str, Any]:
    replications, _, months = runs.monthly.shape
    places = [runs.series.index(s) for s in series]
    return {
        "scenario": [name] * runs.monthly.size,
        "replication": np.repeat(np.array(runs.replications, dtype=np.int64), len(series) * months),
        "month": np.tile(np.arange(months), replications * len(series)),
        "outcome": np.tile(np.repeat(np.array(series, dtype=object), months), replications),
        "value": runs.monthly[:, places].ravel(),
    }


def _stacked(parts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Parts with the same columns, one under another."""
    import pandas as pd

    columns: dict[str, Any] = {key: np.concatenate([_array(part[key]) for part in parts]) for key in parts[0]}
    return pd.DataFrame(columns)


def _array(values: Any) -> np.ndarray:
    return (
        np.array(values, dtype=object)
        if isinstance(values, list) and (not values or isinstance(values[0], str))
        else np.asarray(values)
    )
