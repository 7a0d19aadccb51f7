"""What came of the cases of an experiment, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.space import Changes
from sim.scenario.schema import Scenario
from sim.store.records import Figures, Recorder

if TYPE_CHECKING:
    from sim.experiments.definition import Design


@dataclass(frozen=True, eq=False)
class Found:
    """What came of the cases of an experiment.

    points: what each case changes in the base. figures: of the outcomes asked for, (point, replication, series).
    failures: tracebacks by point and replication. database, experiment: where they are saved and under which number.
    finished: runs that are there; if not given, those that have one of the outcomes.
    """

    base: Scenario
    points: Sequence[Changes]
    figures: Figures
    failures: Mapping[int, Mapping[int, str]]
    database: str | None = None
    experiment: int | None = None
    finished: int | None = None


@dataclass(frozen=True)
class Part:
    """What came of a part of an experiment. cases, runs: how many it has; failures: tracebacks by case and
    replication."""

    cases: int
    runs: int
    failures: Mapping[str, Mapping[int, str]]
    database: str
    experiment: int


def found_in(
    recorder: Recorder, design: Design, base: Scenario, points: Sequence[Changes], keys: Sequence[str],
    database: str | None, number: int | None,
) -> Found:  # fmt: skip
    """What a recorder holds of the points of a design, whose fingerprints are `keys`; nothing is computed."""
    different = list(dict.fromkeys(keys))
    row = {key: n for n, key in enumerate(different)}
    held = recorder.figures(different, design.seed, design.replications, names=design.outcomes)
    failed = recorder.failures(different, design.seed, design.replications)
    figures = Figures(held.units, held.values[[row[key] for key in keys]])
    failures = {n: failed[key] for n, key in enumerate(keys) if failed.get(key)}
    finished = finished_of(recorder, keys, design.seed, design.replications, figures)
    return Found(base, points, figures, failures, database, number, finished)


def finished_of(recorder: Recorder, keys: Sequence[str], seed: int, replications: int, figures: Figures) -> int:
    """Runs of some cases, by their fingerprints, that are there; also those that have none of the outcomes asked
    for."""
    with_outcomes = np.isfinite(figures.values).any(axis=2)
    if with_outcomes.all():
        return with_outcomes.size
    missing = recorder.missing(list(dict.fromkeys(keys)), seed, replications, series=False)
    return sum(replications - len(missing[key]) for key in keys)
