"""Answers of experiments as tables for people and as data for machines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import reason
from sim.experiments.answer import Answer
from sim.experiments.kinds.ablation import AblationAnswer
from sim.experiments.kinds.sensitivity import SensitivityAnswer
from sim.experiments.kinds.sweep import SweepAnswer
from sim.experiments.search.answer import SearchAnswer
from sim.experiments.space import written as shown
from sim.terminal import searching
from sim.terminal.figures import Figure, decimals, scale, written
from sim.terminal.frames import data_of, rows_of
from sim.terminal.grid import Column, grid, width, wrapped

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 40
"""Rows of a table that a terminal shows; all of them are in the data."""
MOST_TOGETHER = 3
"""Mechanisms of which a terminal shows all effects; of more it shows those of one and of two."""
SMALL = 1e-3
"""Share of a variance that is none."""


def data(answer: Answer) -> dict[str, Any]:
    """An answer as plain data, in full precision; None where there is no figure."""
    definition = answer.definition
    frames = {name: data_of(frame) for name, frame in _frames(answer).items()}
    failed = data_of(answer.failures.assign(traceback=answer.failures["traceback"].map(reason)))
    return {
        "kind": definition.kind,
        "scenario": answer.found.base.name,
        "seed": definition.seed,
        "replications": definition.replications,
        "months": answer.found.base.months,
        "points": len(answer.found.points),
        "runs": {"finished": answer.finished, "asked": answer.total},
        "database": answer.database,
        "experiment": answer.found.experiment,
        **({"verdict": answer.verdict} if isinstance(answer, SearchAnswer) else {}),
        **frames,
        **({"failures": failed} if failed else {}),
    }


def text(answer: Answer) -> str:
    """An answer as tables, with what has to be known about it above and below."""
    definition = answer.definition
    many = "s" if definition.replications > 1 else ""
    about = (
        f"{definition.kind} of {answer.found.base.name}: {len(answer.found.points)} points, "
        f"{definition.replications} replication{many}, {answer.found.base.months} months, seed {definition.seed}"
    )
    lines = wrapped(definition.title) if definition.title else []
    lines += wrapped(about)
    if not answer.outcomes:
        none = f"not recorded in this scenario: {', '.join(answer.absent)}" if answer.finished else "no run is finished"
        return "\n".join([*lines, *wrapped(none), ""])
    lines += _tables(answer)
    missing = answer.total - answer.finished
    if missing:
        lines += ["", *wrapped(f"{missing} of {answer.total} runs are missing; figures are of those that are there")]
    if answer.absent:
        lines += wrapped(f"not recorded in this scenario: {', '.join(answer.absent)}")
    return "\n".join([*lines, ""])


def _frames(answer: Answer) -> dict[str, pd.DataFrame]:
    """The frames that are the answer, by name."""
    if isinstance(answer, SensitivityAnswer):
        return {"indices": answer.indices}
    if isinstance(answer, AblationAnswer):
        return {"effects": answer.effects, "attribution": answer.attribution}
    if isinstance(answer, SweepAnswer):
        return {"by_lever": answer.by_lever}
    if isinstance(answer, SearchAnswer):
        return {"best": answer.best, "confirmed": answer.confirmed, "base": answer.base, "trials": answer.trials}
    return {"summary": answer.summary}


def _tables(answer: Answer) -> Iterable[str]:
    if isinstance(answer, SensitivityAnswer):
        return _sensitivity(answer)
    if isinstance(answer, AblationAnswer):
        return _ablation(answer)
    if isinstance(answer, SweepAnswer):
        return _sweep(answer)
    if isinstance(answer, SearchAnswer):
        return searching.tables(answer)
    return ()


# --- sensitivity --------------------------------------------------------------------------------------


def _sensitivity(answer: SensitivityAnswer) -> list[str]:
    """A table for each outcome: parameters by what they matter."""
    sobol = answer.definition.method == "sobol"
    note = (
        "S1: share of the variance that a parameter makes by itself; ST: with all its interactions"
        if sobol
        else "change of the outcome over a parameter's whole range; mu_star: mean size, mu: mean, sigma: its spread"
    )
    lines = wrapped(f"{note}; ± half of the 95 % interval")
    for outcome in answer.outcomes:
        frame = answer.indices[answer.indices["outcome"] == outcome]
        if frame.empty:
            continue
        largest = float(frame["value"].abs().max())
        factor, unit = (1.0, "") if sobol else scale(answer.unit(outcome), largest, change=True)
        rows = {(r["parameter"], r["index"]): r for r in rows_of(frame)}
        order = ("ST", "S1") if sobol else ("mu_star", "mu", "sigma")
        names = list(dict.fromkeys(p for p, index in rows if index == order[0]))
        names.sort(key=lambda p: -rows[p, order[0]]["value"])
        columns = [
            _column((index, unit) if unit else (index,), [rows[p, index] for p in names], factor) for index in order
        ]
        lines += ["", grid(Column((outcome,), tuple(names), right=False), columns, width())]
        lines += _pairs(rows)
    for outcome in answer.constant:
        lines += ["", *wrapped(f"{outcome} does not vary over these points")]
    for count in sorted(set(answer.left_out.values())):
        those = ", ".join(outcome for outcome, left_out in answer.left_out.items() if left_out == count)
        groups = answer.definition.design.groups
        lines += ["", *wrapped(f"{count} of {groups} groups of points are left out of {those}: figures are missing")]
    return lines


def _pairs(rows: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    """Indices of second order, those that are clearly above 0, the largest first."""
    clear = [r for (_, index), r in rows.items() if index == "S2" and r["low"] > SMALL]
    if not clear:
        return []
    clear.sort(key=lambda r: -r["value"])
    names = Column(("pair",), tuple(r["parameter"] for r in clear[:MOST_ROWS]), right=False)
    return ["", grid(names, [_column(("S2",), clear[:MOST_ROWS], 1.0)], width())]


# --- ablation -----------------------------------------------------------------------------------------


def _ablation(answer: AblationAnswer) -> list[str]:
    """Each mechanism's part of the whole, and what mechanisms add while the others are off and on average."""
    effects, attribution = answer.effects, answer.attribution
    lines = wrapped("paired by replication; ± half of the 95 % interval")
    names = list(dict.fromkeys(attribution["mechanism"]))
    title = "all on less all off, and what each mechanism contributes (Shapley values)"
    lines += ["", *wrapped(title), *_by_outcome(answer, attribution, "mechanism", names, change=True)]
    titles = {
        "off": "what mechanisms change while all others are off (a x b: what they do only together)",
        "average": "the same on average over all settings of the others",
    }
    order = int(effects["order"].max()) if len(answer.definition.places) <= MOST_TOGETHER else 2
    for others, title in titles.items():
        frame = effects[(effects["others"] == others) & (effects["order"] <= order)]
        names = list(dict.fromkeys(frame["mechanisms"]))
        lines += ["", *wrapped(title), *_by_outcome(answer, frame, "mechanisms", names, change=True)]
    more = effects["mechanisms"].nunique() - len(names)
    if more:
        left = f"effects of {order + 1} and more mechanisms together ({more} sets of them) are in --json"
        lines += ["", *wrapped(left)]
    return lines


