"""Results as tables for people and as data for machines."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.experiments.results import COST_PER_TONNE, Results

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

COLUMNS = {
    "emissions": "emissions",
    "free_rider_share": "free-rider share",
    "shipped_defect_rate": "shipped defect rate",
    "profit": "profit",
    "public_cost": "public cost",
    COST_PER_TONNE: "cost per tonne abated",
}
"""Outcomes that a comparison shows, with their headings."""

PIPE_WIDTH = 120
"""Width of a table that does not go to a terminal."""


@dataclass(frozen=True)
class Figure:
    """A figure with half the width of its interval, in the unit it is shown in; NaN where there is none."""

    value: float
    half: float


def data(results: Results) -> dict[str, Any]:
    """Results as plain data, in full precision; None where there is no figure."""
    scenarios = []
    for scenario in results.scenarios:
        found = {
            r["outcome"]: {key: _number(r[key]) for key in ("mean", "low", "high")} | {"unit": r["unit"]}
            for r in _rows(results.summary)
            if r["scenario"] == scenario.name
        }
        scenarios.append({"name": scenario.name, "fingerprint": scenario.fingerprint, "outcomes": found})
    texts, numbers = ("scenario", "against", "outcome"), ("difference", "low", "high")
    paired = [{t: r[t] for t in texts} | {n: _number(r[n]) for n in numbers} for r in _rows(results.paired)]
    return {
        "seed": results.seed,
        "replications": results.replications,
        "months": results.months,
        "database": results.database,
        "scenarios": scenarios,
        "paired": paired,
    }


def show_comparison(results: Results) -> None:
    """Print the means of each scenario, and below them the differences to the reference."""
    many = results.replications > 1
    note = "mean ± half of the 95 % interval" if many else "one replication, no intervals"
    about = f"{results.replications} replications, {results.months} months, seed {results.seed}"
    table = _table(f"{about}; {note}")
    _fill(table, results.summary, "mean", list(COLUMNS), [s.name for s in results.scenarios], signed=False)
    _print(table)
    others = [s.name for s in results.scenarios if s.name != results.against]
    if others:
        table = _table(f"difference to {results.against}, paired by replication")
        _fill(table, results.paired, "difference", [c for c in COLUMNS if c != COST_PER_TONNE], others, signed=True)
        _print(table)


def show_run(results: Results) -> None:
    """Print every outcome of a single scenario."""
    about = f"{results.replications} replications, {results.months} months, seed {results.seed}"
    table = _table(f"{results.scenarios[0].name}: {about}; over the run, mean ± half of the 95 % interval")
    table.add_column("outcome")
    table.add_column("mean", justify="right")
    table.add_column("unit")
    for row in _rows(results.summary):
        factor, unit = scale(row["unit"], abs(row["mean"]))
        figure = Figure(row["mean"] * factor, (row["high"] - row["mean"]) * factor)
        table.add_row(row["outcome"], written(figure, decimals([figure])), unit)
    _print(table)


def scale(unit: str, largest: float) -> tuple[float, str]:
    """Factor and name of the unit in which values up to `largest` are read most easily."""
    money = re.fullmatch(r"k([A-Z]{3})(/t)?", unit)
    if unit == "share":
        return 100.0, "%"
    if money and money[2]:
        return 1e3, f"{money[1]}/t"
    if money:
        return (1e-3, f"million {money[1]}") if largest >= 1e3 else (1.0, f"thousand {money[1]}")
    if unit == "t CO2e":
        return (1e-3, "kt CO2e") if largest >= 1e3 else (1.0, unit)
    return 1.0, unit


def decimals(figures: Sequence[Figure]) -> int:
    """Decimals that show the first digit of the narrowest interval, or four digits where there is none."""
    halves = [f.half for f in figures if f.half > 0]
    if halves:
        return min(max(-math.floor(math.log10(min(halves))), 0), 3)
    sizes = [abs(f.value) for f in figures if abs(f.value) > 0]
    return min(max(3 - math.floor(math.log10(max(sizes))), 0), 3) if sizes else 0


def written(figure: Figure, digits: int, *, signed: bool = False) -> str:
    """A figure with its interval as a cell of a table."""
    if math.isnan(figure.value):
        return "-"
    value = round(figure.value, digits) + 0.0
    text = f"{value:{'+' if signed and value else ''},.{digits}f}"
    return text if math.isnan(figure.half) else f"{text} ± {figure.half:,.{digits}f}"


def _fill(
    table: Table, frame: pd.DataFrame, value: str, outcomes: Sequence[str], names: Sequence[str], *, signed: bool
) -> None:
    """A row for each scenario, a column for each outcome."""
    table.add_column("scenario", no_wrap=True)
    cells = []
    at = {(r["outcome"], r["scenario"]): r for r in _rows(frame)}
    for outcome in outcomes:
        rows = [at[outcome, name] for name in names if (outcome, name) in at]
        if not rows:
            continue
        sizes = [abs(r[value]) for r in rows if not math.isnan(r[value])]
        factor, unit = scale(rows[0]["unit"], max(sizes, default=0.0))
        unit = "% points" if signed and unit == "%" else unit
        found = {r["scenario"]: Figure(r[value] * factor, (r["high"] - r[value]) * factor) for r in rows}
        digits = decimals(list(found.values()))
        table.add_column(f"{COLUMNS[outcome]}\n{unit}", justify="right")
        cells.append([written(found[n], digits, signed=signed) if n in found else "-" for n in names])
    for name, *row in zip(names, *cells, strict=True):
        table.add_row(name, *row)


def _table(title: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)


def _print(table: Table) -> None:
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)
    console.print(table)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _number(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
