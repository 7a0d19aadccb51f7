"""All figures of a set of results, each in its own file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sim.errors import UsageError, unknown
from sim.plots.free_riding_by_tier import free_riding_by_tier, groups_of
from sim.plots.look import styled
from sim.plots.over_time import over_time, programme_marks
from sim.plots.paired_differences import paired_differences
from sim.plots.results import Results, run_of
from sim.plots.supply_network import see, supply_network

MADE_BY = "supply-chain-lab"
"""Stands in every file that is drawn here, so that it can be told from a user's own."""
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": MADE_BY},
    "svg": {"Date": None, "Creator": MADE_BY},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": MADE_BY},
}
"""Formats and what their files say of themselves: nothing that differs when the same results are drawn again."""
NAMES = ("over_time", "paired_differences", "paired_differences_against_*", "free_riding_by_tier", "supply_network")
"""Files that may be drawn."""


def draw_all(results: Results, folder: Path, format: str = "png") -> list[Path]:
    """Draw every figure that makes sense for the results into `folder` and return the files.

    A single scenario has no paired differences; with three or more, a second figure compares with the
    first scenario that is not the reference: what each part of a programme is worth. The first replication of
    these two is run again for the picture of the network. Pictures of this format that were drawn into the folder
    from other results and have no successor now are removed. Raises UsageError for an unknown format.
    """
    if format not in METADATA:
        raise UsageError(unknown("format", format, METADATA))
    folder.mkdir(parents=True, exist_ok=True)
    files = [save(figure, folder / f"{_file_name(name)}.{format}") for name, figure in figures(results)]
    if files:
        _remove_others(folder, files, format)
    return files


def figures(results: Results) -> Iterator[tuple[str, Figure]]:
    """The figures of the results, each with its name; none if every run failed."""
    names, run, monthly = [s.name for s in results.scenarios], run_of(results), results.monthly
    if monthly.empty:
        return
    marks = programme_marks(results.scenarios, results.months)
    compared = len(names) > 1 and not results.paired.empty
    reference = str(results.paired["against"].iloc[0]) if compared else None
    currency = results.scenarios[0].currency
    yield "over_time", over_time(monthly, names, run, marks=marks, currency=currency, against=reference)
    pair = names[:1]
    if reference is not None:
        paired = results.paired
        pair = [reference, next(name for name in names if name != reference)]
        yield "paired_differences", paired_differences(paired, results.summary, names, run, against=reference)
        if len(names) > 2:
            frame = results.paired_against(pair[1])
            figure = paired_differences(frame, results.summary, names, run, against=pair[1])
            yield f"paired_differences_against_{pair[1]}", figure
    if groups_of(monthly):
        yield "free_riding_by_tier", free_riding_by_tier(monthly, names, run)
    replication = _first_finished(monthly, pair)
    if replication is not None:
        scenario = {s.name: s for s in results.scenarios}
        seen = [see(scenario[name], results.seed, replication) for name in pair]
        yield "supply_network", supply_network(seen, seed=results.seed, replication=replication)


@styled
def save(figure: Figure, path: Path) -> Path:
    """Write a figure; the file's name says the format. The same figure gives the same bytes."""
    figure.savefig(path, metadata=METADATA[path.suffix[1:]])
    return path


def _first_finished(monthly: pd.DataFrame, names: list[str]) -> int | None:
    """The first replication that all of the scenarios have: 0, unless it failed."""
    finished = [set(monthly.loc[monthly["scenario"] == name, "replication"]) for name in names]
    return min((int(r) for r in set.intersection(*finished)), default=None)


def _remove_others(folder: Path, files: list[Path], format: str) -> None:
    """Remove what was drawn here before under a name that is not among `files`; nothing else in the folder."""
    for path in sorted({path for name in NAMES for path in folder.glob(f"{name}.{format}")} - set(files)):
        if path.is_file() and MADE_BY.encode() in path.read_bytes():
            path.unlink()


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name)
