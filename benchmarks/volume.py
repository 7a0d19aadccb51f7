"""How large a database of a sweep is, and how long a question to it takes.

Made-up runs of the shape of the scenario `baseline` (its series, ledger and months) go through `Store.write`, with
their monthly series in files. Numbers are those of real runs, each changed at random, so that they compress no better.

    python -m benchmarks.volume [--runs 100000] [--db FOLDER/runs.db or URL]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from sim.ensemble import run_block
from sim.experiments.runner import runs_of
from sim.scenario.files import load_scenario
from sim.store.records import Runs
from sim.store.store import Entry, Point, Store

RUNS, REPLICATIONS, MONTHS, BLOCK = 100_000, 10, 60, 200
"""Runs in all, of each point, months of each, and runs written at once."""

OUTCOME = "emissions"


@dataclass(frozen=True)
class Volume:
    """What was found. bytes and seconds; rows: of the figures."""

    runs: int
    series: int
    months: int
    database_bytes: int
    file_bytes: int
    files: int
    rows: int
    write_seconds: float
    one_outcome_seconds: float
    summary_seconds: float


def measured(
    database: str | Path, runs: int = RUNS, replications: int = REPLICATIONS, months: int = MONTHS, block: int = BLOCK
) -> Volume:
    """Write so many runs, and ask for one outcome of all of them and for the means of all points."""
    scenario = load_scenario("baseline").replace({"months": months})
    pattern = runs_of(run_block(scenario, 1, range(20)), seconds=0.05)
    points = [_point(n, scenario.fingerprint, months) for n in range(runs // replications)]
    entry = Entry("baseline", "", scenario.fingerprint, scenario.canonical, "{}", months)
    with Store(database, series="file") as store:
        started = perf_counter()
        number = store.begin("sweep", [entry], 1, replications, "baseline", definition="{}", points=points)
        for keys, part in _blocks(pattern, [p.fingerprint for p in points], replications, block):
            store.write(keys, 1, part)
        written = perf_counter()
        with store.reading() as connection:
            rows = connection.exec_driver_sql("SELECT count(*) FROM figure").scalar() or 0
        asked = perf_counter()
        figures = store.figures([p.fingerprint for p in points], 1, replications, [OUTCOME])
        assert np.isfinite(figures.values).all()
        read = perf_counter()
        frame = store.summary(number, [OUTCOME])
        assert len(frame) == len(points)
        answered = perf_counter()
        size = store.size()
    return Volume(
        runs, len(pattern.series), months, size.database, size.file_bytes, size.files, rows,
        written - started, read - asked, answered - read,
    )  # fmt: skip


def _point(n: int, base: str, months: int) -> Point:
    changes = {"technology.abatement_cost": n / 7e5, "incentives.0.rate": n / 3e5, "quality.audit_rate": n / 9e5}
    return Point(hashlib.sha256(str(n).encode()).hexdigest(), base, json.dumps(changes), months)


def _blocks(pattern: Runs, fingerprints: list[str], replications: int, block: int) -> Iterator[tuple[list[str], Runs]]:
    draws = np.random.default_rng(1)
    worlds = [(key, r) for key in fingerprints for r in range(replications)]
    for start in range(0, len(worlds), block):
        part = worlds[start : start + block]
        rows = draws.integers(len(pattern.replications), size=len(part))
        made = pattern.at(rows.tolist())
        by = draws.uniform(0.9, 1.1, size=made.monthly.shape)
        made = replace(
            made, replications=tuple(r for _, r in part), monthly=made.monthly * by, ledger=made.ledger * by[:, :1, 0],
            figures=made.figures * by[:, :, 0],
        )  # fmt: skip
        yield [key for key, _ in part], made


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--db", default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(given.db or Path(folder) / "runs.db", given.runs)
    print(f"{found.runs:,} runs x {found.months} months x {found.series} series")
    print(f"database: {found.database_bytes / 1e6:,.0f} MB, {found.database_bytes / found.runs:,.0f} bytes a run")
    each = found.file_bytes / found.runs
    print(f"files:    {found.file_bytes / 1e6:,.0f} MB in {found.files:,}, {each:,.0f} bytes a run")
    print(f"figures:  {found.rows:,} rows")
    print(f"written in {found.write_seconds:,.1f} s, {found.runs / found.write_seconds:,.0f} runs/s")
    print(f"one outcome of all runs read in {found.one_outcome_seconds:.2f} s")
    print(f"means and intervals of all points in {found.summary_seconds:.2f} s")


if __name__ == "__main__":
    main()
