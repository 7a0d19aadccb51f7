"""Sensitivity designs and what follows from a model's values at their points, by SALib (Herman & Usher 2017).

A design says at which points of the unit cube a model has to be known; its `indices` take the values there. It knows
nothing of scenarios, so that it can be held against functions whose indices are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from sim.errors import UsageError
from sim.fields import Array

RESAMPLES = 200
"""Bootstrap samples behind an interval."""
QUANTILE = 1.959963984540054
"""Standard normal quantile of a 95 % interval."""
MORRIS = ("mu", "mu_star", "sigma")
"""Indices of Morris."""
CONSTANT = 1e-12
"""An outcome that varies by less than this part of its size does not vary."""


@dataclass(frozen=True)
class Index:
    """A sensitivity index. parameter: name, or two names for one of second order."""

    parameter: tuple[str, ...]
    index: str
    value: float
    low: float
    high: float


class SensitivityDesign(Protocol):
    """Points at which a model is to be known, and what its values there say. group: points that belong together;
    groups: how many of these there are."""

    @property
    def group(self) -> int: ...
    @property
    def groups(self) -> int: ...

    @property
    def unit(self) -> Array:
        """The points, (point, parameter) in 0..1."""

    def whole(self, values: Array) -> Array:
        """Whether each group of points that belong together has all its values, (group,)."""

    def indices(self, values: Array) -> list[Index]:
        """The indices that follow from the values at the points, (point,); groups with missing values do not count.
        None where the values do not vary, or no group is whole."""


@dataclass(frozen=True)
class SobolDesign:
    """Variance-based indices: S1 (a parameter's own part of the variance), ST (with all its interactions) and, of
    second order, S2 (what two parameters do only together).

    Points are those of Saltelli, Annoni et al. (2010, Computer Physics Communications 181) on a scrambled Sobol
    sequence: `points` x (parameters + 2), with second order x (2 x parameters + 2). Intervals are normal, with the
    standard deviation of bootstrap samples.
    """

    names: tuple[str, ...]
    points: int
    second_order: bool
    seed: int

    @property
    def group(self) -> int:
        """Points that belong together."""
        return (2 if self.second_order else 1) * len(self.names) + 2

    @property
    def groups(self) -> int:
        """Base points."""
        return self.points

    @cached_property
    def unit(self) -> Array:
        sampling = _salib("SALib.sample.sobol")
        found: Array = sampling.sample(
            _problem(self.names), self.points, calc_second_order=self.second_order, seed=_seed(self.seed)
        )
        return found

    def whole(self, values: Array) -> Array:
        return _whole(values, self.group)

    def indices(self, values: Array) -> list[Index]:
        there = values.reshape(-1, self.group)[self.whole(values)].ravel()
        if not varies(there):
            return []
        found = _salib("SALib.analyze.sobol").analyze(
            _problem(self.names), there, calc_second_order=self.second_order, num_resamples=RESAMPLES,
            seed=_seed(self.seed),
        )  # fmt: skip
        rows = [
            _index((name,), index, found[index][n], found[f"{index}_conf"][n])
            for index in ("S1", "ST")
            for n, name in enumerate(self.names)
        ]
        if self.second_order:
            rows += [
                _index((a, b), "S2", found["S2"][i, j], found["S2_conf"][i, j])
                for i, a in enumerate(self.names)
                for j, b in enumerate(self.names)
                if i < j
            ]
        return rows


@dataclass(frozen=True)
class MorrisDesign:
    """Elementary effects (Morris 1991, Technometrics 33; Campolongo, Cariboni & Saltelli 2007): mu, their mean;
    mu_star, the mean of their sizes; sigma, their standard deviation, which is high where a parameter interacts or acts
    in a curve. An effect is the change of the outcome for a step across the whole range.

    placed: given the points, where the parameters' values there lie in their ranges, (point, parameter) in 0..1, for
    parameters that come in steps: from one value of two to the other is the whole range, however far apart the points
    are. The points themselves if not given.

    Points are `trajectories` x (parameters + 1), each step in one parameter on a grid of `levels`. Intervals are
    normal, with the standard deviation of bootstrap samples of trajectories.
    """

    names: tuple[str, ...]
    trajectories: int
    levels: int
    seed: int
    placed: Callable[[Array], Array] | None = None

    @property
    def group(self) -> int:
        """Points that belong together."""
        return len(self.names) + 1

    @property
    def groups(self) -> int:
        """Trajectories."""
        return self.trajectories

    @cached_property
    def unit(self) -> Array:
        sampling = _salib("SALib.sample.morris")
        found: Array = sampling.sample(
            _problem(self.names), self.trajectories, num_levels=self.levels, seed=_seed(self.seed)
        )
        return found

    def whole(self, values: Array) -> Array:
        return _whole(values, self.group)

    def indices(self, values: Array) -> list[Index]:
        whole = self.whole(values)
        there = values.reshape(-1, self.group)[whole]
        if not varies(there):
            return []
        placed = self.unit if self.placed is None else self.placed(self.unit)
        effects = elementary_effects(placed.reshape(-1, self.group, len(self.names))[whole], there)
        found, errors = _moments(effects), self._errors(effects)
        return [
            _index((name,), index, found[index][n], QUANTILE * errors[index][n])
            for index in MORRIS
            for n, name in enumerate(self.names)
        ]

    def _errors(self, effects: Array) -> dict[str, Array]:
        """Standard errors of the indices by bootstrap over trajectories; NaN for a single trajectory."""
        count = len(effects)
        if count < 2:
            return dict.fromkeys(MORRIS, np.full(len(self.names), np.nan))
        again = np.random.default_rng(self.seed).integers(count, size=(RESAMPLES, count))
        return {index: values.std(axis=0, ddof=1) for index, values in _moments(effects[again]).items()}


def _moments(effects: Array) -> dict[str, Array]:
    """Morris' indices of effects, (..., trajectory, parameter); sigma is NaN for a single trajectory."""
    count = effects.shape[-2]
    sigma = effects.std(axis=-2, ddof=1) if count > 1 else np.full(effects.shape[-1], np.nan)
    return dict(zip(MORRIS, (effects.mean(axis=-2), np.abs(effects).mean(axis=-2), sigma), strict=True))


def elementary_effects(unit: Array, values: Array) -> Array:
    """The change of the outcome for a whole step in each parameter, (trajectory, parameter), from points (trajectory,
    point, parameter) and values (trajectory, point): between two points next to each other one parameter differs."""
    steps = np.diff(unit, axis=1)
    which = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, which[..., None], axis=2)[..., 0]
    found: Array = np.empty_like(size)
    np.put_along_axis(found, which, np.diff(values, axis=1) / size, axis=1)
    return found


def _whole(values: Array, group: int) -> Array:
    return np.asarray(np.isfinite(values).reshape(-1, group).all(axis=1))


def varies(values: Array) -> bool:
    """Whether values differ by more than rounding."""
    return bool(values.size) and bool(np.ptp(values) > CONSTANT * np.abs(values).max())


def _index(parameter: tuple[str, ...], index: str, value: float, half: float) -> Index:
    return Index(parameter, index, float(value), float(value - half), float(value + half))


def _problem(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _seed(seed: int) -> int:
    """A seed as SALib takes it, which takes 0 for none."""
    return seed % (2**31 - 1) + 1


def _salib(module: str) -> Any:
    """A module of SALib, which is slow to load."""
    from importlib import import_module

    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(f"sensitivity needs the package {error.name}: install supply-chain-lab[analysis]") from None
