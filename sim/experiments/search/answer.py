"""What came of a search, as frames: all trials, the best of them, and the best once more with fresh random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.answer import Answer
from sim.experiments.search.goals import Checked, Constraint
from sim.experiments.search.trials import BASE, Goals, Judged, Trial, front
from sim.experiments.space import label

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.search.search import Search


@dataclass(frozen=True, eq=False)
class SearchAnswer(Answer):
    """What came of a search.

    goals: objectives and constraints. tried: the trials, in order. chosen: places of those that were confirmed. fresh:
    these, the base and those that regrets compare with, by number, with fresh replications. The points of the other
    frames are the base and then the trials, each at all points of the uncertainties.
    """

    definition: Search
    goals: Goals
    tried: tuple[Trial, ...]
    chosen: tuple[int, ...]
    fresh: Mapping[int, Trial]

    @property
    def feasible(self) -> bool:
        """Whether any trial meets all constraints."""
        return any(j.feasible for j in self.judged)

    @cached_property
    def judged(self) -> list[Judged]:
        """What is made of the trials, in order."""
        return self.goals.judged(self.tried)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Every trial: trial, a column for each lever, each objective with the ends of its 95 % interval (`low`,
        `high`), each constraint with its confidence `bound` and whether it is `met`, feasible, failed (worlds) and
        refused (why the scenario does not take these values together)."""
        return self._frame(self.tried, self.judged)

    @cached_property
    def best(self) -> pd.DataFrame:
        """Of the trials, the best feasible one; with several objectives those that none is better than in all of them
        (the Pareto front). Empty if no trial meets all constraints."""
        return self.trials.iloc[front(self.goals, self.judged)].reset_index(drop=True)

    @cached_property
    def confirmed(self) -> pd.DataFrame:
        """The best trials as they were found and with fresh replications, which the search did not choose by: as
        `trials`, with a column sample (`search` or `fresh`)."""
        import pandas as pd

        old = self.trials.iloc[list(self.chosen)]
        if not self.chosen:
            return old.assign(sample=[])
        numbers = list(self.confirmed_trials)
        fresh = self._frame([self.fresh[n] for n in numbers], list(self.confirmed_trials.values()))
        found = pd.concat([old.assign(sample="search"), fresh.assign(sample="fresh")], ignore_index=True)
        order = {number: n for n, number in enumerate(numbers)}
        return found.sort_values("trial", key=lambda n: n.map(order), kind="stable", ignore_index=True)

    @cached_property
    def confirmed_trials(self) -> dict[int, Judged]:
        """What is made of the best trials with fresh replications, by their numbers, in order."""
        if not self.chosen:
            return {}
        numbers = [self.tried[n].number for n in self.chosen]
        goals = replace(self.goals, base=self.fresh[BASE].tried or {})
        again = [self.fresh[n] for n in numbers]
        judged = goals.judged(again, tuple(self.fresh.values()), self.goals.bests(self.tried))
        return dict(zip(numbers, judged, strict=True))

    @property
    def nearest(self) -> tuple[int, ...]:
        """The place of the trial that violates the constraints least; none if none could be computed."""
        whole = [(j.violation, n) for n, j in enumerate(self.judged) if j.objectives]
        return (min(whole)[1],) if whole else ()

    @cached_property
    def base(self) -> pd.DataFrame:
        """The base scenario, in one row as `trials` has them."""
        base = Trial(BASE, {}, self.goals.base)
        return self._frame([base], self.goals.judged([base], [base, *self.tried]))

    @property
    def verdict(self) -> str:
        """What was found, in a sentence or two."""
        number = len(self.tried)
        if number < self.definition.trials:
            begun = f"only {number} of {self.definition.trials} trials are there; "
        else:
            begun = ""
        if not number:
            return f"none of {self.definition.trials} trials is finished"
        if self.feasible:
            return begun + self._best_in_words(number)
        if not self.nearest:
            return f"{begun}none of {number} trials could be {self._why_none}"
        [nearest] = self.nearest
        checks = zip(self.goals.constraints, self.judged[nearest].checks, strict=True)
        missed = [f"{c.label} (bound {_bound(c, check)})" for c, check in checks if not check.met]
        return (
            f"{begun}none of {number} trials meets all constraints; trial {nearest} comes nearest "
            f"({label(self.tried[nearest].changes)}) and misses {', '.join(missed)}"
        )

    @property
    def _why_none(self) -> str:
        """What keeps all trials from being judged."""
        tried = [trial.tried for trial in self.tried if trial.tried is not None]
        there = {name for figures in tried for name, values in figures.items() if np.isfinite(values).any()}
        absent = [name for name in self.definition.sought if name not in there]
        if absent and tried and self.finished:
            return f"judged: no run records {', '.join(absent)}, which may have to be switched on in the scenario"
        return "computed; see failures, and refused in the trials"

    def _best_in_words(self, number: int) -> str:
        best = [self.tried[n] for n in front(self.goals, self.judged)]
        if len(self.goals.objectives) > 1:
            return f"{len(best)} of {number} trials are on the front"
        lasts = self._lasts(best[0].number) if self.goals.constraints else ""
        return f"best of {number} trials is trial {best[0].number}: {label(best[0].changes)}{lasts}"

    def _lasts(self, number: int) -> str:
        """Whether a trial still meets the constraints with fresh numbers, and if not which of the best does."""
        again = self.confirmed_trials
        if number not in again:
            return ""
        if again[number].feasible:
            return "; with fresh random numbers it meets all constraints again"
        sign = 1.0 if self.goals.objectives[0].lower else -1.0
        meeting = {n: sign * found.objectives[0].value for n, found in again.items() if found.feasible}
        if not meeting:
            return (
                f"; with fresh random numbers it no longer meets all constraints, nor does any of the {len(again)} best"
            )
        first = min(meeting, key=lambda n: meeting[n])
        instead = next(trial for trial in self.tried if trial.number == first)
        return (
            "; with fresh random numbers it no longer meets all constraints, and the best that does is "
            f"trial {first}: {label(instead.changes)}"
        )

    def _frame(self, trials: Sequence[Trial], judged: Sequence[Judged]) -> pd.DataFrame:
        import pandas as pd

        rows = [self._row(trial, found) for trial, found in zip(trials, judged, strict=True)]
        return pd.DataFrame(rows, columns=self._columns)

    @property
    def _columns(self) -> list[str]:
        of_objectives = [c for o in self.goals.objectives for c in (o.label, f"{o.label} low", f"{o.label} high")]
        of_constraints = [c for k in self.goals.constraints for c in (k.label, f"{k.label} bound", f"{k.label} met")]
        return ["trial", *self.definition.levers.axes, *of_objectives, *of_constraints, "feasible", "failed", "refused"]

    def _row(self, trial: Trial, judged: Judged) -> dict[str, Any]:
        row: dict[str, Any] = {"trial": trial.number, **trial.changes}
        for objective, found in zip(self.goals.objectives, judged.objectives, strict=bool(judged.objectives)):
            name = objective.label
            row |= {name: found.value, f"{name} low": found.low, f"{name} high": found.high}
        for constraint in self.goals.constraints:
            row[f"{constraint.label} met"] = False
        for constraint, check in zip(self.goals.constraints, judged.checks, strict=bool(judged.checks)):
            name = constraint.label
            row |= {name: check.value, f"{name} bound": check.bound, f"{name} met": check.met}
        return row | {"feasible": judged.feasible, "failed": trial.failed, "refused": trial.refused}


def _bound(constraint: Constraint, check: Checked) -> str:
    """The bound as its limit is written: in per cent where that is."""
    return f"{check.bound * 100:.4g}%" if constraint.relative else f"{check.bound:.4g}"
