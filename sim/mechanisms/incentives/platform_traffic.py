"""An online platform that shows green goods first."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive
from sim.traits import Traits


class PlatformTraffic(Incentive):
    """A platform lists the products whose chain index is judged to reach the bar; listed products sell more, and
    their seller may pay for the traffic. A seller lists its product only where that pays: where the fee is no more
    than its margin.

    Formula: demand of the next month x (1 + boost) for the root of a chain with Q found at least `bar`; it pays the
    platform fee x boost x price x usual demand, and weighs (margin - fee) x boost x price x usual demand x
    P(Q found >= bar). With fee > margin nobody lists.
    Source: Rochet & Tirole 2003 (a platform's fees, and who joins at them).
    """

    kind: Literal["platform_traffic"] = "platform_traffic"
    payer: ClassVar[str] = "platform"
    neutral: ClassVar[dict[str, Any]] = {"boost": 0.0}
    funded: ClassVar[bool] = False

    boost: Share = Field(0.08, description="share by which listed products sell more (assumed)")
    bar: Share = Field(0.3, description="lowest chain index of a listed product (assumed)")
    fee: Share = Field(0.0, description="fee for the traffic, as a share of the sales it brings")

    def concerns(self, traits: Traits) -> Array:
        return np.where(traits.demand > 0, 1.0, 0.0)

    def payment(self, known: Known, acts: Acts) -> Array:
        return -self.fee * self._gained(known) * self._listed(known, acts)

    def prospect(self, known: Known, acts: Acts) -> Array:
        return known.technology.margin * self._gained(known) * self._listed(known, acts)

    def _gained(self, known: Known) -> Array:
        """Sales that a listing brings in a month."""
        return self.boost * known.traits.price * known.traits.demand

    def _listed(self, known: Known, acts: Acts) -> Array:
        """Whether the firm's product is listed (its probability, when deciding); 0 for firms without one, and for whom
        it does not pay."""
        pays = np.where(known.technology.margin >= self.fee, known.traits.demand > 0, False)
        return known.exceeds(known.index_of_root(acts), self.bar) * pays

    def demand_factor(self, memory: Memory) -> Array:
        return 1.0 + self.boost * memory["listed"]

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"listed": np.zeros(shape)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        return dict(known.memory) | {"listed": self._listed(known, acts) * known.memory["reached"]}
