"""How fast the laboratory is beside the same model as a plain Mesa programme: `python -m benchmarks.speed`.

Measured on the Shenzhen pilot, and on a scenario with a mechanism of every family and everything on (`whole.toml`).

Measured in agent-steps a second: firms x months lived through / seconds. Everything a run does is timed on both
sides: making the world ready, the warm-up, the months, and recording every outcome but the effort gap, whose
second world (the first best) nobody runs here. Warm-up months count as months on both sides. The sides
alternate, and a ratio is the median over the rounds, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from benchmarks.racing import (
    FIRMS,
    TARGETS,
    WHAT,
    WORLDS,
    block_scan,
    months,
    rates,
    rates_of_whole,
    run_worlds,
    scenario,
    seconds,
    whole,
)
from sim.draws import Draws
from sim.ensemble import worlds_per_block

MEMORY_BLOCKS = (50, 150)
"""Worlds of a smaller and a larger block, by which memory is measured."""


@contextmanager
def timed_draws(spent: list[float]) -> Iterator[None]:
    """Add up in `spent[0]` the seconds within the methods of Draws, outermost calls only."""
    names = tuple(name for name, value in vars(Draws).items() if callable(value) and not name.startswith("_"))
    kept: dict[str, Any] = {name: getattr(Draws, name) for name in names}
    depth = 0

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal depth
            depth += 1
            start = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                depth -= 1
                if depth == 0:
                    spent[0] += time.perf_counter() - start

        return wrapped

    for name, method in kept.items():
        setattr(Draws, name, timed(method))
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(Draws, name, method)


def share_drawing(worlds: int, rounds: int) -> float:
    """Share of the engine's time that goes into random numbers: the floor of any way to run the same draws."""
    shares = []
    for _ in range(rounds):
        spent = [0.0]
        with timed_draws(spent):
            whole = seconds(lambda: run_worlds(worlds))
        shares.append(spent[0] / whole)
    return median(shares)


def memory_per_world() -> float:
    """Peak memory a world adds to a block, MB: difference between a larger and a smaller block."""
    peaks = [peak_memory(worlds) for worlds in MEMORY_BLOCKS]
    return (peaks[1] - peaks[0]) / (MEMORY_BLOCKS[1] - MEMORY_BLOCKS[0])


def peak_memory(worlds: int) -> float:
    """Peak of all memory allocated while a block runs, MB."""
    tracemalloc.start()
    run_worlds(worlds)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1024.0**2


def import_seconds() -> float:
    """Seconds that a fresh process needs to import the ensemble, over those of an empty one."""

    def fresh(code: str) -> float:
        return min(seconds(lambda: _python("-c", code)) for _ in range(3))

    return fresh("import sim.ensemble") - fresh("pass")


def _python(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True).stdout


# --- report -----------------------------------------------------------------------------------------------


def measured(rounds: int) -> dict[str, Any]:
    """All measurements."""
    found, everything = rates(rounds), rates_of_whole(max(1, rounds // 2))
    return {
        "scenario": scenario().name,
        "firms": FIRMS,
        "months": months(),
        "worlds": WORLDS,
        "rounds": rounds,
        "agent_steps_per_second": {r.side: r.steps_per_second for r in found},
        "times_the_twin": {r.side: r.ratio for r in found},
        "targets": TARGETS,
        "missed": [r.side for r in found if r.ratio < TARGETS.get(r.side, 0.0)],
        "everything_on": {
            "months": months(whole),
            "rounds": max(1, rounds // 2),
            "agent_steps_per_second": {r.side: r.steps_per_second for r in everything},
            "times_the_twin": {r.side: r.ratio for r in everything},
        },
        "block_scan": block_scan(max(1, rounds // 2)),
        "worlds_per_block": worlds_per_block(FIRMS),
        "memory_per_world_mb": memory_per_world(),
        "share_drawing": share_drawing(WORLDS, 3),
        "share_drawing_one_world": share_drawing(1, 5),
        "import_seconds": import_seconds(),
    }


def shown(found: dict[str, Any]) -> str:
    """The measurements as text."""
    lines = [
        f"{found['scenario']}, {found['firms']} firms, {found['months']} months (warm-up included), "
        f"medians of {found['rounds']} alternating rounds; set-up timed on both sides, no first-best worlds",
        "",
        f"{'':18}{'agent-steps/s':>14}{'x twin':>9}{'target':>9}   what",
    ]
    for side, speed in found["agent_steps_per_second"].items():
        target = f"{found['targets'][side]:.0f}" if side in found["targets"] else ""
        missed = " missed" if side in found["missed"] else ""
        ratio = found["times_the_twin"][side]
        lines.append(f"{side:18}{speed:>14,.0f}{ratio:>9.1f}{target:>9}   {WHAT[side]}{missed}")
    lines += shown_whole(found["everything_on"])
    lines += ["", f"{'worlds in a block':18}{'agent-steps/s':>14}"]
    for size, speed in found["block_scan"].items():
        mark = "   the engine's choice" if size == found["worlds_per_block"] else ""
        lines.append(f"{size:<18}{speed:>14,.0f}{mark}")
    lines += [
        "",
        f"peak memory of a world: {found['memory_per_world_mb']:.2f} MB",
        f"share of the time drawing random numbers: {found['share_drawing']:.1%} "
        f"(one world alone: {found['share_drawing_one_world']:.1%})",
        f"importing the ensemble: {found['import_seconds']:.2f} s",
    ]
    return "\n".join(lines)


def shown_whole(found: dict[str, Any]) -> list[str]:
    """The section on everything at once."""
    lines = [
        "",
        f"everything on: {found['months']} months (warm-up included), medians of {found['rounds']} alternating rounds",
        f"{'':18}{'agent-steps/s':>14}{'x twin':>9}",
    ]
    for side, speed in found["agent_steps_per_second"].items():
        lines.append(f"{side:18}{speed:>14,.0f}{found['times_the_twin'][side]:>9.1f}{'':12}{WHAT[side]}")
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--rounds", type=int, default=7, help="alternating rounds (7)")
    chosen = parser.parse_args()
    found = measured(chosen.rounds)
    print(json.dumps(found, indent=1) if chosen.json else shown(found))


if __name__ == "__main__":
    main()
