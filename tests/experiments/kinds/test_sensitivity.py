"""A sensitivity analysis of the model: what is varied, which noise it has, and what its frame says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.errors import UsageError
from sim.experiments.designs import run
from sim.experiments.found import Found
from sim.experiments.kinds.sensitivity import Sensitivity, SensitivityAnswer
from sim.scenario.schema import Scenario
from sim.store.records import Figures
from sim.terminal.answers import text
from tests.experiments.conftest import tiny

UNCERTAIN: dict[str, Any] = {
    "technology.abatement_cost": {"low": 0.06, "high": 0.24},
    "market.premium": {"low": 0.02, "high": 0.2, "log": True},
}
LEVERS: dict[str, Any] = {"cost_sharing.kind": ["none", "sponsor"]}


def sensitivity(scenario: Scenario, **more: Any) -> Sensitivity:
    return Sensitivity(scenario=scenario, **({"levers": LEVERS, "uncertainties": UNCERTAIN, "points": 8} | more))


def of_a_known_model(definition: Sensitivity, replications: int = 1) -> SensitivityAnswer:
    """The answer if emissions were 10 x (abatement cost, as a part of its range) + 5 x (sponsor) + noise that all
    points share, profit the same with a hole, and quality always one half."""
    cost = np.array([(p["technology.abatement_cost"] - 0.06) / 0.18 for p in definition.plan])
    sponsor = np.array([p["cost_sharing.kind"] == "sponsor" for p in definition.plan])
    noise = np.linspace(0.0, 100.0, replications)
    emissions = (10.0 * cost + 5.0 * sponsor)[:, None] + noise
    profit = emissions.copy()
    profit[0, -1] = np.nan
    values = np.stack([emissions, profit, np.full_like(emissions, 0.5)], axis=2)
    units = {"emissions": "t CO2e", "profit": "kCNY", "green_quality": "share"}
    return definition.answer(Found(definition.base, definition.plan, Figures(units, values), {}))


def value(answer: SensitivityAnswer, outcome: str, parameter: str, index: str) -> float:
    frame = answer.indices
    (row,) = frame[(frame.outcome == outcome) & (frame.parameter == parameter) & (frame["index"] == index)].value
    return float(row)


def test_ranges_lists_and_logarithms_reach_the_indices_as_what_they_are(plain: Scenario) -> None:
    answer = of_a_known_model(sensitivity(plain, points=512, replications=3), 3)
    # Variances: of a uniform part 1/12, of a list of two 1/4.
    cost, sponsor = 100.0 / 12.0, 25.0 / 4.0
    assert value(answer, "emissions", "technology.abatement_cost", "S1") == pytest.approx(
        cost / (cost + sponsor), abs=0.02
    )
    assert value(answer, "emissions", "cost_sharing.kind", "S1") == pytest.approx(sponsor / (cost + sponsor), abs=0.02)
    assert value(answer, "emissions", "market.premium", "ST") == pytest.approx(0.0, abs=1e-9)


def test_morris_effects_are_over_the_whole_range(plain: Scenario) -> None:
    answer = of_a_known_model(sensitivity(plain, method="morris", points=None, trajectories=10))
    assert value(answer, "emissions", "technology.abatement_cost", "mu") == pytest.approx(10.0)
    # From one value of two to the other is the whole range, though it is two thirds of the unit axis.
    assert value(answer, "emissions", "cost_sharing.kind", "mu_star") == pytest.approx(5.0)
    assert value(answer, "emissions", "cost_sharing.kind", "sigma") == pytest.approx(0.0, abs=1e-9)
    assert value(answer, "emissions", "market.premium", "mu_star") == pytest.approx(0.0, abs=1e-9)


def test_an_outcome_that_does_not_vary_is_named_and_a_hole_leaves_its_group_out(plain: Scenario) -> None:
    answer = of_a_known_model(sensitivity(plain, points=16, replications=3), 3)
    assert answer.constant == ("green_quality",)
    assert answer.left_out == {"profit": 1}
    assert set(answer.indices["outcome"]) == {"emissions", "profit"}
    assert np.isnan(answer.at_points("profit")[0])
    assert np.isfinite(answer.at_points("profit")[1:]).all()


def test_an_outcome_that_no_group_of_points_has_whole_is_not_said_to_be_constant(plain: Scenario) -> None:
    definition = sensitivity(plain, points=4)
    emissions = np.arange(len(definition.plan), dtype=float)
    profit = np.where(emissions % definition.design.group == 0, np.nan, emissions)
    values = np.stack([emissions, profit], axis=1)[:, None, :]
    figures = Figures({"emissions": "t CO2e", "profit": "kCNY"}, values)
    answer = definition.answer(Found(definition.base, definition.plan, figures, {}))
    assert answer.constant == ()
    assert answer.left_out == {"profit": 4}
    assert "4 of 4 groups of points are left out of profit" in text(answer)
    assert "does not vary" not in text(answer)


def test_second_order_has_an_index_for_each_pair(plain: Scenario) -> None:
    answer = of_a_known_model(sensitivity(plain, points=512, second_order=True))
    pairs = answer.indices.query("outcome == 'emissions' and index == 'S2'")
    assert set(pairs["parameter"]) == {
        "cost_sharing.kind x technology.abatement_cost",
        "cost_sharing.kind x market.premium",
        "technology.abatement_cost x market.premium",
    }
    assert (pairs["value"].abs() < 0.02).all()


def test_the_model_itself_is_analysed_and_a_database_changes_nothing(plain: Scenario, tmp_path: Path) -> None:
    definition = sensitivity(plain, replications=2, outcomes=["emissions", "profit"])
    answer, again = definition.run(workers=1), definition.run(db=tmp_path / "a.db", workers=1)
    assert len(answer.points) == 8 * 5
    assert len(answer.indices) == 2 * 3 * 2
    pd.testing.assert_frame_equal(answer.indices, again.indices, check_exact=True)
    assert value(answer, "emissions", "technology.abatement_cost", "ST") > 0.1


def test_points_that_coincide_are_computed_once(plain: Scenario, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    definition = Sensitivity(
        scenario=plain, levers=LEVERS, uncertainties={"information.kind": ["none", "platform"]}, method="morris",
        trajectories=4, replications=2,
    )  # fmt: skip
    answer = definition.run(db=tmp_path / "a.db", workers=1, progress=lambda done, total: steps.append((done, total)))
    assert len(answer.points) == 12
    assert steps[-1] == (8, 8)
    assert answer.finished == answer.total == 24
    for changes, emissions in zip(answer.found.points, answer.values("emissions"), strict=True):
        alone = run(definition.base.replace(changes), replications=2, workers=1).runs.query("outcome == 'emissions'")
        assert alone["value"].to_numpy().tobytes() == emissions.tobytes()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"points": 100}, "Sensitivity, points: given 100, allowed is a power of two.* 64 and 128"),
        ({"trajectories": 10}, "trajectories: does not go with method = 'sobol'"),
        ({"method": "morris"}, "points: does not go with method = 'morris'"),
        ({"method": "morris", "points": None, "levels": 5}, "levels: given 5, allowed is an even number"),
        ({"levers": {"market.awareness": [0.5]}}, "'market.awareness' has one value and cannot vary"),
        ({"levers": {}, "uncertainties": {"market.premium": [0.1, 0.2]}}, "give at least two parameters"),
        ({"points": 2**19}, "2621440 points are more than 1000000"),
        ({"method": "sobl"}, "method: given 'sobl', allowed is 'sobol' or 'morris'"),
    ],
)
def test_what_is_wrong_with_a_definition_is_said(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        sensitivity(tiny("plain"), **given)
