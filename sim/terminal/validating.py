"""The command that holds the simulator against published results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.errors import RunError, UsageError
from sim.terminal.options import Json, Seed, whole

if TYPE_CHECKING:
    from sim.theory import Case, Check

Name = Annotated[str | None, typer.Argument(metavar="[CASE]", help="a published result; all of them if not given")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Try the case at a value of your own, e.g. firms=7 (TOML)."),
]
Quick = Annotated[bool, typer.Option("--quick", help="A coarser answer where the answer is sampled.")]
Plots = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Draw theory and simulation of each case there.")]
Processes = Annotated[
    int | None, typer.Option(parser=whole, metavar="NUMBER", help="Processes; one for each processor if not given.")
]


def validate(
    case: Name = None,
    changes: Parameters = None,
    quick: Quick = False,
    plots: Plots = None,
    seed: Seed = 1,
    processes: Processes = None,
    as_json: Json = False,
) -> None:
    """Hold the simulator against published results.

    Shows theory's number and the simulation's, side by side; status 1 if they differ by more than the tolerance.
    """
    from sim.terminal.ending import as_data, say
    from sim.terminal.progress import Bar
    from sim.theory.running import along_axis, at_hand, checked

    if processes is not None and processes < 1:
        raise UsageError(f"--processes: given {processes}, allowed is a whole number in [1, inf)")
    table = at_hand(case, _given(changes))
    drawn = [(each, along_axis(each)) for each in _each_once(table)] if plots is not None else []
    everything = [*table, *(at for _, points in drawn for _, at in points)]
    with Bar() as bar:
        rows = checked(everything, seed, "quick" if quick else "full", processes, bar)
    found = [row for part in rows[: len(table)] for row in part]
    typer.echo(as_data([row.row for row in found]) if as_json else shown(table, rows))
    if plots is not None:
        files = _draw(drawn, rows[len(table) :], plots)
        if not as_json:
            typer.echo(f"plots: {plots} ({', '.join(file.name for file in files)})")
    everywhere = [row for part in rows for row in part]
    missed = list(dict.fromkeys(row.case for row in everywhere if not row.passed))
    if missed:
        failed = sum(not row.passed for row in everywhere)
        say(f"{failed} of {len(everywhere)} results are not reproduced: {', '.join(missed)}")
        raise typer.Exit(1)


def shown(table: Sequence[Case], rows: Sequence[Sequence[Check]]) -> str:
    """Cases with their results as text: a heading for each, a line for each quantity."""
    lines: list[str] = []
    for _, group in groupby(zip(table, rows, strict=False), lambda pair: pair[0].name):
        parts = list(group)
        first = parts[0][0]
        lines += [f"{first.name}: {first.title}", f"  {first.source}"]
        for given, found in parts:
            lines += ["", *_parameters(given), *_results(found)]
        lines.append("")
    count = sum(len(found) for found in rows[: len(table)])
    passed = sum(row.passed for found in rows[: len(table)] for row in found)
    return "\n".join([*lines, f"{passed} of {count} results reproduced"])


def _parameters(given: Case) -> Iterator[str]:
    """The parameters of a case, in as many lines as they take."""
    import textwrap

    words = "; ".join(f"{name} {_value(value)}" for name, value in given.model_dump(mode="json").items())
    return iter(textwrap.wrap(words, 100, initial_indent="  ", subsequent_indent="    ", break_long_words=False))


def _results(found: Sequence[Check]) -> Iterator[str]:
    """A line for each quantity under a heading."""
    wide = max(24, *(len(row.quantity) for row in found))
    head = ("theory", "simulation", "standard error", "error", "tolerance")
    yield f"    {'':{wide}}  {head[0]:>12}  {head[1]:>12}  {head[2]:>14}  {head[3]:>9}  {head[4]:>9}"
    for row in found:
        chance = f"{row.standard_error:.2g}" if row.standard_error else "none"
        verdict = "pass" if row.passed else "FAIL"
        yield (
            f"    {row.quantity:{wide}}  {_number(row.theory):>12}  {_number(row.simulation):>12}  {chance:>14}"
            f"  {row.error:>9.1e}  {row.tolerance:>9.2g}  {verdict}"
        )


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    return f"{value:.6g}"


def _given(changes: Sequence[str] | None) -> Mapping[str, Any]:
    """The parameters of `--set`."""
    from sim.terminal.changes import change

    return dict(change(text) for text in changes or ())


def _each_once(table: Sequence[Case]) -> list[Case]:
    """The first of each case."""
    return list({each.name: each for each in reversed(table)}.values())[::-1]


def _draw(
    drawn: Sequence[tuple[Case, Sequence[tuple[Any, Case]]]], rows: Sequence[list[Check]], folder: Path
) -> list[Path]:
    """Draw each case into a folder; the files."""
    from sim.plots.drawing import save
    from sim.plots.theory_and_simulation import Part, theory_and_simulation
    from sim.theory.running import drawing

    left, files = iter(rows), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for given, points in drawn:
            if not points:
                raise RunError(
                    f"{given.name}: nothing to draw; the parameters allow no value of {given.axis.parameter}"
                )
            seen = drawing(given, [(value, next(left)) for value, _ in points])
            every = tuple(dict.fromkeys(seen.theory["quantity"]))
            figure = theory_and_simulation(
                seen.theory,
                seen.simulation,
                [Part(panel.label, panel.quantities or every) for panel in given.axis.panels],
                title=given.title,
                subtitle=given.source,
                across=given.axis_label,
                caption=given.explains,
            )
            files.append(save(figure, folder / f"{given.name}.png"))
    except OSError as error:
        raise UsageError(f"--plots: cannot be written to {folder}: {error.strerror or error}") from error
    return files
