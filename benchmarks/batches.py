"""The same sweep by Mesa's own `batch_run` on the plain twin, and by a sweep of this laboratory, side by side.

Both sides run every point of a small grid with the same replications on two processes and hand over every monthly
outcome of every run; ours also writes them to a database. They must give the same numbers, which is checked. Ours gets
more replications, since it would else be over before its processes have started; speeds are agent-steps a second.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

import mesa

from benchmarks.plain.model import PlainModel
from sim.experiments.cases import Case
from sim.experiments.kinds.sweep import Sweep
from sim.scenario.files import load_scenario
from sim.scenario.schema import Scenario
from sim.store.store import Store

NETWORK = {"kind": "tiered", "buyers": 2, "tiers": [20, 32], "carriers": 6, "shared": 0.3, "sme_share": 0.7}
COSTS, MARGINS = (0.08, 0.12, 0.16), (0.06, 0.1)
SEED, PROCESSES = 1, 2
REPLICATIONS, TIMES_AS_MANY = 20, 20

AGREEMENT = 1e-6
"""Largest relative difference between the two sides: they add in different orders."""

MESA, OURS = "batch_run of the twin", "sweep"


@lru_cache(maxsize=1)
def base() -> Scenario:
    """The pilot on a network of 60 firms, without the second worlds that the twin does not run."""
    changes = {"network": NETWORK, "months": 24, "assessment.counterfactual": False, "assessment.first_best": False}
    return load_scenario("shenzhen-huawei").replace(changes)


COST, MARGIN = "technology.abatement_cost", "technology.margin"


def change(abatement_cost: float, margin: float) -> dict[str, Any]:
    """A point of the grid as changes of the base."""
    return {COST: abatement_cost, MARGIN: margin}


class BatchModel(PlainModel):
    """The plain twin as `batch_run` wants it: parameters by keyword, a data collector, an end."""

    def __init__(self, abatement_cost: float, margin: float, replication: int, rng: int | None = None) -> None:
        super().__init__(base().replace(change(abatement_cost, margin)), SEED, replication)
        self.datacollector = mesa.DataCollector({"outcomes": lambda model: model.history[-1]})

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)
        self.running = self.month < self.scenario.months
        if not self.running:
            self.release()


def by_mesa(replications: int) -> dict[tuple[Any, ...], list[dict[str, float]]]:
    """Monthly outcomes of every run, by abatement cost, margin and replication."""
    found: dict[tuple[Any, ...], list[dict[str, float]]] = {}
    parameters = {"abatement_cost": COSTS, "margin": MARGINS, "replication": range(replications)}
    more = {"number_processes": PROCESSES, "data_collection_period": 1, "display_progress": False}
    for row in mesa.batch_run(BatchModel, parameters, max_steps=base().months, **more):
        key = row["abatement_cost"], row["margin"], row["replication"]
        found.setdefault(key, []).append(row["outcomes"])
    return found


def by_us(replications: int, database: Path) -> None:
    """The same in a database."""
    uncertainties = {COST: list(COSTS), MARGIN: list(MARGINS)}
    sweep = Sweep(scenario=base(), uncertainties=uncertainties, replications=replications, seed=SEED, series="file")
    assert sweep.run(database, workers=PROCESSES).failures.empty


@dataclass(frozen=True)
class Rate:
    """Agent-steps a second of a side, and how many times those of `batch_run`."""

    side: str
    steps_per_second: float
    ratio: float


def rates(rounds: int) -> list[Rate]:
    """Both sides in turn, and what came of them compared."""
    lived = base().months + base().start.warmup
    steps = base().build_network().size * lived * len(COSTS) * len(MARGINS)
    speeds: dict[str, list[float]] = {MESA: [], OURS: []}
    for _ in range(rounds):
        start = time.perf_counter()
        plain = by_mesa(REPLICATIONS)
        speeds[MESA].append(steps * REPLICATIONS / (time.perf_counter() - start))
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "runs.db"
            start = time.perf_counter()
            by_us(REPLICATIONS * TIMES_AS_MANY, database)
            speeds[OURS].append(steps * REPLICATIONS * TIMES_AS_MANY / (time.perf_counter() - start))
            agree(plain, database)
    pairs = list(zip(speeds[OURS], speeds[MESA], strict=True))
    return [
        Rate(MESA, median(speeds[MESA]), 1.0),
        Rate(OURS, median(speeds[OURS]), median(ours / mesas for ours, mesas in pairs)),
    ]


def agree(plain: dict[tuple[Any, ...], list[dict[str, float]]], database: Path) -> None:
    """Raises AssertionError unless both sides have the same monthly outcomes."""
    with Store(database, create=False) as store:
        for (cost, margin, replication), months in plain.items():
            runs = store.read(Case(base(), change(cost, margin)).fingerprint, SEED, replication + 1)
            ours = dict(zip(runs.series, runs.monthly[replication], strict=True))
            assert len(months) == base().months
            for name in months[0].keys() & ours.keys():
                for mine, theirs in zip(ours[name], (month[name] for month in months), strict=True):
                    assert abs(mine - theirs) <= AGREEMENT * max(1.0, abs(theirs)), (name, mine, theirs)


def main() -> None:
    """Measure and print."""
    print(f"{len(COSTS) * len(MARGINS)} points of {base().name}, {base().build_network().size} firms, two processes:")
    for rate in rates(3):
        print(f"{rate.side:24}{rate.steps_per_second:>14,.0f} agent-steps/s{rate.ratio:>9.1f} x")


if __name__ == "__main__":
    main()