# --- sweep --------------------------------------------------------------------------------------------


def _sweep(answer: SweepAnswer) -> list[str]:
    """Each point of the levers: mean, and where it lies over what is uncertain."""
    uncertain = len(answer.found.points) // len(answer.levers)
    levers = answer.definition.levers.axes
    names = ["; ".join(f"{p}={shown(at[p])}" for p in levers) or "all" for at in answer.levers]
    if len(set(names)) < len(names):
        names = ["; ".join(f"{p}={at[p]}" for p in levers) for at in answer.levers]
    if uncertain == 1:
        frame = answer.summary.rename(columns={"mean": "value", "point": "lever"})
        note = "mean ± half of the 95 % interval over replications"
    else:
        frame = answer.by_lever.rename(columns={"mean": "value"})
        note = f"mean over {uncertain} points of what is uncertain, and from the 5 % to the 95 % quantile"
    frame = frame.assign(name=[names[int(n)] for n in frame["lever"]])
    rows, more = names, ""
    if len(names) > MOST_ROWS:
        rows = _best(answer, names)
        more = f"{len(rows)} of {len(names)} points of the levers; all are in --json"
    lines = [*wrapped(note), *_by_outcome(answer, frame, "name", rows, between=uncertain > 1)]
    objective = answer.definition.objective
    if objective in answer.outcomes and uncertain > 1 and len(names) > 1:
        lines += ["", *wrapped(_least_regret(answer, objective, names))]
    return [*lines, *(["", *wrapped(more)] if more else [])]


