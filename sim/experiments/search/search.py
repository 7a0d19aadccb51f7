"""A search: levers that make objectives as good as can be and meet constraints, whatever the uncertainties bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.errors import RunError, UsageError
from sim.experiments.cases import Case
from sim.experiments.definition import Varied
from sim.experiments.found import Found, Part
from sim.experiments.runner import Progress, run_cases
from sim.experiments.search.answer import SearchAnswer
from sim.experiments.search.asking import Asker, Sampler
from sim.experiments.search.bench import Bench, NotThereError, point_of
from sim.experiments.search.goals import Constraint, Objective
from sim.experiments.search.trials import BASE, Goals, Trial, finalists, searched
from sim.experiments.space import Changes, Sampling, in_order
from sim.fields import Count

if TYPE_CHECKING:
    from sim.store.store import Store


class UncertainSampling(BaseModel):
    """How the points of the uncertainties are taken, the same for every candidate."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    uncertainties: Sampling = Field(default_factory=Sampling, description="points of the uncertainties")


class Search(Varied):
    """Look for the values of the levers that are best.

    Every candidate is tried at the same points of the uncertainties with the same random numbers, those of the base
    scenario. The best are run again with fresh ones: who is best of many has been lucky, and fresh numbers show by how
    much (the optimiser's curse: Smith & Winkler 2006).
    """

    kind: Literal["search"] = "search"
    objectives: tuple[Objective, ...] = Field(min_length=1, description="what should be as good as can be")
    constraints: tuple[Constraint, ...] = Field((), description="what a candidate must meet")
    trials: Count = Field(100, description="candidates that are tried")
    batch: Count = Field(10, description="candidates asked for at once; of NSGA-II a generation")
    sampler: Sampler = Field("tpe", description="how candidates are chosen")
    sampling: UncertainSampling = Field(default_factory=UncertainSampling, description="how points are taken")
    confirm: int = Field(50, ge=0, description="fresh replications for the best candidates")
    finalists: Count = Field(10, description="candidates that are run with fresh replications, at most")

    @model_validator(mode="after")
    def _can_be_told(self) -> Search:
        if not self.levers.axes:
            raise ValueError("levers: nothing to decide; give at least one lever")
        for what, goals in (("objectives", self.objectives), ("constraints", self.constraints)):
            labels = [goal.label for goal in goals]
            twice = next((name for name in labels if labels.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{what}: {twice!r} is there twice")
        if self.replications < 2 and any(c.confidence > 0.5 for c in self.constraints):
            raise ValueError(
                "replications: given 1; constraints with a confidence need 2 or more (or confidence = 0.5, which takes "
                "the estimate as it is)"
            )
        if self.confirm == 1 and any(c.confidence > 0.5 for c in self.constraints):
            raise ValueError(
                "confirm: given 1; constraints with a confidence need 2 fresh replications or more (or 0, which "
                "confirms nothing)"
            )
        return self

    @cached_property
    def uncertainty_points(self) -> list[dict[str, Any]]:
        """The points of the uncertainties, the same for every candidate."""
        return self.uncertainties.taken(self.sampling.uncertainties, self.seed, 1, self.place)

    @property
    def sought(self) -> tuple[str, ...]:
        """Outcomes of objectives and constraints."""
        return tuple(dict.fromkeys(goal.outcome for goal in (*self.objectives, *self.constraints)))

    @property
    def firm_months(self) -> int:
        """Without the runs that confirm the best, which are not known before."""
        return super().firm_months * (1 + self.trials)

    def planned(self) -> Sequence[Changes]:
        """The base at each point of the uncertainties; the points of candidates follow from what came before them."""
        return [in_order(point) for point in self.uncertainty_points]

    def answer(self, found: Found) -> SearchAnswer:
        """Raises UsageError: which points a search has follows from their figures; see `run` and `analysed`."""
        raise UsageError(f"{self.place}: a search is analysed along its way, not from its points")

    def run(
        self,
        db: str | Path | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
        scheduler: str | None = None,
    ) -> SearchAnswer:
        """Search, and confirm the best; see `Design.run`. The same definition takes the same way, so what a database
        has of it already is not computed again."""
        if workers is not None and workers < 1:
            raise UsageError(f"workers: given {workers}, allowed is at least 1")
        with self._recorder([Case(self.base, point) for point in self.plan], db) as (recorder, database, number):
            bar = Counted(progress, (1 + self.trials) * len(self.uncertainty_points) * self.replications)

            def run(cases: Sequence[Case], replications: int) -> None:
                if number is not None:
                    cast("Store", recorder).add_points(number, [point_of(case) for case in cases])
                run_cases(
                    cases, self.seed, replications, recorder, workers=workers, scheduler=scheduler,
                    progress=bar.part, series=self.series != "none",
                )  # fmt: skip
                bar.past += len(cases) * replications

            return searched_with(self, Bench(self, recorder, run), database, number)

    def run_part(self, *_: Any, **__: Any) -> Part:
        """Raises UsageError: what a search tries next follows from all that it has tried."""
        raise UsageError(f"{self.place}: a search cannot be run in parts; what it tries next follows from the last")

    def analysed(self, store: Store, number: int) -> SearchAnswer:
        """What follows from the runs that a database holds: the way of the search as far as they go."""
        return searched_with(self, Bench(self, store, None), store.name, number)


@dataclass
class Counted:
    """Progress over all parts of a search. The runs that confirm the best are not known before and not counted."""

    progress: Progress | None
    total: int
    past: int = 0

    def part(self, done: int, _: int) -> None:
        if self.progress is not None:
            self.progress(min(self.past + done, self.total), self.total)


def searched_with(search: Search, bench: Bench, database: str | None, number: int | None) -> SearchAnswer:
    """Search, and confirm the best."""
    goals = Goals(search.objectives, search.constraints)
    trials: list[Trial] = []
    chosen: list[int] = []
    fresh: dict[int, Trial] = {}
    try:
        [base] = bench.trials([{}], BASE)
        _check_base(search, base)
        goals = replace(goals, base=base.tried or {})
        seed = int(np.random.SeedSequence([search.seed, 2]).generate_state(1)[0])
        asker = Asker(search.levers, [o.lower for o in search.objectives], search.sampler, search.batch, seed)
        for batch in searched(asker, goals, bench.trials, search.trials, search.batch):
            trials += batch
        if search.confirm:
            best = finalists(goals, trials, goals.judged(trials), search.finalists)
            fresh = _confirmed(search, bench, goals, trials, best)
            chosen = best
    except NotThereError:
        pass
    return SearchAnswer(search, bench.found(database, number), goals, tuple(trials), tuple(chosen), fresh)


def _confirmed(
    search: Search, bench: Bench, goals: Goals, trials: Sequence[Trial], best: Sequence[int]
) -> dict[int, Trial]:
    """The best trials, the base and those that regrets compare with, by number, with fresh replications."""
    if not best:
        return {}
    beside = {n for numbers in goals.bests(trials).values() for n in numbers}
    numbers = [BASE, *dict.fromkeys((*(trials[n].number for n in best), *sorted(beside)))]
    changes = {trial.number: trial.changes for trial in trials} | {BASE: {}}
    found = bench.trials([changes[n] for n in numbers], fresh=search.confirm)
    return {n: replace(trial, number=n) for n, trial in zip(numbers, found, strict=True)}


def _check_base(search: Search, base: Trial) -> None:
    """Raises RunError if changes against the base cannot be told."""
    compared = {c.outcome for c in search.constraints if c.kind.startswith("change")}
    for name in sorted(compared):
        there = np.isfinite((base.tried or {})[name]).sum(axis=1)
        if there.min() < min(search.replications, 2):
            raise RunError(
                f"{search.place}: the base scenario has no {name} (its worlds failed, or do not record it), so changes "
                "against it cannot be told"
            )
