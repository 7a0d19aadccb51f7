"""The way of a search, on functions whose answer is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from sim.experiments.axes import Choice, Range
from sim.experiments.search.asking import Asker, Sampler
from sim.experiments.search.goals import Constraint, Objective
from sim.experiments.search.trials import Goals, Judged, Trial, finalists, front, searched
from sim.experiments.space import Changes, Space
from sim.fields import Array

SQUARE = Space("levers", {"x": Range(low=0.0, high=2.0), "y": Range(low=0.0, high=2.0)})
COST = Objective(outcome="public_cost")
AT_LEAST_ONE = Constraint(outcome="green_quality", at_least=1.0, confidence=0.5)

Function = Callable[[Changes], dict[str, float]]


def of(function: Function) -> Callable[[Sequence[Changes], int], list[Trial]]:
    def evaluate(candidates: Sequence[Changes], first: int) -> list[Trial]:
        found = []
        for n, changes in enumerate(candidates, first):
            figures = function(changes)
            found.append(Trial(n, changes, {name: np.full((1, 1), value) for name, value in figures.items()}))
        return found

    return evaluate


def search(
    function: Function, goals: Goals, space: Space = SQUARE, sampler: Sampler = "tpe", seed: int = 1,
    trials: int = 100, batch: int = 10,
) -> list[Trial]:  # fmt: skip
    asker = Asker(space, [o.lower for o in goals.objectives], sampler, batch, seed)
    return [trial for part in searched(asker, goals, of(function), trials, batch) for trial in part]


def circle(changes: Changes) -> dict[str, float]:
    """Cheapest where x = y = 1/2, if quality x + y is to be 1: there it costs 1/2."""
    x, y = changes["x"], changes["y"]
    return {"public_cost": x**2 + y**2, "green_quality": x + y}


def best_of(goals: Goals, trials: Sequence[Trial]) -> float:
    judged = goals.judged(trials)
    return judged[front(goals, judged)[0]].objectives[0].value


def gap_of_chance(trials: int, missed: float) -> float:
    """How far from the least cost the best of so many trials by chance is, or less, but in a share `missed` of cases.

    A trial is within `gap` if it falls on the segment that the line x + y = 1 cuts off the circle of radius
    sqrt(1/2 + gap); it does so with the segment's area over the area of the square, 4.
    """

    def too_far(gap: float) -> float:
        radius, distance = np.sqrt(0.5 + gap), np.sqrt(0.5)
        area = radius**2 * np.arccos(distance / radius) - distance * np.sqrt(radius**2 - distance**2)
        return float((1 - area / 4) ** trials - missed)

    return float(brentq(too_far, 1e-9, 0.5))


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "random"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_sampler_finds_the_known_optimum_at_least_as_near_as_chance(sampler: Sampler, seed: int) -> None:
    """Chance alone would be further away once in a thousand searches."""
    goals = Goals((COST,), (AT_LEAST_ONE,))
    found = best_of(goals, search(circle, goals, sampler=sampler, seed=seed, trials=200, batch=20))
    assert 0.5 <= found <= 0.5 + gap_of_chance(200, 0.001)


def test_the_estimator_does_better_than_chance() -> None:
    """Six searches of six end nearer than half of all searches by chance do; by chance that happens once in 64."""
    goals = Goals((COST,), (AT_LEAST_ONE,))
    for seed in range(6):
        assert best_of(goals, search(circle, goals, seed=seed)) < 0.5 + gap_of_chance(100, 0.5)


def test_a_search_upwards_goes_up() -> None:
    goals = Goals((Objective(outcome="public_cost", direction="higher"),), ())
    trials = search(circle, goals, trials=60)
    late = np.mean([t.tried["public_cost"] for t in trials[40:] if t.tried])
    assert late > np.mean([t.tried["public_cost"] for t in trials[:10] if t.tried])
    assert best_of(goals, trials) == max(float(t.tried["public_cost"][0, 0]) for t in trials if t.tried)


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "random"])
def test_the_same_seed_gives_the_same_trials_and_another_gives_others(sampler: Sampler) -> None:
    goals = Goals((COST, Objective(outcome="green_quality", direction="higher")), (AT_LEAST_ONE,))
    first, again, other = (
        [t.changes for t in search(circle, goals, sampler=sampler, seed=seed, trials=45, batch=8)] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert len(first) == 45


def test_no_point_of_the_front_is_dominated_and_every_other_is_or_is_its_equal() -> None:
    goals = Goals((COST, Objective(outcome="green_quality", direction="higher")), (AT_LEAST_ONE,))
    trials = search(circle, goals, sampler="nsga2", trials=80, batch=16)
    judged = goals.judged(trials)
    chosen = front(goals, judged)
    signed = {n: (j.objectives[0].value, -j.objectives[1].value) for n, j in enumerate(judged) if j.feasible}

    def dominated(n: int) -> bool:
        mine = signed[n]
        return any(v[0] <= mine[0] and v[1] <= mine[1] and v != mine for v in signed.values())

    assert len(chosen) > 1
    assert not any(dominated(n) for n in chosen)
    values = [signed[n] for n in chosen]
    assert all(dominated(n) or signed[n] in values for n in signed if n not in chosen)
    assert len(set(values)) == len(values)
    assert [signed[n] for n in chosen] == sorted(signed[n] for n in chosen)


def test_levers_take_only_what_they_may() -> None:
    levers = Space(
        "levers",
        {
            "real": Range(low=0.5, high=1.5),
            "ratio": Range(low=0.001, high=10.0, log=True),
            "number": Range(low=2, high=5, whole=True),
            "count": Range(low=1, high=1000, whole=True, log=True),
            "steps": Range(low=0.0, high=0.3, steps=4),
            "kind": Choice(("none", "full", True)),
        },
    )
    goals = Goals((COST,))
    trials = search(lambda c: {"public_cost": c["real"] + c["number"]}, goals, levers, "random", trials=120)
    seen = {path: {t.changes[path] for t in trials} for path in levers.axes}
    assert min(seen["real"]) >= 0.5 and max(seen["real"]) <= 1.5  # noqa: PT018
    assert seen["number"] == {2, 3, 4, 5}
    assert all(type(v) is int for v in seen["number"])
    assert seen["steps"] == {0.0, 0.1, 0.2, 0.3}
    assert seen["kind"] == {"none", "full", True}
    half = 4 * np.sqrt(120 / 4)
    assert sum(t.changes["ratio"] < 0.1 for t in trials) == pytest.approx(60, abs=half)
    assert sum(t.changes["count"] <= 31 for t in trials) == pytest.approx(60, abs=half)
    assert all(type(v) is int for v in seen["count"])


def test_what_failed_or_was_refused_is_not_chosen_and_the_search_goes_on() -> None:
    """Where y is below x a world fails; where both are small the scenario is refused."""

    def evaluate(candidates: Sequence[Changes], first: int) -> list[Trial]:
        trials = []
        for trial in of(circle)(candidates, first):
            if trial.changes["x"] + trial.changes["y"] < 0.5:
                trials.append(Trial(trial.number, trial.changes, None, "not both"))
            elif trial.changes["y"] < trial.changes["x"]:
                trials.append(
                    Trial(trial.number, trial.changes, {n: v * np.nan for n, v in (trial.tried or {}).items()})
                )
            else:
                trials.append(trial)
        return trials

    goals = Goals((COST,))
    asker = Asker(SQUARE, [True], "tpe", 10, 1)
    trials = [t for part in searched(asker, goals, evaluate, 60, 10) for t in part]
    judged = goals.judged(trials)
    [best] = front(goals, judged)
    assert trials[best].changes["y"] >= trials[best].changes["x"]
    assert {t.failed for t in trials} == {0, 1}
    assert any(t.refused for t in trials)
    assert not any(j.feasible for t, j in zip(trials, judged, strict=True) if t.failed or t.refused)


class Remembering(Asker):
    """Remembers what it was told last of all candidates."""

    retold: Sequence[tuple[float, ...] | None] = ()

    def retell(self, objectives: Sequence[tuple[float, ...] | None]) -> None:
        self.retold = objectives
        super().retell(objectives)


def test_regret_is_told_anew_when_a_better_candidate_comes() -> None:
    """At two points of what is uncertain the cost is the distance to 0 and to 1: the least largest regret is half-way,
    whatever else is tried, once both ends have been tried."""

    def evaluate(candidates: Sequence[Changes], first: int) -> list[Trial]:
        return [
            Trial(n, c, {"public_cost": np.array([[abs(c["x"])], [abs(c["x"] - 1.0)]])})
            for n, c in enumerate(candidates, first)
        ]

    line = Space("levers", {"x": Range(low=0.0, high=1.0, steps=21)})
    goals = Goals((Objective(outcome="public_cost", robust="regret"),))
    asker = Remembering(line, [True], "tpe", 5, 2)
    trials = [t for part in searched(asker, goals, evaluate, 100, 5) for t in part]
    judged = goals.judged(trials)
    assert asker.retold == [(j.objectives[0].value,) for j in judged]
    tried = {t.changes["x"] for t in trials}
    assert {0.0, 1.0} <= tried
    assert trials[front(goals, judged)[0]].changes["x"] == 0.5
    expected = [max(t.changes["x"], 1.0 - t.changes["x"]) for t in trials]
    assert [j.objectives[0].value for j in judged] == pytest.approx(expected)


def test_regret_compares_with_those_that_meet_the_constraints_once_there_are_any() -> None:
    goals = Goals((Objective(outcome="public_cost", robust="regret"),), (AT_LEAST_ONE,))
    trials = of(circle)([{"x": x, "y": x} for x in (0.1, 0.3, 0.6, 0.7)], 0)
    costs = [0.02, 0.18, 0.72, 0.98]
    assert [j.objectives[0].value for j in goals.judged(trials)] == pytest.approx([c - 0.72 for c in costs])
    assert [j.objectives[0].value for j in goals.judged(trials[:2])] == pytest.approx([0.0, 0.16])
    failed = Trial(4, {}, {name: np.full((1, 1), np.nan) for name in ("public_cost", "green_quality")})
    assert [len(j.objectives) for j in goals.judged([*trials, failed])] == [1, 1, 1, 1, 0]


def test_who_is_as_good_in_one_objective_and_worse_in_the_other_is_not_on_the_front() -> None:
    goals = Goals((COST, Objective(outcome="green_quality", direction="higher")))
    at = [(1.0, 2.0), (1.0, 3.0), (2.0, 3.0), (3.0, 4.0), (0.5, 1.0), (0.5, 1.0)]
    trials = of(lambda c: {"public_cost": c["x"], "green_quality": c["y"]})([{"x": x, "y": y} for x, y in at], 0)
    assert front(goals, goals.judged(trials)) == [4, 1, 3]


def test_retelling_changes_what_is_asked_next() -> None:
    line = Space("levers", {"x": Range(low=0.0, high=1.0)})
    asked: list[list[Any]] = []
    for turned in (False, True):
        asker = Asker(line, [True], "tpe", 20, 1)
        first = [c["x"] for c in asker.ask(20)]
        told = Goals((COST,))
        trials = of(lambda c: {"public_cost": c["x"]})([{"x": x} for x in first], 0)
        asker.tell([_told(told, j) for j in told.judged(trials)])
        if turned:
            asker.retell([(-x,) for x in first])
        asked.append([c["x"] for c in asker.ask(20)])
    assert np.mean(asked[0]) < 0.5 < np.mean(asked[1])


def test_finalists_are_the_best_and_each_candidate_once() -> None:
    goals = Goals((COST,), (AT_LEAST_ONE,))
    tried = [(0.0, 2.0), (1.0, 1.0), (1.0, 1.0), (0.1, 0.1), (0.5, 0.6), (2.0, 2.0)]
    trials = of(circle)([{"x": x, "y": y} for x, y in tried], 0)
    assert finalists(goals, trials, goals.judged(trials), 3) == [4, 1, 0]
    many = Goals((COST, Objective(outcome="green_quality", direction="higher")))
    assert finalists(many, trials, many.judged(trials), 10) == front(many, many.judged(trials))
    assert finalists(many, trials, many.judged(trials), 2) == [3, 5]


def test_a_violated_constraint_counts_in_units_of_its_limit() -> None:
    """A limit of a million tonnes missed by a tenth must not outweigh one of 0.5 missed by all of it."""
    goals = Goals(
        (COST,),
        (
            Constraint(outcome="emissions", at_most=1e6, confidence=0.5),
            Constraint(outcome="green_quality", at_least=0.5, confidence=0.5),
        ),
    )
    figures: dict[str, Array] = {"public_cost": np.ones((1, 1)), "emissions": np.full((1, 1), 1.1e6)}
    [judged] = goals.judged([Trial(0, {}, figures | {"green_quality": np.zeros((1, 1))})])
    assert judged.violation == pytest.approx(0.1 + 1.0)
    assert not judged.feasible


def _told(goals: Goals, judged: Judged) -> Any:
    from sim.experiments.search.trials import _told as told

    return told(goals, judged)
