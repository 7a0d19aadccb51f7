"""Results as tables for people and as data for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import reason
from sim.experiments.policy import COST_PER_TONNE, LEAKAGE_RATE
from sim.experiments.results import PAIRED, Results
from sim.outcomes.base import ROLE_NAMES
from sim.outcomes.groups import DIVIDED
from sim.terminal import until
from sim.terminal.figures import Figure, decimals, scale, written
from sim.terminal.frames import plain, rows_of
from sim.terminal.grid import Column, grid, width, wrapped
from sim.terminal.notes import SIGNIFICANT, notes, pairing
from sim.terminal.relations import relations

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "emissions": ("emissions",),
    "free_rider_share": ("free-rider", "share"),
    "shipped_defect_rate": ("shipped", "defect rate"),
    "profit": ("profit",),
    "public_cost": ("net public", "cost"),
    COST_PER_TONNE: ("cost per tonne", "abated"),
    "additionality": ("additionality",),
    "windfall_share": ("windfall", "share"),
    LEAKAGE_RATE: ("leakage", "rate"),
}
"""Outcomes that a comparison shows where they are recorded, with the lines of their headings."""

INCIDENCE = {"profit": ("profit",), "public_money": ("public money", "received"), "emissions": ("emissions",)}
"""Figures by groups of firms that a comparison shows where they are asked for."""


def data(results: Results) -> dict[str, Any]:
    """Results as plain data, in full precision; None where there is no figure. What failed is named if anything did."""
    scenarios = []
    for scenario in results.scenarios:
        found = {
            r["outcome"]: {key: plain(r[key]) for key in ("mean", "low", "high")} | {"unit": r["unit"]}
            for r in rows_of(results.summary)
            if r["scenario"] == scenario.name
        }
        scenarios.append({"name": scenario.name, "fingerprint": scenario.fingerprint, "outcomes": found})
    texts = ("scenario", "against", "outcome", "unit")
    paired = [{k: r[k] if k in texts else plain(r[k]) for k in PAIRED} for r in rows_of(results.paired)]
    failed = failures(results)
    figures = [r | {n: plain(r[n]) for n in ("value", "low", "high")} for r in rows_of(results.policy)]
    return {
        "seed": results.seed,
        "replications": results.replications,
        "months": results.months,
        "database": results.database,
        "scenarios": scenarios,
        "paired": paired,
        **({"policy": figures} if figures else {}),
        **({"until": until.data(results.stopped)} if results.stopped is not None else {}),
        **({"failures": failed} if failed else {}),
    }


def failures(results: Results) -> list[dict[str, Any]]:
    """Runs that failed, and of what."""
    return [
        {"scenario": name, "replication": replication, "error": reason(text)}
        for name, failed in results.failures_of.items()
        for replication, text in failed.items()
    ]


def comparison(results: Results) -> str:
    """The means of each scenario, and below them the differences to the reference in the same units."""
    many = results.replications > 1
    note = "mean ± half of the 95 % interval" if many else "no intervals"
    means = _columns(results, results.summary, "mean", [s.name for s in results.scenarios], signed=False)
    parts = [*wrapped(f"{_about(results)}; {note}"), means, *_notes(results)]
    others = [s.name for s in results.scenarios if s.name != results.against]
    if others:
        shown = _shown(results)
        differences = _columns(results, shown, "difference", others, signed=True)
        parts += ["", *wrapped(f"difference to {results.against}, paired by replication"), differences]
        parts += [line for note in pairing(shown) for line in wrapped(note)]
        parts += relations(results)
        parts += [line for name in others for line in _incidence(results, name)]
    return "\n".join([*parts, ""])


def _shown(results: Results) -> pd.DataFrame:
    """Paired differences of the outcomes that a comparison shows: the family of Holm's correction."""
    recorded = set(results.paired["outcome"])
    return results.paired_against(results.against, [outcome for outcome in COLUMNS if outcome in recorded])


