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

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Table to write (CSV).")]
Columns = Annotated[
    list[str] | None, typer.Option("--column", metavar="NAME", help="A column to write; all if not given.")
]


def firms(
    scenario: Annotated[str, typer.Argument(help="name of a shipped scenario, or path of a file")],
    out: Out,
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
    from sim.experiments.panel import firm_panel
    from sim.terminal.changes import changed

    chosen = changed([scenario], changes, allow_plugins)[0][0]
    written(out, lambda: firm_panel(chosen, seed, replications, column, months))


def written(out: Path, made: Callable[[], pd.DataFrame]) -> None:
    """Write a table to a file, and say how large it is. Raises UsageError where it cannot be written."""
    if not out.parent.is_dir():
        raise UsageError(f"--out: {out.parent} is not a folder")
    panel = made()
    try:
        panel.to_csv(out, index=False)
    except OSError as error:
        raise UsageError(f"--out: {out} cannot be written: {error.strerror or error}") from error
    typer.echo(f"{out}: {len(panel)} rows, {len(panel.columns)} columns")
