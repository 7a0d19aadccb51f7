"""Searches on the simulator: what they find, that they always take the same way, and what they say when they fail."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import t as student

import sim
from sim.errors import RunError, UsageError
from sim.experiments.cases import Case
from sim.experiments.files import analysed, load_experiment
from sim.experiments.found import Found
from sim.experiments.runner import run_cases
from sim.experiments.search.answer import SearchAnswer
from sim.experiments.search.search import Search
from sim.experiments.search.trials import BASE, Goals, Trial
from sim.fields import Array
from sim.store.memory import Memory
from sim.store.records import Figures
from sim.store.store import Store
from tests.experiments.conftest import tiny

RATE = "incentives.0.rate"
SUBSIDY = tiny("subsidised", incentives=[{"kind": "abatement_subsidy", "rate": 0.2}])

CHEAPEST: dict[str, Any] = {
    "scenario": SUBSIDY,
    "levers": {RATE: {"low": 0.0, "high": 2.0}},
    "objectives": [{"outcome": "public_cost"}],
    "constraints": [{"outcome": "emissions", "change_at_most": "-10%", "confidence": 0.9}],
    "trials": 12,
    "batch": 4,
    "replications": 4,
    "confirm": 3,
    "finalists": 2,
}


def figures(changes: dict[str, Any], outcome: str, replications: range) -> Array:
    """Figures of a scenario as they are when it is run by itself."""
    recorder = Memory()
    case = Case(SUBSIDY, changes)
    run_cases([case], 1, replications.stop, recorder, workers=1)
    return recorder.figures([case.fingerprint], 1, replications.stop, [outcome]).values[0, replications.start :, 0]


@lru_cache(maxsize=1)
def rate_that_just_meets() -> float:
    """By bisection: where the bound of the fall of emissions against the base is the limit."""
    base = figures({}, "emissions", range(4))

    def beyond(rate: float) -> float:
        slack = figures({RATE: rate}, "emissions", range(4)) - 0.9 * base
        return float(slack.mean() + student.ppf(0.9, 3) * slack.std(ddof=1) / 2.0)

    return float(brentq(beyond, 0.2, 2.0, xtol=1e-4))


def test_the_cheapest_rate_is_the_one_that_just_meets_the_target() -> None:
    """On a grid of rates, all of which 200 trials by chance take but in 41 x (40 / 41)^200 = 30 % of cases, and a single
    one but in 1 %: the best is the first rate of the grid that meets the target."""
    levers = {RATE: {"low": 0.0, "high": 2.0, "steps": 41}}
    given = CHEAPEST | {"levers": levers, "sampler": "random", "trials": 200, "batch": 50, "confirm": 0}
    found = Search(**given).run(workers=1)
    rate, exact = float(found.best[RATE].iloc[0]), rate_that_just_meets()
    assert exact <= rate < exact + 0.05
    cost = found.trials.drop_duplicates(RATE).sort_values(RATE)["public_cost"]
    assert (cost.diff().dropna() > 0).all()


def test_the_estimator_comes_at_least_as_near_as_chance() -> None:
    """By chance 60 trials of 2 are all further off than 2 x (1 - 0.001^(1/60)) = 0.22 once in a thousand searches."""
    found = Search(**CHEAPEST | {"trials": 60, "batch": 10, "confirm": 0}).run(workers=1)
    rate, exact = float(found.best[RATE].iloc[0]), rate_that_just_meets()
    assert exact - 1e-4 <= rate < exact + 0.22
    feasible = found.trials["feasible"]
    assert (found.trials.loc[feasible, RATE] >= exact - 1e-4).all()
    assert (found.trials.loc[~feasible, RATE] <= exact + 1e-4).all()


def test_a_search_over_the_points_of_a_sweep_finds_its_best_and_computes_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By chance 200 trials take all 22 points but in 22 x (21 / 22)^200 = 0.2 % of cases."""
    levers = {RATE: {"low": 0.0, "high": 2.0, "steps": 11}, "information.kind": ["none", "public"]}
    given = {"scenario": SUBSIDY, "levers": levers, "replications": 4}
    sweep = sim.Sweep(outcomes=["emissions", "public_cost"], **given).run(tmp_path / "results.db", workers=1)
    base = figures({}, "emissions", range(4))
    slack = sweep.values("emissions") - 0.9 * base
    beyond = slack.mean(axis=1) + student.ppf(0.9, 3) * slack.std(axis=1, ddof=1) / 2.0
    cost = np.where(beyond <= 0, sweep.means("public_cost"), np.inf)

    def computed(task: Any) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr("sim.experiments.runner.run_task", computed)
    search = CHEAPEST | given | {"sampler": "random", "trials": 200, "batch": 50, "confirm": 0}
    found = Search(**search).run(tmp_path / "results.db", workers=1)
    assert dict(sweep.found.points[cost.argmin()]) == {path: found.best[path][0] for path in levers}
    assert found.best["public_cost"][0] == cost.min()
    assert len(found.trials.drop_duplicates(list(levers))) == 22


