"""All figures at once: which, where, the same bytes every time, and no trace left behind."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.errors import UsageError
from sim.plots import draw_all, figures
from sim.plots.look import COLOURS, looks
from tests.plots.inspecting import outside, overlapping, words
from tests.plots.standin import StandIn


def test_all_figures_are_written_as_pngs(results: StandIn, tmp_path: Path) -> None:
    files = draw_all(results, tmp_path / "figures")
    assert [f.name for f in files] == [
        "over_time.png",
        "paired_differences.png",
        "paired_differences_against_a-programme-with-all.png",
        "free_riding_by_tier.png",
        "supply_network.png",
    ]
    for file in files:
        assert file.read_bytes().startswith(b"\x89PNG\r\n")
        assert file.stat().st_size > 10_000


def test_a_single_scenario_has_no_paired_figure(single: StandIn, tmp_path: Path) -> None:
    names = [f.stem for f in draw_all(single, tmp_path)]
    assert names == ["over_time", "free_riding_by_tier", "supply_network"]


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_pictures_of_other_results_do_not_stay_beside_new_ones(
    results: StandIn, single: StandIn, tmp_path: Path, format: str
) -> None:
    before = draw_all(results, tmp_path, format)
    theirs = [
        tmp_path / f"{name}.{format}" for name in ("paired_differences_against_mine", "paired_differences_old", "notes")
    ]
    for file in theirs:
        file.write_bytes(b"a user's own")
    copy = tmp_path / f"kept.{format}"
    copy.write_bytes(before[1].read_bytes())
    other = tmp_path / f"paired_differences.{'pdf' if format == 'png' else 'png'}"
    other.write_bytes(before[1].read_bytes())
    after = draw_all(single, tmp_path, format)
    assert set(tmp_path.iterdir()) == {*after, *theirs, copy, other}
    assert set(after) < set(before)


def test_with_nothing_to_draw_what_was_drawn_stays(results: StandIn, single: StandIn, tmp_path: Path) -> None:
    before = draw_all(single, tmp_path)
    draw_all(replace(results, monthly=results.monthly.head(0)), tmp_path)
    assert set(tmp_path.iterdir()) == set(before)


def test_months_are_compared_with_the_reference_of_the_comparison(
    results: StandIn, single: StandIn, names: list[str]
) -> None:
    drawn = dict(figures(replace(results, reference=names[1])))["over_time"]
    assert "difference to a-programme-with-all" in words(drawn)
    assert "difference to" not in words(dict(figures(single))["over_time"])


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_the_same_results_give_the_same_bytes(single: StandIn, tmp_path: Path, format: str) -> None:
    first, second = (draw_all(single, tmp_path / part, format) for part in ("a", "b"))
    assert [f.read_bytes() for f in first] == [f.read_bytes() for f in second]


def test_an_unknown_format_is_refused_by_name(single: StandIn, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'pgn'; did you mean 'png'"):
        draw_all(single, tmp_path, "pgn")


def test_settings_of_matplotlib_are_left_alone(single: StandIn, tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    draw_all(single, tmp_path)
    assert dict(matplotlib.rcParams) == before


def test_a_replication_that_failed_is_not_run_again_for_the_network(results: StandIn) -> None:
    without = results.monthly[(results.monthly["replication"] > 0) | (results.monthly["scenario"] == "alone")]
    found = dict(figures(replace(results, monthly=without)))
    assert "replication 1, seed 7" in words(found["supply_network"])


def test_with_another_reference_the_second_base_is_the_first_of_the_others(results: StandIn, names: list[str]) -> None:
    found = dict(figures(replace(results, reference=names[1])))
    assert "compared with a-programme-with-all" in words(found["paired_differences"])
    assert "compared with alone" in words(found["paired_differences_against_alone"])
    assert [a.get_title() for a in found["supply_network"].axes[:2]] == ["a-programme-with-all", "alone"]


def test_a_scenario_whose_runs_all_failed_leaves_the_others_to_be_drawn(results: StandIn, names: list[str]) -> None:
    without = results.monthly[results.monthly["scenario"] != names[2]]
    runs = results.runs.copy()
    runs.loc[runs["scenario"] == names[2], "value"] = np.nan
    found = dict(figures(replace(results, monthly=without, runs=runs)))
    assert len(found) == 5
    for figure in found.values():
        figure.canvas.draw()


def test_nothing_is_drawn_when_every_run_failed(results: StandIn, tmp_path: Path) -> None:
    assert draw_all(replace(results, monthly=results.monthly.head(0)), tmp_path) == []


def test_overlaps_are_found_where_there_are_some() -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_xticks([0.5, 0.501], ["one tick", "another"])
    figure.text(0.99, 0.5, "over the edge")
    assert overlapping(figure) == [("one tick", "another")]
    assert outside(figure) == ["over the edge"]


def test_drawing_needs_no_window_system() -> None:
    code = "import sys, sim.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_each_scenario_has_a_colour_a_line_and_a_marker_of_its_own() -> None:
    eight = looks([f"s{n}" for n in range(8)]).values()
    assert len({k.colour for k in eight}) == len({k.marker for k in eight}) == len({str(k.line) for k in eight}) == 8
    twelve = looks([f"s{n}" for n in range(12)]).values()
    assert len({(k.colour, k.marker) for k in twelve}) == 12
    assert next(iter(twelve)).colour == COLOURS[0]
