"""The command that writes worlds firm by firm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.errors import UsageError
from sim.terminal.options import Changes, Months, Plugins, Replications, Seed

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Table to write (CSV).")]
Kept = Annotated[
    str | None,
    typer.Option("--db", metavar="PATH", help="Results database that keeps the table, as a Parquet file beside it."),
]
Columns = Annotated[
    list[str] | None, typer.Option("--column", metavar="NAME", help="A column to write; all if not given.")
]


def firms(
    scenario: Annotated[str, typer.Argument(help="name of a shipped scenario, or path of a file")],
    out: Out = None,
    db: Kept = None,
    seed: Seed = 1,
    replications: Replications = 1,
    months: Months = None,
    column: Columns = None,
    changes: Changes = None,
    allow_plugins: Plugins = False,
) -> None:
    """Write a table of a scenario, firm by firm.

    It has a row for each replication, month and firm.
    """
    from sim.experiments.panels.firms import firm_panel
    from sim.terminal.changes import changed

    chosen = changed([scenario], changes, allow_plugins)[0][0]
    panel = written(out, db, lambda: firm_panel(chosen, seed, replications, column, months))
    if db is not None:
        keep(db, "firms", chosen, seed, replications, months, panel)


def written(out: Path | None, db: str | None, made: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Write a table to a file if one is given, and say how large it is. Raises UsageError where it cannot be written,
    or is neither written nor kept."""
    if out is None and db is None:
        raise UsageError("where to? give --out FILE, or --db PATH to keep the table with a database")
    if out is not None and not out.parent.is_dir():
        raise UsageError(f"--out: {out.parent} is not a folder")
    panel = made()
    if out is not None:
        try:
            panel.to_csv(out, index=False)
        except OSError as error:
            raise UsageError(f"--out: {out} cannot be written: {error.strerror or error}") from error
        typer.echo(f"{out}: {len(panel)} rows, {len(panel.columns)} columns")
    return panel


def keep(
    db: str, kind: str, scenario: Scenario, seed: int, replications: int, months: int | None, panel: pd.DataFrame
) -> None:
    """Keep a table beside a database as an experiment of its own, and say where."""
    from sim.experiments.designs import loaded
    from sim.scenario.files import stored
    from sim.store.store import Entry, Store

    one = loaded(scenario, months)
    entry = Entry(one.name, one.title, one.fingerprint, one.canonical, stored(one), one.months)
    with Store(db) as store:
        number = store.begin(kind, [entry], seed, replications, one.name)
        place = store.add_panel(number, kind, panel)
        typer.echo(f"{place}: {len(panel)} rows, {len(panel.columns)} columns (experiment {number} of {store.name})")
