"""The table of relations: how suppliers stand with their customers, where a compared scenario assesses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.results import Results
from sim.fields import Array
from sim.rules.relations import INDICATORS
from sim.statistics.paired import Estimate, difference, mean
from sim.terminal.figures import Figure, decimals, written
from sim.terminal.grid import Column, grid, width, wrapped

if TYPE_CHECKING:
    import pandas as pd

REPLACED, SCORE = "suppliers_replaced", "relation_score"

ROWS = {
    REPLACED: "suppliers replaced",
    SCORE: "score, %",
    **{f"relation_indicator:{name}": f"{name}, %" for name in INDICATORS},
}
"""Outcomes that are shown where relations are assessed, with the names of their rows."""


def relations(results: Results) -> list[str]:
    """A row for each figure, with the level in each scenario and the differences to the reference; no line where
    nothing is assessed."""
    found = {s.name: _figures(results, s.name) for s in results.scenarios}
    assessed = {name: figures for name, figures in found.items() if figures}
    if not assessed:
        return []
    columns = [("mean", name, [mean(f[row]) for row in ROWS]) for name, f in assessed.items()]
    if reference := assessed.get(results.against):
        columns += [
            ("difference", name, [difference(f[row], reference[row]) for row in ROWS])
            for name, f in assessed.items()
            if name != results.against
        ]
    names = Column(("relations",), tuple(ROWS.values()), right=False)
    title = f"how suppliers stand with their customers; differences to {results.against} paired by replication"
    if not any(what == "difference" for what, _, _ in columns):
        title = title.partition(";")[0]
    return ["", *wrapped(title), grid(names, [_column(*column) for column in columns], width())]


def _column(what: str, scenario: str, found: Sequence[Estimate]) -> Column:
    """The cells of a scenario, shares in per cent, their differences in percentage points."""
    cells = []
    for row, estimate in zip(ROWS, found, strict=True):
        factor = 1.0 if row == REPLACED else 100.0
        value, high = float(estimate.value) * factor, float(estimate.high) * factor
        figure = Figure(value, high - value)
        cells.append(written(figure, min(decimals([figure]), 2), signed=what == "difference"))
    return Column((scenario, what), tuple(cells))


def _figures(results: Results, scenario: str) -> dict[str, Array]:
    """Figures of a scenario, (replication,) each, NaN where one failed; none where relations are not assessed, and no
    supplier replaced where they are assessed without any consequence."""
    runs = results.runs[results.runs["scenario"] == scenario]
    if SCORE not in set(runs["outcome"]):
        return {}
    found = {row: _of(runs, row, results.replications) for row in ROWS}
    if REPLACED not in set(runs["outcome"]):
        found[REPLACED] = found[SCORE] * 0.0
    return found


def _of(runs: pd.DataFrame, outcome: str, replications: int) -> Array:
    here = runs[runs["outcome"] == outcome]
    values = np.full(replications, np.nan)
    values[here["replication"].to_numpy(dtype=np.int64)] = here["value"].to_numpy(dtype=np.float64)
    return values
