"""The trials of a search: what was tried, what is made of it, and which of them are best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.experiments.search.asking import Asker, Told
from sim.experiments.search.goals import Checked, Constraint, Objective, Tried
from sim.experiments.space import Changes
from sim.fields import Array
from sim.statistics.robust import Bounded

Bests = Mapping[Objective, tuple[int, ...]]
"""For each objective that is a regret, the number of the trial that is best at each point."""


BASE = -1
"""The number by which the base scenario goes among the trials."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A candidate that was tried. tried: its figures; None if the scenario takes no such combination of values, and
    `refused` says why. Where a world failed the figure is NaN."""

    number: int
    changes: Changes
    tried: Tried | None
    refused: str = ""

    @property
    def failed(self) -> int:
        """Worlds without all of their figures. A candidate with any is not chosen: leaving them out would favour it."""
        if self.tried is None:
            return 0
        return int(np.any([~np.isfinite(values) for values in self.tried.values()], axis=0).sum())


@dataclass(frozen=True)
class Judged:
    """What is made of a trial: its objectives and constraints, in their order; empty if it failed."""

    objectives: tuple[Bounded, ...] = ()
    checks: tuple[Checked, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether all constraints are met."""
        return bool(self.objectives) and all(check.met for check in self.checks)

    @property
    def violation(self) -> float:
        """How far the constraints are violated together, 0 if they are met."""
        return sum(max(check.told, 0.0) for check in self.checks) if self.objectives else float("inf")


@dataclass(frozen=True)
class Goals:
    """Objectives and constraints of a search. base: figures of the base scenario, for changes against it."""

    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...] = ()
    base: Tried = field(default_factory=dict)

    @property
    def regretful(self) -> bool:
        """Whether what a candidate is worth depends on the others."""
        return any(o.robust == "regret" for o in self.objectives)

    def judged(
        self, trials: Sequence[Trial], among: Sequence[Trial] | None = None, bests: Bests | None = None
    ) -> list[Judged]:
        """What is made of trials. among: those that a regret compares with, the trials themselves if not given; bests:
        which of them are best, if that is known."""
        among = trials if among is None else among
        of_number = {trial.number: trial for trial in among}
        best = {
            o: np.stack([o.signed(of_number[number].tried or {})[point] for point, number in enumerate(numbers)])
            for o, numbers in (self.bests(among) if bests is None else bests).items()
        }
        return [self._judged(trial, best) for trial in trials]

    def bests(self, trials: Sequence[Trial]) -> Bests:
        """For each objective that is a regret, the number of the best trial at each point: of those that meet all
        constraints, or of all while none does."""
        if not self.regretful:
            return {}
        whole = [t for t in trials if t.tried is not None and not t.failed]
        those = [t for t in whole if all(c.met for c in self._checks(t.tried or {}))] or whole
        found = {}
        for objective in self.objectives:
            if objective.robust == "regret" and those:
                means = np.stack([objective.signed(t.tried or {}).mean(axis=1) for t in those])
                found[objective] = tuple(those[n].number for n in means.argmin(axis=0))
        return found

    def _judged(self, trial: Trial, best: Mapping[Objective, Array]) -> Judged:
        if trial.tried is None or trial.failed:
            return Judged()
        objectives = tuple(o.of(trial.tried, best.get(o)) for o in self.objectives)
        return Judged(objectives, self._checks(trial.tried))

    def _checks(self, tried: Tried) -> tuple[Checked, ...]:
        return tuple(c.of(tried, self.base) for c in self.constraints)


def searched(
    asker: Asker, goals: Goals, evaluate: Callable[[Sequence[Changes], int], Sequence[Trial]], trials: int, batch: int
) -> Iterator[list[Trial]]:
    """Try candidates, a batch at a time. evaluate: makes trials of candidates, numbered from the number given."""
    done: list[Trial] = []
    while len(done) < trials:
        new = list(evaluate(asker.ask(min(batch, trials - len(done))), len(done)))
        done += new
        yield new
        asker.tell([_told(goals, judged) for judged in goals.judged(new, done)])
        if goals.regretful:
            asker.retell([tuple(o.value for o in j.objectives) or None for j in goals.judged(done)])


def front(goals: Goals, judged: Sequence[Judged]) -> list[int]:
    """Places of the best of the feasible trials, better ones in the first objective first: with one objective the one
    best, with several those that no other is at least as good as in all of them and better in one (the Pareto front).
    Of equals the first is taken."""
    signs = np.array([1.0 if o.lower else -1.0 for o in goals.objectives])
    places = [n for n, j in enumerate(judged) if j.feasible]
    values = np.array([[o.value for o in judged[n].objectives] for n in places]).reshape(-1, len(signs)) * signs
    kept = [
        row
        for row, mine in enumerate(values)
        if not (np.all(values <= mine, axis=1) & np.any(values < mine, axis=1)).any()
        and not np.all(values[:row] == mine, axis=1).any()
    ]
    return [places[row] for row in sorted(kept, key=lambda row: tuple(values[row]))]


def finalists(goals: Goals, trials: Sequence[Trial], judged: Sequence[Judged], most: int) -> list[int]:
    """Places of the trials that are worth confirming, at most so many, each candidate once: with one objective the best
    of the feasible ones, with several the front, evenly along its first objective."""
    if len(goals.objectives) > 1:
        whole = front(goals, judged)
        return [whole[n] for n in sorted({round(x) for x in np.linspace(0, len(whole) - 1, min(most, len(whole)))})]
    sign = 1.0 if goals.objectives[0].lower else -1.0
    seen: dict[str, int] = {}
    for n in sorted(
        (n for n, j in enumerate(judged) if j.feasible), key=lambda n: sign * judged[n].objectives[0].value
    ):
        seen.setdefault(repr(sorted(trials[n].changes.items())), n)
    return list(seen.values())[:most]


def _told(goals: Goals, judged: Judged) -> Told | None:
    if not judged.objectives:
        return None
    violations = {c.label: check.told for c, check in zip(goals.constraints, judged.checks, strict=True)}
    return Told(tuple(o.value for o in judged.objectives), violations)
