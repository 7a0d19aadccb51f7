"""Who free-rides: the share of free riders by role and tier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.plots.intervals import mean_interval
from sim.plots.look import looks, styled
from sim.plots.results import Run
from sim.plots.sheet import Sheet
from sim.text import text

SERIES = "free_rider_share_by_tier:"
ROW = 0.14
"""Inches from one scenario's point to the next."""


def groups_of(monthly: pd.DataFrame) -> list[str]:
    """The groups of firms in the frame: manufacturers, tier 1, tier 2, ..., carriers."""
    names = [str(o).removeprefix(SERIES) for o in monthly["outcome"].unique() if str(o).startswith(SERIES)]
    return sorted(names, key=_place)


@styled
def free_riding_by_tier(monthly: pd.DataFrame, scenarios: Sequence[str], run: Run) -> Figure:
    """Mean share of free riders over the months, by group of firms and scenario, with 95 % intervals.

    monthly: scenario, replication, month, outcome, value, with outcomes `free_rider_share_by_tier:GROUP`.
    """
    groups, look = groups_of(monthly), looks(scenarios)
    mine = monthly[monthly["outcome"].astype(str).str.startswith(SERIES)]
    runs = mine.groupby(["outcome", "scenario", "replication"], sort=False, observed=True)["value"].mean()
    figures = mean_interval(runs.reset_index(), ["outcome", "scenario"]).set_index(["outcome", "scenario"])
    band = len(look) + 1.4
    sheet = Sheet(8.0, 0.6 + ROW * band * len(groups), text("plots.free_riding.title"), run.subtitle("free_riding"))
    axes = sheet.figure.subplots()
    for g in range(0, len(groups), 2):
        axes.axhspan(g * band - band / 2, g * band + band / 2, color="#f5f5f5", linewidth=0, zorder=0)
    for n, (name, k) in enumerate(look.items()):
        keys = [(SERIES + group, name) for group in groups]
        values = 100.0 * figures.reindex(keys)[["mean", "low", "high"]].to_numpy(dtype=float)
        y = np.arange(len(groups)) * band + n - (len(look) - 1) / 2
        axes.hlines(y, values[:, 1], values[:, 2], color=k.colour, linewidth=1.5)
        axes.plot(values[:, 0], y, label=name, **k.drawn(5.0))
    axes.set_yticks(np.arange(len(groups)) * band, groups)
    axes.set_ylim((len(groups) - 0.5) * band, -0.5 * band)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(text("plots.free_riding.axis"))
    right = max(1.0, axes.get_xlim()[1])
    axes.set_xlim(-0.02 * right, right)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 2.5, 5, 10]))
    sheet.legend([Line2D([], [], **k.drawn(5.0)) for k in look.values()], list(look), handle=1.0)
    sheet.caption(" ".join([text("plots.free_riding.caption"), *_without_suppliers(groups)]))
    return sheet.figure


def _without_suppliers(groups: Sequence[str]) -> list[str]:
    """A sentence about tiers that are missing before the last one: no supplier stands there."""
    tiers = [number for kind, number, _ in map(_place, groups) if kind == 1]
    missing = sorted(set(range(1, max(tiers, default=0))) - set(tiers))
    if not missing:
        return []
    return [text("plots.free_riding.missing", tiers=", ".join(text("plots.free_riding.tier", tier=t) for t in missing))]


def _place(group: str) -> tuple[int, int, str]:
    word, _, number = group.partition(" ")
    if number.isdigit():
        return 1, int(number), word
    return (0 if group == "manufacturers" else 2), 0, group
