"""What every information regime is, and who checks what is reported."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from sim.fields import Array, Money, Share
from sim.mechanisms.base import Mechanism
from sim.mechanisms.channels import Channels
from sim.traits import Traits

VERIFICATION = {"self_report": 0.0, "third_party": 1.0 / 12.0, "sensors": 0.9}
"""Chance that a report is checked in a month: never; by an auditor once a year on average; by sensors or a ledger in
nine months of ten (assumed)."""


class Information(Mechanism):
    """Who sees whose disclosed data, how well, at what price."""

    family: ClassVar[str] = "information"

    accuracy_without: Share = Field(0.3, description="accuracy of what is seen of a firm without its data (assumed)")
    accuracy_with: Share = Field(0.9, description="accuracy at full disclosure (assumed)")
    prior: Share = Field(0.25, description="green quality expected of a firm of which nothing is known (assumed)")
    noise: Share = Field(0.2, description="standard error of what is seen at accuracy 0 (assumed)")
    joining_cost: Money = Field(0.0, description="what a firm pays to the platform when its data are first shared")
    monthly_cost: Money = Field(0.0, description="fee a member pays to the platform each month")
    minimum_disclosure: Share = Field(0.0, description="least disclosure of a member: 0 voluntary, else mandated")
    unified_standard: bool = Field(False, description="whether certificates of other regions spare inspections")
    standard_gap: Share = Field(
        0.0,
        description="standard deviation of how leniently regions rate, of green quality; none under a unified standard",
    )
    verification: Share | Literal["self_report", "third_party", "sensors"] = Field(
        "self_report",
        description="chance a month that a report is checked, or who checks: self_report 0, third_party 1/12, "
        "sensors 0.9 (assumed)",
    )
    rating_refresh: Share = Field(
        0.0, description="share of the gap to what the chain sees that ratings close a month, at full disclosure"
    )
    channels: Channels = Field(default_factory=Channels, description="what shared data act on; each has a switch")

    @model_validator(mode="after")
    def _fixed_attributes(self) -> Information:
        if self.applies_to.member is not None or self.applies_to.rating is not None:
            raise ValueError(
                "applies_to: who shares is told by fixed attributes; member and rating cannot be asked for"
            )
        return self

    @property
    def checked(self) -> float:
        """Chance that a report is checked in a month."""
        return VERIFICATION[self.verification] if isinstance(self.verification, str) else self.verification

    def shared(self, traits: Traits, member: Array) -> tuple[Array, Array]:
        """Whether a firm's disclosed data reach its direct partners, and the whole chain; each 0 or 1,
        (world, firm)."""
        raise TypeError(f"{type(self).__name__} must define shared()")
