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
from sim.plots.units import is_flow, outcome_title, shown, unit_of
from tests.plots.inspecting import legends_over_data, outside, overlapping, panels, words
from tests.plots.standin import StandIn


@pytest.fixture(scope="module")
def figure(results: StandIn, names: list[str], run: Run) -> Figure:
    return over_time(results.monthly, names, run, marks=programme_marks(results.scenarios, results.months))


@pytest.fixture(scope="module")
def compared(results: StandIn, names: list[str], run: Run) -> Figure:
    marks = programme_marks(results.scenarios, results.months)
    return over_time(results.monthly, names, run, marks=marks, against=names[1])


def band(axes: Axes, place: int, month: int) -> tuple[float, float]:
    """Ends of the band of the scenario at a place."""
    bands = [c for c in axes.collections if isinstance(c, FillBetweenPolyCollection)]
    corners = bands[place].get_paths()[0].vertices
    y = corners[np.isclose(corners[:, 0], month), 1]
    return float(y.min()), float(y.max())


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


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_with_a_reference_amounts_are_paired_differences_and_shares_levels(
    compared: Figure, results: StandIn, names: list[str], outcome: str
) -> None:
    rows = results.monthly[results.monthly["outcome"] == outcome]
    table = rows.pivot_table(index=["month", "replication"], columns="scenario", values="value")
    flow = outcome in ("emissions", "profit", "public_cost")
    assert flow == is_flow(outcome)
    if flow:
        table = table.sub(table[names[1]], axis=0)
    means = table.groupby("month").mean()
    axes = panels(compared)[outcome_title(outcome)]
    factor = shown(unit_of(outcome), float(np.abs(means.to_numpy()).max())).factor
    half = 3.182446 * table.groupby("month").std() / 2 * factor
    for place, name in enumerate(names):
        np.testing.assert_allclose(line(axes, name), means[name] * factor, atol=1e-9)
        middle, last = means[name].iloc[-1] * factor, half[name].iloc[-1]
        assert band(axes, place, results.months - 1) == pytest.approx(
            (middle - last, middle + last), rel=1e-5, abs=1e-9
        )
    note = "difference to a-programme-with-all" if flow else "level"
    assert note in [t.get_text() for t in axes.texts]
    zero = [x for x in axes.lines if str(x.get_label()).startswith("_") and list(x.get_ydata()) == [0.0, 0.0]]
    assert len(zero) == flow


def test_differences_that_are_many_intervals_from_zero_have_bands_clear_of_it(results: StandIn, run: Run) -> None:
    one = results.monthly[results.monthly["scenario"] == "alone"]
    one = one.assign(value=one["value"] * (1 + 0.5 * one["replication"]))
    frame = pd.concat([one, one.assign(scenario="less", value=0.97 * one["value"])])
    apart, levels = (
        panels(over_time(frame, ["alone", "less"], run, against=against))["Emissions"] for against in ("alone", None)
    )
    for month in range(results.months):
        assert band(apart, 1, month)[1] < 0.0
        assert band(levels, 0, month)[0] < band(levels, 1, month)[1]


def test_the_compared_figure_says_that_differences_are_paired_and_nothing_overlaps(compared: Figure) -> None:
    assert "differences paired by replication" in words(compared)
    assert "95 % interval" in words(compared)
    assert overlapping(compared) == []
    assert outside(compared) == []
    assert legends_over_data(compared) == []


def test_without_a_reference_nothing_speaks_of_differences(figure: Figure, single: StandIn) -> None:
    alone = over_time(single.monthly, ["alone"], Run(7, 1, 10), against="alone")
    for drawn in (figure, alone):
        assert "difference" not in words(drawn)
        assert "level" not in words(drawn)


def test_a_reference_without_finished_runs_leaves_levels(results: StandIn, names: list[str], run: Run) -> None:
    there = results.monthly[results.monthly["scenario"] != names[0]]
    assert "difference" not in words(over_time(there, names, run, against=names[0]))


def test_only_replications_that_both_have_count_in_a_difference(results: StandIn, names: list[str], run: Run) -> None:
    there = results.monthly[(results.monthly["replication"] != 2) | (results.monthly["scenario"] != names[0])]
    axes = panels(over_time(there, names, run, against=names[0]))["Profit of all firms"]
    rows = results.monthly[(results.monthly["outcome"] == "profit") & (results.monthly["replication"] != 2)]
    means = rows.pivot_table(index="month", columns="scenario", values="value", aggfunc="mean")
    apart = means.sub(means[names[0]], axis=0)
    factor = shown(unit_of("profit"), float(np.abs(apart.to_numpy()).max())).factor
    np.testing.assert_allclose(line(axes, names[1]), apart[names[1]] * factor)


def test_differences_from_rounding_are_none(results: StandIn, run: Run) -> None:
    one = results.monthly[results.monthly["scenario"] == "alone"]
    twin = one.assign(scenario="twin", value=one["value"] * (1 + 1e-14))
    axes = panels(over_time(pd.concat([one, twin]), ["alone", "twin"], run, against="alone"))["Emissions"]
    assert not line(axes, "twin").any()


def test_a_reference_with_a_long_name_fits(results: StandIn, run: Run) -> None:
    long = "a-reference-whose-name-does-not-end-soon-enough"
    one = results.monthly[results.monthly["scenario"] == "alone"]
    frame = pd.concat([one.assign(scenario=long), one.assign(value=one["value"] * 1.1)])
    figure = over_time(frame, [long, "alone"], run, against=long)
    assert overlapping(figure) == []
    assert outside(figure) == []
    assert "difference to a-reference-whose-nam…" in words(figure)


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
