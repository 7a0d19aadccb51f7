"""What each scenario changes: paired differences to a reference, a forest plot with a panel per outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.plots.look import INK, Look, looks, styled
from sim.plots.over_time import COLUMNS, OUTCOMES
from sim.plots.results import Run
from sim.plots.sheet import Sheet
from sim.plots.units import axis_unit, is_flow, outcome_title, shown
from sim.text import text

RELATIVE = ("emissions", "profit")
"""Amounts that are well away from zero everywhere: their differences read best in percent of the reference. Shares
are shown in percentage points, as in the tables, other amounts in their unit."""

SMALLEST_BASE = 1e-9


@dataclass(frozen=True)
class Change:
    """How differences are shown: multiplied by `factor`, under the axis label `label`."""

    factor: float
    label: str


def change(outcome: str, unit: str, reference_mean: float, against: str, largest: float) -> Change:
    """How the differences of an outcome are shown."""
    if unit == "share":
        return Change(100.0, text("plots.paired.points"))
    if outcome in RELATIVE and abs(reference_mean) > SMALLEST_BASE:
        return Change(100.0 / abs(reference_mean), text("plots.paired.relative", against=against))
    scale = shown(unit, largest)
    words = axis_unit(outcome, scale, monthly=False)
    return Change(scale.factor, text("plots.paired.whole_run", unit=words) if is_flow(outcome) else words)


@styled
def paired_differences(
    paired: pd.DataFrame,
    summary: pd.DataFrame,
    scenarios: Sequence[str],
    run: Run,
    *,
    against: str,
    outcomes: Sequence[str] = OUTCOMES,
) -> Figure:
    """Mean paired difference of each scenario to `against`, with its 95 % interval and a line at zero.

    paired: scenario, against, outcome, difference, low, high, unit. summary: scenario, outcome, mean, for
    the means that percentages refer to. scenarios: all of them, so that looks are those of other figures.
    """
    paired = paired[paired["against"] == against]
    rows = [name for name in scenarios if name in set(paired["scenario"]) and name != against]
    drawn = [o for o in outcomes if o in set(paired["outcome"])]
    base = summary[summary["scenario"] == against].set_index("outcome")["mean"]
    deep = -(-len(drawn) // COLUMNS)
    sheet = Sheet(
        8.0,
        deep * (0.75 + 0.3 * len(rows)),
        text("plots.paired.title", against=against),
        run.subtitle("paired"),
    )
    panels = sheet.figure.subplots(deep, min(COLUMNS, len(drawn)), sharey=True, squeeze=False).ravel()
    for axes, outcome in zip(panels, drawn, strict=False):
        _panel(axes, paired[paired["outcome"] == outcome].set_index("scenario"), outcome, rows, base, looks(scenarios))
    for axes in panels[len(drawn) :]:
        axes.set_visible(False)
    return sheet.figure


def _panel(
    axes: Axes, figures: pd.DataFrame, outcome: str, rows: Sequence[str], base: pd.Series, look: dict[str, Look]
) -> None:
    against, unit = str(figures["against"].iloc[0]), str(figures["unit"].iloc[0])
    largest = float(figures["difference"].abs().max())
    how = change(outcome, unit, float(base.get(outcome, 0.0)), against, largest)
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    figures = figures.reindex(list(rows))
    values = figures[["difference", "low", "high"]].to_numpy(dtype=float) * how.factor
    digits = decimals(values)
    for place, (name, (middle, low, high)) in enumerate(zip(rows, values, strict=True)):
        k = look[name]
        axes.plot([low, high], [place, place], color=k.colour, linewidth=1.4, marker="|", markersize=6)
        axes.plot([middle], [place], label=name, **k.drawn(4.5))
        if np.isfinite(middle):
            axes.annotate(
                point_label(middle, low, high, digits), (middle, place), (0, 4.5), textcoords="offset points",
                ha="center", va="bottom", fontsize=7, color=INK, zorder=1.5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip
    axes.set_title(outcome_title(outcome))
    axes.set_xlabel(how.label)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.7)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.27)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


def decimals(values: np.ndarray) -> int:
    """Decimals of a panel's labels: the first figure of its typical interval, where there is none three figures of
    its typical difference. values: (row, 3), difference and ends of the interval."""
    half, size = (values[:, 2] - values[:, 1]) / 2, np.abs(values[:, 0])
    tiny = 1e-6 * np.nanmax(size, initial=0.0)
    half, size = half[half > tiny], size[size > tiny]
    if len(half):
        return _within(-_place(np.median(half)))
    return _within(2 - _place(np.median(size))) if len(size) else 1


def point_label(middle: float, low: float, high: float, digits: int) -> str:
    """The difference with its sign and half the width of its interval, if it has one, with the same decimals."""
    words = f"{middle:+.{digits}f}"
    words = words.lstrip("+-") if float(words) == 0 else words.replace("-", "−")
    half = (high - low) / 2
    return f"{words} ± {half:.{digits}f}" if np.isfinite(half) else words


def _place(value: float) -> int:
    return int(np.floor(np.log10(value)))


def _within(digits: int) -> int:
    return min(max(digits, 0), 3)
