"""A contest for a prize."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Count, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.among import reached
from sim.mechanisms.base import Incentive


class Tournament(Incentive):
    """The firms of best green quality, as seen and measured, win a prize each month, a share of their revenue.

    A firm wins if its score, green quality as the whole chain sees it with the error of measurement, is among the
    best `winners` of the trading firms that the contest applies to.
    Formula: prize x S x 1[score >= score to beat]; when deciding, the probability that what is seen, with the errors
    of observation and measurement, is over `to beat`, last month's score of the k-th best rival. Before its first
    contest nobody counts on winning. Money a month. A prize in proportion to revenue weighs alike with firms of
    every size; one sum for all would move the smallest most.
    Source: Lazear & Rosen 1981; that the prize is in proportion to revenue is assumed.
    """

    kind: Literal["tournament"] = "tournament"
    neutral: ClassVar[dict[str, Any]] = {"prize": 0.0}

    prize: Share = Field(0.05, description="what a winner receives each month, share of its revenue (assumed)")
    winners: Count = Field(5, description="firms that win")

    def payment(self, known: Known, acts: Acts) -> Array:
        won: Array = (
            np.where(self._score(known, acts) >= self._to_beat(known), 1.0, 0.0)
            if known.certain
            else known.exceeds(known.observed(acts), known.memory["to_beat"], known.error_observed(acts))
        )
        return self.prize * known.revenue * won

    def _score(self, known: Known, acts: Acts) -> Array:
        """Green quality as seen, with this month's error of measurement."""
        noise = 0.0 if known.measured_noise is None else known.once("measured_noise", known.measured_noise)
        return known.observed(acts) + known.assessment.measurement_error * noise

    def _to_beat(self, known: Known) -> Array:
        """Score of the k-th best of each firm's rivals; minus infinity where there are fewer rivals than prizes."""
        scores = np.where(reached(self, known) > 0, self._score(known, known.acts), -np.inf)
        k = min(self.winners, scores.shape[1])
        nobody = np.full((len(scores), 1), -np.inf)
        best = -np.sort(-np.concatenate([scores, nobody], axis=1), axis=1)
        return np.where(scores >= best[:, k - 1 : k], best[:, k : k + 1], best[:, k - 1 : k])

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"to_beat": np.full(shape, np.inf)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        return dict(known.memory) | {"to_beat": self._to_beat(known)}
