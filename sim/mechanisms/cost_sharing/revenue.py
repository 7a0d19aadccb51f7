"""Members split their costs by revenue."""

from __future__ import annotations

from typing import Literal

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.cost_sharing.pooling import Pooling


class RevenueCostSharing(Pooling):
    """The members of a chain pool the cost of their efforts and pay it in proportion to their revenue in the chain.

    Formula: firm i receives c_im - r_im / (sum_j r_jm) sum_j c_jm for each chain m, r_im = part_im S_i, sums over
    members. Acts while the chain's root is a member; sums to zero over a chain.
    Source: proportional cost allocation (Moulin 1988; Moriarity 1975 shares in proportion to independent cost).
    """

    kind: Literal["revenue"] = "revenue"

    def payment(self, known: Known, acts: Acts) -> Array:
        revenue = known.once("revenue in chains", lambda: known.part * known.chains.at_firm(known.revenue))
        others = self.others(known, "revenue", self.member(known, known.acts) * revenue)
        return self.by_claims(known, acts, self.member(known, acts) * revenue, others)
