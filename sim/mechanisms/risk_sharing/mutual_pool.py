"""The members of a chain insure each other."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import RiskSharing
from sim.rules import risk


class MutualPool(RiskSharing):
    """Members of a chain whose root is one put a share of revenue into a pool each month; it pays their losses of the
    month as far as it reaches and refunds what is left by what each put in.

    Formula: a member i of chain m receives K (l_im / sum l - c_im / sum c), K = min(sum c, sum l), with premium
    c_im = premium part_im S_i and loss l_im = part_im L_i; when deciding, at expected losses.
    Source: mutual insurance (Borch 1962; Cabrales, Calvo-Armengol & Jackson 2003).
    """

    kind: Literal["mutual_pool"] = "mutual_pool"
    neutral: ClassVar[dict[str, Any]] = {"premium": 0.0}

    premium: Share = Field(0.02, description="share of a month's revenue that a member puts into the pool (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        chains = known.chains

        def revenue() -> Array:
            """Premium of each entry's firm, were it a member."""
            rate = known.per_entry(self.premium) * known.part * known.collaborating()
            return rate * chains.at_firm(known.revenue)

        def of_others(name: str, own: Array) -> Array:
            return known.once(f"pooled {name} of others", lambda: chains.at_chain(chains.by_chain(own)) - own)

        def loss(of: Acts) -> Array:
            return self.insured(known, of) * chains.at_firm(known.losses(of))

        full = known.once("full premium", revenue)
        others_premium = of_others("premium", known.taking_part(self, known.acts) * full)
        others_loss = of_others("loss", loss(known.acts))
        own_premium, own_loss = known.taking_part(self, acts) * full, loss(acts)
        paid = risk.pooled(own_premium, others_premium + own_premium, own_loss, others_loss + own_loss)
        return chains.by_firm(paid)
