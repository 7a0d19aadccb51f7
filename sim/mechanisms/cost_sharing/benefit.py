"""Members split their costs by the benefit they have of them."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.cost_sharing.pooling import Pooling


class BenefitCostSharing(Pooling):
    """The members of a chain pool the cost of their efforts and pay it in proportion to the green premium they receive.

    Formula: firm i receives c_im - b_im / (sum_j b_jm) sum_j c_jm for each chain m, b_im its part of the chain's
    premium, sums over members. Acts while the chain's root is a member; sums to zero over a chain.
    Source: the benefit principle of taxation (Lindahl 1919; Young 1985).
    """

    kind: Literal["benefit"] = "benefit"
    weighs_premium: ClassVar[bool] = True

    def payment(self, known: Known, acts: Acts) -> Array:
        return self.by_claims(known, acts, *self.premium_parts(known, acts))
