"""The same worlds lived through in several ways, in turns, so that a busy machine slows all: see `benchmarks.speed`."""

# ruff: noqa: E402  (the number of threads is set before numpy is first imported)

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from benchmarks.plain.model import PlainModel
from sim.ensemble import run_block
from sim.model import SupplyChainModel
from sim.scenario.files import load_scenario
from sim.scenario.schema import Scenario

Given = Callable[[], Scenario]
"""A scenario, made when it is asked for."""

FIRMS = 200
WORLDS = 50
SEED = 1
BLOCKS = (1, 5, 10, 25, 50, 100, 200)

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
