"""The command that holds the simulator against published results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.errors import UsageError
from sim.terminal.options import Json, Scheduler, Seed, whole

if TYPE_CHECKING:
    from sim.theory import Case, Check
    from sim.theory.base import Effort

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


READING = "error: simulation less theory; pass: within tolerance; none: no difference between replications"


@dataclass(frozen=True)
class _Job:
    """A case at the parameters of its table, and at the values along the axis of its plot if that is drawn."""

    table: list[Case]
    points: list[tuple[Any, Case]]


def validate(
    case: Name = None,
    changes: Parameters = None,
    quick: Quick = False,
    plots: Plots = None,
    seed: Seed = 1,
    processes: Processes = None,
    scheduler: Scheduler = None,
    as_json: Json = False,
) -> None:
    """Hold the simulator against published results.

    Shows theory's number and the simulation's, side by side; status 1 if they differ by more than the tolerance.
    """
    from sim.terminal.ending import as_data, say
    from sim.terminal.progress import Bar
    from sim.theory.running import at_hand, in_order

    if processes is not None and processes < 1:
        raise UsageError(f"--processes: given {processes}, allowed is a whole number in [1, inf)")
    if processes is not None and scheduler is not None:
        raise UsageError("--processes and --scheduler exclude each other: a cluster has workers of its own")
    table = at_hand(case, _given(changes))
    if plots is not None:
        _prepare(plots)
    jobs = [_job(list(group), plots is not None) for _, group in groupby(table, lambda each: each.name)]
    everything = [each for job in jobs for each in (*job.table, *(at for _, at in job.points))]
    found: list[Check] = []
    drawn: list[Check] = []
    effort: Effort = "quick" if quick else "full"
    with Bar(what="cases") as bar, closing(in_order(everything, seed, effort, processes, bar, scheduler)) as rows:
        for job in jobs:
            parts = [next(rows) for _ in job.table]
            found += [row for part in parts for row in part]
            if not as_json:
                bar.print(shown(job.table, parts))
            if plots is not None:
                seen = [(value, next(rows)) for value, _ in job.points]
                drawn += [row for _, part in seen for row in part]
                _draw(job.table[0], seen, plots)
    typer.echo(as_data([row.row for row in found]) if as_json else _counted(found))
    if plots is not None and not as_json:
        typer.echo(f"plots: {plots} ({', '.join(f'{job.table[0].name}.png' for job in jobs)})")
    missed = list(dict.fromkeys(row.case for row in [*found, *drawn] if not row.passed))
    if missed:
        failed = sum(not row.passed for row in [*found, *drawn])
        for row in (row for row in drawn if not row.passed):
            say(f"{row.case}, a point of its plot: {row.quantity} {row.simulation:g}, theory {row.theory:g}")
        say(f"{failed} of {len(found) + len(drawn)} results are not reproduced: {', '.join(missed)}")
        raise typer.Exit(1)


def shown(table: Sequence[Case], rows: Sequence[Sequence[Check]]) -> str:
    """A case at some parameters, with its results, as text: a heading, a line for each quantity."""
    lines = [f"{table[0].name}: {table[0].title}", f"  {table[0].source}"]
    for given, found in zip(table, rows, strict=True):
        lines += ["", *_parameters(given), *_results(found)]
    return "\n".join([*lines, ""])


def _counted(found: Sequence[Check]) -> str:
    """What ends the tables: how they are read, and the count."""
    return f"{READING}\n{sum(row.passed for row in found)} of {len(found)} results reproduced"


def _parameters(given: Case) -> Iterator[str]:
    """The parameters of a case, in as many lines as they take."""
    import textwrap

    words = "; ".join(f"{name} {_value(value)}" for name, value in given.model_dump(mode="json").items())
    return iter(textwrap.wrap(words, 100, initial_indent="  ", subsequent_indent="    ", break_long_words=False))


def _results(found: Sequence[Check]) -> Iterator[str]:
    """A line for each quantity under a heading."""
    wide = max(24, *(len(row.quantity) for row in found))
    head = ("theory", "simulation", "standard error", "error", "tolerance")
    yield f"    {'':{wide}}  {head[0]:>11}  {head[1]:>11}  {head[2]:>14}  {head[3]:>8}  {head[4]:>9}"
    for row in found:
        chance = f"{row.standard_error:.2g}" if row.standard_error else "none"
        verdict = "pass" if row.passed else "FAIL"
        yield (
            f"    {row.quantity:{wide}}  {_number(row.theory):>11}  {_number(row.simulation):>11}  {chance:>14}"
            f"  {row.error:>8.1e}  {row.tolerance:>9.2g} {verdict}"
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


def _job(table: list[Case], plotted: bool) -> _Job:
    """plotted: whether its plot is drawn too, along the axis of what is shown first."""
    from sim.theory.running import along_axis

    return _Job(table, along_axis(table[0]) if plotted else [])


def _prepare(folder: Path) -> None:
    """Make a folder, before anything is computed. Raises UsageError if nothing can be written there."""
    from tempfile import TemporaryFile

    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()


def _draw(given: Case, points: Sequence[tuple[Any, list[Check]]], folder: Path) -> None:
    """Draw a case into a folder."""
    from sim.plots.drawing import save
    from sim.plots.theory_and_simulation import Part, theory_and_simulation
    from sim.theory.running import drawing

    seen = drawing(given, points)
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
    with _writing(folder):
        save(figure, folder / f"{given.name}.png")


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say in words what stands in the way of writing there."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"--plots: cannot be written to {folder}: {error.strerror or error}") from error
