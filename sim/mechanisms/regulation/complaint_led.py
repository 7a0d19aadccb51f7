"""Inspections where customers and neighbours complain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, MoneyPerTonne, NonNegative
from sim.known import Known
from sim.mechanisms.oversight import Targeting
from sim.mechanisms.regulator import Sites
from sim.rules import emissions


class ComplaintLedAudits(Targeting):
    """Firms are audited the more often the more customers and neighbours suffered from them last month.

    Formula: score = defect_harm x outgoing defects x value sold + emission_harm x gross (1 - m a as neighbours see it);
    chances in proportion to the score that sum to the capacity. Without shared data, customers in other regions are
    not heard; the market is. Source: Dasgupta & Wheeler 1997 (citizen complaints in China).
    """

    kind: Literal["complaint_led"] = "complaint_led"

    defect_harm: NonNegative = Field(0.5, description="harm of a defective good, per unit of its value (assumed)")
    emission_harm: MoneyPerTonne = Field(0.3, description="harm of a tonne emitted, to neighbours (assumed)")

    def score(self, sites: Sites) -> Array:
        return sites.memory["complaints"]

    def blank(self, shape: tuple[int, int], regions: int) -> dict[str, Array]:
        return {"complaints": np.zeros(shape)}

    def remember(self, known: Known, fined: Callable[[], Array]) -> dict[str, Array]:
        defects = known.outgoing_defects(known.acts) * self._heard(known)
        return {"complaints": self.defect_harm * defects + self.emission_harm * self._seen_emissions(known)}

    def _heard(self, known: Known) -> Array:
        """Value of what each firm sold to the market, and to customers who are heard."""
        links, regions = known.links, known.traits.region
        if self.data_shared or len(known.traits.regions) == 1:
            return known.revenue
        at_home = regions[links.supplier % links.firms] == regions[links.customer % links.firms]
        abroad = links.total(links.supplier, np.where(at_home, 0.0, known.order_value))
        return np.maximum(known.revenue - abroad, 0.0)

    def _seen_emissions(self, known: Known) -> Array:
        """Emissions as neighbours see them: the better, the more the firm shares with them."""
        acts = known.acts
        seen = known.as_seen(acts.abatement, acts.disclosure, known.believed_near, known.seen_noise)
        return emissions.own_emissions(known.gross, np.minimum(np.maximum(seen, 0.0), 1.0), known.traits.abatable)
