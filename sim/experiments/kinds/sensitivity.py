"""Sensitivity: how much of an outcome's variation is owed to each parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from sim.experiments.answer import Answer
from sim.experiments.axes import MOST_POINTS, Choice
from sim.experiments.definition import Varied
from sim.experiments.found import Found
from sim.experiments.space import Changes, Space, not_a_power, power_of_two
from sim.fields import Array
from sim.statistics.indices import MorrisDesign, SensitivityDesign, SobolDesign

if TYPE_CHECKING:
    import pandas as pd

MOST_LEVELS = 1_000
"""Levels of Morris' grid."""

COLUMNS = ("outcome", "parameter", "index", "value", "low", "high")


class Sensitivity(Varied):
    """Sensitivity indices of outcomes over all levers and uncertainties together. Values in a list are equally likely
    steps. An outcome at a point is its mean over the replications, which are the same at every point."""

    kind: Literal["sensitivity"] = "sensitivity"
    method: Literal["sobol", "morris"] = Field("sobol", description="Sobol indices, or Morris' elementary effects")
    points: Annotated[int, Field(ge=2)] | None = Field(
        None, description="base points of Sobol, a power of two; 256 if not given"
    )
    second_order: bool = Field(False, description="Sobol indices of pairs as well")
    trajectories: Annotated[int, Field(ge=2)] | None = Field(
        None, description="trajectories of Morris; 20 if not given"
    )
    levels: Annotated[int, Field(ge=2, le=MOST_LEVELS)] = Field(4, description="levels of Morris' grid, an even number")

    @model_validator(mode="after")
    def _of_the_method(self) -> Sensitivity:
        other = {"sobol": ("trajectories", "levels"), "morris": ("points", "second_order")}[self.method]
        strange = [key for key in other if getattr(self, key) != type(self).model_fields[key].default]
        if strange:
            raise self.wrong(strange[0], f"does not go with method = {self.method!r}")
        if self.points is not None and not power_of_two(self.points):
            raise self.wrong("points", not_a_power(self.points))
        if self.levels % 2:
            raise self.wrong("levels", f"given {self.levels}, allowed is an even number")
        space = self.space
        single = [path for path, axis in space.axes.items() if isinstance(axis, Choice) and len(axis.values) < 2]
        if single:
            raise self.wrong("", f"{single[0]!r} has one value and cannot vary; put it into [set]")
        if self.method == "sobol" and len(space.axes) < 2:
            raise self.wrong("", "Sobol indices share out variation: give at least two parameters")
        count = self.design.group * self.design.groups
        if count > MOST_POINTS:
            raise self.wrong("", f"{count} points are more than {MOST_POINTS}; take fewer")
        return self

    @property
    def space(self) -> Space:
        """Levers and uncertainties together."""
        return Space("parameters", {**self.levers.axes, **self.uncertainties.axes})

    @property
    def design(self) -> SensitivityDesign:
        """The points of the method, and what it makes of them."""
        names = tuple(self.space.axes)
        if self.method == "sobol":
            return SobolDesign(names, self.points or 256, self.second_order, self.seed)
        return MorrisDesign(names, self.trajectories or 20, self.levels, self.seed, self.space.placed)

    def planned(self) -> Sequence[Changes]:
        return self.space.at(self.design.unit)

    def answer(self, found: Found) -> SensitivityAnswer:
        return SensitivityAnswer(self, found)


@dataclass(frozen=True, eq=False)
class SensitivityAnswer(Answer):
    """What came of a sensitivity analysis."""

    definition: Sensitivity

    @cached_property
    def indices(self) -> pd.DataFrame:
        """Indices with their 95 % intervals: outcome, parameter (two names joined by ` x ` for S2), index (S1, ST, S2;
        or mu, mu_star, sigma in the unit of the outcome), value, low, high. Outcomes that do not vary have none."""
        import pandas as pd

        design = self.definition.design
        rows = [
            (outcome, " x ".join(i.parameter), i.index, i.value, i.low, i.high)
            for outcome in self.outcomes
            for i in design.indices(self.at_points(outcome))
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    @cached_property
    def constant(self) -> tuple[str, ...]:
        """Outcomes that do not vary over the points, so that there is nothing to share out."""
        with_indices, groups = set(self.indices["outcome"]), self.definition.design.groups
        return tuple(o for o in self.outcomes if o not in with_indices and self.left_out.get(o) != groups)

    @cached_property
    def left_out(self) -> dict[str, int]:
        """Groups of points that do not count for an outcome, because a run of theirs is missing or does not record it;
        of the outcomes with any."""
        whole = self.definition.design.whole
        counts = {outcome: int((~whole(self.at_points(outcome))).sum()) for outcome in self.outcomes}
        return {outcome: count for outcome, count in counts.items() if count}

    def at_points(self, outcome: str) -> Array:
        """Mean of an outcome over the replications, (point,); NaN unless all are there, for the noise of a point is
        that of all others only then."""
        found: Array = self.values(outcome).mean(axis=1)
        return found
