"""The command that writes worlds link by link."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.terminal.firms import Columns, Kept, Out, keep, written
from sim.terminal.options import Changes, Months, Plugins, Replications, Seed


def links(
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
    """Write a table of a scenario, link by link.

    Who supplies whom, and how they get on: it has a row for each replication, month and link; the seven indicators
    are there where relations are assessed (--set relations.assessed=true).
    """
    from sim.experiments.panels.links import link_panel
    from sim.terminal.changes import changed

    chosen = changed([scenario], changes, allow_plugins)[0][0]
    panel = written(out, db, lambda: link_panel(chosen, seed, replications, months, column))
    if db is not None:
        keep(db, "links", chosen, seed, replications, months, panel)
