"""The picture of a search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.search.answer import SearchAnswer
from sim.experiments.search.search import Search
from sim.plots.search import MARKS, search_trials
from sim.scenario.files import load_data
from tests.plots.inspecting import words

BASE = load_data(
    {
        "name": "here",
        "months": 4,
        "network": {"kind": "tiered", "buyers": 1, "tiers": [4, 4]},
        "incentives": [{"kind": "abatement_subsidy", "rate": 0.2}],
    }
)


def found(**given: Any) -> SearchAnswer:
    told: dict[str, Any] = {
        "scenario": BASE, "levers": {"incentives.0.rate": {"low": 0.0, "high": 2.0}}, "trials": 12, "replications": 3,
        "objectives": [{"outcome": "public_cost"}], "confirm": 2, "finalists": 2,
        "constraints": [
            {"outcome": "emissions", "change_at_most": "-3%"}, {"outcome": "green_quality", "at_least": 0.1},
        ],
    }  # fmt: skip
    return Search(**told | given).run(workers=1)


def drawn(answer: SearchAnswer) -> Figure:
    return search_trials(answer, scenario="here", run="12 trials", currency="kCNY")


def points(axes: Axes, what: str) -> list[tuple[float, float]]:
    """Where the marks of a kind stand."""
    want = MARKS[what]
    for line in axes.lines:
        hollow = line.get_markerfacecolor() == "none"
        alike = (line.get_marker(), line.get_color(), hollow)
        if alike == (want["marker"], want["color"], want.get("markerfacecolor") == "none"):
            x, y = np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)
            return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    return []


def test_each_constraint_has_a_panel_with_its_limit_and_every_trial_is_in_it() -> None:
    answer = found()
    first, second = drawn(answer).axes
    trials = answer.trials
    met = trials[trials["feasible"] & ~trials["trial"].isin(answer.best["trial"])]
    assert 0 < len(met) < 11
    bound = "emissions change at most -3% bound"
    at = [(100 * row[bound], row["public_cost"]) for _, row in met.iterrows()]
    scale = points(first, "met")[0][1] / at[0][1]
    assert points(first, "met") == [pytest.approx((x, y * scale)) for x, y in at]
    assert len(points(first, "missed")) == (~trials["feasible"]).sum()
    assert points(first, "best") == [
        pytest.approx((100 * answer.best[bound][0], answer.best["public_cost"][0] * scale))
    ]
    fresh = answer.confirmed[answer.confirmed["sample"] == "fresh"].iloc[0]
    assert points(first, "fresh") == [pytest.approx((100 * fresh[bound], fresh["public_cost"] * scale))]
    limits = [[float(x) for x in axes.lines[-1].get_xdata()] for axes in (first, second)]
    assert limits == [[-3.0, -3.0], [10.0, 10.0]]


def test_several_objectives_are_drawn_against_each_other() -> None:
    answer = found(objectives=[{"outcome": "public_cost"}, {"outcome": "green_quality", "direction": "higher"}])
    [axes] = drawn(answer).axes
    front = points(axes, "best")
    assert len(front) == len(answer.best) > 1
    assert [y for _, y in front] == pytest.approx([100 * q for q in answer.best["green_quality"]])
    assert axes.get_xlabel().startswith("Net public cost, ")
    assert axes.get_ylabel() == "Green quality, %"


def test_one_objective_alone_is_drawn_trial_by_trial_with_the_best_so_far() -> None:
    answer = found(constraints=[])
    figure = drawn(answer)
    [axes] = figure.axes
    values, so_far = (np.asarray(line.get_ydata(), dtype=float) for line in axes.lines)
    assert (so_far == np.minimum.accumulate(values)).all()
    assert axes.get_xlabel() == "trial"
    assert "dashed" not in words(figure)


def test_an_impossible_target_is_drawn_too() -> None:
    [axes] = drawn(found(constraints=[{"outcome": "emissions", "at_most": 0.0}])).axes
    assert len(points(axes, "missed")) == 12
    assert points(axes, "best") == points(axes, "fresh") == points(axes, "met") == []


def test_axes_say_percentage_points_for_a_change_of_a_share_and_begin_with_a_capital() -> None:
    limits = [{"outcome": "membership", "change_at_most": 0.1}, {"outcome": "membership", "at_most": 0.9}]
    first, second = drawn(found(constraints=limits, confirm=0, trials=4, batch=4)).axes
    assert (first.get_xlabel(), second.get_xlabel()) == (
        "Membership: bound of the change, % points", "Membership: bound, %",
    )  # fmt: skip
