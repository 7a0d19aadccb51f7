"""The commands that tell what there is to choose from, and what a scenario file is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sim.errors import SimError
from sim.terminal.ending import BAD_INPUT, as_data, say
from sim.terminal.options import Json, Plugins


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