def _incidence(results: Results, scenario: str) -> list[str]:
    """Who gains and who is paid, group by group; nothing unless groups are asked for."""
    paired = [r for r in rows_of(results.paired) if r["scenario"] == scenario]
    at = {(figure, group): r for r in paired for figure, _, group in [r["outcome"].partition(":")]}
    if not any(figure.startswith("public_money_by_") for figure, _ in at):
        return []
    divisions = [(by, group) for figure, group in at for what, _, by in [figure.partition("_by_")] if what in INCIDENCE]
    divisions = [d for d in dict.fromkeys(divisions) if d[0] in DIVIDED]
    # Carriers and manufacturers are one tier each: the rows of their roles say it already.
    divisions = [d for d in divisions if not (d[0] == "tier" and d[1] in ROLE_NAMES.values())]
    divisions.sort(key=lambda d: list(DIVIDED).index(d[0]))
    columns = []
    for figure, heading in INCIDENCE.items():
        found = [at.get((f"{figure}_by_{division}", group)) for division, group in divisions]
        there = [r for r in found if r is not None]
        if not there:
            continue
        factor, unit = scale(there[0]["unit"], max(abs(r["difference"]) for r in there))
        figures = [None if r is None else _difference(r, factor) for r in found]
        digits = decimals([f for f in figures if f is not None])
        cells = tuple("-" if f is None else written(f, digits, signed=True) for f in figures)
        columns.append(Column((*heading, unit), cells))
    names = tuple(f"{division}: {group}" for division, group in divisions)
    title = f"{scenario}: who gains and who is paid, difference to {results.against}"
    return ["", *wrapped(title), grid(Column(("firms",), names, right=False), columns, width())]


def _difference(row: dict[str, Any], factor: float) -> Figure:
    return Figure(row["difference"] * factor, (row["high"] - row["difference"]) * factor)


def single(results: Results) -> str:
    """Every outcome of a single scenario."""
    names, figures, units = [], [], []
    for row in rows_of(results.summary):
        factor, unit = scale(row["unit"], abs(row["mean"]))
        figure = Figure(row["mean"] * factor, (row["high"] - row["mean"]) * factor)
        names.append(row["outcome"])
        figures.append(written(figure, decimals([figure])))
        units.append(unit)
    note = "mean ± half of the 95 % interval" if results.replications > 1 else "no intervals"
    columns = [Column(("mean",), tuple(figures)), Column(("unit",), tuple(units), right=False)]
    table = grid(Column(("outcome",), tuple(names), right=False), columns, width())
    title = f"{results.scenarios[0].name}: {_about(results)}; over the run, {note}"
    return "\n".join([*wrapped(title), table, *_notes(results), ""])


def _about(results: Results) -> str:
    many = "s" if results.replications > 1 else ""
    return f"{results.replications} replication{many}, {results.months} months, seed {results.seed}"


def _notes(results: Results) -> list[str]:
    return [line for note in (*until.told(results), *notes(results)) for line in wrapped(note)]


def _columns(results: Results, frame: pd.DataFrame, value: str, names: Sequence[str], *, signed: bool) -> str:
    """A row for each scenario, a column for each outcome, in the unit that suits the outcome's means."""
    columns = []
    at = {(r["outcome"], r["scenario"]): r for r in rows_of(frame)}
    for outcome, heading in COLUMNS.items():
        rows = [at[outcome, name] for name in names if (outcome, name) in at]
        if not rows:
            continue
        means = results.summary[results.summary["outcome"] == outcome]["mean"].abs()
        factor, unit = scale(rows[0]["unit"], means.max() if means.notna().any() else 0.0)
        unit = "% points" if signed and unit == "%" else unit
        found = {r["scenario"]: Figure(r[value] * factor, (r["high"] - r[value]) * factor) for r in rows}
        digits = decimals(list(found.values()))
        cells = [written(found[n], digits, signed=signed) if n in found else "-" for n in names]
        clear = {r["scenario"] for r in rows if signed and r["p_holm"] < SIGNIFICANT}
        if clear:
            cells = [f"{cell} {'*' if name in clear else ' '}" for cell, name in zip(cells, names, strict=True)]
        columns.append(Column((*heading, unit), tuple(cells)))
    return grid(Column(("scenario",), tuple(names), right=False), columns, width())
