"""The trials of a search: what the objective costs in terms of each constraint, or objectives against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.experiments.search.answer import SearchAnswer
from sim.experiments.search.goals import Constraint, Objective
from sim.experiments.search.trials import BASE, Judged, Trial, front
from sim.plots.look import COLOURS, INK, SOFT, styled
from sim.plots.sheet import Sheet
from sim.plots.units import Shown, outcome_title, shown, unit_of
from sim.text import text

MOST = 3
"""Panels in a picture."""

MARKS: dict[str, dict[str, Any]] = {
    "missed": {"marker": "o", "markersize": 4.0, "color": SOFT, "markerfacecolor": "none", "markeredgewidth": 0.8},
    "met": {"marker": "o", "markersize": 4.5, "color": COLOURS[1], "markeredgecolor": "white", "markeredgewidth": 0.4},
    "best": {"marker": "D", "markersize": 6.5, "color": COLOURS[2], "markeredgecolor": "white", "markeredgewidth": 0.5},
    "fresh": {"marker": "D", "markersize": 6.5, "color": COLOURS[2], "markerfacecolor": "none", "markeredgewidth": 1.2},
    "base": {"marker": "X", "markersize": 7.5, "color": INK, "markeredgecolor": "white", "markeredgewidth": 0.5},
}
"""How trials are drawn, those drawn last above the others."""

Goal = Objective | Constraint


@dataclass(frozen=True)
class Seen:
    """Trials that are drawn alike."""

    what: str
    judged: list[Judged]


@styled
def search_trials(answer: SearchAnswer, *, scenario: str, run: str, currency: str) -> Figure:
    """Every trial. With one objective, a panel for each constraint: its bound across, its limit a line; with several,
    the first objective across and a panel for each of the others."""
    goals = answer.goals
    several = len(goals.objectives) > 1
    across: Sequence[Goal] = goals.objectives[:1] * (len(goals.objectives) - 1) if several else goals.constraints
    pairs = [(x, goals.objectives[n + 1] if several else goals.objectives[0]) for n, x in enumerate(across)][:MOST]
    note = f"; {text('plots.search.front' if several else 'plots.search.limit')}" if pairs else ""
    sheet = Sheet(8.0, 3.1, text("plots.search.title", scenario=scenario), f"{run}{note}")
    panels = sheet.figure.subplots(1, max(len(pairs), 1), squeeze=False).ravel()
    seen = _seen(answer)
    if not pairs:
        _in_order(panels[0], answer, currency)
    for axes, (x, y) in zip(panels, pairs, strict=False):
        _panel(axes, answer, seen, x, y, currency)
    drawn = [s.what for s in seen if any(j.objectives for j in s.judged)]
    handles: list[Artist] = [Line2D([], [], linestyle="none", **MARKS[what]) for what in drawn]
    if pairs:
        sheet.legend(handles, [text(f"plots.search.{what}") for what in drawn], handle=1.2)
    return sheet.figure


def _seen(answer: SearchAnswer) -> list[Seen]:
    """All trials, by how they are drawn."""
    best = front(answer.goals, answer.judged)
    others = [j for n, j in enumerate(answer.judged) if n not in best]
    base = answer.goals.judged(
        [Trial(BASE, {}, answer.goals.base)], [Trial(BASE, {}, answer.goals.base), *answer.tried]
    )
    numbers = {answer.tried[n].number for n in best}
    return [
        Seen("missed", [j for j in others if not j.feasible]),
        Seen("met", [j for j in others if j.feasible]),
        Seen("best", [answer.judged[n] for n in best]),
        Seen("fresh", [j for number, j in answer.confirmed_trials.items() if number in numbers]),
        Seen("base", base),
    ]


def _panel(axes: Axes, answer: SearchAnswer, seen: Sequence[Seen], x: Goal, y: Objective, currency: str) -> None:
    whole = [j for part in seen for j in part.judged if j.objectives]
    scale_x, scale_y = (_scale(goal, [_value(answer, j, goal) for j in whole], currency) for goal in (x, y))
    for part in seen:
        there = [j for j in part.judged if j.objectives]
        at = [[_value(answer, j, goal) * scale.factor for j in there] for goal, scale in ((x, scale_x), (y, scale_y))]
        axes.plot(at[0], at[1], linestyle="none", **MARKS[part.what])
    if isinstance(x, Constraint):
        axes.axvline(x.limit * scale_x.factor, color=INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    axes.set_xlabel(_words(x, scale_x))
    axes.set_ylabel(_words(y, scale_y))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.margins(0.06)


def _in_order(axes: Axes, answer: SearchAnswer, currency: str) -> None:
    """One objective without constraints: each trial, and the best so far."""
    objective = answer.goals.objectives[0]
    values = np.array([j.objectives[0].value if j.objectives else np.nan for j in answer.judged])
    scale = _scale(objective, [v for v in values if np.isfinite(v)], currency)
    so_far = np.fmin.accumulate(values) if objective.lower else np.fmax.accumulate(values)
    axes.plot(values * scale.factor, linestyle="none", **MARKS["met"])
    axes.plot(so_far * scale.factor, color=COLOURS[2], linewidth=1.2, drawstyle="steps-post")
    axes.set_xlabel(text("plots.search.trial"))
    axes.set_ylabel(_words(objective, scale))


def _value(answer: SearchAnswer, judged: Judged, goal: Goal) -> float:
    """The figure of an objective, or the bound of a constraint."""
    if isinstance(goal, Objective):
        return judged.objectives[answer.goals.objectives.index(goal)].value
    return judged.checks[answer.goals.constraints.index(goal)].bound


def _scale(goal: Goal, values: Sequence[float], currency: str) -> Shown:
    relative = isinstance(goal, Constraint) and goal.relative
    found = shown("share" if relative else unit_of(goal.outcome, currency), max(map(abs, values), default=0.0))
    absolute = isinstance(goal, Constraint) and goal.kind.startswith("change") and not relative
    return replace(found, unit="% points") if absolute and found.unit == text("plots.unit.percent") else found


def _words(goal: Goal, scale: Shown) -> str:
    """An outcome, how it is taken, and its unit."""
    if isinstance(goal, Objective):
        name = goal.label.replace(goal.outcome, outcome_title(goal.outcome), 1)
    else:
        which = "change" if goal.kind.startswith("change") else "level"
        name = text(f"plots.search.{which}", outcome=outcome_title(goal.outcome))
    return f"{name}, {scale.unit}"