def _least_regret(answer: SweepAnswer, objective: str, names: Sequence[str]) -> str:
    """The point of the levers with the least regret, of those whose runs are all there."""
    judged = rows_of(answer.by_lever[answer.by_lever["outcome"] == objective].dropna(subset="regret"))
    if not judged:
        return f"least regret in {objective}: no point of the levers has all of its runs"
    best = min(judged, key=lambda row: row["regret"])
    factor, unit = scale(best["unit"], abs(best["mean"]))
    figure = written(Figure(best["regret"] * factor, float("nan")), 3)
    return f"least regret in {objective}: {names[best['lever']]} ({figure} {unit} on average)"


def _best(answer: SweepAnswer, names: Sequence[str]) -> list[str]:
    """The points of the levers that a terminal shows: the best in the objective, or the first."""
    frame = answer.by_lever[answer.by_lever["outcome"] == answer.definition.objective]
    if frame.empty:
        return list(names[:MOST_ROWS])
    return [names[int(n)] for n in frame.sort_values("regret", kind="stable")["lever"][:MOST_ROWS]]


# --- columns ------------------------------------------------------------------------------------------


def _by_outcome(
    answer: Answer,
    frame: pd.DataFrame,
    key: str,
    names: Sequence[str],
    *,
    between: bool = False,
    change: bool = False,
) -> list[str]:
    """A row for each name, a column for each outcome. between: show the interval from low to high, which does not lie
    evenly around the value. change: what is shown are differences."""
    shown_names = list(names)[:MOST_ROWS]
    at = {(r["outcome"], r[key]): r for r in rows_of(frame)}
    columns = []
    for outcome in answer.outcomes:
        rows = [at[outcome, name] for name in shown_names]
        sizes = [abs(r["value"]) for r in rows if math.isfinite(r["value"])]
        factor, unit = scale(answer.unit(outcome), max(sizes, default=0.0), change=change)
        heading = (*outcome.replace("_", " ").rsplit(" ", 1), unit)
        columns.append(_column(heading, rows, factor, between=between))
    more = [f"and {len(names) - MOST_ROWS} more in --json"] if len(names) > MOST_ROWS else []
    return [grid(Column(("",), tuple(shown_names), right=False), columns, width()), *more]


def _column(
    heading: tuple[str, ...], rows: Sequence[dict[str, Any]], factor: float, *, between: bool = False
) -> Column:
    found = [Figure(r["value"] * factor, (r["high"] - r["low"]) / 2 * factor) for r in rows]
    digits = decimals(found)
    if not between:
        return Column(heading, tuple(written(f, digits) for f in found))
    none = float("nan")
    cells = []
    for row in rows:
        value, low, high = (written(Figure(row[k] * factor, none), digits) for k in ("value", "low", "high"))
        cells.append(f"{value} ({low} to {high})")
    return Column(heading, tuple(cells))