def test_figures_of_trials_are_those_of_their_scenarios_run_alone() -> None:
    found = Search(**CHEAPEST).run(workers=1)
    for _, row in found.trials.iloc[[0, 7]].iterrows():
        assert row["public_cost"] == figures({RATE: row[RATE]}, "public_cost", range(4)).mean()


def test_the_best_are_confirmed_with_replications_that_the_search_has_not_seen() -> None:
    found = Search(**CHEAPEST).run(workers=1)
    assert list(found.confirmed["sample"]) == ["search", "fresh"] * 2
    for trial, rows in found.confirmed.groupby("trial"):
        old, fresh = (rows[rows["sample"] == s].iloc[0] for s in ("search", "fresh"))
        rate = found.trials.loc[trial, RATE]
        assert old["public_cost"] == figures({RATE: rate}, "public_cost", range(4)).mean()
        assert fresh["public_cost"] == figures({RATE: rate}, "public_cost", range(4, 7)).mean()
        base = figures({}, "emissions", range(4, 7))
        now = figures({RATE: rate}, "emissions", range(4, 7))
        assert fresh["emissions change at most -10%"] == pytest.approx((now.mean() - base.mean()) / base.mean())
    assert found.confirmed["trial"].iloc[0] == found.best["trial"].iloc[0]


def test_every_candidate_meets_the_same_points_of_what_is_uncertain() -> None:
    given = CHEAPEST | {
        "uncertainties": {"technology.abatement_cost": {"low": 0.06, "high": 0.24}},
        "sampling": {"uncertainties": {"method": "lhs", "points": 3}},
        "objectives": [{"outcome": "public_cost", "robust": "worst"}],
        "confirm": 0,
    }
    found = Search(**given).run(workers=1)
    points = found.points.assign(trial=np.repeat(np.arange(-1, 12), 3))
    values = [tuple(part["technology.abatement_cost"]) for _, part in points.groupby("trial")]
    assert len(values[0]) == 3
    assert set(values) == {values[0]}
    trial = found.trials.iloc[5]
    each = [
        figures({RATE: trial[RATE], "technology.abatement_cost": cost}, "public_cost", range(4)).mean()
        for cost in values[0]
    ]
    assert trial["public_cost worst"] == max(each)


def test_regret_is_confirmed_against_the_same_rivals() -> None:
    given = CHEAPEST | {
        "uncertainties": {"technology.abatement_cost": [0.06, 0.24]},
        "objectives": [{"outcome": "emissions", "robust": "regret"}],
        "constraints": [],
    }
    found = Search(**given).run(workers=1)
    means = np.array([t.tried["emissions"].mean(axis=1) for t in found.tried if t.tried])
    expected = (means - means.min(axis=0)).max(axis=1)
    assert found.trials["emissions regret"].to_numpy() == pytest.approx(expected)
    fresh = found.confirmed[found.confirmed["sample"] == "fresh"].iloc[0]
    best = {n: means[:, n].argmin() for n in range(2)}
    mine = figures_at(found, int(fresh["trial"]))
    rivals = [figures_at(found, int(best[n])) for n in range(2)]
    assert fresh["emissions regret"] == pytest.approx(max(mine[n] - rivals[n][n] for n in range(2)))


def test_fresh_regret_is_against_the_rival_that_the_search_found_best_even_if_that_was_luck() -> None:
    """Trial 1 is best in the search; with fresh numbers it does worse than trial 0, whose regret is then below 0."""
    search = Search(**CHEAPEST | {"objectives": [{"outcome": "emissions", "robust": "regret"}], "constraints": []})
    seen, fresh = (
        {n: Trial(n, {RATE: 0.1 * n}, {"emissions": np.full((1, 2), x)}) for n, x in enumerate(values)}
        for values in ((5.0, 4.0), (3.0, 7.0))
    )
    fresh[BASE] = Trial(BASE, {}, {"emissions": np.full((1, 2), 9.0)})
    goals = Goals(search.objectives)
    answer = SearchAnswer(
        search, Found(SUBSIDY, [], Figures({}, np.zeros((0, 4, 0))), {}), goals, tuple(seen.values()), (1, 0), fresh
    )
    assert answer.trials["emissions regret"].tolist() == [1.0, 0.0]
    again = answer.confirmed[answer.confirmed["sample"] == "fresh"].set_index("trial")["emissions regret"]
    assert again.to_dict() == {1: 0.0, 0: -4.0}


