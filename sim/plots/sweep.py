"""Outcomes along one lever: a panel for each outcome, a line for each setting of the other levers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.plots.look import Look, looks, styled
from sim.plots.sheet import Sheet
from sim.plots.units import axis_unit, is_flow, outcome_title, shown, unit_of
from sim.text import text

COLUMNS = 3
MOST = 8
"""Lines in a panel."""


@styled
def sweep_outcomes(
    frame: pd.DataFrame, *, across: str, scenario: str, run: str, band: str, currency: str, logarithmic: bool = False
) -> Figure:
    """Outcomes against the lever `across` with a band around each line.

    frame: x (a number), line (what the other levers are), outcome, value, low, high. run, band: what the subtitle says
    of points and replications, and of lines and bands.
    """
    outcomes = list(dict.fromkeys(frame["outcome"]))
    every = list(dict.fromkeys(frame["line"]))
    look = looks(every[:MOST])
    deep, wide = -(-len(outcomes) // COLUMNS), min(COLUMNS, len(outcomes))
    sheet = Sheet(8.0, 2.3 * deep, text("plots.sweep.title", scenario=scenario), f"{run}; {band}")
    panels = sheet.figure.subplots(deep, wide, sharex=True, squeeze=False).ravel()
    for axes, outcome in zip(panels, outcomes, strict=False):
        _panel(axes, frame[frame["outcome"] == outcome], outcome, look, currency)
        if logarithmic:
            axes.set_xscale("log")
    for axes in panels[len(outcomes) :]:
        axes.set_visible(False)
    for axes in panels[max(0, len(outcomes) - COLUMNS) : len(outcomes)]:
        axes.set_xlabel(across)
        axes.tick_params(labelbottom=True)
    if len(every) > 1:
        sheet.legend([Line2D([], [], **k.drawn(3.6, 1.3)) for k in look.values()], list(look))
    if len(every) > MOST:
        sheet.caption(text("plots.sweep.more", drawn=MOST, all=len(every)))
    return sheet.figure


def lines(points: Sequence[Mapping[str, Any]], across: str, written: Any) -> list[str]:
    """What the other levers are at each point, in words."""
    return ["; ".join(f"{path}={written(value)}" for path, value in p.items() if path != across) for p in points]


def _panel(axes: Axes, frame: pd.DataFrame, outcome: str, look: Mapping[str, Look], currency: str) -> None:
    scale = shown(unit_of(outcome, currency), float(frame["value"].abs().max()))
    for name, k in look.items():
        mine = frame[frame["line"] == name].sort_values("x")
        x, f = mine["x"].to_numpy(), scale.factor
        axes.fill_between(x, mine["low"] * f, mine["high"] * f, color=k.colour, alpha=0.13, linewidth=0)
        axes.plot(x, mine["value"] * f, label=name, **k.drawn(3.6, 1.3))
    axes.set_title(outcome_title(outcome))
    words = axis_unit(outcome, scale, monthly=False)
    axes.set_ylabel(text("plots.ablation.whole_run", unit=words) if is_flow(outcome) else words)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.margins(x=0.03, y=0.06)
    values = frame[["value", "low", "high"]].to_numpy(dtype=float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        axes.set_ylim(low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2)
    if low >= 0 > axes.get_ylim()[0]:
        axes.set_ylim(bottom=-0.03 * axes.get_ylim()[1])
