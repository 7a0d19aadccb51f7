"""A sweep: which worlds it runs, and what its frames say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.errors import ScenarioError, UsageError
from sim.experiments import runner
from sim.experiments.answer import Answer
from sim.experiments.designs import run
from sim.experiments.found import Found
from sim.experiments.kinds.sweep import Sweep, SweepAnswer
from sim.scenario.schema import Scenario
from sim.store.records import Figures
from sim.store.store import Store
from sim.terminal.answers import text
from tests.experiments.conftest import tiny

LEVERS: dict[str, Any] = {
    "incentives.0.rate": {"low": 0.0, "high": 0.4, "steps": 3},
    "information.kind": ["none", "platform"],
}
UNCERTAIN: dict[str, Any] = {"technology.abatement_cost": {"low": 0.06, "high": 0.24}}
SAMPLING = {"uncertainties": {"method": "lhs", "points": 2}}


def sweep(scenario: Scenario, **more: Any) -> Sweep:
    given = {"levers": LEVERS, "uncertainties": UNCERTAIN, "sampling": SAMPLING, "replications": 2} | more
    return Sweep(scenario=scenario, **given)


@pytest.fixture(scope="module")
def answer() -> SweepAnswer:
    scenario = tiny("subsidised", incentives=[{"kind": "abatement_subsidy", "rate": 0.5}])
    found: SweepAnswer = sweep(scenario, objective="emissions").run(workers=1)
    return found


def test_levers_and_uncertainties_are_crossed(answer: SweepAnswer) -> None:
    points = answer.points
    assert len(points) == 3 * 2 * 2
    assert list(points.columns) == ["point", *LEVERS, *UNCERTAIN, "label"]
    per_lever = points.groupby(list(LEVERS), sort=False)["technology.abatement_cost"].apply(list)
    assert len(per_lever) == 6
    assert len({tuple(costs) for costs in per_lever}) == 1
    assert len(set(per_lever.iloc[0])) == 2


def test_a_point_is_what_running_its_scenario_alone_gives(answer: SweepAnswer) -> None:
    for number in (0, 7, 11):
        row = answer.points.iloc[number]
        scenario = answer.found.base.replace({path: row[path] for path in ("information.kind", *LEVERS, *UNCERTAIN)})
        alone = run(scenario, replications=2, workers=1).runs
        mine = answer.figures[answer.figures["point"] == number]
        for outcome in answer.outcomes:
            expected = alone[alone["outcome"] == outcome]["value"].to_numpy()
            assert mine[mine["outcome"] == outcome]["value"].to_numpy().tobytes() == expected.tobytes()


def test_means_over_replications_are_in_the_summary(answer: SweepAnswer) -> None:
    one = answer.figures.query("point == 3 and outcome == 'profit'")["value"]
    row = answer.summary.query("point == 3 and outcome == 'profit'").iloc[0]
    assert row["mean"] == pytest.approx(one.mean())
    assert row["low"] < row["mean"] < row["high"]
    assert row["unit"] == "kCNY"
    assert len(answer.summary) == len(answer.points) * len(answer.outcomes)


def test_samples_of_levers_and_of_uncertainties_are_not_the_same(plain: Scenario) -> None:
    found = Sweep(
        scenario=plain, levers={"market.premium": {"low": 0.1, "high": 0.2}},
        uncertainties={"market.awareness": {"low": 0.1, "high": 0.2}},
        sampling={which: {"method": "lhs", "points": 5} for which in ("levers", "uncertainties")},
    )  # fmt: skip
    values = [[v for p in points for v in p.values()] for points in (found.lever_points(), found.uncertainty_points())]
    assert values[0] != values[1]


def test_a_lever_is_over_the_points_that_have_it(answer: SweepAnswer) -> None:
    means = answer.summary.query("outcome == 'emissions'").merge(answer.points, on="point")
    for row in answer.by_lever.query("outcome == 'emissions'").to_dict("records"):
        mine = means[(means[list(LEVERS)] == [row[path] for path in LEVERS]).all(axis=1)]["mean"]
        assert len(mine) == 2
        assert row["mean"] == pytest.approx(mine.mean())
        assert row["worst"] == mine.max()


def test_processes_and_a_database_do_not_change_a_bit(answer: SweepAnswer, tmp_path: Path) -> None:
    again = answer.definition.run(db=tmp_path / "a.db", workers=2)
    for frame in ("points", "figures", "summary", "by_lever"):
        pd.testing.assert_frame_equal(getattr(answer, frame), getattr(again, frame), check_exact=True)


def test_what_a_database_holds_is_not_computed_again(
    answer: SweepAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = answer.definition.run(db=tmp_path / "a.db", workers=1)
    monkeypatch.setattr(runner, "run_block", lambda *_: pytest.fail("computed again"))
    again = answer.definition.run(db=tmp_path / "a.db", workers=1)
    assert again.found.experiment == first.found.experiment
    pd.testing.assert_frame_equal(first.figures, again.figures, check_exact=True)


def test_a_larger_grid_computes_only_its_new_points(
    answer: SweepAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer.definition.run(db=tmp_path / "a.db", workers=1)
    computed: list[int] = []
    whole = runner.run_block
    monkeypatch.setattr(runner, "run_block", lambda s, seed, r, **k: computed.extend(r) or whole(s, seed, r, **k))
    finer = {**LEVERS, "incentives.0.rate": {"low": 0.0, "high": 0.4, "steps": 5}}
    sweep(answer.found.base, levers=finer).run(db=tmp_path / "a.db", workers=1)
    assert len(computed) == 2 * 2 * 2 * 2


def made(values: list[list[float]], **more: Any) -> SweepAnswer:
    """An answer with given figures of emissions (and profit, their negative), (lever, uncertainty)."""
    scenario = tiny("subsidised", incentives=[{"kind": "abatement_subsidy", "rate": 0.5}])
    at = np.array(values)
    definition = Sweep(
        scenario=scenario, replications=1, levers={"incentives.0.rate": [float(n) for n in range(len(at))]},
        uncertainties={"market.premium": [0.01 * n for n in range(at.shape[1])]}, sampling={"uncertainties": {}},
        outcomes=["emissions", "profit", "green_premium"], **more,
    )  # fmt: skip
    figures = np.stack([at.ravel(), -at.ravel(), at.ravel()], axis=1)[:, None, :]
    units = {"emissions": "t CO2e", "profit": "kCNY", "green_premium": "kCNY"}
    return definition.answer(Found(definition.base, definition.plan, Figures(units, figures), {}))


WORLDS = [[1.0, 9.0, 5.0], [4.0, 4.0, 4.0], [2.0, 3.0, 10.0]]


@pytest.mark.parametrize(
    ("objective", "regret", "largest"),
    [
        ("emissions", [(0 + 6 + 1) / 3, (3 + 1 + 0) / 3, (1 + 0 + 6) / 3], [6.0, 3.0, 6.0]),
        ("profit", [(0 + 6 + 1) / 3, (3 + 1 + 0) / 3, (1 + 0 + 6) / 3], [6.0, 3.0, 6.0]),
    ],
)
def test_regret_is_the_distance_to_the_best_lever_in_the_same_world(
    objective: str, regret: list[float], largest: list[float]
) -> None:
    frame = made(WORLDS, objective=objective).by_lever.query(f"outcome == '{objective}'")
    assert frame["regret"].tolist() == pytest.approx(regret)
    assert frame["largest_regret"].tolist() == pytest.approx(largest)


def test_a_goal_turns_regret_around() -> None:
    frame = made(WORLDS, objective="emissions", goal="maximise").by_lever.query("outcome == 'emissions'")
    assert frame["regret"].tolist() == pytest.approx([(3 + 0 + 5) / 3, (0 + 5 + 6) / 3, (2 + 6 + 0) / 3])
    assert frame["worst"].tolist() == [1.0, 4.0, 2.0]


def test_the_worst_is_the_largest_or_the_least_as_an_outcome_is_good() -> None:
    frame = made(WORLDS).by_lever
    assert frame.query("outcome == 'emissions'")["worst"].tolist() == [9.0, 4.0, 10.0]
    assert frame.query("outcome == 'profit'")["worst"].tolist() == [-9.0, -4.0, -10.0]
    assert frame.query("outcome == 'green_premium'")["worst"].isna().all()
    assert "regret" not in frame


def test_quantiles_over_what_is_uncertain_leave_out_what_is_missing() -> None:
    worlds = [[float(n) for n in range(101)], [float("nan")] * 50 + [7.0] * 51]
    frame = made(worlds).by_lever.query("outcome == 'emissions'")
    assert frame["mean"].tolist() == [50.0, 7.0]
    assert frame[["low", "high"]].to_numpy().tolist() == [[5.0, 95.0], [7.0, 7.0]]


def test_levers_that_are_nearly_the_same_are_told_apart(plain: Scenario) -> None:
    definition = Sweep(scenario=plain, levers={"market.premium": [0.100001, 0.100002]}, replications=1)
    answer = definition.run(workers=1)
    assert [lever["market.premium"] for lever in answer.levers] == [0.100001, 0.100002]
    assert answer.by_lever.query("outcome == 'profit'")["mean"].nunique() == 2
    assert "0.100001" in text(answer)
    assert "0.100002" in text(answer)


def test_an_outcome_that_is_not_recorded_is_told(answer: SweepAnswer) -> None:
    other = sweep(answer.found.base, outcomes=["emissions", "windfall"]).run(workers=1)
    assert isinstance(other, Answer)
    assert other.outcomes == ("emissions",)
    assert other.absent == ("windfall",)


def test_runs_that_record_none_of_the_outcomes_are_finished(plain: Scenario, tmp_path: Path) -> None:
    for db in (None, tmp_path / "a.db"):
        levers = {"market.premium": [0.1, 0.2]}
        other = Sweep(scenario=plain, levers=levers, replications=1, outcomes=["windfall"]).run(db=db, workers=1)
        assert other.finished == other.total > 0
        assert "not recorded in this scenario: windfall" in text(other)
        assert "no run is finished" not in text(other)


def test_a_lever_without_runs_is_not_the_one_of_least_regret() -> None:
    nothing = [float("nan")] * 3
    told = text(made([nothing, *WORLDS], objective="emissions"))
    assert "least regret in emissions: incentives.0.rate=2" in told


def test_a_lever_that_failed_where_it_is_bad_is_not_the_one_of_least_regret() -> None:
    # Without its failed world the first would have no regret at all.
    failed = [[1.0, float("nan"), 4.0], *WORLDS[1:]]
    answer = made(failed, objective="emissions")
    assert "least regret in emissions: incentives.0.rate=1" in text(answer)
    frame = answer.by_lever.query("outcome == 'emissions'")
    assert frame[["regret", "largest_regret"]].isna().all(axis=1).tolist() == [True, False, False]
    all_failed = [[float("nan"), *row[1:]] for row in WORLDS]
    assert "no point of the levers has all of its runs" in text(made(all_failed, objective="emissions"))


def test_a_row_without_figures_does_not_change_the_unit_of_the_others() -> None:
    told = text(made([[float("nan")] * 2, [5e6, 6e6]]))
    assert "kt CO2e" in told


def test_a_kind_may_be_listed_after_the_parameter_that_it_brings(plain: Scenario) -> None:
    levers = {"cost_sharing.share": [0.2, 0.4], "cost_sharing.kind": ["sponsor"]}
    answer = Sweep(scenario=plain, levers=levers, replications=1, outcomes=["emissions"]).run(workers=1)
    assert answer.finished == 2
    assert answer.summary["mean"].nunique() == 2


def test_points_may_differ_in_months(plain: Scenario, tmp_path: Path) -> None:
    answer = Sweep(scenario=plain, levers={"months": [2, 4]}, replications=1).run(db=tmp_path / "a.db", workers=1)
    short, long = answer.summary.query("outcome == 'emissions'")["mean"]
    assert short < 0.7 * long
    with Store(tmp_path / "a.db") as store:
        assert [p.months for p in store.points(1)] == [2, 4]


def test_the_base_may_be_changed_first() -> None:
    subsidised = tiny("subsidised", technology={"heterogeneity": 0.3})
    for written in ({"technology.abatement_cost": 0.2, "information.kind": "platform"},
                    {"technology": {"abatement_cost": 0.2}, "information": {"kind": "platform"}}):  # fmt: skip
        found = Sweep(scenario=subsidised, set=written, months=3, levers={"market.premium": [0.05]})
        assert found.base.technology.abatement_cost == 0.2
        assert found.base.technology.heterogeneity == 0.3
        assert (found.base.information.kind, found.base.months) == ("platform", 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"replications": 0}, "Sweep, replications: given 0, allowed is a whole number in"),
        ({"lever": {}}, "Sweep, lever: unknown key 'lever'; did you mean 'levers'"),
        ({"outcomes": ["emisions"]}, "unknown outcome 'emisions'; did you mean 'emissions'"),
        (
            {"sampling": {"levers": {"method": "grd"}}},
            "sampling.levers.method: given 'grd', allowed is 'grid' or 'lhs'",
        ),
        ({"levers": {}, "uncertainties": {}}, "nothing varies; give .levers. or .uncertainties."),
        ({"uncertainties": {"incentives.0.rate": [0.1]}}, "'incentives.0.rate' is a lever already"),
        ({"objective": "welfare"}, "objective: unknown outcome 'welfare'"),
        ({"outcomes": ["green_premium"], "objective": "green_premium"}, "goal: missing; say whether"),
        ({"goal": "minimise"}, "goal: goes with an objective"),
        ({"set": {"market.premum": 0.1}}, "Sweep, set: .*unknown key 'premum'; did you mean 'premium'"),
        ({"seed": -1}, "seed: given -1"),
    ],
)
def test_what_is_wrong_with_a_definition_is_said(subsidised: Scenario, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        sweep(subsidised, **given)


def test_an_unknown_scenario_is_said() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'baseline'"):
        Sweep(scenario="basline", levers=LEVERS)


def test_too_many_points_are_refused_before_they_are_made(subsidised: Scenario) -> None:
    levers = {"incentives.0.rate": {"low": 0.0, "high": 1.0, "steps": 2000}}
    sampling = {"uncertainties": {"method": "lhs", "points": 1000}}
    with pytest.raises(UsageError, match="2000 points of the levers times 1000 .* more than 1000000"):
        sweep(subsidised, levers=levers, sampling=sampling).planned()
