"""The command that draws what a database holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.errors import UsageError
from sim.terminal.ending import as_data, drawn
from sim.terminal.options import DATABASE, FIGURES, Database, Format, Json, Plugins

FORMATS = ("png", "svg", "pdf")


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
