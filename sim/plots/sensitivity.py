"""Sensitivity indices as bars: a panel for each outcome, the parameters that matter most on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.plots.look import COLOURS, INK, styled
from sim.plots.sheet import Sheet
from sim.plots.units import outcome_title, shown, unit_of
from sim.text import text

COLUMNS = 2
MOST = 15
"""Parameters that are drawn."""
DARK, LIGHT = COLOURS[1], "#b9d7ea"


@styled
def sensitivity_indices(indices: pd.DataFrame, *, scenario: str, run: str, currency: str) -> Figure:
    """Bars of sensitivity indices with their 95 % intervals: ST with S1 in it; or mu_star, with mu as a mark.

    indices: outcome, parameter, index, value, low, high. run: what the subtitle says of points and replications.
    """
    sobol = "ST" in set(indices["index"])
    main, other = ("ST", "S1") if sobol else ("mu_star", "mu")
    outcomes = list(dict.fromkeys(indices["outcome"]))
    order = parameters(indices, main)
    deep, wide = -(-len(outcomes) // COLUMNS), min(COLUMNS, len(outcomes))
    sheet = Sheet(
        8.0,
        deep * (0.65 + 0.26 * len(order)),
        text("plots.sensitivity.title", scenario=scenario),
        f"{run}; {text('plots.sensitivity.sobol' if sobol else 'plots.sensitivity.morris')}",
    )
    panels = sheet.figure.subplots(deep, wide, sharey=True, sharex=sobol, squeeze=False).ravel()
    for axes, outcome in zip(panels, outcomes, strict=False):
        mine = indices[indices["outcome"] == outcome]
        factor, label = _unit(outcome, mine, sobol, currency)
        _panel(axes, mine, order, (main, other), factor, sobol)
        axes.set_title(outcome_title(outcome))
        axes.set_xlabel(label)
        axes.tick_params(labelbottom=True)
    for axes in panels[len(outcomes) :]:
        axes.set_visible(False)
    handles: list[Artist] = [Patch(color=LIGHT), Patch(color=DARK)] if sobol else [Patch(color=LIGHT), _dot()]
    words = ("total", "own") if sobol else ("size", "mean")
    sheet.legend(handles, [text(f"plots.sensitivity.{word}") for word in words], handle=1.6)
    return sheet.figure


def parameters(indices: pd.DataFrame, main: str) -> list[str]:
    """The parameters that are drawn, by what each has of the largest index of an outcome, in all outcomes together."""
    frame = indices[indices["index"] == main]
    largest = frame.groupby("outcome")["value"].transform(lambda values: values.abs().max())
    part = (frame["value"] / largest.where(largest > 0)).fillna(0.0)
    ranked = part.groupby(frame["parameter"], sort=False).sum().sort_values(ascending=False, kind="stable")
    return [str(name) for name in ranked.index[:MOST]]


def _panel(
    axes: Axes, frame: pd.DataFrame, order: Sequence[str], names: tuple[str, str], factor: float, sobol: bool
) -> None:
    places = np.arange(len(order))
    main, other = (frame[frame["index"] == name].set_index("parameter").reindex(list(order)) for name in names)
    axes.barh(places, main["value"] * factor, height=0.72, color=LIGHT)
    _whiskers(axes, places - 0.18 if sobol else places, main, factor)
    if sobol:
        axes.barh(places + 0.12, np.maximum(other["value"], 0.0), height=0.32, color=DARK)
        _whiskers(axes, places + 0.12, other, factor)
    else:
        axes.plot(other["value"] * factor, places, **_marks())
        axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.set_yticks(places, list(order))
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    if sobol:
        axes.set_xlim(left=0.0)


def _whiskers(axes: Axes, places: np.ndarray, frame: pd.DataFrame, factor: float) -> None:
    low, high = frame["low"] * factor, frame["high"] * factor
    axes.hlines(places, low, high, color=INK, linewidth=0.9)


def _unit(outcome: str, frame: pd.DataFrame, sobol: bool, currency: str) -> tuple[float, str]:
    if sobol:
        return 1.0, text("plots.sensitivity.share")
    scale = shown(unit_of(outcome, currency), float(frame["value"].abs().max()))
    percent = scale.unit == text("plots.unit.percent")
    return scale.factor, text("plots.ablation.points") if percent else scale.unit


def _marks() -> dict[str, Any]:
    return {"color": DARK, "linestyle": "none", "marker": "D", "markersize": 4.2, "markeredgecolor": "white",
            "markeredgewidth": 0.5, "zorder": 4}  # fmt: skip


def _dot() -> Line2D:
    return Line2D([], [], color=DARK, linestyle="none", marker="D", markersize=4.2, markeredgecolor="white")
