"""A published result: the theory as a line, the simulation as points, along one parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.plots.look import COLOURS, INK, styled
from sim.plots.sheet import Sheet
from sim.text import text

BAR = 3.0
"""Standard errors that an error bar spans either way; where replications agree there is nothing to draw."""

POINT = 5.0
COVERED = 0.5
"""Share of the way on which a quantity coincides with another that counts as covered."""


@dataclass(frozen=True)
class Part:
    """A panel: what its vertical axis says, and the quantities in it."""

    label: str
    quantities: tuple[str, ...]


@styled
def theory_and_simulation(
    theory: pd.DataFrame,
    simulation: pd.DataFrame,
    parts: Sequence[Part],
    *,
    title: str,
    subtitle: str,
    across: str,
    caption: str = "",
) -> Figure:
    """Theory and simulation of some quantities, a panel for each part.

    theory: quantity, x, value. simulation: quantity, x, value, standard_error. across: what the horizontal axis says.
    """
    sheet = Sheet(8.0, 2.9, title, subtitle)
    panels = sheet.figure.subplots(1, len(parts), squeeze=False).ravel()
    named = [quantity for part in parts if len(part.quantities) > 1 for quantity in part.quantities]
    colours = {quantity: COLOURS[(n + 1) % len(COLOURS)] for n, quantity in enumerate(named)}
    whole = simulation["x"].dtype.kind == "i"
    for axes, part in zip(panels, parts, strict=True):
        for quantity, above in _covered(theory, part.quantities).items():
            _draw(axes, theory, simulation, quantity, colours.get(quantity, INK), above)
        axes.set_ylabel(part.label)
        axes.set_xlabel(across)
        axes.margins(x=0.03, y=0.08)
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10], integer=whole))
        _from_zero(axes)
    drawn = simulation[simulation["quantity"].isin([q for part in parts for q in part.quantities])]
    chance = bool((drawn["standard_error"] > 0).any())
    line = Line2D([], [], color=INK, linewidth=1.4)
    dot = Line2D([], [], color=INK, linestyle="none", marker="o", markersize=POINT, markeredgecolor="white")
    words = [text("plots.theory.line"), text("plots.theory.bars" if chance else "plots.theory.points")]
    handles: list[Artist] = [line, dot, *(Line2D([], [], color=colours[q], linewidth=3.0) for q in named)]
    sheet.legend(handles, [*words, *named], handle=1.8)
    sheet.caption(caption)
    return sheet.figure


def _covered(theory: pd.DataFrame, quantities: Sequence[str]) -> dict[str, int]:
    """By how many of those drawn after it each quantity is covered for most of the way."""
    wide = theory.pivot(index="x", columns="quantity", values="value")
    size = 1e-3 * float(wide[list(quantities)].abs().max().max())
    return {
        q: sum(bool(((wide[q] - wide[other]).abs() <= size).mean() >= COVERED) for other in quantities[n + 1 :])
        for n, q in enumerate(quantities)
    }


def _draw(axes: Axes, theory: pd.DataFrame, simulation: pd.DataFrame, quantity: str, colour: str, above: int) -> None:
    """A line and points, wider where others are drawn over them, so that both are seen."""
    line = theory[theory["quantity"] == quantity].sort_values("x")
    dots = simulation[simulation["quantity"] == quantity].sort_values("x")
    axes.plot(line["x"], line["value"], color=colour, linewidth=1.2 + 2.0 * above, zorder=2)
    axes.errorbar(
        dots["x"], dots["value"], yerr=BAR * dots["standard_error"], color=colour, linestyle="none", marker="o",
        markersize=POINT + 3.5 * above, markeredgecolor="white", markeredgewidth=0.5,
        elinewidth=1.0, capsize=2.0, zorder=3,
    )  # fmt: skip


def _from_zero(axes: Axes) -> None:
    """No invented range below zero, nor around what never moves."""
    low, high = axes.dataLim.intervaly
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-300):
        axes.set_ylim(low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2)
    if low >= 0 > axes.get_ylim()[0]:
        axes.set_ylim(bottom=-0.03 * axes.get_ylim()[1])
