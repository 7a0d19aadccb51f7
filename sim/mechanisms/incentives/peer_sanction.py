"""Members that punish members who do less than others."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, NonNegative
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.among import over_partners, reached
from sim.mechanisms.base import Incentive
from sim.rules import beliefs


class PeerSanction(Incentive):
    """Members pay to punish partners that are seen to do less than their partners do.

    The norm of a member is the mean green quality that its member partners were seen to have last month. For every
    member seen below it, each member partner spends money to make it lose more, in proportion to their trade.
    Formula, v the value of a link between members: the punished loses severity x v x max(0, norm - seen), the
    partner pays cost_ratio times that; both are lost to `outside`. Before there is a norm nobody is punished.
    Firms do not weigh that what they do moves the norm of others. Money a month.
    Source: Fehr & Gaechter 2000; the ratio of 1 to 3: Fehr & Gaechter 2002.
    """

    kind: Literal["peer_sanction"] = "peer_sanction"
    neutral: ClassVar[dict[str, Any]] = {"severity": 0.0}
    funded: ClassVar[bool] = False
    payer: ClassVar[str] = "outside"
    for_members: ClassVar[bool] = True

    severity: NonNegative = Field(
        0.1, description="share of the value of their trade that the punished loses for a shortfall of 1 (assumed)"
    )
    cost_ratio: NonNegative = Field(1.0 / 3.0, description="what punishing costs for each unit of what is lost by it")

    def payment(self, known: Known, acts: Acts) -> Array:
        def traded() -> Array:
            return over_partners(known, self._members(known), known.order_value)

        def punishing() -> Array:
            faults = self._shortfall(known, known.acts) * self._members(known)
            return over_partners(known, faults, known.order_value)

        lost = known.once(f"traded {id(self)}", traded) * self._shortfall(known, acts)
        spent = self.cost_ratio * known.once(f"punishing {id(self)}", punishing)
        return -self.severity * acts.member * (lost + spent)

    def _members(self, known: Known) -> Array:
        """1 for each member that takes part, as the others know it."""
        return reached(self, known) * known.acts.member

    def _shortfall(self, known: Known, acts: Acts) -> Array:
        """How far a firm is seen below its norm; expected, when deciding, over what its partners may see."""
        short = known.memory["norm"] - known.seen_by_neighbours(acts)
        if known.certain:
            return np.maximum(short, 0.0)
        return beliefs.expected_excess(short, known.error_seen_by_neighbours(acts))

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"norm": np.full(shape, -np.inf)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        members, each = self._members(known), np.ones_like(known.order_value)
        count = over_partners(known, members, each)
        total = over_partners(known, members * known.seen_by_neighbours(acts), each)
        norm = np.divide(total, count, out=np.full_like(total, -np.inf), where=count > 0)
        return dict(known.memory) | {"norm": norm}
