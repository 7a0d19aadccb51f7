"""What mechanisms do alone and together: a forest plot with a panel for each outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.plots.look import COLOURS, INK, styled
from sim.plots.sheet import Sheet
from sim.plots.units import axis_unit, is_flow, outcome_title, shown, unit_of
from sim.text import text

COLUMNS = 3
MOST = 14
"""Rows that are drawn: all mechanisms, then the pairs that do most together."""
LOOKS = {"off": (COLOURS[1], "o"), "average": (COLOURS[2], "D"), "whole": (INK, "s")}


@styled
def ablation_effects(
    effects: pd.DataFrame, attribution: pd.DataFrame, *, scenario: str, run: str, currency: str
) -> Figure:
    """Effects with their 95 % intervals, while all others are off and on average, and below them the whole difference.

    effects: mechanisms, order, others, outcome, value, low, high. attribution: mechanism, outcome, value, low, high.
    """
    outcomes = list(dict.fromkeys(effects["outcome"]))
    rows = drawn(effects)
    deep, wide = -(-len(outcomes) // COLUMNS), min(COLUMNS, len(outcomes))
    title = text("plots.ablation.title", scenario=scenario)
    sheet = Sheet(9.0, deep * (0.7 + 0.27 * (len(rows) + 1)), title, f"{run}; {text('plots.ablation.subtitle')}")
    panels = sheet.figure.subplots(deep, wide, sharey=True, squeeze=False).ravel()
    for axes, outcome in zip(panels, outcomes, strict=False):
        whole = attribution[(attribution["outcome"] == outcome) & (attribution["mechanism"] == "all")]
        _panel(axes, effects[effects["outcome"] == outcome], whole, outcome, rows, currency)
    for axes in panels[len(outcomes) :]:
        axes.set_visible(False)
    handles = [Line2D([], [], **_mark(key)) for key in LOOKS]
    sheet.legend(handles, [text(f"plots.ablation.{key}") for key in LOOKS], handle=1.2)
    pairs, shown_pairs = effects[effects["order"] == 2]["mechanisms"].nunique(), sum(" x " in row for row in rows)
    if shown_pairs:
        some = text("plots.ablation.pairs", drawn=shown_pairs, all=pairs) if shown_pairs < pairs else ""
        more = text("plots.ablation.more") if int(effects["order"].max()) > 2 else ""
        sheet.caption(" ".join(text("plots.ablation.caption", pairs=some, more=more).split()))
    return sheet.figure


def drawn(effects: pd.DataFrame) -> list[str]:
    """The mechanisms and pairs that get a row."""
    alone = list(dict.fromkeys(effects[effects["order"] == 1]["mechanisms"]))
    pairs = effects[effects["order"] == 2]
    largest = effects.groupby("outcome")["value"].transform(lambda values: values.abs().max())
    part = (pairs["value"].abs() / largest.where(largest > 0)).fillna(0.0)
    ranked = part.groupby(pairs["mechanisms"], sort=False).max().sort_values(ascending=False, kind="stable")
    return [*alone, *(str(name) for name in ranked.index[: max(MOST - len(alone), 0)])]


def _panel(
    axes: Axes, effects: pd.DataFrame, whole: pd.DataFrame, outcome: str, rows: Sequence[str], currency: str
) -> None:
    shown_rows = effects[effects["mechanisms"].isin(list(rows))]
    largest = float(np.nanmax(np.abs(np.concatenate([shown_rows["value"], whole["value"]]))))
    scale = shown(unit_of(outcome, currency), largest)
    for shift, others in ((-0.15, "off"), (0.15, "average")):
        mine = shown_rows[shown_rows["others"] == others].set_index("mechanisms").reindex(list(rows))
        _points(axes, np.arange(len(rows)) + shift, mine, scale.factor, others)
    _points(axes, np.array([len(rows)]), whole, scale.factor, "whole")
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    axes.axhline(len(rows) - 0.5, color=INK, linewidth=0.5, zorder=1)
    axes.set_title(outcome_title(outcome))
    words = axis_unit(outcome, scale, monthly=False)
    percent = scale.unit == text("plots.unit.percent")
    label = text("plots.ablation.points") if percent else words
    axes.set_xlabel(text("plots.ablation.whole_run", unit=words) if is_flow(outcome) else label)
    names = [row.replace(" x ", " × ") for row in rows]
    axes.set_yticks(range(len(rows) + 1), [*names, text("plots.ablation.whole")])
    axes.set_ylim(len(rows) + 0.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


def _points(axes: Axes, places: np.ndarray, frame: pd.DataFrame, factor: float, key: str) -> None:
    colour, _ = LOOKS[key]
    axes.hlines(places, frame["low"] * factor, frame["high"] * factor, color=colour, linewidth=1.2)
    axes.plot(frame["value"] * factor, places, **_mark(key))


def _mark(key: str) -> dict[str, Any]:
    colour, marker = LOOKS[key]
    return {"color": colour, "marker": marker, "linestyle": "none", "markersize": 4.5, "markeredgecolor": "white",
            "markeredgewidth": 0.4}  # fmt: skip
