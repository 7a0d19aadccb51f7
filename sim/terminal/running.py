"""The commands that run one scenario, or several beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.errors import UsageError
from sim.terminal.ending import bar_of, drawn, end, finished, say, show
from sim.terminal.options import (
    DATABASE,
    FIGURES,
    Budget,
    Changes,
    Database,
    Figures,
    Json,
    Months,
    Plugins,
    Replications,
    Scheduler,
    Seed,
    Until,
    Workers,
)

if TYPE_CHECKING:
    from sim.experiments.results import Results


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
