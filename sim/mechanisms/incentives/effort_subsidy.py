"""A subsidy on the cost of effort."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class EffortSubsidy(Incentive):
    """Pay a share of what a firm's quality and abatement effort costs it.

    Formula: share x C, C the effort cost, money a month: to the firm effort costs (1 - share) C.
    Source: cost subsidies for innovation and cleaner production (Spence 1984; Requate 2005).
    """

    kind: Literal["effort_subsidy"] = "effort_subsidy"
    neutral: ClassVar[dict[str, Any]] = {"share": 0.0}

    share: Share = Field(0.2, description="share of the effort cost that is paid (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return self.share * known.effort_cost(acts)
