"""The picture of an experiment's answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sim.errors import UsageError, unknown
from sim.experiments.answer import Answer
from sim.experiments.axes import Range
from sim.experiments.kinds.ablation import AblationAnswer
from sim.experiments.kinds.sensitivity import SensitivityAnswer
from sim.experiments.kinds.sweep import SweepAnswer
from sim.experiments.search.answer import SearchAnswer
from sim.experiments.space import written
from sim.plots.ablation import ablation_effects
from sim.plots.drawing import METADATA, save
from sim.plots.search import search_trials
from sim.plots.sensitivity import sensitivity_indices
from sim.plots.sweep import lines, sweep_outcomes
from sim.text import text


def draw_answer(answer: Answer, folder: Path, format: str = "png") -> list[Path]:
    """Draw what there is to draw of an answer into a folder that exists, and return the files. Raises UsageError for
    an unknown format."""
    if format not in METADATA:
        raise UsageError(unknown("format", format, METADATA))
    return [save(figure, folder / f"{name}.{format}") for name, figure in answer_figures(answer)]


def answer_figures(answer: Answer) -> Iterator[tuple[str, Figure]]:
    """The figures of an answer, each with its name; none where no run is finished or nothing varies."""
    base = answer.found.base
    about = {"scenario": base.name, "run": _run(answer), "currency": base.currency}
    if isinstance(answer, SensitivityAnswer) and not answer.indices.empty:
        yield "sensitivity", sensitivity_indices(answer.indices, **about)
    elif isinstance(answer, AblationAnswer) and answer.outcomes:
        yield "ablation", ablation_effects(answer.effects, answer.attribution, **about)
    elif isinstance(answer, SearchAnswer) and answer.nearest:
        yield "search", search_trials(answer, **about)
    elif isinstance(answer, SweepAnswer) and answer.outcomes and (across := lever_across(answer)) is not None:
        axis = answer.definition.levers.axes[across]
        uncertain = len(answer.found.points) // len(answer.levers)
        band = text("plots.sweep.uncertain", points=uncertain) if uncertain > 1 else text("plots.sweep.certain")
        figure = sweep_outcomes(
            along(answer, across), across=across, band=band,
            logarithmic=isinstance(axis, Range) and axis.log, **about,
        )  # fmt: skip
        yield "sweep", figure


def lever_across(answer: SweepAnswer) -> str | None:
    """The lever that the horizontal axis is for: of those whose values are numbers the one with the most."""
    values = {path: {written(at[path]) for at in answer.levers} for path in answer.definition.levers.axes}
    numbers = [p for p in values if all(_is_number(at[p]) for at in answer.levers) and len(values[p]) > 1]
    return max(numbers, key=lambda path: len(values[path]), default=None)


def along(answer: SweepAnswer, across: str) -> pd.DataFrame:
    """The figures along a lever: x, line, outcome, value, low, high."""
    uncertain = len(answer.found.points) > len(answer.levers)
    frame = answer.by_lever if uncertain else answer.summary.rename(columns={"point": "lever"})
    number = frame["lever"].to_numpy(dtype=int)
    line = lines(answer.levers, across, written)
    frame = frame.rename(columns={"mean": "value"})
    found = frame[["outcome", "value", "low", "high"]].assign(
        x=[float(answer.levers[n][across]) for n in number], line=[line[n] for n in number]
    )
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _run(answer: Answer) -> str:
    replications = answer.definition.replications
    return text(
        "plots.answer.many" if replications > 1 else "plots.answer.one",
        replications=replications,
        points=len(answer.found.points),
        seed=answer.definition.seed,
        months=answer.found.base.months,
    )
