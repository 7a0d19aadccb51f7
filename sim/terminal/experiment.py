"""The command that runs an experiment defined in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.errors import UsageError, reason
from sim.terminal.ending import FAILED, as_data, finished, say
from sim.terminal.options import DATABASE, Database, Figures, Json, Plugins, Scheduler, Workers, whole

if TYPE_CHECKING:
    from sim.experiments.answer import Answer
    from sim.experiments.definition import Definition
    from sim.experiments.found import Part


def experiment(
    file: Annotated[str, typer.Argument(help="name of a shipped experiment, or path of a file")],
    seed: Annotated[
        int | None, typer.Option(parser=whole, metavar="NUMBER", help="Seed, instead of the file's.")
    ] = None,
    replications: Annotated[
        int | None, typer.Option(parser=whole, metavar="NUMBER", help="Worlds for each case, instead of the file's.")
    ] = None,
    months: Annotated[
        int | None, typer.Option(parser=whole, metavar="NUMBER", help="Months to simulate, instead of the file's.")
    ] = None,
    db: Database = DATABASE,
    workers: Workers = None,
    scheduler: Scheduler = None,
    part: Annotated[
        str | None,
        typer.Option(metavar="N/M", help="Run only the N-th of M parts of its points; other processes run the others."),
    ] = None,
    figures: Figures = None,
    allow_plugins: Plugins = False,
    as_json: Json = False,
) -> None:
    """Run an experiment that a file defines, and show its answer.

    What the database holds is not computed again: the same command goes on after an interrupt.
    """
    from sim.experiments.executors import processors
    from sim.experiments.files import load_experiment
    from sim.terminal.progress import Bar

    given = {"seed": seed, "replications": replications, "months": months}
    changes = {key: value for key, value in given.items() if value is not None}
    definition = load_experiment(file, allow_plugins=allow_plugins, **changes)
    several = _several(part, definition, file)
    bar = Bar(
        definition.firm_months // (several[1] if several else 1),
        None if scheduler is not None else workers or processors(),
    )
    if several:
        done: Part = finished(lambda: definition.run_part(*several, db, workers, bar, scheduler), bar, db)
        _say_part(done, *several, as_json)
        return
    answer: Any = finished(lambda: definition.run(db, workers, bar, scheduler), bar, db)
    if definition.kind in ("run", "compare"):
        _like_a_command(definition.kind, answer, figures, as_json)
    else:
        _show(answer, figures, as_json)


def _several(part: str | None, definition: Definition, file: str) -> tuple[int, int] | None:
    """`N/M` as N and M."""
    from sim.experiments.definition import Design

    if part is None:
        return None
    n, slash, m = part.partition("/")
    if not (slash and n.isdecimal() and m.isdecimal() and 1 <= int(n) <= int(m)):
        raise UsageError(f"--part: given {part!r}, allowed is N/M with N from 1 to M, e.g. 2/8")
    if not isinstance(definition, Design):
        raise UsageError(f"--part: {file} is of kind {definition.kind!r}, which has no points to share out")
    return int(n), int(m)


def _say_part(done: Part, part: int, of: int, as_json: bool) -> None:
    """Say what a part has done, and how the answer is had."""
    failed = [(key, r, text) for key, each in done.failures.items() for r, text in each.items()]
    finished_runs = done.runs - len(failed)
    if as_json:
        runs = {"finished": finished_runs, "asked": done.runs}
        typer.echo(
            as_data(
                {
                    "part": part,
                    "of": of,
                    "points": done.cases,
                    "runs": runs,
                    "database": done.database,
                    "experiment": done.experiment,
                }
            )
        )
    else:
        typer.echo(
            f"part {part} of {of}: {finished_runs} of {done.runs} runs of {done.cases} points are finished\n"
            f"runs: {done.database} (experiment {done.experiment})\n"
            "once all parts are in one database, the same command without --part shows the answer"
        )
    if failed:
        _, replication, text = failed[0]
        say(f"{len(failed)} of {done.runs} runs failed; first replication {replication}: {reason(text)}")
        raise typer.Exit(FAILED)


def _show(answer: Answer, folder: Path | None, as_json: bool) -> None:
    """Print the answer, draw it if asked to, say where everything is and what failed."""
    from sim.terminal import answers

    typer.echo(as_data(answers.data(answer)) if as_json else answers.text(answer))
    drawn = _drawn(answer, folder)
    if not as_json:
        typer.echo(f"runs: {answer.database} (experiment {answer.found.experiment})")
        if drawn:
            typer.echo(f"figures: {drawn[0].parent} ({', '.join(f.name for f in drawn)})")
    failed = answer.failures
    if len(failed):
        first = failed.iloc[0]
        others = ", the others are kept" if len(failed) < answer.total else ""
        say(
            f"{len(failed)} of {answer.total} runs failed{others}; first point {first['point']}, replication "
            f"{first['replication']}: {reason(first['traceback'])} (tracebacks are in table `run` of {answer.database})"
        )
        raise typer.Exit(FAILED)


def _drawn(answer: Answer, folder: Path | None) -> list[Path]:
    if folder is None or not answer.outcomes:
        return []
    from sim.plots.answers import draw_answer

    try:
        folder.mkdir(parents=True, exist_ok=True)
        return draw_answer(answer, folder)
    except OSError as error:
        raise UsageError(f"figures cannot be written to {folder}: {error.strerror or error}") from error


def _like_a_command(kind: str, results: Any, folder: Path | None, as_json: bool) -> None:
    """Show a run or a comparison as `sim run` and `sim compare` do."""
    from sim.terminal import ending, tables

    ending.show(results, tables.single if kind == "run" else tables.comparison, as_json)
    ending.end(results, ending.drawn(results, folder, "png"), as_json)
