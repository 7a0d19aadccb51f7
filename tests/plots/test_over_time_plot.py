"""Outcomes over time: what is drawn is what the frame says, and can be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.figure import Figure

from sim.plots import Run, over_time, programme_marks
from sim.plots.over_time import OUTCOMES
from sim.plots.units import outcome_title, shown, unit_of
from tests.plots.inspecting import legends_over_data, outside, overlapping, panels, words
from tests.plots.standin import StandIn


@pytest.fixture(scope="module")
def figure(results: StandIn, names: list[str], run: Run) -> Figure:
    return over_time(results.monthly, names, run, marks=programme_marks(results.scenarios, results.months))


def line(axes: Axes, name: str) -> np.ndarray:
    return np.asarray(next(x for x in axes.lines if x.get_label() == name).get_ydata())


def test_every_outcome_has_a_panel_and_every_scenario_a_line_and_a_legend_entry(
    figure: Figure, names: list[str]
) -> None:
    assert list(panels(figure)) == [outcome_title(o) for o in OUTCOMES]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == names
    for axes in panels(figure).values():
        assert [x.get_label() for x in axes.lines if not str(x.get_label()).startswith("_")] == names


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_lines_are_the_means_over_replications_by_month(
    figure: Figure, results: StandIn, names: list[str], outcome: str
) -> None:
    rows = results.monthly[results.monthly["outcome"] == outcome]
    means = rows.pivot_table(index="month", columns="scenario", values="value", aggfunc="mean")
    factor = shown(unit_of(outcome), float(np.abs(means.to_numpy()).max())).factor
    for name in names:
        np.testing.assert_allclose(line(panels(figure)[outcome_title(outcome)], name), means[name] * factor)


def test_bands_hold_the_mean_and_are_students_interval(figure: Figure, results: StandIn, names: list[str]) -> None:
    axes = panels(figure)["Green quality"]
    bands = [c for c in axes.collections if isinstance(c, FillBetweenPolyCollection)]
    assert len(bands) == len(names)
    rows = results.monthly[(results.monthly["outcome"] == "green_quality") & (results.monthly["scenario"] == names[1])]
    last = 100 * rows.loc[rows["month"] == results.months - 1, "value"]
    half = 3.182446 * last.std() / 2  # Student's t with 3 degrees of freedom; root of 4 replications
    drawn = bands[1].get_paths()[0].vertices
    at_end = drawn[np.isclose(drawn[:, 0], results.months - 1), 1]
    assert at_end.min() == pytest.approx(last.mean() - half, rel=1e-5)
    assert at_end.max() == pytest.approx(last.mean() + half, rel=1e-5)
    for band, name in zip(bands, names, strict=True):
        corners, middle = band.get_paths()[0].vertices, line(axes, name)
        for month in range(results.months):
            y = corners[np.isclose(corners[:, 0], month), 1]
            assert y.min() - 1e-9 <= middle[month] <= y.max() + 1e-9


def test_every_axis_has_a_unit(figure: Figure) -> None:
    units = {title: axes.get_ylabel() for title, axes in panels(figure).items()}
    assert units["Emissions"].endswith("CO₂e a month")
    assert units["Profit of all firms"].endswith("CNY a month")
    assert units["Free-rider share"] == "% of firms"
    assert all(units.values())
    assert [a.get_xlabel() for a in panels(figure).values()] == [""] * 3 + ["month"] * 3


def test_phases_are_marked_once_a_month_and_spelled_out_below(figure: Figure, results: StandIn) -> None:
    marks = programme_marks(results.scenarios, results.months)
    assert [(m.month, m.names) for m in marks] == [
        (0, ("the first tier",)),
        (4, ("the second tier", "the buyers")),
        (8, ("the second tier ends",)),
    ]
    assert "b = the second tier, the buyers (from month 4)" in words(figure).replace("\n", " ")
    assert [t.get_text() for t in panels(figure)["Emissions"].texts] == ["a", "b", "c"]


def test_the_subtitle_says_how_it_was_made(figure: Figure) -> None:
    assert "4 replications, seed 7, 10 months" in words(figure)
    assert "95 % interval of the mean" in words(figure)


def test_nothing_overlaps_or_is_cut_off(figure: Figure) -> None:
    assert overlapping(figure) == []
    assert outside(figure) == []
    assert legends_over_data(figure) == []


def test_eight_scenarios_with_long_names_still_fit(results: StandIn, run: Run) -> None:
    one = results.monthly[results.monthly["scenario"] == "alone"]
    many = [f"scenario-number-{n}-of-8" for n in range(8)]
    frame = pd.concat([one.assign(scenario=name, value=one["value"] * (1 + k / 9)) for k, name in enumerate(many)])
    figure = over_time(frame, many, run)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == many
    assert overlapping(figure) == []
    assert outside(figure) == []
    drawn = {(x.get_color(), x.get_marker()) for x in panels(figure)["Emissions"].lines}
    assert len(drawn) == 8


def test_one_replication_has_lines_without_bands(single: StandIn) -> None:
    figure = over_time(single.monthly, ["alone"], Run(7, 1, 10))
    assert "1 replication, seed 7" in words(figure)
    assert "interval" not in words(figure)
    assert np.isfinite(line(panels(figure)["Emissions"], "alone")).all()


def test_a_replication_that_failed_does_not_count(results: StandIn, names: list[str], run: Run) -> None:
    there = results.monthly[(results.monthly["replication"] != 2) | (results.monthly["scenario"] != names[0])]
    figure = over_time(there, names, run)
    rows = there[(there["outcome"] == "green_quality") & (there["scenario"] == names[0])]
    expected = 100 * rows.groupby("month")["value"].mean()
    np.testing.assert_allclose(line(panels(figure)["Green quality"], names[0]), expected)