@pytest.mark.parametrize(
    ("emissions", "told"),
    [
        ((0.9, 0.9, 0.9), f"is trial 0: {RATE}=0; with fresh random numbers it meets all constraints again"),
        ((1.1, 0.9, 0.9), f"is trial 0: {RATE}=0; with fresh random numbers it no longer meets all constraints, and the "
                          f"best that does is trial 2: {RATE}=0.2"),
        ((1.1, 1.2, 1.3), f"is trial 0: {RATE}=0; with fresh random numbers it no longer meets all constraints, nor does "
                          "any of the 3 best"),
    ],
)  # fmt: skip
def test_the_verdict_names_the_best_that_still_meets_the_targets(emissions: tuple[float, ...], told: str) -> None:
    search = Search(**CHEAPEST | {"constraints": [{"outcome": "emissions", "at_most": 1.0, "confidence": 0.5}]})

    def trials(costs: tuple[float, ...], emitted: tuple[float, ...]) -> dict[int, Trial]:
        figures = [
            {"public_cost": np.full((1, 2), c), "emissions": np.full((1, 2), e)}
            for c, e in zip(costs, emitted, strict=True)
        ]
        return {n: Trial(n, {RATE: 0.1 * n}, f) for n, f in enumerate(figures)}

    seen = trials((1.0, 2.0, 3.0), (0.9, 0.9, 0.9))
    fresh = {BASE: Trial(BASE, {}, {})} | trials((1.0, 2.5, 2.0), emissions)
    held = Found(SUBSIDY, [], Figures({}, np.zeros((0, 4, 0))), {})
    search = search.model_copy(update={"trials": 3})
    goals = Goals(search.objectives, search.constraints)
    assert SearchAnswer(search, held, goals, tuple(seen.values()), (0, 1, 2), fresh).verdict.endswith(told)


def figures_at(found: Any, trial: int) -> list[float]:
    rate = found.trials.loc[trial, RATE]
    return [
        float(figures({RATE: rate, "technology.abatement_cost": c}, "emissions", range(4, 7)).mean())
        for c in (0.06, 0.24)
    ]


def same(one: Any, other: Any) -> None:
    for frame in ("trials", "best", "confirmed", "base", "summary", "points"):
        pd.testing.assert_frame_equal(getattr(one, frame), getattr(other, frame), check_exact=True)
    assert one.verdict == other.verdict


def test_the_trials_do_not_depend_on_how_many_workers_there_are_or_where_runs_are_kept(tmp_path: Path) -> None:
    search = Search(**CHEAPEST)
    alone = search.run(workers=1)
    same(alone, search.run(workers=2))
    same(alone, search.run(tmp_path / "results.db", workers=1))


def test_a_candidate_that_comes_again_is_the_same_wherever_runs_are_kept(tmp_path: Path) -> None:
    given = CHEAPEST | {"levers": {RATE: [0.1, 0.5, 0.9]}, "uncertainties": {"technology.abatement_cost": [0.06, 0.24]}}
    search = Search(**given)
    kept = search.run(tmp_path / "results.db", workers=1)
    same(kept, search.run(workers=1))
    assert kept.trials.groupby(RATE)["public_cost"].nunique().tolist() == [1, 1, 1]
    assert kept.confirmed["trial"].nunique() <= 3
    with Store(tmp_path / "results.db") as store:
        same(kept, analysed(store, 1))


def test_another_seed_tries_other_candidates_on_other_random_numbers() -> None:
    one, other = (Search(**CHEAPEST | {"seed": seed, "confirm": 0}).run(workers=1) for seed in (1, 2))
    assert not set(one.trials[RATE]) & set(other.trials[RATE])
    assert one.base["public_cost"][0] != other.base["public_cost"][0]


