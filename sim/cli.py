"""The command line: thin commands over the package.

Exit status: 0 done, 1 a run failed (the others are kept), 2 bad input (one line on standard error), 130
interrupted (what was finished is kept). Nothing slow is imported before a command needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.errors import RunError, SimError, UsageError
from sim.terminal.ending import (
    BAD_INPUT,
    FAILED,
    INTERRUPTED,
    Interrupted,
    as_data,
    bar_of,
    drawn,
    end,
    finished,
    say,
    show,
)
from sim.terminal.experiment import experiment
from sim.terminal.firms import firms
from sim.terminal.links import links
from sim.terminal.options import (
    Budget,
    Changes,
    Database,
    Figures,
    Format,
    Json,
    Months,
    Plugins,
    Replications,
    Scheduler,
    Seed,
    Until,
    Workers,
)
from sim.terminal.results import app as results
from sim.terminal.validating import validate

if TYPE_CHECKING:
    from sim.experiments.results import Results

DATABASE = "results/results.db"
FIGURES = Path("results/figures")
FORMATS = ("png", "svg", "pdf")

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
        typer.Argument(
            help="scenarios, experiments, mechanisms, behaviours, networks, outcomes, parameters or cases; or one "
            "kind, section, outcome or case by its name"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what there is to choose from."""
    from sim.terminal import listing, words

    if what is None:
        found = listing.overview()
        typer.echo(as_data(found) if as_json else words.overview(found))
    else:
        rows = listing.listed(what)
        typer.echo(as_data(rows) if as_json else words.listed(rows).rstrip())


@app.command(epilog="Example: sim check my-scenario.toml")
def check(
    files: Annotated[list[str], typer.Argument(help="scenario files or names")],
    allow_plugins: Plugins = False,
    as_json: Json = False,
) -> None:
    """Check scenario files: what each is, or what is wrong with it."""
    from sim.scenario.files import load_scenario
    from sim.terminal import checking

    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            scenario = load_scenario(file, allow_plugins=allow_plugins)
        except SimError as error:
            rows.append({"file": file, "valid": False, "error": str(error)})
            say(str(error))
            continue
        rows.append({"file": file, "valid": True, **checking.facts(scenario)})
        if not as_json:
            typer.echo(checking.checked(file, scenario))
    if as_json:
        typer.echo(as_data(rows))
    if not all(row["valid"] for row in rows):
        raise typer.Exit(BAD_INPUT)


@app.command(epilog="Example: sim run shenzhen-huawei --replications 10 --set incentives.0.loss=0.1")
def run(
    scenario: Annotated[str, typer.Argument(help="name of a shipped scenario, or path of a file")],
    seed: Seed = 1,
    replications: Replications = 50,
    until: Until = None,
    budget: Budget = None,
    months: Months = None,
    db: Database = DATABASE,
    workers: Workers = None,
    scheduler: Scheduler = None,
    changes: Changes = None,
    allow_plugins: Plugins = False,
    figures: Figures = None,
    as_json: Json = False,
) -> None:
    """Run a scenario and show its outcomes."""
    from sim.experiments import designs
    from sim.experiments.sequential import run_until
    from sim.terminal import tables
    from sim.terminal.changes import changed
    from sim.terminal.until import aimed

    aim = aimed(until, budget)
    chosen = [designs.loaded(s, months) for s in changed([scenario], changes, allow_plugins)[0]]
    bar = bar_of(chosen, replications, workers, scheduler)

    def work() -> Results:
        if aim is None:
            return designs.run(chosen[0], replications, seed, None, db, workers, bar, scheduler)
        return run_until(
            chosen[0], at_least=replications, seed=seed, db=db, workers=workers, progress=bar,
            scheduler=scheduler, **aim,
        )  # fmt: skip

    results = finished(work, bar, db)
    show(results, tables.single, as_json)
    end(results, drawn(results, figures, "png"), as_json)


@app.command(epilog="Example: sim compare baseline shenzhen-huawei no-incentive --replications 10 --months 24")
def compare(
    scenarios: Annotated[list[str], typer.Argument(help="names of shipped scenarios, or paths of files")],
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Scenario to compare with; the first if not given."),
    ] = None,
    seed: Seed = 1,
    replications: Replications = 50,
    until: Until = None,
    budget: Budget = None,
    months: Months = None,
    db: Database = DATABASE,
    workers: Workers = None,
    scheduler: Scheduler = None,
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
    from sim.experiments.sequential import run_until
    from sim.terminal import tables
    from sim.terminal.changes import changed
    from sim.terminal.until import aimed

    if no_figures and figures is not None:
        raise UsageError("--figures and --no-figures exclude each other")
    aim = aimed(until, budget)
    made, notes = changed(scenarios, changes, allow_plugins)
    for note in notes:
        say(note)
    chosen = [designs.loaded(s, months) for s in made]
    bar = bar_of(chosen, replications, workers, scheduler)

    def work() -> Results:
        if aim is None:
            return designs.compare(chosen, replications, seed, None, db, against, workers, bar, scheduler)
        return run_until(
            chosen, against=against, at_least=replications, seed=seed, db=db, workers=workers, progress=bar,
            scheduler=scheduler, **aim,
        )  # fmt: skip

    results = finished(work, bar, db)
    show(results, tables.comparison, as_json)
    folder = None if no_figures else figures or (None if as_json else FIGURES)
    end(results, drawn(results, folder, "png"), as_json)


@app.command(epilog="Example: sim plot baseline shenzhen-huawei --format svg --figures pictures")
def plot(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(help="scenarios of one experiment; all of the latest comparison if not given"),
    ] = None,
    db: Database = DATABASE,
    figures: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder for the pictures.")] = FIGURES,
    format_: Format = "png",
    allow_plugins: Plugins = False,
    as_json: Json = False,
) -> None:
    """Draw the pictures of what a database holds."""
    from sim.experiments import designs

    if format_ not in FORMATS:
        raise UsageError(f"--format: given {format_!r}, allowed are {', '.join(FORMATS)}")
    results = designs.saved(db, scenarios or [], allow_plugins)
    files = drawn(results, figures, format_)
    if not files:
        raise UsageError(f"nothing to draw: {results.database} holds no finished run of this experiment")
    if as_json:
        typer.echo(as_data({"database": results.database, "figures": [str(f) for f in files]}))
    else:
        typer.echo("\n".join(str(f) for f in files))


app.command("experiment", epilog="Example: sim experiment my-sweep.toml --workers 2")(experiment)
app.command("firms", epilog="Example: sim firms baseline --replications 5 --out firms.csv")(firms)
app.command("links", epilog="Example: sim links baseline --set relations.assessed=true --out links.csv")(links)
app.add_typer(results, name="results")
app.command("validate", epilog="Example: sim validate teams --set firms=7")(validate)


def main() -> None:
    """Run the command given on the command line and leave with its exit status."""
    sys.exit(status_of(sys.argv[1:]))


def status_of(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status; bad input gives one line on standard error."""
    try:
        status = int(app(args=list(arguments) or ["--help"], prog_name="sim", standalone_mode=False) or 0)
    except Interrupted as error:
        say(str(error))
        return INTERRUPTED
    except RunError as error:
        say(str(error))
        return FAILED
    except SimError as error:
        say(str(error))
        return BAD_INPUT
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except Exception as error:
        # What the command-line parser refuses; its class differs between versions of typer.
        if (message := getattr(error, "format_message", None)) is None:
            raise
        say(message())
        return BAD_INPUT
    if status == INTERRUPTED:
        say("interrupted")
    return status


if __name__ == "__main__":
    main()
