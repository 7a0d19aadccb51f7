"""Up- and downstream pay each other for what crosses the boundary between regions."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, MoneyPerTonne, NonNegative, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.among import reached
from sim.mechanisms.base import Incentive


class EcologicalCompensation(Incentive):
    """A customer pays its supplier for emissions and defects below a reference, and is paid for those above it.

    It acts on links between firms of different regions, or on all links if there is only one region, where both
    ends trade and are firms that it applies to. Formula, v the value delivered on a link and S the supplier's
    revenue: carbon_price x v / S x (reference x gross - emissions) + defect_price x v x (tolerated - outgoing
    defect rate), from customer to supplier; the sum over all firms is zero. Money a month.
    Source: two-way ecological compensation between up- and downstream, as on the Xin'an river (Coase 1960).
    """

    kind: Literal["ecological_compensation"] = "ecological_compensation"
    neutral: ClassVar[dict[str, Any]] = {"carbon_price": 0.0, "defect_price": 0.0}
    funded: ClassVar[bool] = False
    payer: ClassVar[str] = "pool"

    carbon_price: MoneyPerTonne = Field(
        0.096, description="for a tonne above or below the reference (default: China's ETS mean price of 2024)"
    )
    reference: Share = Field(0.9, description="emissions over gross emissions at which nobody pays (assumed)")
    defect_price: NonNegative = Field(
        0.2, description="share of the value delivered for a unit of defect rate above or below tolerated (assumed)"
    )
    tolerated: Share = Field(0.05, description="defect rate at which nobody pays (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        links = known.links
        value = known.once(f"crossing {id(self)}", lambda: self._crossing(known))
        delivered = known.once(f"delivered {id(self)}", lambda: links.total(links.supplier, value))

        def paid() -> Array:
            others = np.broadcast_to(self._for_value(known, known.acts), known.revenue.shape)
            return links.total(links.customer, value * links.at(links.supplier, others))

        return delivered * self._for_value(known, acts) - known.once(f"compensation paid {id(self)}", paid)

    def _for_value(self, known: Known, acts: Acts) -> Array:
        """What a supplier gets for a unit of value delivered across the boundary."""
        saved = self.reference * known.gross - known.emissions(acts)
        for_carbon = np.divide(saved, known.revenue, out=np.zeros_like(saved), where=known.revenue > 0)
        return self.carbon_price * for_carbon + self.defect_price * (self.tolerated - known.outgoing_defects(acts))

    def _crossing(self, known: Known) -> Array:
        """Value delivered on links that cross a boundary between firms that take part, (W*L,)."""
        links, here = known.links, reached(self, known)
        both = links.at(links.supplier, here) * links.at(links.customer, here) * known.order_value
        if len(known.traits.regions) == 1:
            return both
        region = np.broadcast_to(known.traits.region[None, :], known.revenue.shape)
        return np.where(links.at(links.supplier, region) == links.at(links.customer, region), 0.0, both)
