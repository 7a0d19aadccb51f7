"""A sweep: every point of the levers at the same points of the uncertainties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.errors import unknown
from sim.experiments.answer import Answer, mean_of_there
from sim.experiments.axes import MOST_POINTS
from sim.experiments.definition import Varied
from sim.experiments.found import Found
from sim.experiments.space import Changes, Sampling, crossed
from sim.fields import Array
from sim.outcomes.base import outcome_of

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.05, 0.95)


class Samplings(BaseModel):
    """How the points of levers and of uncertainties are taken."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    levers: Sampling = Field(default_factory=Sampling, description="points of the levers")
    uncertainties: Sampling = Field(default_factory=Sampling, description="points of the uncertainties")


class Sweep(Varied):
    """Run every point of the levers with every point of the uncertainties, on the same random numbers."""

    kind: Literal["sweep"] = "sweep"
    sampling: Samplings = Field(default_factory=Samplings, description="how points are taken")
    objective: str | None = Field(None, description="outcome by which levers are judged; regret is measured in it")
    goal: Literal["minimise", "maximise"] | None = Field(
        None, description="which way the objective is good, where that does not go without saying"
    )

    @model_validator(mode="after")
    def _judged(self) -> Sweep:
        if self.objective is None:
            if self.goal is not None:
                raise self.wrong("goal", "goes with an objective, and none is given")
            return self
        if self.objective not in self.outcomes:
            raise self.wrong("objective", unknown("outcome", self.objective, self.outcomes))
        if self.goal is None and outcome_of(self.objective).better == "neither":
            raise self.wrong("goal", f"missing; say whether to minimise or maximise {self.objective}")
        return self

    def lever_points(self) -> list[dict[str, Any]]:
        """The points of the levers."""
        return self.levers.taken(self.sampling.levers, self.seed, 0, self.place)

    def uncertainty_points(self) -> list[dict[str, Any]]:
        """The points of the uncertainties, the same for every point of the levers."""
        return self.uncertainties.taken(self.sampling.uncertainties, self.seed, 1, self.place)

    def planned(self) -> Sequence[Changes]:
        levers, uncertain = self.lever_points(), self.uncertainty_points()
        if len(levers) * len(uncertain) > MOST_POINTS:
            many = f"{len(levers)} points of the levers times {len(uncertain)} of the uncertainties"
            raise self.wrong("", f"{many} are more than {MOST_POINTS}; take fewer")
        return crossed(levers, uncertain)

    def answer(self, found: Found) -> SweepAnswer:
        return SweepAnswer(self, found)


@dataclass(frozen=True, eq=False)
class SweepAnswer(Answer):
    """What came of a sweep."""

    definition: Sweep

    @cached_property
    def levers(self) -> tuple[dict[str, Any], ...]:
        """The points of the levers, in order."""
        each = len(self.definition.uncertainty_points())
        return tuple({path: point[path] for path in self.definition.levers.axes} for point in self.found.points[::each])

    @cached_property
    def by_lever(self) -> pd.DataFrame:
        """Each point of the levers over all uncertainties, from the means over replications: lever, a column for each
        path, outcome, mean, worst, low and high (5 % and 95 % quantiles), unit; of the objective also regret (mean) and
        largest_regret: how much worse than the best point of the levers at the same point of the uncertainties; missing
        for a point of the levers with a missing run, because leaving out the worlds that failed would favour it.

        worst is missing where an outcome is good neither way.
        """
        import pandas as pd

        parts = []
        for name in self.outcomes:
            at = self.means(name).reshape(len(self.levers), -1)
            columns: dict[str, Any] = {"lever": np.arange(len(self.levers))}
            columns |= {path: [lever[path] for lever in self.levers] for path in self.definition.levers.axes}
            low, high = _quantiles(at)
            columns |= {"outcome": name, "mean": mean_of_there(at, axis=1), "worst": self._worst(name, at)}
            columns |= {"low": low, "high": high, "unit": self.unit(name)}
            if name == self.definition.objective:
                regret = self._regret(at)
                columns |= {"regret": regret.mean(axis=1), "largest_regret": regret.max(axis=1)}
            parts.append(pd.DataFrame(columns))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"lever": [], "outcome": []})

    def _lower_is_better(self, outcome: str) -> bool | None:
        if outcome == self.definition.objective and self.definition.goal is not None:
            return self.definition.goal == "minimise"
        return {"lower": True, "higher": False}.get(self.better(outcome))

    def _worst(self, outcome: str, at: Array) -> Array:
        lower = self._lower_is_better(outcome)
        if lower is None:
            return np.full(len(at), np.nan)
        return _most(at) if lower else -_most(-at)

    def _regret(self, at: Array) -> Array:
        """(lever, uncertainty); NaN for levers with a missing run."""
        objective = self.definition.objective
        assert objective is not None
        whole = np.isfinite(self.values(objective)).reshape(len(at), -1).all(axis=1, keepdims=True)
        sign = 1.0 if self._lower_is_better(objective) else -1.0
        return np.where(whole, sign * at - (-_most(-sign * at.T))[None, :], np.nan)


def _most(at: Array) -> Array:
    """The largest of each row that is there; NaN where none is."""
    found: Array = np.where(np.isfinite(at), at, -np.inf).max(axis=1)
    return np.where(np.isfinite(found), found, np.nan)


def _quantiles(at: Array) -> tuple[Array, Array]:
    """Quantiles of each row over what is there; NaN where nothing is."""
    rows = [row[np.isfinite(row)] for row in at]
    nothing = np.full(2, np.nan)
    found = np.array([np.quantile(row, QUANTILES) if len(row) else nothing for row in rows]).reshape(-1, 2)
    return found[:, 0], found[:, 1]
