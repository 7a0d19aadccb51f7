"""Rules by which the members of a chain pool the cost of their efforts, and what they have in common."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import CostSharing

NOTHING = 1e-12
"""Members whose claims are less than this in all share equally."""


class Pooling(CostSharing):
    """The members of a chain pool a cost and pay it by their claims; subclasses say what the claims are."""

    def member(self, known: Known, acts: Acts) -> Array:
        """1 at each entry whose firm takes part while the chain's root is a member, (..., W*E)."""
        return known.taking_part(self, acts) * known.collaborating()

    def cost(self, known: Known, acts: Acts) -> Array:
        """c_im of members: the part of a firm's effort cost that falls to the chain, by value, (..., W*E)."""
        return self.member(known, acts) * known.part * known.chains.at_firm(known.effort_cost(acts))

    def others(self, known: Known, name: str, of: Array) -> Array:
        """Sum of a known value, (W*E,), over the other entries of the chain, worked out once under this name."""
        chains = known.chains
        return known.once(f"others' {name}", lambda: chains.at_chain(chains.by_chain(of)) - of)

    def others_count(self, known: Known) -> Array:
        """Number of other members, (W*E,)."""
        return self.others(known, "membership", self.member(known, known.acts))

    def others_cost(self, known: Known) -> Array:
        """Cost of the other members, (W*E,)."""
        return self.others(known, "cost", self.cost(known, known.acts))

    def by_claims(self, known: Known, acts: Acts, own: Array, others: Array) -> Array:
        """Money each firm receives if the chain's cost is paid in proportion to claims, own and of the other members,
        each (..., W*E); equally where nobody has a claim."""
        member, cost = self.member(known, acts), self.cost(known, acts)
        claimed = own + others
        count = np.maximum(self.others_count(known) + member, 1.0)
        share = np.where(claimed > NOTHING, own / np.maximum(claimed, NOTHING), member / count)
        return known.chains.by_firm(cost - share * (self.others_cost(known) + cost))

    def premium_parts(self, known: Known, acts: Acts) -> tuple[Array, Array]:
        """Part of the chain's premium that a member gets, and the other members together, each (..., W*E). What the
        others get makes room for what a firm gets more."""
        usual = self.member(known, known.acts) * known.premium_part(known.acts)
        others = self.others(known, "premium", usual)
        own = self.member(known, acts) * known.premium_part(acts)
        left = np.divide(1.0 - own, 1.0 - usual, out=np.ones_like(own), where=usual < 1.0 - NOTHING)
        return own, np.maximum(others, 0.0) * left
