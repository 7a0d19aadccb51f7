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
from sim.terminal.options import Changes, Database, Figures, Format, Json, Months, Plugins, Replications, Seed, Workers

if TYPE_CHECKING:
    from sim.experiments.results import Results
    from sim.scenario.schema import Scenario
    from sim.terminal.progress import Bar

DATABASE = "results/results.db"
FIGURES = Path("results/figures")
FORMATS = ("png", "svg", "pdf")

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: sim compare baseline shenzhen-huawei --replications 10",
    help="An agent-based laboratory for collaboration in supply chains: quality, emissions, money.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        import sim

        typer.echo(f"sim {sim.__version__}")
        raise typer.Exit


@app.callback()
def _version(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command("list", epilog="Example: sim list mechanisms")
def list_(
    what: Annotated[
        str | None,
        typer.Argument(help="scenarios, mechanisms, behaviours, networks, outcomes or parameters"),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what there is to choose from."""
    from sim.terminal import listing, words

    if what is None:
        found = listing.overview()
        typer.echo(_json(found) if as_json else words.overview(found))
    else:
        rows = listing.listed(what)
        typer.echo(_json(rows) if as_json else words.listed(rows).rstrip())


@app.command(epilog="Example: sim check my-scenario.toml")
def check(
    files: Annotated[list[str], typer.Argument(help="scenario files or names")],
    allow_plugins: Plugins = False,
    as_json: Json = False,
) -> None:
    """Check scenario files: say what each is, or what is wrong with it."""
    from sim.scenario.files import load_scenario
    from sim.terminal import words

    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            scenario = load_scenario(file, allow_plugins=allow_plugins)
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


@app.command(epilog="Example: sim run shenzhen-huawei --replications 10 --set incentives.0.loss=0.1")
def run(
    scenario: Annotated[str, typer.Argument(help="name of a shipped scenario, or path of a file")],
    seed: Seed = 1,
    replications: Replications = 50,
    months: Months = None,
    db: Database = DATABASE,
    workers: Workers = None,
    changes: Changes = None,
    allow_plugins: Plugins = False,
    figures: Figures = None,
    as_json: Json = False,
) -> None:
    """Run a scenario and show its outcomes."""
    from sim.experiments import designs
    from sim.terminal import tables
    from sim.terminal.changes import changed

    chosen = [designs.loaded(s, months) for s in changed([scenario], changes, allow_plugins)[0]]
    bar = _bar(chosen, replications, workers)
    results = _finished(lambda: designs.run(chosen[0], replications, seed, None, db, workers, bar), bar, db)
    _show(results, tables.single, as_json)
    _end(results, _drawn(results, figures, "png"), as_json)


@app.command(epilog="Example: sim compare baseline shenzhen-huawei no-incentive --replications 10 --months 24")
def compare(
    scenarios: Annotated[list[str], typer.Argument(help="names of shipped scenarios, or paths of files")],
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Scenario to compare with; the first if not given."),
    ] = None,
    seed: Seed = 1,
    replications: Replications = 50,
    months: Months = None,
    db: Database = DATABASE,
    workers: Workers = None,
    changes: Changes = None,
    allow_plugins: Plugins = False,
    figures: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder for the pictures: results/figures; with --json only if given."),
    ] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Compare scenarios on the same random numbers.

    What the database holds is not computed again.
    """
    from sim.experiments import designs
    from sim.terminal import tables
    from sim.terminal.changes import changed

    if no_figures and figures is not None:
        raise UsageError("--figures and --no-figures exclude each other")
    made, notes = changed(scenarios, changes, allow_plugins)
    for note in notes:
        _say(note)
    chosen = [designs.loaded(s, months) for s in made]
    bar = _bar(chosen, replications, workers)
    results = _finished(lambda: designs.compare(chosen, replications, seed, None, db, against, workers, bar), bar, db)
    _show(results, tables.comparison, as_json)
    folder = None if no_figures else figures or (None if as_json else FIGURES)
    _end(results, _drawn(results, folder, "png"), as_json)


@app.command(epilog="Example: sim plot baseline shenzhen-huawei --format svg --figures pictures")
def plot(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(help="scenarios of one experiment; all of the latest comparison if not given"),
    ] = None,
    db: Database = DATABASE,
    figures: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder for the pictures.")] = FIGURES,
    format_: Format = "png",
    as_json: Json = False,
) -> None:
    """Draw the pictures of what a database holds."""
    from sim.experiments import designs

    if format_ not in FORMATS:
        raise UsageError(f"--format: given {format_!r}, allowed are {', '.join(FORMATS)}")
    results = designs.saved(db, scenarios or [])
    files = _drawn(results, figures, format_)
    if not files:
        raise UsageError(f"nothing to draw: {results.database} holds no finished run of this experiment")
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


def _bar(scenarios: Sequence[Scenario], replications: int, workers: int | None) -> Bar:
    """A progress bar for these runs."""
    from sim.experiments.executors import processors
    from sim.terminal.progress import Bar

    return Bar(sum(s.build_network().size * s.months for s in scenarios) * replications, workers or processors())


def _finished(work: Callable[[], Results], bar: Bar, db: str) -> Results:
    """Results of work done under a progress bar; if it is interrupted, say what is kept."""
    from sim.store.database import address_of, shown

    try:
        with bar:
            return work()
    except KeyboardInterrupt:
        if not bar.total:
            raise Interrupted("interrupted before anything was run") from None
        kept = f"{bar.done} of {bar.total} runs are finished and kept in {shown(address_of(db))}"
        raise Interrupted(f"interrupted: {kept}; the same command goes on from there") from None


def _show(results: Results, table: Callable[[Results], str], as_json: bool) -> None:
    """Print results, as a table if there are any."""
    from sim.terminal import tables

    if as_json:
        typer.echo(_json(tables.data(results)))
    elif _any(results):
        typer.echo(table(results))


def _any(results: Results) -> bool:
    """Whether any run is finished."""
    return any(runs.replications for runs in results.runs_of.values())


def _drawn(results: Results, folder: Path | None, format_: str) -> list[Path]:
    """Draw all pictures into a folder, if there is one."""
    if folder is None or not _any(results):
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
    from sim.terminal.tables import failures

    failed = failures(results)
    if failed:
        total = results.replications * len(results.scenarios)
        others = ", the others are kept" if len(failed) < total else ""
        _say(
            f"{len(failed)} of {total} runs failed{others}; first {failed[0]['scenario']}, replication "
            f"{failed[0]['replication']}: {failed[0]['error']} (tracebacks are in table `run` of {results.database})"
        )
        raise typer.Exit(FAILED)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _say(message: str) -> None:
    """One line on standard error."""
    print(f"sim: {' '.join(message.split())}", file=sys.stderr)


if __name__ == "__main__":
    main()
