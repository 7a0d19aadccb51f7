"""The tables and the picture of docs/scale.md, from constants and simulated schedules: see `benchmarks.schedule`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import log10
from pathlib import Path

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator, PercentFormatter

from benchmarks.costs import MONTHS, Constants, Size, table
from benchmarks.planning import (
    AGENT_STEPS,
    BUSY,
    DOCUMENTED_SECONDS,
    REPLICATIONS,
    WAYS,
    WORKERS,
    Assumed,
    Outcome,
    outcome,
    plan_of,
    planning_seconds,
)
from benchmarks.simulated import Plan
from sim.errors import UsageError
from sim.plots.drawing import save
from sim.plots.look import SOFT, looks, styled
from sim.plots.sheet import Sheet
from sim.store.tables import FILE, NONE, ROWS

TOGETHER = 4
"""Blocks to a task, where it is asked what larger tasks would bring."""

COLUMNS = ("one parent", "several parents", "workers write")


def parts(found: Constants, size: Size, assumed: Assumed, rows: Sequence[Outcome]) -> dict[str, str]:
    """The parts of the page by name, as Markdown."""
    return {
        "machine": f"Measured {found.measured} on {found.machine}.",
        "constants": markdown(table(found)),
        "arithmetic": markdown(arithmetic(found)),
        "limits": markdown(limits(found, assumed)),
        "assumed": markdown(assumptions(assumed)),
        "schedule": markdown(schedule(rows)),
        "summary": summary(found, size, assumed, rows),
    }


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table; numbers to the right."""
    head, *body = rows
    lines = [head, ["---", *("---:" for _ in head[1:])], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def arithmetic(found: Constants) -> list[list[str]]:
    """What so many agent-steps are, as worlds of each size."""
    rows = [["", *(f"{s.firms} firms" for s in found.sizes)]]

    def each(what: str, values: Sequence[str]) -> None:
        rows.append([what, *values])

    runs = [AGENT_STEPS / s.firms / s.months for s in found.sizes]
    pairs = list(zip(found.sizes, runs, strict=True))
    each(f"runs of {MONTHS} months", [number(r) for r in runs])
    each(f"points, {REPLICATIONS} replications each", [number(r / REPLICATIONS) for r in runs])
    each("tasks", [number(r / s.worlds) for s, r in pairs])
    each("core-hours", [number(AGENT_STEPS / s.steps_per_second / 3600) for s in found.sizes])
    each("rows, figures only", [number(s.rows_per_run[NONE] * r) for s, r in pairs])
    each("database, figures only", [size_in(s.database_bytes_per_run[NONE] * r) for s, r in pairs])
    each("database, series as rows", [size_in(s.database_bytes_per_run[ROWS] * r) for s, r in pairs])
    each("series files, one for each task", [size_in(s.file_bytes_per_run * r) for s, r in pairs])
    memory = [(found.case_memory / REPLICATIONS + found.run_memory) * r for r in runs]
    each("memory of one parent: cases, runs", [size_in(m) for m in memory])
    each(
        "one parent before its first task: cases, what is missing, blocks",
        [hours(planning_seconds(found, r)) for r in runs],
    )
    return rows


def limits(found: Constants, assumed: Assumed) -> list[list[str]]:
    """How many workers one parent keeps busy, and what holds them up beyond."""
    rows = [["", *(f"{s.firms} firms" for s in found.sizes)]]
    for way, name in WAYS.items():
        rows.append([name, *(_limit(plan_of(found, s, way, 1, 1, assumed)) for s in found.sizes)])
    for server in ("scheduler", "network"):
        for way in (FILE, NONE):
            most = [plan_of(found, s, way, 1, 1, assumed).most_workers[server] for s in found.sizes]
            rows.append([f"the {server} alone, {WAYS[way]}", *(number(m) for m in most)])
    plans = [plan_of(found, s, "worker", 1, 1, assumed) for s in found.sizes]
    larger = [replace(p, compute=TOGETHER * p.compute, task_bytes=TOGETHER * p.task_bytes) for p in plans]
    rows.insert(len(WAYS) + 1, [f"{WAYS['worker']}, {TOGETHER} blocks to a task", *(_limit(p) for p in larger)])
    return rows


def _limit(plan: Plan) -> str:
    most = plan.most_workers
    least = min(most, key=most.__getitem__)
    return f"{number(most[least])} ({least})"


def assumptions(assumed: Assumed) -> list[list[str]]:
    """What is not measured."""
    return [
        ["assumed", "value"],
        ["price of a core-hour, in any currency", f"{assumed.price:g}"],
        ["network of parent and scheduler", f"{assumed.bandwidth / 1e9:g} GB/s each way"],
        ["disk", f"{assumed.disk / 1e6:g} MB/s"],
        ["spread of the time of equal tasks", f"{assumed.spread:.0%} (gamma distribution)"],
        ["a worker dies every", f"{assumed.hours_between_failures:g} hours"],
        ["memory of a parent", size_in(assumed.memory)],
        ["several parents are so many that each is busy at most", f"{BUSY:.0%}"],
        ["a task costs Dask's scheduler, where that was not measured", f"{DOCUMENTED_SECONDS * 1e3:g} ms"],
    ]


def schedule(rows: Sequence[Outcome]) -> list[list[str]]:
    """A row for each number of workers and each way."""
    body = []
    for one, name in zip(rows, list(COLUMNS) * len(WORKERS), strict=True):
        cells = [f"{one.workers}, {name}", f"{one.parents}", hours(one.seconds), f"{one.used:.0%}"]
        body.append([*cells, one.slowest, number(one.core_hours), f"{one.cost:,.0f}"])
    return [["workers", "parents", "time", "workers' time in tasks", "busiest", "core-hours", "cost"], *body]


def summary(found: Constants, size: Size, assumed: Assumed, rows: Sequence[Outcome]) -> str:
    """What the tables say, in a few sentences."""
    most, runs = WORKERS[-1], AGENT_STEPS / size.firms / size.months
    one, several, worker = (o for o in rows if o.workers == most)
    often = replace(assumed, hours_between_failures=1.0)
    dying = outcome(found, size, NONE, most, often, parents=several.parents)
    feeds = plan_of(found, size, NONE, 1, 1, assumed).most_workers
    first = min(feeds, key=feeds.__getitem__)
    others = [f"the {name} {number(feeds[name])}" for name in feeds if name != first]
    fits = assumed.memory / (found.case_memory / REPLICATIONS + found.run_memory)
    return "\n".join([
        f"10^{round(log10(AGENT_STEPS))} agent-steps in worlds of {size.firms} firms and {size.months} months are",
        f"{number(runs)} runs in {number(runs / size.worlds)} tasks. Kept as figures only, the first to break is the",
        f"{first}: it keeps {number(feeds[first])} workers busy, {' and '.join(others)}.",
        f"With {most} workers one parent takes {hours(one.seconds)} and uses {one.used:.1%} of them; {several.parents}",
        f"parents take {hours(several.seconds)} and use {several.used:.0%}; one parent whose workers write takes",
        f"{hours(worker.seconds)} and uses {worker.used:.0%}. Of the tasks of several parents {number(several.lost)}",
        "are lost with their workers and run again.",
        f"If each worker died every hour, {number(dying.lost)} would be, and it would take {hours(dying.seconds)}.",
        f"Cases and waiting runs fill the memory of one parent ({size_in(assumed.memory)}) at {number(fits)} runs.",
    ])  # fmt: skip


def number(value: float) -> str:
    """A count, to three digits where it is large."""
    for unit, factor in (("billion", 1e9), ("million", 1e6)):
        if value >= factor:
            return f"{value / factor:,.3g} {unit}"
    return f"{float(f'{value:.3g}'):,.0f}"


def size_in(value: float) -> str:
    """Bytes in the largest unit that leaves a whole number."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value:.0f} bytes"


def hours(seconds: float) -> str:
    """A time in words."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.3g} h"


def fill(page: Path, given: dict[str, str]) -> None:
    """Write parts of a page between their marks, `<!-- name -->` and `<!-- end name -->`. Raises UsageError where a
    page has no such marks."""
    text = page.read_text(encoding="utf-8")
    for name, part in given.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)"
        text, times = re.subn(pattern, lambda m, part=part: f"{m[1]}{part}\n{m[2]}", text, flags=re.DOTALL)
        if times != 1:
            raise UsageError(f"{page}: needs one place <!-- {name} --> ... <!-- end {name} -->, has {times}")
    page.write_text(text, encoding="utf-8")


