"""How commands end: what they found is shown and drawn, what failed is said, and with which exit status.

Nothing slow is imported here before it is needed: the command line begins with it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from sim.errors import SimError, UsageError

if TYPE_CHECKING:
    from sim.experiments.results import Results
    from sim.scenario.schema import Scenario
    from sim.terminal.progress import Bar

Answer = TypeVar("Answer")

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
"""Exit statuses."""


class Interrupted(SimError):
    """The user broke off; what was finished is kept."""


def bar_of(scenarios: Sequence[Scenario], replications: int, workers: int | None, scheduler: str | None = None) -> Bar:
    """A progress bar for these runs."""
    from sim.experiments.executors import processors
    from sim.terminal.progress import Bar

    firm_months = sum(s.build_network().size * s.months for s in scenarios) * replications
    return Bar(firm_months, None if scheduler is not None else workers or processors())


def finished(work: Callable[[], Answer], bar: Bar, db: str) -> Answer:
    """What comes of work done under a progress bar; if it is interrupted, say what is kept."""
    from sim.store.database import address_of, shown

    try:
        with bar:
            return work()
    except KeyboardInterrupt:
        if not bar.total:
            raise Interrupted("interrupted before anything was run") from None
        kept = f"{bar.done} of {bar.total} runs are finished and kept in {shown(address_of(db))}"
        raise Interrupted(f"interrupted: {kept}; the same command goes on from there") from None


def show(results: Results, table: Callable[[Results], str], as_json: bool) -> None:
    """Print results, as a table if there are any."""
    from sim.terminal import tables

    if as_json:
        typer.echo(as_data(tables.data(results)))
    elif any_finished(results):
        typer.echo(table(results))


def any_finished(results: Results) -> bool:
    """Whether any run is finished."""
    return any(runs.replications for runs in results.runs_of.values())


def drawn(results: Results, folder: Path | None, format_: str) -> list[Path]:
    """Draw all pictures into a folder, if there is one."""
    if folder is None or not any_finished(results):
        return []
    from sim.plots import draw_all

    try:
        folder.mkdir(parents=True, exist_ok=True)
        return list(draw_all(results, folder, format_))
    except OSError as error:
        raise UsageError(f"figures cannot be written to {folder}: {error.strerror or error}") from error


def end(results: Results, figures: Sequence[Path], as_json: bool) -> None:
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
        say(
            f"{len(failed)} of {total} runs failed{others}; first {failed[0]['scenario']}, replication "
            f"{failed[0]['replication']}: {failed[0]['error']} (tracebacks are in table `run` of {results.database})"
        )
        raise typer.Exit(FAILED)


def as_data(value: Any) -> str:
    """A value as JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def say(message: str) -> None:
    """One line on standard error."""
    print(f"sim: {' '.join(message.split())}", file=sys.stderr)
