"""The seller shares the premium with its suppliers."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import BenefitSharing


class RevenueSharing(BenefitSharing):
    """The firm that sells to the market hands a share f of the premium upstream, in proportion to sales to the chain.

    Formula: 1 - f for the root, f r_im / (sum over j other than the root of r_jm) for the others, r_im = part_im S_i.
    Source: revenue-sharing contracts (Cachon & Lariviere 2005).
    """

    kind: Literal["revenue_sharing"] = "revenue_sharing"
    neutral: ClassVar[dict[str, Any]] = {"share": 0.0}

    share: Share = Field(0.4, description="f: share of the premium handed upstream (assumed)")

    def shares(self, known: Known, acts: Acts) -> Array:
        def make() -> Array:
            chains = known.chains
            sales = np.where(chains.is_root, 0.0, known.part * chains.at_firm(known.revenue))
            total = chains.at_chain(chains.by_chain(sales))
            handed = np.where(total > 0, known.per_entry(self.share), 0.0)
            part = handed * sales / np.where(total > 0, total, 1.0)
            return np.where(chains.is_root, 1.0 - handed, part)

        return known.once("revenue shares", make)
