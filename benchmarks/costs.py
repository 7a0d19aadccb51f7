"""What agent-steps, runs and tasks cost: what is measured of it, and the table of it; see `benchmarks.constants`."""

# ruff: noqa: E402  (the number of threads is set before numpy is first imported)

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim.store.tables import FILE, NONE, ROWS

MONTHS = 60


@dataclass(frozen=True)
class Size:
    """Worlds of one size. Seconds and bytes are of a task (a block of worlds), or of a run where it is said; those by
    where the monthly series go are of the parent process, which packs tasks, and unpacks and writes results."""

    firms: int
    months: int
    worlds: int
    task_seconds: float
    task_bytes: int
    pack_seconds: float
    result_bytes: dict[str, int]
    unpack_seconds: dict[str, float]
    write_seconds: dict[str, float]
    rows_per_run: dict[str, float]
    database_bytes_per_run: dict[str, float]
    file_bytes_per_run: float

    @property
    def steps(self) -> int:
        """Agent-steps of a task."""
        return self.firms * self.months * self.worlds

    @property
    def steps_per_second(self) -> float:
        """Agent-steps a second of one core."""
        return self.steps / self.task_seconds


@dataclass(frozen=True)
class Dask:
    """Processor seconds that a task costs which computes nothing and returns so many bytes, and wall seconds of it when
    one worker gets one after another."""

    result_bytes: int
    parent_seconds: float
    scheduler_seconds: float
    wall_seconds: float


@dataclass(frozen=True)
class Constants:
    """All that is measured. case_*: of a point of an experiment in the parent, its fingerprint made; run_memory: bytes
    in the parent of a run that waits; plan_, missing_seconds: of a run, to put it into a block, and to look whether it
    is there; start_seconds: of a worker process; note_seconds: to write a single run, the least that a write takes."""

    measured: str
    machine: str
    sizes: tuple[Size, ...]
    case_seconds: float
    case_memory: float
    run_memory: float
    plan_seconds: float
    missing_seconds: float
    start_seconds: float
    note_seconds: float
    dask: tuple[Dask, ...] = ()

    @classmethod
    def of(cls, data: dict[str, Any]) -> Constants:
        """From what `--json` printed."""
        sizes, dask = (Size(**s) for s in data["sizes"]), (Dask(**d) for d in data["dask"])
        return cls(**{**data, "sizes": tuple(sizes), "dask": tuple(dask)})


def table(found: Constants) -> list[tuple[str, ...]]:
    """A row for each constant: what, and its value for each size of world, or once."""
    sizes = found.sizes
    rows: list[tuple[str, ...]] = [("", *(f"{s.firms} firms" for s in sizes))]

    def each(what: str, value: Callable[[Size], str]) -> None:
        rows.append((what, *(value(s) for s in sizes)))

    def once(what: str, value: str) -> None:
        rows.append((what, value, *("" for _ in sizes[1:])))

    each("worlds in a task", lambda s: f"{s.worlds}")
    each("agent-steps a second, one core", lambda s: f"{s.steps_per_second / 1e6:.2f} million")
    each("computing a task", lambda s: f"{s.task_seconds:.2f} s")
    each("a task as sent", lambda s: f"{s.task_bytes / 1e3:.0f} kB")
    each("packing a task", lambda s: f"{s.pack_seconds * 1e3:.2f} ms")
    for where, name in ((NONE, "figures only"), (FILE, "with monthly series")):
        each(f"its result, {name}", lambda s, w=where: f"{s.result_bytes[w] / 1e3:,.0f} kB")
        each(f"unpacking it, {name}", lambda s, w=where: f"{s.unpack_seconds[w] * 1e3:.2f} ms")
    for where, name in ((NONE, "figures only"), (FILE, "series in a file"), (ROWS, "series as rows")):
        each(f"writing it, {name}", lambda s, w=where: f"{s.write_seconds[w] * 1e3:,.0f} ms")
    for where, name in ((NONE, "figures only"), (ROWS, "series as rows")):
        each(f"rows of a run, {name}", lambda s, w=where: f"{s.rows_per_run[w]:,.0f}")
        each(f"bytes of a run in the database, {name}", lambda s, w=where: f"{s.database_bytes_per_run[w]:,.0f}")
    each("bytes of a run in its series file", lambda s: f"{s.file_bytes_per_run:,.0f}")
    each("bytes an agent-step, figures only", lambda s: f"{s.database_bytes_per_run[NONE] / s.firms / s.months:.2g}")
    each("rows an agent-step, figures only", lambda s: f"{s.rows_per_run[NONE] / s.firms / s.months:.2g}")
    once("making a case and its fingerprint", f"{found.case_seconds * 1e6:.0f} us")
    once("memory of a case in the parent", f"{found.case_memory:,.0f} bytes")
    once("memory of a waiting run in the parent", f"{found.run_memory:,.0f} bytes")
    once("putting a run into a block", f"{found.plan_seconds * 1e6:.2f} us")
    once("looking whether a run is there", f"{found.missing_seconds * 1e6:.2f} us")
    once("writing a single run, figures only", f"{found.note_seconds * 1e3:.1f} ms")
    once("starting a worker", f"{found.start_seconds:.1f} s")
    for one in found.dask:
        what = f"a task without work through Dask, result of {one.result_bytes / 1e3:,.0f} kB"
        once(f"{what}: parent", f"{one.parent_seconds * 1e3:.1f} ms")
        once(f"{what}: scheduler", f"{one.scheduler_seconds * 1e3:.1f} ms")
    return rows