@styled
def draw(rows: Sequence[Outcome], found: Constants, size: Size, path: Path) -> Path:
    """Time and part of the workers used, against workers."""
    worlds = number(AGENT_STEPS / size.firms / size.months)
    subtitle = f"{worlds} runs of {size.firms} firms and {size.months} months; simulated from measured constants"
    sheet = Sheet(8.0, 2.9, "A million million agent-steps on a cluster", subtitle)
    left, right = sheet.figure.subplots(1, 2)
    drawn = looks(COLUMNS)
    for n, look in enumerate(drawn.values()):
        mine = [o for k, o in enumerate(rows) if k % len(COLUMNS) == n]
        left.plot([o.workers for o in mine], [o.seconds / 3600 for o in mine], **look.drawn(4.0, 1.4))
        right.plot([o.workers for o in mine], [o.used for o in mine], **look.drawn(4.0, 1.4))
    perfect = [AGENT_STEPS / size.steps_per_second / w / 3600 for w in WORKERS]
    left.plot(WORKERS, perfect, color=SOFT, linewidth=0.9, linestyle=(0, (1, 1)), zorder=1)
    left.set_yscale("log")
    left.set_ylabel("hours")
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    left.yaxis.set_minor_formatter(NullFormatter())
    right.set_ylabel("part of the workers' time in tasks")
    right.set_ylim(0.0, 1.05)
    right.yaxis.set_major_formatter(PercentFormatter(1.0))
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(WORKERS, [str(w) for w in WORKERS])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("workers")
    handles = [Line2D([], [], **look.drawn(4.0, 1.4)) for look in drawn.values()]
    dots = Line2D([], [], color=SOFT, linewidth=0.9, linestyle=(0, (1, 1)))
    sheet.legend([*handles, dots], [*drawn, "computing alone, shared out evenly"])
    sheet.caption(
        "One parent writes figures to its database; several have a part of the points each; with 'workers write', "
        "which is not built, workers put figures and series in files and one parent notes them."
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    return save(sheet.figure, path)
