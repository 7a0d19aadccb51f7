"""Buyers that take orders from suppliers below the bar."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class BuyerMandate(Incentive):
    """A manufacturer that takes part gives less business to suppliers whose green quality, as it sees it, is
    below the bar.

    From each review to the next a supplier below the bar keeps the share 1 - loss of its contracted orders
    from such buyers; the rest goes to its competitors in the same input group. Between reviews a supplier
    weighs what it may lose: -loss x margin x sales at stake x P(seen green quality < bar); of sales to such a
    buyer the share is at stake that competitors have in the input group. No money is paid.
    Source: buyer-led green procurement (evaluation and choice of suppliers in the Shenzhen pilot).
    """

    kind: Literal["buyer_mandate"] = "buyer_mandate"
    neutral: ClassVar[dict[str, Any]] = {"loss": 0.0}
    funded: ClassVar[bool] = False
    for_members: ClassVar[bool] = True

    bar: Share = Field(0.3, description="green quality a supplier must be seen to have")
    loss: Share = Field(0.3, description="share of its orders that a supplier below the bar loses")

    def payment(self, known: Known, acts: Acts) -> Array:
        return np.zeros_like(known.revenue)

    def prospect(self, known: Known, acts: Acts) -> Array:
        at_stake = self.loss * known.technology.margin * known.memory["sales"]
        return -at_stake * self._below(known, acts)

    def _below(self, known: Known, acts: Acts) -> Array:
        """Whether a supplier is found below the bar (its probability, when deciding, with what its buyers may see)."""
        short = self.bar - known.seen_by_neighbours(acts)
        return known.exceeds(short, 0.0, known.error_seen_by_neighbours(acts))

    def _buyer(self, known: Known) -> Array:
        """1 on links whose customer sets the bar: manufacturers that are members, (W*L,)."""
        is_maker = np.zeros_like(known.acts.member)
        is_maker[:, known.traits.manufacturer] = 1.0
        return known.links.at(known.links.customer, known.acts.member * is_maker)

    def order_weight(self, known: Known, acts: Acts) -> Array:
        links = known.links
        below = self._below(known, acts) * known.memory["reached"]
        lost = self.loss * below
        return 1.0 - links.at(links.supplier, lost) * self._buyer(known)

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"sales": np.zeros(shape)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        links = known.links
        at_stake = known.order_value * self._buyer(known) * (1.0 - known.order_share)
        return dict(known.memory) | {"sales": links.total(links.supplier, at_stake)}
