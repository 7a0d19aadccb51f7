"""Inspection between firms, and what failures cost."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.fields import (
    SWITCH,
    NonNegative,
    Positive,
    Share,
    above_zero,
)
from sim.parameters.base import Section


class Quality(Section):
    """Inspection between firms, and what failures cost."""

    inspection: Share = Field(
        0.8, description="share of incoming lots a buyer inspects when it trusts nobody (assumed)"
    )
    inspecting: Literal["trust", "reply"] = Field(
        "trust",
        description="how much a buyer inspects of a supplier that tells it nothing: `inspection` for good, or as "
        "inspecting paid last month, beginning there",
    )
    inspection_learning: Share = Field(
        0.2, description="reply: share of the gap to what inspecting brought this month closed a month (assumed)"
    )
    inspection_speed: NonNegative = Field(
        0.02, description="reply: largest change of the share inspected in a month (assumed)"
    )
    detection: Share = Field(0.6, description="share of defects that an inspection of the lot finds (assumed)")
    inspection_cost: Share = Field(0.005, description="buyer's cost of inspecting, share of lot value (assumed)")
    hosting_cost: Share = Field(0.003, description="supplier's cost of being inspected, share of lot value (assumed)")
    return_cost: NonNegative = Field(0.5, description="cost of a defect caught at the buyer, share of value (assumed)")
    warranty_cost: NonNegative = Field(
        0.5, description="cost of a defect that reaches the market, per unit of value: warranty, goodwill (assumed)"
    )
    liability: Annotated[Share, SWITCH] = Field(
        0.0, description="share of the failure cost it causes downstream that a supplier pays by contract (assumed)"
    )
    reduction: Annotated[NonNegative, SWITCH] = Field(
        0.0, description="what a supplier takes off the price of a defect that its customer finds, share of its value"
    )
    trust: Share = Field(0.5, description="trust in a supplier at the start (assumed)")
    trust_speed: Share = Field(0.2, description="share of the gap to this month's evidence closed a month (assumed)")
    tolerated: Positive = Field(0.1, description="incoming defect rate at which trust is lost altogether (assumed)")

    @property
    def replying(self) -> bool:
        """Whether buyers inspect as it pays."""
        return self.inspecting == "reply"

    @property
    def reducing(self) -> bool:
        """Whether prices are reduced for defects found."""
        return above_zero(self.reduction)
