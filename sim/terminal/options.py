"""The options that several commands take. Nothing slow is imported here: the command line begins with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DATABASE = "results/results.db"
FIGURES = Path("results/figures")
"""Where commands write unless they are told where."""


def whole(given: str) -> int:
    """A whole number as an option takes it."""
    try:
        return int(given)
    except ValueError:
        raise typer.BadParameter(f"given {given!r}, allowed is a whole number") from None


Seed = Annotated[int, typer.Option(parser=whole, metavar="NUMBER", help="Seed of all random numbers.")]
Replications = Annotated[int, typer.Option(parser=whole, metavar="NUMBER", help="Worlds for each scenario.")]
Months = Annotated[
    int | None,
    typer.Option(parser=whole, metavar="NUMBER", help="Months to simulate, instead of the scenario's own."),
]
Database = Annotated[
    str, typer.Option(metavar="PATH", help="Results database: path of an SQLite file, or SQLAlchemy URL.")
]
Workers = Annotated[
    int | None, typer.Option(parser=whole, metavar="NUMBER", help="Processes; as many as pay off if not given.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Dask scheduler whose workers compute instead, e.g. tcp://host:8786."),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable, on standard output and nothing else there.")]
Figures = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Folder for the pictures.")]
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help="Format of the pictures: png, svg or pdf.")]
Plugins = Annotated[
    bool, typer.Option("--allow-plugins", help="Let scenarios name classes of yours, package.module:Class.")
]
Until = Annotated[
    str | None,
    typer.Option(
        metavar="OUTCOME=WIDTH",
        help="Add replications, from --replications on, until the outcome's interval (in a comparison, that of each "
        "difference) is at most ± WIDTH: emissions=2% of its value, emissions=500 in its unit.",
    ),
]
Budget = Annotated[
    int | None,
    typer.Option(parser=whole, metavar="NUMBER", help="With --until: most worlds for each scenario, 1000 by default."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value by its path, e.g. incentives.0.rate=0.1 (TOML)."),
]
