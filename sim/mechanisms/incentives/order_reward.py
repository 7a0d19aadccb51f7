"""Orders that follow the suppliers' green quality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, NonNegative
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class OrderReward(Incentive):
    """At a review a customer orders more from suppliers whose green quality, as it sees it, is above the mean of
    their input group, and less from the others.

    Formula: contracted share x max(0, 1 + strength x (seen - mean)), the mean weighted by order shares. A supplier
    weighs margin x the sales it gains: of sales v to a customer from whom it has the order share s,
    strength x v x (1 - s) x (seen - mean of its competitors); it cannot lose more than its sales. No money is paid.
    Source: demand allocation by suppliers' service (Benjaafar, Elahi & Donohue 2007; Cachon & Zhang 2007).
    """

    kind: Literal["order_reward"] = "order_reward"
    neutral: ClassVar[dict[str, Any]] = {"strength": 0.0}
    funded: ClassVar[bool] = False

    strength: NonNegative = Field(
        1.0, description="share of its orders that a supplier gains for each unit of green quality above the mean"
        " (assumed)",
    )  # fmt: skip

    def payment(self, known: Known, acts: Acts) -> Array:
        return np.zeros_like(known.revenue)

    def prospect(self, known: Known, acts: Acts) -> Array:
        slope, level, sales = self._stakes(known)
        gained = self.strength * (slope * known.seen_by_neighbours(acts) - level)
        worth: Array = known.technology.margin * np.maximum(gained, -sales)
        return worth

    def _stakes(self, known: Known) -> tuple[Array, Array, Array]:
        """Of each supplier: sales open to competition, these times what its competitors are seen to do, all sales."""
        links = known.links

        def total(name: str, each: Callable[[], Array]) -> Array:
            return known.once(f"order reward {name}", lambda: links.total(links.supplier, each()))

        def competitors() -> Array:
            own = known.order_share * links.at(links.supplier, known.seen_by_neighbours(known.acts))
            return known.order_value * (self._mean(known) - own)

        slope = total("slope", lambda: known.order_value * (1.0 - known.order_share))
        return slope, total("level", competitors), total("sales", lambda: known.order_value)

    def _mean(self, known: Known) -> Array:
        """Mean green quality seen of the suppliers of each link's input group, (W*L,)."""
        links = known.links

        def make() -> Array:
            seen = links.at(links.supplier, known.seen_by_neighbours(known.acts))
            return np.bincount(links.group, weights=known.order_share * seen, minlength=links.group_count)[links.group]

        return known.once("mean of input group", make)

    def order_weight(self, known: Known, acts: Acts) -> Array:
        links = known.links
        above = links.at(links.supplier, known.seen_by_neighbours(acts)) - self._mean(known)
        rewarded = links.at(links.supplier, known.memory["reached"])
        return np.maximum(1.0 + known.per_link(self.strength) * above * rewarded, 0.0)