def test_a_longer_search_begins_as_the_shorter_one() -> None:
    shorter, longer = (Search(**CHEAPEST | {"trials": n, "confirm": 0}).run(workers=1) for n in (12, 20))
    pd.testing.assert_frame_equal(longer.trials.iloc[:12], shorter.trials, check_exact=True)


KILLED = """
import os, signal, sys
from tests.experiments.search.test_search import CHEAPEST, Search
def progress(done, total):
    if done >= int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
Search(**CHEAPEST).run(sys.argv[1], workers=1, progress=progress)
"""


@pytest.mark.parametrize(("after", "trials"), [(1, 0), (21, 8), (40, 12)])
def test_a_search_that_is_killed_goes_on_and_ends_as_if_nothing_had_been(
    tmp_path: Path, after: int, trials: int
) -> None:
    database = tmp_path / "results.db"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(database), str(after)], check=False)
    assert killed.returncode == -9
    with Store(database) as store:
        partly = analysed(store, 1)
    assert len(partly.tried) == trials
    assert partly.confirmed.empty
    again = Search(**CHEAPEST).run(database, workers=1)
    same(again, Search(**CHEAPEST).run(tmp_path / "other.db", workers=1))
    assert again.found.experiment == 1


def test_what_a_database_holds_is_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(**CHEAPEST)
    first = search.run(tmp_path / "results.db", workers=1)

    def computed(task: Any) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr("sim.experiments.runner.run_task", computed)
    same(first, search.run(tmp_path / "results.db", workers=1))
    with Store(tmp_path / "results.db") as store:
        same(first, analysed(store, 1))


def test_a_database_notes_the_months_of_every_candidate(tmp_path: Path) -> None:
    levers = {"months": {"low": 2, "high": 4, "whole": True}}
    found = Search(**CHEAPEST | {"levers": levers, "constraints": []}).run(db=tmp_path / "a.db", workers=1)
    with Store(tmp_path / "a.db") as store:
        points = store.points(found.found.experiment)
    assert len(points) > 1
    for point in points[1:]:
        assert json.loads(point.changes) == {"months": point.months}


def test_a_problem_without_a_solution_is_said_to_be_one() -> None:
    impossible = [{"outcome": "emissions", "change_at_most": "-99%"}]
    found = Search(**CHEAPEST | {"constraints": impossible}).run(workers=1)
    assert not found.feasible
    assert found.best.empty
    assert found.confirmed.empty
    nearest = found.trials["emissions change at most -99% bound"].idxmin()
    assert f"none of 12 trials meets all constraints; trial {nearest} comes nearest" in found.verdict
    assert f"{RATE}=" in found.verdict


def test_an_outcome_that_is_not_recorded_is_said_to_be_what_is_missing(tmp_path: Path) -> None:
    for db in (None, tmp_path / "a.db"):
        found = Search(**CHEAPEST | {"objectives": [{"outcome": "windfall"}], "trials": 2}).run(db=db, workers=1)
        assert "none of 2 trials could be judged: no run records windfall" in found.verdict
        assert "failures" not in found.verdict


def test_two_objectives_give_a_front_that_is_confirmed() -> None:
    given = CHEAPEST | {
        "objectives": [{"outcome": "public_cost"}, {"outcome": "green_quality", "direction": "higher"}],
        "sampler": "nsga2",
        "constraints": [],
        "finalists": 3,
    }
    found = Search(**given).run(workers=1)
    front = found.best
    assert len(front) > 3
    assert front["public_cost"].is_monotonic_increasing
    assert front["green_quality"].is_monotonic_increasing
    assert set(found.confirmed["trial"]) <= set(front["trial"])
    assert len(found.confirmed) == 6
    assert "on the front" in found.verdict


def test_combinations_that_a_scenario_refuses_are_told_and_passed_over() -> None:
    levers = {"logistics.base_load": [0.1, 0.9], "logistics.best_load": [0.9, 0.5]}
    found = Search(**CHEAPEST | {"levers": levers, "constraints": [], "confirm": 0}).run(workers=1)
    wrong = (found.trials["logistics.base_load"] == 0.9) & (found.trials["logistics.best_load"] == 0.5)
    assert wrong.any()
    assert found.trials["refused"].str.contains("best_load must be at least base_load").tolist() == wrong.tolist()
    assert not found.trials["feasible"][wrong].any()
    assert found.feasible


