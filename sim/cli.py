"""The command line: the commands of `sim.terminal` under one name.

Exit status: 0 done, 1 a run failed (the others are kept), 2 bad input (one line on standard error), 130
interrupted (what was finished is kept). Nothing slow is imported before a command needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from sim.errors import RunError, SimError
from sim.terminal.choosing import check, list_
from sim.terminal.ending import BAD_INPUT, FAILED, INTERRUPTED, Interrupted, say
from sim.terminal.experiment import experiment
from sim.terminal.firms import firms
from sim.terminal.links import links
from sim.terminal.plotting import plot
from sim.terminal.results import app as results
from sim.terminal.running import compare, run
from sim.terminal.validating import validate

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


app.command("list", epilog="Example: sim list mechanisms")(list_)
app.command("check", epilog="Example: sim check my-scenario.toml")(check)
app.command("run", epilog="Example: sim run shenzhen-huawei --replications 10 --set incentives.0.loss=0.1")(run)
app.command(
    "compare", epilog="Example: sim compare baseline shenzhen-huawei no-incentive --replications 10 --months 24"
)(compare)
app.command("plot", epilog="Example: sim plot baseline shenzhen-huawei --format svg --figures pictures")(plot)
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
