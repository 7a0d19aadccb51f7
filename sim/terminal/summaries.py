"""Means of the cases of an experiment, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.terminal.figures import Figure, decimals, scale, written
from sim.terminal.grid import Column, grid, width, wrapped
from sim.terminal.tables import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.catalogue import Saved
    from sim.store.store import Store

MOST_ROWS = 30
"""Cases that are shown; all of them are in the data."""


def means(store: Store, experiment: int) -> pd.DataFrame:
    """Means of the main outcomes that the runs have, worked out by the database."""
    known = store.outcome_names()
    return store.summary(experiment, [name for name in COLUMNS if name in known])


def summarised(saved: Saved, definition: dict[str, Any] | None, frame: pd.DataFrame) -> str:
    """What an experiment asked for, and a row for each of its first cases."""
    many = "s" if saved.replications > 1 else ""
    lines = wrapped(
        f"{saved.name}: {saved.replications} replication{many}, {saved.months} months, seed {saved.seed}; "
        "mean ± half of the 95 % interval"
    )
    lines += [line for key, value in (definition or {}).items() if value for line in wrapped(f"{key}: {value}")]
    cases = sorted(frame["position"].unique())
    shown = cases[:MOST_ROWS]
    columns = []
    for outcome, heading in COLUMNS.items():
        rows = frame[(frame["outcome"] == outcome) & frame["position"].isin(shown)].set_index("position")
        if rows.empty:
            continue
        factor, unit = scale(str(rows["unit"].iloc[0]), float(rows["mean"].abs().max()))
        figures = {n: Figure(row["mean"] * factor, (row["high"] - row["mean"]) * factor) for n, row in rows.iterrows()}
        digits = decimals(list(figures.values()))
        cells = tuple(written(figures[n], digits) if n in figures else "-" for n in shown)
        columns.append(Column((*heading, unit), cells))
    lines += ["", grid(Column(("case",), tuple(str(n) for n in shown)), columns, width())]
    if len(cases) > len(shown):
        lines += wrapped(f"{len(cases) - len(shown):,} more cases; `sim results export {saved.id}` writes all")
    return "\n".join([*lines, ""])
