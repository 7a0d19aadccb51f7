"""Outcomes month by month, a panel each, with bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, MultipleLocator

from sim.plots.intervals import differences, mean_interval
from sim.plots.look import INK, SOFT, Look, looks, styled
from sim.plots.results import Run
from sim.plots.sheet import Sheet
from sim.plots.units import BASE_CURRENCY, axis_unit, is_flow, outcome_title, shown, unit_of
from sim.scenario.schema import Scenario
from sim.text import text

OUTCOMES = ("emissions", "free_rider_share", "shipped_defect_rate", "green_quality", "profit", "public_cost")
COLUMNS = 3
LONGEST = 22
"""Letters of a scenario's name over a panel; the legend has it in full."""


@dataclass(frozen=True)
class Mark:
    """Something that happens in a month: a thin line with a letter, spelled out in the caption."""

    month: int
    names: tuple[str, ...]


def programme_marks(scenarios: Sequence[Scenario], months: int) -> tuple[Mark, ...]:
    """When the phases of the scenarios' programmes start and end, each month once."""
    found: dict[int, list[str]] = {}
    for phase in (p for s in scenarios for p in s.programme):
        found.setdefault(phase.starts, []).append(phase.name)
        if phase.ends is not None:
            found.setdefault(phase.ends, []).append(text("plots.over_time.ends", name=phase.name))
    return tuple(Mark(m, tuple(dict.fromkeys(found[m]))) for m in sorted(found) if m < months)


@styled
def over_time(
    monthly: pd.DataFrame,
    scenarios: Sequence[str],
    run: Run,
    *,
    marks: Sequence[Mark] = (),
    outcomes: Sequence[str] = OUTCOMES,
    currency: str = BASE_CURRENCY,
    against: str | None = None,
) -> Figure:
    """Mean over replications of each outcome by month, with its 95 % interval as a band.

    monthly: scenario, replication, month, outcome, value. scenarios: in the order of the legend. against: a
    reference; amounts are then drawn as paired differences to it, whose intervals are far narrower than those of
    the amounts themselves, and shares as they are.
    """
    present = set(monthly["outcome"])
    drawn = [o for o in outcomes if o in present]
    look = looks(scenarios)
    paired = [o for o in drawn if is_flow(o)] if against in set(monthly["scenario"]) and len(look) > 1 else []
    levels = monthly[monthly["outcome"].isin([o for o in drawn if o not in paired])]
    apart = differences(monthly[monthly["outcome"].isin(paired)], str(against))
    figures = mean_interval(pd.concat([levels, apart]), ["outcome", "scenario", "month"])
    rows = -(-len(drawn) // COLUMNS)
    subtitle = run.subtitle("over_time_paired" if paired else "over_time")
    sheet = Sheet(8.0, (2.3 if paired else 2.15) * rows, text("plots.over_time.title"), subtitle)
    panels = sheet.figure.subplots(rows, min(COLUMNS, len(drawn)), sharex=True, squeeze=False).ravel()
    for axes, outcome in zip(panels, drawn, strict=False):
        _panel(axes, figures[figures["outcome"] == outcome], outcome, look, currency)
        _mark(axes, marks)
        note = _shortened(str(against)) if outcome in paired else None
        _head(axes, outcome, above=10 if marks else 2, note=note, notes=bool(paired))
    for axes in panels[len(drawn) :]:
        axes.set_visible(False)
    for axes in panels[max(0, len(drawn) - COLUMNS) : len(drawn)]:
        axes.set_xlabel(text("plots.axis.month"))
        axes.tick_params(labelbottom=True)
    sheet.figure.align_ylabels(list(panels[: len(drawn)]))
    handles = [Line2D([], [], **k.drawn(3.6, 1.3)) for k in look.values()]
    sheet.legend(handles, list(look))
    sheet.caption(_spelled(marks))
    return sheet.figure


def _panel(axes: Axes, figures: pd.DataFrame, outcome: str, look: dict[str, Look], currency: str) -> None:
    scale = shown(unit_of(outcome, currency), float(figures["mean"].abs().max()))
    for n, (name, k) in enumerate(look.items()):
        mine = figures[figures["scenario"] == name].sort_values("month")
        month, f = mine["month"].to_numpy(), scale.factor
        axes.fill_between(month, mine["low"] * f, mine["high"] * f, color=k.colour, alpha=0.15, linewidth=0)
        every = max(1, len(month) // 5)
        axes.plot(
            month, mine["mean"] * f, label=name, markevery=(n * every // max(len(look), 1), every), **k.drawn(3.6, 1.3)
        )
    axes.set_ylabel(axis_unit(outcome, scale, monthly=True))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_locator(_months(int(figures["month"].max())))
    axes.margins(x=0.02, y=0.06)
    _room(axes, figures["mean"] * scale.factor)


def _head(axes: Axes, outcome: str, *, above: float, note: str | None, notes: bool) -> None:
    """The title, `above` points over the panel; if `notes`, with a line below it that says whether the panel shows
    the outcome itself or, to the scenario `note`, a difference, in which case zero has a line."""
    axes.set_title(outcome_title(outcome), pad=above + (14 if notes else 3))
    if not notes:
        return
    words = text("plots.over_time.level") if note is None else text("plots.over_time.difference", against=note)
    axes.annotate(
        words, (0.0, 1.0), (0, above + 2), xycoords="axes fraction", textcoords="offset points",
        ha="left", va="bottom", fontsize=8, color=SOFT,
    )  # fmt: skip
    if note is not None:
        axes.axhline(0.0, color=INK, linewidth=0.5, zorder=1)


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _room(axes: Axes, values: pd.Series) -> None:
    """No invented range below zero, nor around a figure that never moves."""
    low, high = float(values.min()), float(values.max())
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        axes.set_ylim(low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2)
    if low >= 0 > axes.get_ylim()[0]:
        axes.set_ylim(bottom=-0.03 * axes.get_ylim()[1])


def _months(last: int) -> MultipleLocator:
    """Ticks at whole quarters or years, at most seven."""
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120, 240) if last <= 6 * n), 600)
    return MultipleLocator(step)


def _mark(axes: Axes, marks: Sequence[Mark]) -> None:
    for n, mark in enumerate(marks):
        axes.axvline(mark.month, color=SOFT, linewidth=0.6, linestyle=(0, (1, 2)), zorder=0.5)
        axes.annotate(
            _letter(n), (mark.month, 1.0), (0, 1), xycoords=("data", "axes fraction"), textcoords="offset points",
            ha="center", va="bottom", fontsize=7, color=SOFT,
        )  # fmt: skip


def _letter(n: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[n] if n < 26 else str(n + 1)


def _spelled(marks: Sequence[Mark]) -> str:
    if not marks:
        return ""
    each = (
        text("plots.over_time.mark", letter=_letter(n), names=", ".join(m.names), month=m.month)
        for n, m in enumerate(marks)
    )
    return text("plots.over_time.marks", marks="; ".join(each))
