"""Who free-rides: groups in order, means and intervals over replications."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.plots import Run, free_riding_by_tier
from sim.plots.free_riding_by_tier import SERIES, groups_of
from tests.plots.inspecting import legends_over_data, outside, overlapping, words
from tests.plots.standin import StandIn


@pytest.fixture(scope="module")
def figure(results: StandIn, names: list[str], run: Run) -> Figure:
    return free_riding_by_tier(results.monthly, names, run)


def test_groups_stand_in_the_order_of_the_chain(results: StandIn, figure: Figure) -> None:
    expected = ["manufacturers", "tier 1", "tier 2", "carriers"]
    assert groups_of(results.monthly) == expected
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == expected


def test_tiers_are_ordered_by_number_not_by_letters(results: StandIn) -> None:
    rows = results.monthly.head(4).assign(
        outcome=[SERIES + g for g in ("carriers", "tier 10", "manufacturers", "tier 9")]
    )
    assert groups_of(rows) == ["manufacturers", "tier 9", "tier 10", "carriers"]


def test_points_are_the_means_over_months_and_replications_in_percent(
    results: StandIn, names: list[str], figure: Figure
) -> None:
    axes, groups = figure.axes[0], groups_of(results.monthly)
    assert [x.get_label() for x in axes.lines] == names
    for drawn in axes.lines:
        for group, value in zip(groups, np.asarray(drawn.get_xdata()), strict=True):
            mine = (results.monthly["scenario"] == drawn.get_label()) & (results.monthly["outcome"] == SERIES + group)
            rows = results.monthly[mine]
            assert value == pytest.approx(100 * rows["value"].mean())


def test_bars_are_intervals_over_replications(results: StandIn, names: list[str], figure: Figure) -> None:
    bars = figure.axes[0].collections[1].get_segments()
    mine = (results.runs["scenario"] == names[1]) & (results.runs["outcome"] == SERIES + "tier 2")
    rows = results.runs.loc[mine, "value"] * 100
    half = 3.182446 * rows.std() / 2
    assert bars[2][:, 0] == pytest.approx([rows.mean() - half, rows.mean() + half], rel=1e-5)


def test_it_says_the_unit_the_scenarios_and_how_it_was_made(figure: Figure, names: list[str]) -> None:
    assert "%" in figure.axes[0].get_xlabel()
    assert [t.get_text() for t in figure.legends[0].get_texts()] == names
    assert "4 replications, seed 7" in words(figure)


def test_points_of_one_group_do_not_hide_each_other(figure: Figure) -> None:
    rows = np.concatenate([np.asarray(x.get_ydata()) for x in figure.axes[0].lines])
    assert np.min(np.diff(np.sort(rows))) >= 0.99


def test_the_caption_defines_free_riders_as_the_outcome_does(figure: Figure) -> None:
    caption = words(figure).replace("\n", " ")
    assert "Benefit: green premium received and failures spared by the efforts of suppliers" in caption
    assert "with or without a programme" in caption
    assert "cost of efforts and disclosure less cost sharing and subsidies" in caption
    assert "from the collaboration" not in caption
    assert "No suppliers" not in caption


def test_tiers_without_suppliers_are_named(results: StandIn, names: list[str], run: Run) -> None:
    frame = results.monthly[results.monthly["outcome"] != SERIES + "tier 1"]
    deep = frame[frame["outcome"] == SERIES + "tier 2"].assign(outcome=SERIES + "tier 4")
    one = free_riding_by_tier(frame, names, run)
    assert "No suppliers in tier 1: manufacturers are one group" in words(one).replace("\n", " ")
    two = free_riding_by_tier(pd.concat([frame, deep]), names, run)
    assert "No suppliers in tier 1, tier 3:" in words(two).replace("\n", " ")
    assert outside(two) == []


def test_nothing_overlaps_or_is_cut_off(figure: Figure) -> None:
    assert overlapping(figure) == []
    assert outside(figure) == []
    assert legends_over_data(figure) == []
