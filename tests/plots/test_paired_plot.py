"""Paired differences: points, intervals, zero line and units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.outcomes.base import outcome_of
from sim.plots import Run, paired_differences
from sim.plots.over_time import OUTCOMES
from sim.plots.paired_differences import RELATIVE, decimals, point_label
from sim.plots.units import outcome_title
from tests.plots.inspecting import outside, overlapping, panels, words
from tests.plots.standin import StandIn


@pytest.fixture(scope="module")
def figure(results: StandIn, names: list[str], run: Run) -> Figure:
    return paired_differences(results.paired, results.summary, names, run, against=names[0])


def point(axes: Axes, name: str) -> float:
    return float(next(x for x in axes.lines if x.get_label() == name).get_xdata()[0])


def interval(axes: Axes, row: int) -> np.ndarray:
    return next(np.asarray(x.get_xdata()) for x in axes.lines if list(x.get_ydata()) == [row, row])


def reference(results: StandIn, outcome: str, name: str) -> float:
    rows = results.summary[(results.summary["outcome"] == outcome) & (results.summary["scenario"] == name)]
    return float(rows["mean"].iloc[0])


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_points_and_bars_are_the_frames_differences_in_the_unit_of_the_axis(
    figure: Figure, results: StandIn, names: list[str], outcome: str
) -> None:
    axes = panels(figure)[outcome_title(outcome)]
    rows = results.paired[results.paired["outcome"] == outcome].set_index("scenario")
    label = axes.get_xlabel()
    if outcome in RELATIVE:
        factor = 100 / reference(results, outcome, names[0])
        assert label == f"% of {names[0]}"
    elif outcome == "public_cost":
        factor = {"thousand": 1.0, "million": 1e-3}[label.split()[0]]
        assert label.endswith("CNY over the run")
    else:
        factor = 100.0
        assert label == "percentage points"
    for place, name in enumerate(names[1:]):
        assert point(axes, name) == pytest.approx(rows.loc[name, "difference"] * factor)
        low, high = interval(axes, place)
        assert (low, high) == pytest.approx((rows.loc[name, "low"] * factor, rows.loc[name, "high"] * factor))
        assert low <= point(axes, name) <= high


@pytest.mark.parametrize("outcome", [name for name in OUTCOMES if outcome_of(name).unit == "share"])
def test_every_share_is_in_percentage_points_as_in_the_tables(figure: Figure, outcome: str) -> None:
    assert panels(figure)[outcome_title(outcome)].get_xlabel() == "percentage points"


def test_each_scenario_but_the_reference_has_a_row_and_zero_a_line(figure: Figure, names: list[str]) -> None:
    shown = list(panels(figure).values())
    assert [t.get_text() for t in shown[0].get_yticklabels()] == names[1:]
    for axes in shown:
        assert axes.get_ylim() == shown[0].get_ylim()
        assert any(list(x.get_xdata()) == [0.0, 0.0] for x in axes.lines)
        assert axes.get_xlim()[0] < 0 < axes.get_xlim()[1]
    assert f"compared with {names[0]}" in words(figure)


def test_another_base_can_be_asked_for(results: StandIn, names: list[str], run: Run) -> None:
    frame = results.paired_against(names[1])
    figure = paired_differences(frame, results.summary, names, run, against=names[1])
    axes = panels(figure)["Emissions"]
    assert [t.get_text() for t in axes.get_yticklabels()] == [names[0], names[2]]
    assert axes.get_xlabel() == f"% of {names[1]}"


def test_scenarios_keep_their_colours_whatever_they_are_compared_with(
    results: StandIn, names: list[str], run: Run, figure: Figure
) -> None:
    other = paired_differences(results.paired_against(names[1]), results.summary, names, run, against=names[1])
    found = [
        {x.get_label(): (x.get_color(), x.get_marker()) for x in panels(f)["Emissions"].lines} for f in (figure, other)
    ]
    assert found[0][names[2]] == found[1][names[2]]


def test_nothing_overlaps_or_is_cut_off(figure: Figure) -> None:
    assert overlapping(figure) == []
    assert outside(figure) == []


def test_without_intervals_there_are_points(results: StandIn, names: list[str]) -> None:
    frame = results.paired.assign(low=np.nan, high=np.nan)
    figure = paired_differences(frame, results.summary, names, Run(7, 1, 10), against=names[0])
    assert np.isfinite(point(panels(figure)["Emissions"], names[1]))
    assert "±" not in words(figure)


@pytest.mark.parametrize(
    ("values", "digits", "expected"),
    [
        ((-5.36, -5.6, -5.12), 1, "−5.4 ± 0.2"),
        ((1.3, 1.26, 1.34), 1, "+1.3 ± 0.0"),
        ((1.3, 1.26, 1.34), 2, "+1.30 ± 0.04"),
        ((0.001, 0.0009, 0.0011), 1, "0.0 ± 0.0"),
        ((-0.001, -0.0011, -0.0009), 1, "0.0 ± 0.0"),
        ((36.1, 36.1, 36.1), 1, "+36.1 ± 0.0"),
        ((2.0, float("nan"), float("nan")), 1, "+2.0"),
        ((1234.0, 1200.0, 1268.0), 0, "+1234 ± 34"),
    ],
)
def test_a_point_is_labelled_with_its_value_and_interval(
    values: tuple[float, float, float], digits: int, expected: str
) -> None:
    assert point_label(*values, digits) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([(34.53, 34.5297, 34.5303), (34.46, 34.40, 34.52), (0.0, 0.0, 0.0)], 2),
        ([(34.53, 34.53, 34.53), (34.46, 34.40, 34.52), (0.0, 0.0, 0.0)], 2),
        ([(-5.1, -5.25, -4.95), (-1.8, -1.88, -1.72), (-3.6, -3.74, -3.46)], 1),
        ([(1234.0, 1200.0, 1268.0)], 0),
        ([(5.163, np.nan, np.nan)], 2),
        ([(0.0, 0.0, 0.0)], 1),
        ([(np.nan, np.nan, np.nan)], 1),
    ],
)
def test_decimals_show_the_first_figure_of_the_typical_interval(values: list[tuple[float, ...]], expected: int) -> None:
    assert decimals(np.array(values)) == expected


def test_all_labels_of_a_panel_have_an_interval_and_the_same_decimals(figure: Figure, names: list[str]) -> None:
    for axes in panels(figure).values():
        labels = [t.get_text() for t in axes.texts]
        assert len(labels) == len(names) - 1
        numbers = [number for label in labels for number in label.split(" ± ")]
        assert len(numbers) == 2 * len(labels)
        assert len({len(number.partition(".")[2]) for number in numbers}) == 1


def test_the_zero_line_does_not_run_through_labels(figure: Figure) -> None:
    for axes in panels(figure).values():
        zero = next(x for x in axes.lines if list(x.get_xdata()) == [0.0, 0.0])
        marks = [x for x in axes.lines if x is not zero]
        for label in axes.texts:
            behind = label.get_bbox_patch()
            assert behind is not None
            assert behind.get_facecolor() == (1.0, 1.0, 1.0, 1.0)
            assert zero.get_zorder() < label.get_zorder() < min(x.get_zorder() for x in marks)


def test_a_reference_of_zero_is_shown_in_units_not_in_percent(results: StandIn, names: list[str], run: Run) -> None:
    summary = results.summary.copy()
    summary.loc[summary["outcome"] == "emissions", "mean"] = 0.0
    figure = paired_differences(results.paired, summary, names, run, against=names[0])
    assert panels(figure)["Emissions"].get_xlabel().endswith("CO₂e over the run")


def test_eight_scenarios_with_long_names_still_fit(results: StandIn, run: Run) -> None:
    one = results.paired[results.paired["scenario"] == "no-incentive"]
    many = ["alone", *(f"scenario-number-{n}-of-8" for n in range(2, 9))]
    frame = pd.concat([one.assign(scenario=n) for n in many[1:]])
    figure = paired_differences(frame, results.summary, many, run, against="alone")
    assert overlapping(figure) == []
    assert outside(figure) == []
