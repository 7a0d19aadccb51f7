"""The chain leader pays part of its suppliers' costs."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import CostSharing


class Sponsor(CostSharing):
    """The root of a chain pays a share f of the effort cost of the chain's other members.

    Formula: a member i receives f c_im for each chain m whose root is a member; the root pays the sum.
    Source: leader-follower cost sharing contracts (Ghosh & Shah 2015; cooperative advertising: Jorgensen & Zaccour
    2014).
    """

    kind: Literal["sponsor"] = "sponsor"
    neutral: ClassVar[dict[str, Any]] = {"share": 0.0}

    share: Share = Field(0.4, description="f: share of the members' effort cost that the root pays")

    def payment(self, known: Known, acts: Acts) -> Array:
        chains = known.chains

        def supported() -> Array:
            """Share of a member's cost that the roots of its chains pay, over all chains."""
            share = known.part * known.collaborating() * known.per_entry(self.share)
            return known.applies(self) * chains.by_firm(np.where(chains.is_root, 0.0, share))

        def bill() -> Array:
            """What each firm pays as a root."""
            share = known.part * known.collaborating() * known.per_entry(self.share)
            cost = share * known.taking_part(self, known.acts) * chains.at_firm(known.effort_cost(known.acts))
            cost[chains.root_entry] = 0.0
            return chains.to_roots(chains.by_chain(cost))

        received = known.once("sponsored", supported) * acts.member * known.effort_cost(acts)
        return received - known.once("sponsor's bill", bill)
