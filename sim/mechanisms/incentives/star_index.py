"""Stars for firms by an index, and awards for stars."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, Months, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.among import months_left
from sim.mechanisms.base import Incentive


class StarIndex(Incentive):
    """Every few months a firm is given stars by its score, and an award for each star.

    The month's score is the weighted mean of three parts in 0..1: environment, abatement effort as the whole chain
    sees it; energy, the share of its energy bill that it saves over the most that effort can save; carbon, the
    share of gross emissions that it avoids over the most that it can avoid. It is averaged over the months since
    the last assessment; there is a star for each threshold that the mean, measured with an error, exceeds.
    Formula: award x S x stars in the month of assessment, the last of each `every` months or of the mechanism; weighed
    in the months before: award x S x sum of P(mean > threshold, if it goes on so) / months left, with the errors of
    measurement and of what others will see. Money; in proportion to revenue it weighs alike with firms of every size.
    A firm whose region's policy is interrupted altogether is not assessed: the month does not count, and an
    assessment that falls into it gives no stars.
    Source: the Dongguan index of green supply chains (2016): environment, energy and carbon, up to five stars,
    awards for high scores. Weights, thresholds and awards are assumed.
    """

    kind: Literal["star_index"] = "star_index"
    neutral: ClassVar[dict[str, Any]] = {"award": 0.0}
    promises: ClassVar[bool] = True

    award: Share = Field(
        0.02, description="what each star brings at an assessment, share of a month's revenue (assumed)"
    )
    thresholds: tuple[Share, ...] = Field(
        (0.15, 0.3, 0.45, 0.6, 0.75), min_length=1, description="scores above which there is one more star (assumed)"
    )
    every: Months = Field(12, description="months from one assessment to the next")
    environment: Share = Field(0.5, description="weight of the environment part (assumed)")
    energy: Share = Field(0.25, description="weight of the energy part (assumed)")
    carbon: Share = Field(0.25, description="weight of the carbon part (assumed)")

    @model_validator(mode="after")
    def _ordered(self) -> StarIndex:
        if any(low >= high for low, high in zip(self.thresholds, self.thresholds[1:], strict=False)):
            raise ValueError(f"thresholds must rise, given {list(self.thresholds)}")
        if np.any(np.asarray(self.environment + self.energy + self.carbon) <= 0):
            raise ValueError("one of the weights environment, energy and carbon must be over 0")
        return self

    def payment(self, known: Known, acts: Acts) -> Array:
        if months_left(self, self.every, known.month) > 1:
            return np.zeros_like(known.revenue)
        return self.award * known.revenue * self._stars(known, acts)

    def prospect(self, known: Known, acts: Acts) -> Array:
        left = months_left(self, self.every, known.month)
        expected = self.award * known.memory["funded"] * known.revenue * self._stars(known, acts) / left
        return expected if left > 1 else np.zeros_like(expected)

    def score(self, known: Known, acts: Acts) -> Array:
        """Score of the month, (..., world, firm)."""
        weighted = self.environment * self._environment(known, acts)
        weighted = weighted + self.energy * self._energy(known, acts) + self.carbon * self._carbon(known, acts)
        return weighted / (self.environment + self.energy + self.carbon)

    def _environment(self, known: Known, acts: Acts) -> Array:
        far = known.through(known.channels.contribution_measurement, known.believed_far)
        return _unit(known.as_seen(acts.abatement, acts.disclosure, far, known.seen_noise))

    def _energy(self, known: Known, acts: Acts) -> Array:
        most = known.traits.energy_saving
        saved = 1.0 - known.energy_load * (1.0 - most * acts.abatement)
        return _unit(saved / np.where(most > 0, most, 1.0)) * (most > 0)

    def _carbon(self, known: Known, acts: Acts) -> Array:
        most = known.gross * known.traits.abatable
        avoided = known.gross - known.emissions(acts)
        return _unit(avoided / np.where(most > 0, most, 1.0)) * (most > 0)

    def _stars(self, known: Known, acts: Acts) -> Array:
        """Stars of the assessment (expected stars, when deciding) if the firm goes on so."""
        left, memory = months_left(self, self.every, known.month), known.memory
        mean = (memory["scores"] + left * self.score(known, acts)) / (memory["months"] + left)
        # What others will see of the months to come differs from month to month; what they saw is in the score.
        part = self.environment / (self.environment + self.energy + self.carbon)
        error = part * known.error_observed(acts) * np.sqrt(left) / (memory["months"] + left)
        return sum((known.exceeds(mean, threshold, error) for threshold in self.thresholds), np.zeros_like(mean))

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {name: np.zeros(shape) for name in ("scores", "months", "stars")}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        memory, there = known.memory, np.where(known.memory["reached"] > 0, 1.0, 0.0)
        if months_left(self, self.every, known.month) > 1:
            scores = memory["scores"] + there * self.score(known, acts)
            return dict(memory) | {"scores": scores, "months": memory["months"] + there}
        none = np.zeros_like(memory["scores"])
        stars = np.where(there > 0, self._stars(known, acts), 0.0)
        return dict(memory) | {"scores": none, "months": none, "stars": stars}


def _unit(x: Array) -> Array:
    return np.minimum(np.maximum(x, 0.0), 1.0)
