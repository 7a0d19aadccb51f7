"""How buyers review their suppliers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.fields import (
    SWITCH,
    Months,
    NonNegative,
    Positive,
    Share,
    above_zero,
)
from sim.parameters.base import Section


class IndicatorWeights(Section):
    """How much each indicator counts in a supplier's score."""

    on_time_delivery: NonNegative = Field(1.0, description="share of what is ordered that is delivered (assumed)")
    quality_pass_rate: NonNegative = Field(1.0, description="defects against the tolerated rate (assumed)")
    cost_effectiveness: NonNegative = Field(1.0, description="cheapest delivered price over its own (assumed)")
    innovation: NonNegative = Field(1.0, description="what it has cut of its cost of abatement (assumed)")
    information_sharing: NonNegative = Field(1.0, description="share of its data that it tells (assumed)")
    risk_management: NonNegative = Field(1.0, description="months without outage or incident (assumed)")
    continuous_improvement: NonNegative = Field(1.0, description="rise of its green quality (assumed)")

    @model_validator(mode="after")
    def _something_counts(self) -> IndicatorWeights:
        if sum(self.each) <= 0:
            raise ValueError("at least one indicator must have a weight above 0")
        return self

    @property
    def each(self) -> tuple[float, ...]:
        """The weights in the order of the indicators."""
        return tuple(getattr(self, name) for name in type(self).model_fields)


class Relations(Section):
    """How buyers review their suppliers: score them, reward, warn, leave and replace them."""

    review_every: Months = Field(6, description="months between reviews (assumed)")
    assessed: bool = Field(
        False, description="whether the seven indicators of every link are kept; always, where a score has consequences"
    )
    weights: IndicatorWeights = Field(
        default_factory=IndicatorWeights, description="how much each indicator counts in the score"
    )
    speed: Share = Field(0.2, description="share of the gap to a month's evidence that an indicator closes (assumed)")
    improvement_scale: Positive = Field(
        0.05, description="rise of green quality above its running mean that counts as full improvement (assumed)"
    )
    reward: Annotated[NonNegative, SWITCH] = Field(
        0.0, description="share of its orders that a supplier gains for each unit of score above its input group's mean"
    )
    score_error: Positive = Field(
        0.02, description="standard error with which customers score a supplier at a review (assumed)"
    )
    warn_below: Annotated[Share, SWITCH] = Field(
        0.0, description="score below which a supplier is warned, and given notice the next time"
    )
    notice_months: Months = Field(3, description="months of notice, in which the supplier serves on (assumed)")
    better_by: Share = Field(0.05, description="by how much a candidate's score must be above the supplier's (assumed)")
    settlement: NonNegative = Field(
        1.0, description="what a supplier that is left is paid off with, months of its orders (assumed)"
    )
    transition_months: Months = Field(
        3, description="months in which a successor is qualified while the supplier still serves (assumed)"
    )
    qualification_cost: NonNegative = Field(
        0.05, description="cost to the customer of qualifying a successor, share of the orders each month (assumed)"
    )
    horizon: Months = Field(24, description="months of custom that a supplier in danger of losing it weighs (assumed)")

    @property
    def replacing(self) -> bool:
        """Whether any supplier may be warned and replaced."""
        return above_zero(self.warn_below)

    @property
    def rewarding(self) -> bool:
        """Whether orders follow scores."""
        return above_zero(self.reward)

    @property
    def consequential(self) -> bool:
        """Whether anything depends on scores."""
        return self.replacing or self.rewarding

    @property
    def scored(self) -> bool:
        """Whether indicators are kept."""
        return self.assessed or self.consequential
