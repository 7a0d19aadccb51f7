"""What a search is for: objectives to be made as good as can be, and constraints that a candidate must meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.errors import unknown
from sim.experiments.policy import COST_PER_TONNE, LEAKAGE_RATE
from sim.fields import Array
from sim.outcomes.base import outcomes as all_outcomes
from sim.statistics.paired import LEVEL
from sim.statistics.robust import Bounded, How, over_points

Tried = Mapping[str, Array]
"""Figures of a candidate, by outcome: (point of what is uncertain, replication)."""

PERCENT = re.compile(r"^\s*([+-]?\d+(?:\.\d+)?)\s*%\s*$")


class Goal(BaseModel):
    """What objectives and constraints have in common: an outcome, and how it is taken over what is uncertain."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    outcome: str = Field(description="outcome, or one of its groups (`name:group`), over the whole run")
    quantile: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="share of the uncertain points at which it is no worse, for robust = quantile"
    )

    @field_validator("outcome")
    @classmethod
    def _known(cls, name: str) -> str:
        known = all_outcomes()
        if name in (COST_PER_TONNE, LEAKAGE_RATE):
            raise ValueError(
                f"given {name!r}, a ratio of means over runs, which `sim compare` works out; here take an outcome of a "
                "run, such as public_cost with a constraint for emissions"
            )
        if name.split(":")[0] not in known:
            raise ValueError(unknown("outcome", name, known))
        return name

    def _check_quantile(self, robust: str) -> None:
        if (robust == "quantile") != (self.quantile is not None):
            wrong = (
                "missing; robust = quantile needs it" if self.quantile is None else "goes with robust = quantile only"
            )
            raise ValueError(f"quantile: {wrong}")


class Objective(Goal):
    """An outcome that should be as low, or as high, as possible.

    robust: the mean over the points of what is uncertain; their worst; a quantile of them; or the largest regret, which
    is what a candidate loses at a point against the best candidate there (Savage 1951).
    """

    direction: Literal["lower", "higher"] = Field("lower", description="which way is good")
    robust: Literal["mean", "worst", "quantile", "regret"] = Field("mean", description="how points are taken together")

    @model_validator(mode="after")
    def _quantile(self) -> Objective:
        self._check_quantile(self.robust)
        return self

    @property
    def label(self) -> str:
        """What columns call it."""
        share = f" {self.quantile:g}" if self.quantile is not None else ""
        return self.outcome if self.robust == "mean" else f"{self.outcome} {self.robust}{share}"

    @property
    def lower(self) -> bool:
        """Whether a lower figure is better; regret is always to be low."""
        return self.direction == "lower" or self.robust == "regret"

    def signed(self, tried: Tried) -> Array:
        """The outcome, so that lower is better."""
        return tried[self.outcome] if self.direction == "lower" else -tried[self.outcome]

    def of(self, tried: Tried, best: Array | None = None) -> Bounded:
        """The figure of a candidate with its 95 % interval. best: figures (point, replication) of the best candidate at
        each point, lower is better, where regret is asked for."""
        one_sided = (1.0 + LEVEL) / 2.0
        values = self.signed(tried)
        if self.robust == "regret":
            assert best is not None
            return over_points(values - best, "worst", None, one_sided)
        found = over_points(values, self.robust, self.quantile, one_sided)
        return found if self.direction == "lower" else found.turned()


@dataclass(frozen=True)
class Checked:
    """A constraint looked at. value: the estimate; bound: its confidence bound on the side that matters; margin: how
    far the bound is beyond the limit, at most 0 where the constraint is met; told: the margin in units of the limit, so
    that those of different constraints can be added."""

    value: float
    bound: float
    margin: float
    told: float

    @property
    def met(self) -> bool:
        """Whether the bound is on the right side."""
        return self.margin <= 0


class Constraint(Goal):
    """A limit for an outcome, or for its change against the base scenario with the same random numbers.

    A change may be relative: "-20%" of the base's mean at the same point. Met when the one-sided confidence bound of
    the mean over replications is on the right side: at the worst point (so at every point), for a share `quantile` of
    the points, or on the mean over the points.
    """

    at_most: float | None = Field(None, description="largest value allowed")
    at_least: float | None = Field(None, description="smallest value allowed")
    change_at_most: float | str | None = Field(None, description='largest change against the base, or as "-20%"')
    change_at_least: float | str | None = Field(None, description='smallest change against the base, or as "5%"')
    confidence: Annotated[float, Field(ge=0.5, lt=1)] = Field(
        0.95, description="confidence of its being met; 0.5 takes the estimate as it is"
    )
    robust: How = Field("worst", description="how points are taken together")

    @field_validator("change_at_most", "change_at_least")
    @classmethod
    def _percent(cls, given: float | str | None) -> float | str | None:
        if isinstance(given, str) and not PERCENT.match(given):
            raise ValueError(f'given {given!r}, allowed is a number or a percentage such as "-20%"')
        return given

    @model_validator(mode="after")
    def _one_limit(self) -> Constraint:
        self._check_quantile(self.robust)
        given = [name for name in LIMITS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"{self.outcome}: give one of {', '.join(LIMITS)}; given {' and '.join(given) or 'none'}")
        return self

    @property
    def kind(self) -> str:
        """Which limit it has."""
        return next(name for name in LIMITS if getattr(self, name) is not None)

    @property
    def relative(self) -> bool:
        """Whether its limit is a share of the base's mean."""
        return isinstance(getattr(self, self.kind), str)

    @property
    def label(self) -> str:
        """What columns call it."""
        return self.called()

    def called(self, factor: float = 1.0) -> str:
        """Its label, with a limit that is not relative times a factor, which is that of the unit it is shown in."""
        limit = getattr(self, self.kind)
        share = f" {self.quantile:g}" if self.quantile is not None else ""
        how = "" if self.robust == "worst" else f" {self.robust}{share}"
        number = limit if isinstance(limit, str) else f"{limit * factor:g}"
        return f"{self.outcome} {self.kind.replace('_', ' ')} {number}{how}"

    @property
    def limit(self) -> float:
        """The limit as a number; of a relative change as a share."""
        limit = getattr(self, self.kind)
        if not isinstance(limit, str):
            return float(limit)
        found = PERCENT.match(limit)
        assert found is not None
        return float(found[1]) / 100.0

    def of(self, tried: Tried, base: Tried) -> Checked:
        """The constraint for a candidate. base: figures of the base scenario at the same points and replications.

        Everything is turned so that lower is better and the limit is 0. A relative change of s is met where
        x - (1 + s) x_base, in units of the base's mean, is; so its bound takes in that the base's mean is an estimate.
        """
        sign = -1.0 if self.kind.endswith("least") else 1.0
        values, limit = tried[self.outcome], self.limit
        scale = np.ones((len(values), 1))
        if self.kind.startswith("change"):
            reference = base[self.outcome]
            if self.relative:
                mean = np.nanmean(reference, axis=1, keepdims=True)
                scale = np.where(mean == 0, 1.0, np.abs(mean))
                values = (values - reference - limit * np.sign(mean) * reference) / scale + limit
            else:
                values = values - reference
        found = over_points(sign * (values - limit), self.robust, self.quantile, self.confidence)
        size = abs(limit) or 1.0
        return Checked(sign * found.value + limit, sign * found.high + limit, found.high, found.high / size)


LIMITS = ("at_most", "at_least", "change_at_most", "change_at_least")
