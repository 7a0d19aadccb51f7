"""Candidates of a search on the bench: their worlds are run, or read, and their figures made trials of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import ScenarioError
from sim.experiments.cases import Case
from sim.experiments.found import Found, finished_of
from sim.experiments.search.trials import Trial
from sim.experiments.space import Changes, in_order, json_of
from sim.store.records import Recorder

if TYPE_CHECKING:
    from sim.experiments.search.search import Search
    from sim.store.store import Point

Run = Callable[[Sequence[Case], int], None]
"""Run what is missing of some cases, up to a number of replications."""


class NotThereError(Exception):
    """A world that is asked for is not in the database, and nothing is to be run."""


class Bench:
    """Tries candidates: each at all points of the uncertainties, on the same random numbers."""

    def __init__(self, search: Search, recorder: Recorder, run: Run | None) -> None:
        self._search, self._recorder, self._run = search, recorder, run
        self._names = tuple(dict.fromkeys((*search.sought, *search.outcomes)))
        self.cases: list[Case] = []

    def trials(self, candidates: Sequence[Changes], first: int = 0, fresh: int = 0) -> list[Trial]:
        """Candidates tried, numbered from `first`. fresh: with so many replications after those of the search instead.

        Raises NotThereError where nothing is to be run and a world is missing.
        """
        search = self._search
        start = search.replications if fresh else 0
        stop = start + (fresh or search.replications)
        made = [self._cases(candidate) for candidate in candidates]
        cases = [case for part in made if not isinstance(part, str) for case in part]
        keys = [case.fingerprint for case in cases]
        if self._run is not None:
            self._run(cases, stop)
        elif not self._there(keys, stop):
            raise NotThereError
        if not fresh:
            self.cases += cases
        held = self._recorder.figures(keys, search.seed, stop, search.sought).values[:, start:]
        points = len(search.uncertainty_points)
        figures = iter(held.reshape(len(keys) // points, points, *held.shape[1:]))
        return [
            Trial(n, candidate, None, part)
            if isinstance(part, str)
            else Trial(n, candidate, dict(zip(search.sought, np.moveaxis(next(figures), 2, 0), strict=True)))
            for n, (candidate, part) in enumerate(zip(candidates, made, strict=True), first)
        ]

    def _there(self, keys: Sequence[str], replications: int) -> bool:
        """Whether all worlds are finished, or have failed."""
        seed = self._search.seed
        missing = self._recorder.missing(keys, seed, replications, series=False)
        failed = self._recorder.failures(list(missing), seed, replications)
        return all(set(these) <= set(failed.get(key, ())) for key, these in missing.items())

    def found(self, database: str | None, number: int | None) -> Found:
        """All that was tried with the replications of the search."""
        keys = [case.fingerprint for case in self.cases]
        seed, replications = self._search.seed, self._search.replications
        failed = self._recorder.failures(list(dict.fromkeys(keys)), seed, replications)
        failures = {n: failed[key] for n, key in enumerate(keys) if failed.get(key)}
        figures = self._recorder.figures(keys, seed, replications, self._names)
        finished = finished_of(self._recorder, keys, seed, replications, figures)
        return Found(self._search.base, [c.changes for c in self.cases], figures, failures, database, number, finished)

    def _cases(self, candidate: Changes) -> list[Case] | str:
        """The cases of a candidate; why not, if the scenario does not take its values together."""
        base = self._search.base
        cases = [Case(base, in_order({**candidate, **point})) for point in self._search.uncertainty_points]
        try:
            for case in cases:
                case.scenario  # noqa: B018
        except ScenarioError as error:
            return str(error)
        return cases


def point_of(case: Case) -> Point:
    """A case as a database notes it."""
    from sim.store.store import Point

    base = case.base
    return Point(case.fingerprint, base.fingerprint, json_of(case.changes), case.changes.get("months", base.months))
