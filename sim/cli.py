"""The command line: thin commands over the package.

Exit status: 0 done, 1 a run failed (the others are kept), 2 bad input (one line on standard error), 130
interrupted (what was finished is kept). Nothing slow is imported before a command needs it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.errors import RunError, SimError, UsageError

if TYPE_CHECKING:
    from sim.experiments.results import Results

DATABASE = "results/results.db"
FIGURES = Path("results/figures")
FORMATS = ("png", "svg", "pdf")

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An agent-based laboratory for collaboration in supply chains: quality, emissions, money.",
)

Seed = Annotated[int, typer.Option(help="Seed of all random numbers.")]
Replications = Annotated[int, typer.Option(help="Worlds for each scenario.")]
Months = Annotated[int | None, typer.Option(help="Months to simulate, instead of the scenario's own.")]
Database = Annotated[str, typer.Option(help="Results database: path of an SQLite file, or SQLAlchemy URL.")]
Workers = Annotated[int | None, typer.Option(help="Processes; as many as pay off if not given.")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable, on standard output and nothing else there.")]
Figures = Annotated[Path | None, typer.Option(help="Folder for the pictures.")]
Format = Annotated[str, typer.Option("--format", help="Format of the pictures: png, svg or pdf.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value by its path, e.g. incentives.0.rate=0.1 (TOML)."),
]


@app.command("list")
def list_(
    what: Annotated[
        str | None,
        typer.Argument(help="scenarios, mechanisms, behaviours, networks, outcomes or parameters"),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what there is: scenarios, kinds of mechanisms, behaviours, networks, outcomes, parameters."""
    from sim.terminal import listing, words

    if what is None:
        found = listing.overview()
        typer.echo(_json(found) if as_json else words.overview(found))
    else:
        rows = listing.listed(what)
        typer.echo(_json(rows) if as_json else words.listed(rows).rstrip())


@app.command()
def check(files: Annotated[list[str], typer.Argument(help="scenario files or names")], as_json: Json = False) -> None:
    """Check scenario files: say what each is, or what is wrong with it."""
    from sim.scenario.files import load_scenario
    from sim.terminal import words

    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            scenario = load_scenario(file)
        except SimError as error:
            rows.append({"file": file, "valid": False, "error": str(error)})
            _say(str(error))
            continue
        rows.append({"file": file, "valid": True, **words.facts(scenario)})
        if not as_json:
            typer.echo(words.checked(file, scenario))
    if as_json:
        typer.echo(_json(rows))
    if not all(row["valid"] for row in rows):
        raise typer.Exit(BAD_INPUT)


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="name of a shipped scenario, or path of a file")],
    seed: Seed = 1,
    replications: Replications = 50,
    months: Months = None,
    db: Database = DATABASE,
    workers: Workers = None,
    changes: Changes = None,
    figures: Figures = None,
    as_json: Json = False,
) -> None:
    """Run a scenario and show its outcomes."""
    from sim.experiments import designs
    from sim.terminal import tables
    from sim.terminal.changes import changed

    chosen = changed([scenario], changes)[0]
    results = _finished(lambda progress: designs.run(chosen, replications, seed, months, db, workers, progress), db)
    if as_json:
        typer.echo(_json(tables.data(results)))
    else:
        tables.show_run(results)
    _end(results, _drawn(results, figures, "png"), as_json)


