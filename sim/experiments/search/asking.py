"""Candidates of a search: Optuna is asked for them, a batch at a time, and told what came of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sim.errors import UsageError
from sim.experiments.axes import DIGITS, Axis, Range
from sim.experiments.space import Space

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial

Sampler = Literal["tpe", "nsga2", "random"]
"""Tree-structured Parzen estimator (Bergstra et al. 2011), genetic algorithm NSGA-II (Deb et al. 2002), chance."""


@dataclass(frozen=True)
class Told:
    """What came of a candidate: objectives, and how far each constraint is violated (at most 0 where it is met)."""

    objectives: tuple[float, ...]
    violations: Mapping[str, float]


class Asker:
    """Asks for candidates and learns from what came of them.

    The same seed and the same answers give the same candidates: a batch is asked for at once and answered in order, so
    nothing depends on which of them was computed first. lower: for each objective, whether lower is better. With
    NSGA-II a batch is a generation.
    """

    def __init__(self, space: Space, lower: Sequence[bool], sampler: Sampler, batch: int, seed: int) -> None:
        _check_installed()
        self._axes = space.axes
        self._directions = [_direction(low) for low in lower]
        self._kinds = {path: _distribution(axis) for path, axis in space.axes.items()}
        self._sampler = _sampler(sampler, batch, seed)
        self._study = self._begun()
        self._asked: list[Trial] = []

    def ask(self, number: int) -> list[dict[str, Any]]:
        """The next candidates, as changes of the base."""
        with _quietly():
            self._asked = [self._study.ask(self._kinds) for _ in range(number)]
        return [{path: _value(axis, t.params[path]) for path, axis in self._axes.items()} for t in self._asked]

    def tell(self, told: Sequence[Told | None]) -> None:
        """What came of the candidates asked for last, in order; None of one that failed."""
        from optuna.trial import TrialState

        with _quietly():
            for trial, found in zip(self._asked, told, strict=True):
                if found is None:
                    self._study.tell(trial, state=TrialState.FAIL)
                    continue
                for name, violation in found.violations.items():
                    trial.set_constraint(name, violation)
                self._study.tell(trial, list(found.objectives))
        self._asked = []

    def retell(self, objectives: Sequence[tuple[float, ...] | None]) -> None:
        """Other objectives for all candidates so far, in order: what a regret is changes with each better candidate."""
        from optuna.trial import create_trial

        with _quietly():
            before = self._study.get_trials()
            self._study = self._begun()
            for trial, values in zip(before, objectives, strict=True):
                if values is None:
                    self._study.add_trial(trial)
                    continue
                again = create_trial(
                    state=trial.state, values=list(values), params=trial.params, distributions=trial.distributions,
                    system_attrs=trial.system_attrs,
                )  # fmt: skip
                self._study.add_trial(again)

    def _begun(self) -> Study:
        import optuna

        with _quietly():
            return optuna.create_study(directions=self._directions, sampler=self._sampler)


def _check_installed() -> None:
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise UsageError("a search needs Optuna: pip install supply-chain-lab[analysis]") from None


def _direction(lower: bool) -> Literal["minimize", "maximize"]:
    return "minimize" if lower else "maximize"


def _sampler(kind: Sampler, batch: int, seed: int) -> BaseSampler:
    from optuna import samplers

    with _quietly():
        if kind == "tpe":
            return samplers.TPESampler(seed=seed)
        if kind == "nsga2":
            return samplers.NSGAIISampler(seed=seed, population_size=max(batch, 2))
        return samplers.RandomSampler(seed=seed)


def _distribution(axis: Axis) -> BaseDistribution:
    """How Optuna calls an axis; the values of a list, or of a range in steps, go by their places."""
    from optuna import distributions

    if not isinstance(axis, Range):
        return distributions.CategoricalDistribution(tuple(range(len(axis.values))))
    if axis.steps is not None:
        return distributions.IntDistribution(0, len(axis.values or ()) - 1)
    if axis.whole:
        return distributions.IntDistribution(int(axis.low), int(axis.high), log=axis.log)
    return distributions.FloatDistribution(axis.low, axis.high, log=axis.log)


def _value(axis: Axis, given: Any) -> Any:
    """The value of a lever, rounded as the points of a design are."""
    if not isinstance(axis, Range) or axis.steps is not None:
        return (axis.values or ())[given]
    return int(given) if axis.whole else min(max(float(f"{given:.{DIGITS}g}"), axis.low), axis.high)


@contextmanager
def _quietly() -> Iterator[None]:
    """Without Optuna's messages on what it begins, and its warnings that something is new in it."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(level)
