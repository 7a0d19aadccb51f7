"""Any scenario as a model of the EMA workbench (Kwakkel 2017), or of whatever else calls a function with values."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError, reason, unknown
from sim.experiments.axes import Axis, Range
from sim.experiments.cases import Case
from sim.experiments.definition import MAIN
from sim.experiments.designs import AnyScenario, checked, loaded
from sim.experiments.runner import run_cases
from sim.experiments.space import Space, in_order, space_of
from sim.outcomes.base import outcome_of
from sim.outcomes.base import outcomes as all_outcomes
from sim.scenario.schema import Scenario
from sim.statistics import paired
from sim.store.memory import Memory

if TYPE_CHECKING:
    from ema_workbench import Model


@dataclass(frozen=True)
class ScenarioModel:
    """A function of values of a scenario that gives its outcomes: `model(incentives__0__rate=0.1)`.

    Values go by path, or by the identifier of the path (`identifier`). The answer holds the mean of each outcome over
    the replications, under the outcome's identifier; NaN, with a warning, where a world failed. The same values give
    the same figures, and other values meet the same random numbers. It can be sent to other processes.
    """

    scenario: Scenario
    paths: Mapping[str, str]
    outcomes: tuple[str, ...]
    replications: int
    seed: int

    def __call__(self, **values: Any) -> dict[str, float]:
        """Mean outcomes with these values. Raises UsageError or ScenarioError for what the scenario does not take."""
        case = Case(self.scenario, in_order({self._path(name): value for name, value in values.items()}))
        recorder = Memory()
        key = case.scenario.fingerprint
        run_cases([case], self.seed, self.replications, recorder, workers=1, series=False)
        failed = recorder.failures([key], self.seed, self.replications).get(key, {})
        for replication, traceback in list(failed.items())[:1]:
            many = f"{len(failed)} of {self.replications}"
            warnings.warn(f"{many} worlds failed, first replication {replication}: {reason(traceback)}", stacklevel=2)
        figures = recorder.figures([key], self.seed, self.replications, self.outcomes).values[0]
        means = paired.mean(figures).value
        return {
            identifier(name): float("nan") if failed else float(mean)
            for name, mean in zip(self.outcomes, means, strict=True)
        }

    def _path(self, name: str) -> str:
        if name in self.paths.values():
            return name
        if name not in self.paths:
            raise UsageError(unknown("value", name, self.paths))
        return self.paths[name]


def as_model(
    scenario: AnyScenario,
    levers: Mapping[str, Any] | Sequence[str] = (),
    uncertainties: Mapping[str, Any] | Sequence[str] = (),
    outcomes: Sequence[str] = MAIN,
    replications: int = 10,
    seed: int = 1,
    months: int | None = None,
) -> ScenarioModel:
    """A scenario as a function from values to outcomes, such as `ema_workbench.Model("name", function=...)` takes.

    levers, uncertainties: the paths whose values may be given, alone or with their ranges as in an experiment (which
    here only have to be allowed). outcomes: whose means are told.

    Raises UsageError for a path or an outcome that the scenario does not have.
    """
    base = loaded(scenario, months)
    checked(replications, seed)
    for name in outcomes:
        if name.split(":")[0] not in all_outcomes():
            raise UsageError(f"outcomes: {unknown('outcome', name, all_outcomes())}")
    spaces = [_space("levers", levers, base), _space("uncertainties", uncertainties, base)]
    for space, beside in (spaces, spaces[::-1]):
        space.check(base, beside, "model")
    paths = {identifier(path): path for space in spaces for path in space.axes}
    return ScenarioModel(base, paths, tuple(outcomes), replications, seed)


def ema_model(
    scenario: AnyScenario,
    levers: Mapping[str, Any] | None = None,
    uncertainties: Mapping[str, Any] | None = None,
    outcomes: Sequence[str] = MAIN,
    replications: int = 10,
    seed: int = 1,
    months: int | None = None,
    name: str | None = None,
) -> Model:
    """A scenario as a model of the EMA workbench, with its levers, uncertainties and outcomes.

    levers, uncertainties: ranges and lists by path, as in an experiment. A range becomes a real parameter (log-uniform
    with `log`), one of whole numbers an integer parameter, a list a categorical one (boolean for true and false, a
    constant for one value alone). Outcomes are to be minimised or maximised as is good for them. name: of letters and
    digits; from the scenario's if not given.
    """
    ema = _workbench()
    function = as_model(scenario, levers or {}, uncertainties or {}, outcomes, replications, seed, months)
    base = function.scenario
    model = ema.Model(name or "".join(c for c in base.name if c.isalnum()) or "scenario", function=function)
    kinds = {
        "lower": ema.ScalarOutcome.MINIMIZE,
        "higher": ema.ScalarOutcome.MAXIMIZE,
        "neither": ema.ScalarOutcome.INFO,
    }
    for place, given in (("levers", levers or {}), ("uncertainties", uncertainties or {})):
        axes = _space(place, given, base).axes
        single = {path: axis for path, axis in axes.items() if axis.values is not None and len(axis.values) == 1}
        setattr(model, place, [_parameter(path, axis) for path, axis in axes.items() if path not in single])
        model.constants = [ema.Constant(identifier(p), axis.values[0]) for p, axis in single.items() if axis.values]
    model.outcomes = [ema.ScalarOutcome(identifier(o), kinds[outcome_of(o).better]) for o in outcomes]
    return model


def identifier(path: str) -> str:
    """The name of a path, or of a group of an outcome, as Python takes it: `incentives__0__rate`."""
    return path.replace(".", "__").replace(":", "__")


def _space(place: str, given: Mapping[str, Any] | Sequence[str], base: Scenario) -> Space:
    """Ranges and lists by path; a path alone may take what it has."""
    if not isinstance(given, Mapping):
        given = {path: [_at(base, path)] for path in given}
    return space_of(place, given, "model")


def _at(base: Scenario, path: str) -> Any:
    """The value of a scenario at a path."""
    here: Any = base
    for part in path.split("."):
        found = here[int(part)] if isinstance(here, tuple) and part.isdigit() and int(part) < len(here) else None
        here = getattr(here, part, None) if found is None else found
    return here


def _parameter(path: str, axis: Axis) -> Any:
    """A parameter of the workbench."""
    ema = _workbench()
    name = identifier(path)
    if not isinstance(axis, Range):
        if set(axis.values) == {True, False} and all(isinstance(v, bool) for v in axis.values):
            return ema.BooleanParameter(name)
        return ema.CategoricalParameter(name, axis.values)
    resolution = None if axis.steps is None else list(axis.values or ())
    if axis.whole and axis.log:
        raise UsageError(
            f"{path}: whole numbers on a logarithmic scale are no parameter of the workbench; leave out log, or "
            "list them"
        )
    if axis.whole:
        return ema.IntegerParameter(name, int(axis.low), int(axis.high), resolution=resolution)
    if axis.log:
        from scipy.stats import loguniform

        return ema.RealParameter.from_dist(name, loguniform(axis.low, axis.high))
    return ema.RealParameter(name, axis.low, axis.high, resolution=resolution)


def _workbench() -> Any:
    """The workbench, without its warning that a package it can do without is not there.

    Raises UsageError if it is not installed.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ipyparallel not installed", UserWarning)
        try:
            import ema_workbench
        except ImportError:
            raise UsageError("this needs the EMA workbench: pip install supply-chain-lab[ema]") from None
    return ema_workbench
