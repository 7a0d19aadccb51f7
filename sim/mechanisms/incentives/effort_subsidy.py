"""A subsidy on the cost of effort."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class EffortSubsidy(Incentive):
    """Pay a share of what a firm bears of the cost of quality and abatement effort.

    Formula: share x max(0, C - R), C the firm's effort cost, R what others pay of it by cost sharing (less what it pays
    of theirs), money a month. So what a sponsor pays of a supplier's effort is subsidised with the sponsor, nobody is
    paid for a cost that another bears, and both together never exceed the cost. Without cost sharing effort costs the
    firm (1 - share) C. (Nash bargaining divides a surplus: there R is 0.)
    Source: cost subsidies for research and abatement (Spence 1984; Requate 2005); research that others fund counts
    with who pays for it: United States Code, title 26, section 41(b)(3) and (d)(4)(H).
    """

    kind: Literal["effort_subsidy"] = "effort_subsidy"
    neutral: ClassVar[dict[str, Any]] = {"share": 0.0}

    share: Share = Field(0.2, description="share of the effort cost that is paid (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return self.share * known.borne_cost(acts)