def test_worlds_that_fail_are_told_and_their_candidate_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.experiments import runner

    once = runner.run_block

    def failing(scenario: Any, seed: int, replications: Any, *rest: Any) -> Any:
        if np.max(scenario.incentives[0].rate) > 1.0:
            raise FloatingPointError("too dear")
        return once(scenario, seed, replications, *rest)

    monkeypatch.setattr(runner, "run_block", failing)
    found = Search(**CHEAPEST | {"constraints": []}).run(workers=1)
    dear = found.trials[RATE] > 1.0
    assert dear.any()
    assert (found.trials["failed"] == np.where(dear, 4, 0)).all()
    assert not found.trials["feasible"][dear].any()
    assert found.failures["traceback"].str.contains("too dear").all()
    assert len(found.failures) == 4 * dear.sum()


def test_a_change_needs_an_outcome_that_the_base_has() -> None:
    given = CHEAPEST | {"constraints": [{"outcome": "allowance_price", "change_at_most": 1.0}]}
    with pytest.raises(RunError, match="the base scenario has no allowance_price"):
        Search(**given).run(workers=1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"levers": {}, "uncertainties": {"technology.abatement_cost": [0.1, 0.2]}}, "at least one lever"),
        ({"levers": {"incentives.0.rat": [1.0]}}, "did you mean 'rate'"),
        ({"objectives": []}, "objectives"),
        ({"objectives": [{"outcome": "public_cost"}] * 2}, "'public_cost' is there twice"),
        ({"objectives": [{"outcome": "public_cots"}]}, "did you mean 'public_cost'"),
        (
            {"objectives": [{"outcome": "cost_per_tonne"}]},
            "which `sim compare` works out; here take an outcome of a run",
        ),
        ({"replications": 1}, "replications: given 1"),
        ({"confirm": 1}, "confirm: given 1; constraints with a confidence need 2"),
        ({"trials": 0}, "trials: given 0"),
        ({"sampler": "grid"}, "sampler"),
        ({"constraints": [{"outcome": "emissions"}]}, "give one of at_most"),
    ],
)
def test_definitions_that_make_no_sense_are_refused_in_a_line(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told) as error:
        Search(**CHEAPEST | given)
    assert "\n" not in str(error.value)


def test_a_wrong_entry_of_a_list_is_not_told_as_a_list_that_is_too_short() -> None:
    with pytest.raises(UsageError, match="objectives.0.outcome") as error:
        Search(**CHEAPEST | {"objectives": [{"outcome": "public_cots"}]})
    assert "length" not in str(error.value)


def test_a_search_of_which_no_trial_is_finished_says_so() -> None:
    found = replace(Search(**CHEAPEST).run(workers=1), tried=(), chosen=())
    assert found.verdict == "none of 12 trials is finished"


FILE = """
kind = "search"
scenario = "base.toml"
replications = 3
trials = 6
batch = 3
confirm = 2

[levers]
"incentives.0.rate" = { low = 0.0, high = 2.0 }
"information.kind" = ["none", "public"]

[uncertainties]
"technology.abatement_cost" = [0.06, 0.24]

[[objectives]]
outcome = "public_cost"
robust = "quantile"
quantile = 0.5

[[constraints]]
outcome = "emissions"
change_at_most = "-5%"
robust = "mean"
"""

FILE_OF_BASE = """
months = 6
network = { kind = "tiered", buyers = 1, tiers = [6, 8] }
[[incentives]]
kind = "abatement_subsidy"
rate = 0.2
"""


def test_a_file_says_the_same_as_python(tmp_path: Path) -> None:
    (tmp_path / "search.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "base.toml").write_text(FILE_OF_BASE, encoding="utf-8")
    from_file = load_experiment(tmp_path / "search.toml")
    in_python = Search(
        scenario=sim.load_scenario(tmp_path / "base.toml"), replications=3, trials=6, batch=3, confirm=2,
        levers={RATE: {"low": 0.0, "high": 2.0}, "information.kind": ["none", "public"]},
        uncertainties={"technology.abatement_cost": [0.06, 0.24]},
        objectives=[{"outcome": "public_cost", "robust": "quantile", "quantile": 0.5}],
        constraints=[{"outcome": "emissions", "change_at_most": "-5%", "robust": "mean"}],
    )  # fmt: skip
    same(from_file.run(workers=1), in_python.run(workers=1))


def test_the_runs_are_counted() -> None:
    seen: list[tuple[int, int]] = []
    Search(**CHEAPEST).run(workers=1, progress=lambda done, total: seen.append((done, total)))
    done = [d for d, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == (13 * 4, 13 * 4)
