"""The option --until: how it is written, and what is said of where it led."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.terminal.figures import scale
from sim.terminal.frames import plain

if TYPE_CHECKING:
    from sim.experiments.results import Results
    from sim.statistics.stopping import Look, Stopped


def aimed(until: str | None, budget: int | None) -> dict[str, Any] | None:
    """What `run_until` takes; None where nothing is asked for."""
    from sim.statistics.stopping import BUDGET, aim_of

    if until is None:
        if budget is not None:
            raise UsageError(f"budget: given {budget}, allowed is a budget with --until only")
        return None
    aim = aim_of(until)
    width = {"half_width": aim.half_width, "relative": aim.relative}
    return {"outcome": aim.outcome, **width, "budget": BUDGET if budget is None else budget}


def told(results: Results) -> Iterator[str]:
    """A line on how a sequential experiment went; none for others."""
    stopped = results.stopped
    if stopped is None:
        return
    what = f"differences in {stopped.aim.outcome} to {results.against}" if stopped.differences else stopped.aim.outcome
    number = len({look.replications for look in stopped.looks})
    after = f"after {results.replications} replications and {number} look{'s' if number > 1 else ''}"
    spent = not stopped.reached and results.replications == stopped.budget
    yield f"{what}: {_reached(results, stopped)} {after}" + ("; the budget is spent" if spent else "")


def _reached(results: Results, stopped: Stopped) -> str:
    """How narrow the widest interval is, and how narrow it was to be."""
    widest = max(stopped.last, key=_excess)
    if math.isnan(widest.half_width):
        return "no interval"
    if stopped.aim.relative is not None:
        share = _ratio(widest.half_width, abs(widest.estimate))
        return f"± {_three(100 * share)} % of the value (asked: ± {_three(100 * stopped.aim.relative)} %)"
    found = results.summary.loc[results.summary["outcome"] == stopped.aim.outcome]
    factor, unit = scale(str(found["unit"].iloc[0]), float(found["mean"].abs().max()))
    unit = "% points" if unit == "%" else unit
    return f"± {_three(widest.half_width * factor)} (asked: ± {_three(widest.wanted * factor)}) {unit}"


def _excess(look: Look) -> float:
    """How much wider an interval is than it was to be; no interval is widest."""
    if math.isnan(look.half_width):
        return math.inf
    return _ratio(look.half_width, look.wanted)


def _ratio(x: float, y: float) -> float:
    """x / y of numbers that are not negative, where nothing is no part of nothing."""
    return x / y if y else math.inf if x else 0.0


def _three(value: float) -> str:
    """A positive number with three digits."""
    if not math.isfinite(value) or value == 0:
        return "0" if value == 0 else "∞"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(value)))}f}"


def data(stopped: Stopped) -> dict[str, Any]:
    """The same as plain data."""
    aim = stopped.aim
    width = {"half_width": aim.half_width} if aim.half_width is not None else {"relative": aim.relative}
    looks = [
        {
            "replications": look.replications,
            "scenario": look.scenario,
            **{name: plain(getattr(look, name)) for name in ("estimate", "half_width", "wanted")},
        }
        for look in stopped.looks
    ]
    return {"outcome": aim.outcome, **width, "budget": stopped.budget, "reached": stopped.reached, "looks": looks}
