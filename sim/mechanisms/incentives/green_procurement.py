"""Public purchases reserved for rated firms."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class GreenProcurement(Incentive):
    """Public buyers buy from a firm that sells to the market only if its public rating reaches the bar; else from
    outside the network.

    Formula: demand of the next month x (1 + share) for a firm whose rating is at least `bar`. A firm weighs
    margin x share x price x usual demand x P(rating >= bar), P as the next audit would find. No money is paid.
    Source: green public procurement (Marron 1997; government procurement of certified products in China).
    """

    kind: Literal["green_procurement"] = "green_procurement"
    neutral: ClassVar[dict[str, Any]] = {"share": 0.0}
    funded: ClassVar[bool] = False

    share: Share = Field(0.1, description="public demand, as a share of a firm's usual demand (assumed)")
    bar: Share = Field(0.6, description="lowest public rating of a firm that public buyers buy from (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return np.zeros_like(known.revenue)

    def prospect(self, known: Known, acts: Acts) -> Array:
        gained = self.share * known.traits.price * known.traits.demand
        return known.technology.margin * gained * known.rated(acts, self.bar)

    def demand_factor(self, memory: Memory) -> Array:
        return 1.0 + self.share * memory["passed"]

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"passed": np.zeros(shape)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        return dict(known.memory) | {"passed": known.rated(acts, self.bar) * known.memory["reached"]}