@app.command()
def compare(
    scenarios: Annotated[list[str], typer.Argument(help="names of shipped scenarios, or paths of files")],
    against: Annotated[
        str | None,
        typer.Option(help="Scenario to compare with; the first if not given."),
    ] = None,
    seed: Seed = 1,
    replications: Replications = 50,
    months: Months = None,
    db: Database = DATABASE,
    workers: Workers = None,
    changes: Changes = None,
    figures: Annotated[
        Path | None,
        typer.Option(help="Folder for the pictures: results/figures; with --json only if given."),
    ] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Compare scenarios on the same random numbers; what the database holds is not computed again."""
    from sim.experiments import designs
    from sim.terminal import tables
    from sim.terminal.changes import changed

    if no_figures and figures is not None:
        raise UsageError("--figures and --no-figures exclude each other")
    chosen = changed(scenarios, changes)
    results = _finished(
        lambda progress: designs.compare(chosen, replications, seed, months, db, against, workers, progress), db
    )
    if as_json:
        typer.echo(_json(tables.data(results)))
    else:
        tables.show_comparison(results)
    folder = None if no_figures else figures or (None if as_json else FIGURES)
    _end(results, _drawn(results, folder, "png"), as_json)


@app.command()
def plot(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(help="scenarios of one experiment; all of the latest comparison if not given"),
    ] = None,
    db: Database = DATABASE,
    figures: Annotated[Path, typer.Option(help="Folder for the pictures.")] = FIGURES,
    format_: Format = "png",
    as_json: Json = False,
) -> None:
    """Draw the pictures of what a database holds."""
    from sim.experiments import designs

    if format_ not in FORMATS:
        raise UsageError(f"--format: given {format_!r}, allowed are {', '.join(FORMATS)}")
    results = designs.saved(db, scenarios or [])
    files = _drawn(results, figures, format_)
    if as_json:
        typer.echo(_json({"database": results.database, "figures": [str(f) for f in files]}))
    else:
        typer.echo("\n".join(str(f) for f in files))


class Interrupted(SimError):
    """The user broke off; what was finished is kept."""


def main() -> None:
    """Run the command given on the command line and leave with its exit status."""
    sys.exit(status_of(sys.argv[1:]))


def status_of(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status; bad input gives one line on standard error."""
    try:
        status = int(app(args=list(arguments) or ["--help"], prog_name="sim", standalone_mode=False) or 0)
    except Interrupted as error:
        _say(str(error))
        return INTERRUPTED
    except RunError as error:
        _say(str(error))
        return FAILED
    except SimError as error:
        _say(str(error))
        return BAD_INPUT
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except Exception as error:
        # What the command-line parser refuses; its class differs between versions of typer.
        if (message := getattr(error, "format_message", None)) is None:
            raise
        _say(message())
        return BAD_INPUT
    if status == INTERRUPTED:
        _say("interrupted")
    return status


def _finished(work: Callable[[Callable[[int, int], None]], Results], db: str) -> Results:
    """Results of work done under a progress bar; if it is interrupted, say what is kept."""
    from sim.store.database import address_of, shown
    from sim.terminal.progress import Bar

    bar = Bar()
    try:
        with bar:
            return work(bar)
    except KeyboardInterrupt:
        if not bar.total:
            raise Interrupted("interrupted before anything was run") from None
        kept = f"{bar.done} of {bar.total} runs are finished and kept in {shown(address_of(db))}"
        raise Interrupted(f"interrupted: {kept}; the same command goes on from there") from None


def _drawn(results: Results, folder: Path | None, format_: str) -> list[Path]:
    """Draw all pictures into a folder, if there is one."""
    if folder is None:
        return []
    from sim.plots import draw_all

    try:
        folder.mkdir(parents=True, exist_ok=True)
        return list(draw_all(results, folder, format_))
    except OSError as error:
        raise UsageError(f"figures cannot be written to {folder}: {error.strerror or error}") from error


def _end(results: Results, figures: Sequence[Path], as_json: bool) -> None:
    """Say where everything is, and which runs failed."""
    if not as_json:
        typer.echo(f"runs: {results.database}")
        if figures:
            typer.echo(f"figures: {figures[0].parent} ({', '.join(f.name for f in figures)})")
    failures = [(name, r, text) for name, failed in results.failures_of.items() for r, text in failed.items()]
    if failures:
        name, replication, text = failures[0]
        cause = text.strip().splitlines()[-1]
        total = results.replications * len(results.scenarios)
        _say(
            f"{len(failures)} of {total} runs failed, the others are kept; first {name}, replication {replication}: "
            f"{cause} (tracebacks are in table `run` of {results.database})"
        )
        raise typer.Exit(FAILED)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _say(message: str) -> None:
    """One line on standard error."""
    print(f"sim: {' '.join(message.split())}", file=sys.stderr)


if __name__ == "__main__":
    main()
