"""Sequential replication: as many replications as an interval takes, and no more than a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.errors import UsageError, unknown
from sim.experiments.cases import Case
from sim.experiments.designs import MOST_REPLICATIONS, AnyScenario, checked, comparable, recording, results_of
from sim.experiments.results import Results
from sim.experiments.runner import Progress, run_cases
from sim.fields import Array
from sim.outcomes.base import outcomes
from sim.scenario.schema import Scenario
from sim.statistics.stopping import BUDGET, Aim, Stopped, looks, steps
from sim.store.records import Figures


def run_until(
    scenarios: AnyScenario | Sequence[AnyScenario],
    outcome: str,
    *,
    half_width: float | None = None,
    relative: float | None = None,
    against: str | None = None,
    at_least: int = 50,
    budget: int = BUDGET,
    seed: int = 1,
    months: int | None = None,
    db: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    scheduler: str | None = None,
) -> Results:
    """Run a scenario until the interval of an outcome's mean is narrow enough; or several, until the intervals of all
    paired differences to the reference are. Either half_width, in the outcome's unit, or relative, to the value.

    Begins with `at_least` replications, and has half as many again at each further look until `budget` replications
    of each scenario are spent. `stopped` of the results says how it went, see `stopping`. What runs and where, see
    `designs.compare`. What a database holds is used and not computed again, but looks are the same: where it stops
    depends on nothing but the figures.

    Frames of the results have plain 95 % intervals, as if the number of replications had been settled beforehand.
    """
    aim = Aim(outcome, half_width, relative)
    if outcome.split(":")[0] not in outcomes():
        raise UsageError(unknown("outcome", outcome, outcomes()))
    single = isinstance(scenarios, (str, Path, Scenario))
    chosen, reference = comparable([scenarios] if single else scenarios, months, against)  # type: ignore[list-item]
    if budget > MOST_REPLICATIONS:
        raise UsageError(f"budget: given {budget}, allowed is at most {MOST_REPLICATIONS}")
    steps(at_least, budget)
    checked(budget, seed, workers, scheduler)
    kind = "run" if single else "compare"
    with recording(kind, chosen, reference, at_least, seed, db) as (recorder, database, grow):
        cases = [Case(s) for s in chosen]
        keys = [case.fingerprint for case in cases]

        def figures(replications: int) -> Mapping[str, Array]:
            grow(replications)
            run_cases(cases, seed, replications, recorder, workers=workers, scheduler=scheduler, progress=progress)
            if replications == at_least:
                _check_recorded(outcome, chosen, recorder.figures(keys, seed, replications))
            found = recorder.figures(keys, seed, replications, [outcome]).values[:, :, 0]
            return _compared({s.name: row for s, row in zip(chosen, found, strict=True)}, reference)

        seen = tuple(looks(figures, aim, at_least, budget))
        results = results_of(chosen, reference, seen[-1].replications, seed, recorder, database)
        return replace(results, stopped=Stopped(aim, budget, seen, differences=len(chosen) > 1))


def _compared(figures: dict[str, Array], reference: str) -> Mapping[str, Array]:
    """The figures of a single scenario; of several, those of each other one less the reference's."""
    if len(figures) == 1:
        return figures
    return {name: values - figures[reference] for name, values in figures.items() if name != reference}


def _check_recorded(outcome: str, scenarios: Sequence[Scenario], found: Figures) -> None:
    """Raises UsageError where a scenario has finished runs, but not this outcome."""
    there = np.isfinite(found.values)
    for scenario, runs in zip(scenarios, there, strict=True):
        recorded = [name for name, some in zip(found.units, runs.any(axis=0), strict=True) if some]
        if recorded and outcome not in recorded:
            raise UsageError(f"{scenario.name}: {unknown('outcome', outcome, recorded)}")
