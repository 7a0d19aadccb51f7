"""Theory as a line, simulation as points."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from sim.plots.theory_and_simulation import Part, theory_and_simulation


def drawn(error: float = 0.0, x: tuple[float, ...] = (1.0, 2.0)) -> Figure:
    line = [
        {"quantity": q, "x": a, "value": k * a} for q, k in (("slow", 1.0), ("fast", 3.0), ("other", 9.0)) for a in x
    ]
    dots = [row | {"value": row["value"] + 0.1, "standard_error": error} for row in line]
    parts = [Part("speed", ("slow", "fast")), Part("something else", ("other",))]
    frames = pd.DataFrame(line), pd.DataFrame(dots)
    return theory_and_simulation(*frames, parts, title="A title", subtitle="1974", across="time", caption="Why.")


def test_each_quantity_is_a_line_of_theory_and_points_of_simulation_in_its_panel() -> None:
    first, second = drawn().axes
    for axes, slopes in ((first, [1.0, 3.0]), (second, [9.0])):
        lines = [x for x in axes.lines if x.get_linestyle() == "-"]
        points = [x for x in axes.lines if x.get_marker() == "o"]
        assert [list(x.get_ydata()) for x in lines] == [[k, 2 * k] for k in slopes]
        assert [list(x.get_ydata()) for x in points] == [[k + 0.1, 2 * k + 0.1] for k in slopes]
        # A quantity's points have the colour of its line, which no other has.
        colours = [x.get_color() for x in lines]
        assert colours == [x.get_color() for x in points]
        assert len(set(colours)) == len(slopes)
    assert (first.get_ylabel(), second.get_ylabel(), second.get_xlabel()) == ("speed", "something else", "time")


def test_error_bars_span_three_standard_errors_and_the_legend_says_so() -> None:
    figure = drawn(0.2)
    bar = figure.axes[1].collections[0].get_segments()[0]
    assert abs(bar[1, 1] - bar[0, 1] - 6 * 0.2) < 1e-12
    words = [t.get_text() for t in figure.legends[0].get_texts()]
    assert words == [
        "theory",
        "simulation; bar: 3 standard errors either way, none where replications agree",
        "slow",
        "fast",
    ]
    assert [t.get_text() for t in drawn().legends[0].get_texts()] == ["theory", "simulation", "slow", "fast"]


def test_whole_numbers_are_counted_in_whole_numbers() -> None:
    ticks = [t for t in drawn(x=(1, 2, 3)).axes[0].get_xticks()]
    assert all(float(t).is_integer() for t in ticks)
    assert any(not float(t).is_integer() for t in drawn(x=(1.0, 2.0, 3.0)).axes[0].get_xticks())


def test_a_quantity_that_another_covers_is_wider_so_that_both_are_seen() -> None:
    line = pd.DataFrame(
        [{"quantity": q, "x": x, "value": k * x} for q, k in (("a", 1), ("b", 2), ("c", 1)) for x in (1, 2)]
    )
    parts = [Part("all", ("a", "b", "c"))]
    figure = theory_and_simulation(line, line.assign(standard_error=0.0), parts, title="", subtitle="", across="x")
    under, alone, over = (x.get_linewidth() for x in figure.axes[0].lines if x.get_linestyle() == "-")
    assert under > alone == over
