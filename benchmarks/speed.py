"""How fast the laboratory is beside the same model as a plain Mesa programme: `python -m benchmarks.speed`.

Measured on the Shenzhen pilot, and on a scenario with a mechanism of every family and everything on (`whole.toml`).

Measured in agent-steps a second: firms x months lived through / seconds. Everything a run does is timed on both
sides: making the world ready, the warm-up, the months, and recording every outcome but the effort gap, whose
second world (the first best) nobody runs here. Warm-up months count as months on both sides. The sides
alternate, and a ratio is the median over the rounds, so that a busy machine slows both.
"""

# ruff: noqa: E402  (the number of threads is set before numpy is first imported)

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import argparse
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.plain_mesa import PlainModel
from sim.draws import Draws
from sim.ensemble import run_block, worlds_per_block
from sim.model import SupplyChainModel
from sim.scenario.files import load_scenario
from sim.scenario.schema import Scenario

Given = Callable[[], Scenario]
"""A scenario, made when it is asked for."""

FIRMS = 200
WORLDS = 50
SEED = 1
BLOCKS = (1, 5, 10, 25, 50, 100, 200)
MEMORY_BLOCKS = (50, 150)

TWIN, ONE, MODEL, ENSEMBLE, TWO_CORES = "plain Mesa twin", "one world", "SupplyChainModel", "ensemble", "two cores"
TARGETS = {ONE: 5.0, ENSEMBLE: 60.0, TWO_CORES: 100.0}
"""How many times faster than the twin each is to be, at least."""

WHAT = {
    TWIN: "one object for each firm, one world, one core",
    ONE: "run_block with one replication, one core",
    MODEL: "the Mesa model on the engine, one world, one core",
    ENSEMBLE: f"run_block, {WORLDS} worlds, one core",
    TWO_CORES: f"two processes with {WORLDS} worlds each",
}


@lru_cache(maxsize=1)
def scenario() -> Scenario:
    """The Shenzhen pilot on a tiered network of 200 firms: 4 buyers, 70 and 120 suppliers, 6 carriers."""
    network = {"kind": "tiered", "buyers": 4, "tiers": [70, 120], "carriers": 6, "shared": 0.3, "sme_share": 0.7}
    chosen = load_scenario("shenzhen-huawei").replace({"network": network})
    assert chosen.build_network().size == FIRMS
    return chosen


@lru_cache(maxsize=1)
def whole() -> Scenario:
    """Everything on, on 200 firms; the second worlds without incentives, as the first best, are not run here."""
    chosen = load_scenario(Path(__file__).with_name("whole.toml")).replace({"assessment.counterfactual": False})
    assert chosen.build_network().size == FIRMS
    return chosen


def months(of: Given = scenario) -> int:
    """Months a world lives through, the warm-up included."""
    return of().months + of().start.warmup


# --- what is timed ----------------------------------------------------------------------------------------


def run_worlds(worlds: int, first: int = 0, of: Given = scenario) -> None:
    """Some replications as one block, without the benchmark worlds."""
    run_block(of(), SEED, range(first, first + worlds), benchmark=False)


def run_mesa_model() -> None:
    """One world through the Mesa model."""
    model = SupplyChainModel(scenario(), rng=SEED)
    for _ in range(scenario().months):
        model.step()
    model.release()


def run_twin(of: Given = scenario) -> None:
    """One world through the plain Mesa twin."""
    model = PlainModel(of(), SEED)
    for _ in range(of().months):
        model.step()
    model.release()


def run_two_cores(pool: ProcessPoolExecutor) -> None:
    """Twice as many worlds, half of them in each of two processes."""
    for half in [pool.submit(run_worlds, WORLDS, first) for first in (0, WORLDS)]:
        half.result()


def seconds(work: Callable[[], None]) -> float:
    """Wall time of a piece of work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# --- measurements -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rate:
    """Agent-steps a second of one side, and how many times the twin's."""

    side: str
    steps_per_second: float
    ratio: float


Sides = dict[str, tuple[int, Callable[[], None]]]
"""Worlds that a side runs, and how."""


def rates(rounds: int) -> list[Rate]:
    """Every side on the pilot."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        sides: Sides = {
            TWIN: (1, run_twin),
            ONE: (1, lambda: run_worlds(1)),
            MODEL: (1, run_mesa_model),
            ENSEMBLE: (WORLDS, lambda: run_worlds(WORLDS)),
            TWO_CORES: (2 * WORLDS, lambda: run_two_cores(pool)),
        }
        return raced(sides, rounds, months())


def rates_of_whole(rounds: int) -> list[Rate]:
    """The twin and the ensemble on one core, everything on."""
    sides: Sides = {TWIN: (1, lambda: run_twin(whole)), ENSEMBLE: (WORLDS, lambda: run_worlds(WORLDS, of=whole))}
    return raced(sides, rounds, months(whole))


def raced(sides: Sides, rounds: int, lived: int) -> list[Rate]:
    """Every side once a round, in turn, after once to warm up."""
    for _, work in sides.values():
        work()
    found: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, (worlds, work) in sides.items():
            found[side].append(FIRMS * lived * worlds / seconds(work))
    return [
        Rate(side, median(mine), median(x / twin for x, twin in zip(mine, found[TWIN], strict=True)))
        for side, mine in found.items()
    ]


def block_scan(rounds: int) -> dict[int, float]:
    """Agent-steps a second by worlds in a block, one core; small blocks are run several times a round."""
    found: dict[int, list[float]] = {size: [] for size in BLOCKS}
    for _ in range(rounds):
        for size in BLOCKS:
            times = max(1, 10 // size)

            def work(size: int = size, times: int = times) -> None:
                for n in range(times):
                    run_worlds(size, n * size)

            found[size].append(FIRMS * months() * size * times / seconds(work))
    return {size: median(values) for size, values in found.items()}


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
