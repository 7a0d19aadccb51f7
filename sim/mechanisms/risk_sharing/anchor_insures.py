"""The chain leader pays part of its members' losses."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import RiskSharing


class AnchorInsures(RiskSharing):
    """The root of a chain, if a member, pays a share f of the losses of the chain's other members.

    Formula: a member i receives f part_im L_i for each chain m whose root is a member; the root pays the sum; when
    deciding, at expected losses. Source: risk transfer in supply contracts (Gan, Sethi & Yan 2004).
    """

    kind: Literal["anchor_insures"] = "anchor_insures"
    neutral: ClassVar[dict[str, Any]] = {"share": 0.0}

    share: Share = Field(0.5, description="f: share of the members' losses that the root pays (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        chains = known.chains

        def received(of: Acts) -> Array:
            """What each entry's firm receives from the root, (..., W*E)."""
            paid = known.per_entry(self.share) * self.insured(known, of) * chains.at_firm(known.losses(of))
            return np.where(chains.is_root, 0.0, paid)

        def bill() -> Array:
            """What each firm pays as a root."""
            return chains.to_roots(chains.by_chain(received(known.acts)))

        return chains.by_firm(received(acts)) - known.once("insurer's bill", bill)
