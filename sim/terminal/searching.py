"""What came of a search as a table: the base, and the best candidates as they were found and with fresh numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sim.experiments.search.answer import SearchAnswer
from sim.experiments.search.trials import BASE, Judged, Trial, front
from sim.experiments.space import written as shown
from sim.terminal.figures import Figure, decimals, scale, written
from sim.terminal.grid import Column, grid, width, wrapped

MOST = 15
"""Candidates that a terminal shows; all of them are in the data."""

Row = tuple[str, Trial, Judged]


def tables(answer: SearchAnswer) -> list[str]:
    """The verdict, and a row for the base and for each of the best."""
    if not answer.tried:
        return wrapped(answer.verdict)
    rows = _rows(answer)
    names = Column(("",), tuple(name for name, _, _ in rows), right=False)
    columns = [_lever(path, rows) for path in answer.definition.levers.axes]
    columns += [_objective(answer, n, rows) for n in range(len(answer.goals.objectives))]
    columns += [_constraint(answer, n, rows) for n in range(len(answer.goals.constraints))]
    notes = ["± half of the 95 % interval over replications; a constraint shows the bound that must keep to its limit"]
    if answer.confirmed_trials:
        number = answer.definition.confirm
        notes.append(f"fresh: with {number} replications that the search did not choose by")
    return [*wrapped(answer.verdict), *wrapped("; ".join(notes)), "", grid(names, columns, width())]


def _rows(answer: SearchAnswer) -> list[Row]:
    """The base; then the finalists, or the best where none is confirmed, or the nearest where none is feasible."""
    base = Trial(BASE, {}, answer.goals.base)
    rows = [("base", base, answer.goals.judged([base], [base, *answer.tried])[0])]
    places = answer.chosen or tuple(front(answer.goals, answer.judged)) or answer.nearest
    again = dict(answer.confirmed_trials)
    for place in places[:MOST]:
        trial = answer.tried[place]
        rows.append((f"trial {trial.number}", trial, answer.judged[place]))
        if trial.number in again:
            rows.append(("  fresh", replace(trial, changes={}), again[trial.number]))
    return rows


def _lever(path: str, rows: Sequence[Row]) -> Column:
    return Column(
        _lines(path.replace(".", ". ").split(), ""),
        tuple(shown(t.changes[path]) if path in t.changes else "" for _, t, _ in rows),
    )


def _objective(answer: SearchAnswer, place: int, rows: Sequence[Row]) -> Column:
    objective = answer.goals.objectives[place]
    found = [j.objectives[place] if j.objectives else None for _, _, j in rows]
    factor, unit = scale(answer.unit(objective.outcome), max((abs(f.value) for f in found if f), default=0.0))
    figures = [Figure(f.value * factor, (f.high - f.low) / 2 * factor) for f in found if f]
    digits = decimals(figures)
    cells = iter([written(f, digits) for f in figures])
    return Column((*_heading(objective.label), unit), tuple(next(cells) if f else "-" for f in found))


def _constraint(answer: SearchAnswer, place: int, rows: Sequence[Row]) -> Column:
    constraint = answer.goals.constraints[place]
    found = [j.checks[place] if j.checks else None for _, _, j in rows]
    bounds = [abs(f.bound) for f in found if f]
    unit = "share" if constraint.relative else answer.unit(constraint.outcome)
    change = constraint.kind.startswith("change") and not constraint.relative
    factor, unit = scale(unit, max([abs(constraint.limit), *bounds]), change=change)
    digits = decimals([Figure(b * factor, 0.0) for b in (*bounds, abs(constraint.limit))])
    none = float("nan")
    cells = [
        f"{written(Figure(f.bound * factor, none), digits)} {'met' if f.met else 'missed'}" if f else "-" for f in found
    ]
    return Column((*_heading(constraint.called(factor)), unit), tuple(cells))


def _heading(label: str) -> tuple[str, ...]:
    """A label in lines that are no longer than a column of figures needs."""
    return _lines(label.replace("_", " ").split(), " ")


def _lines(words: Sequence[str], between: str) -> tuple[str, ...]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < 16:
            lines[-1] += f"{between}{word}"
        else:
            lines.append(word)
    return tuple(lines)
