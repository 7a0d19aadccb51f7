"""Members split their costs equally."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import CostSharing


class EqualCostSharing(CostSharing):
    """The members of a chain pool the cost of their efforts and each pays the same part.

    Formula: firm i receives c_im - (1/n_m) sum_j c_jm for each chain m, c_im the part of its cost that
    falls to the chain (by value), n_m the number of members. Acts while the chain's root is a member.
    Sums to zero over a chain. Source: equal division, the egalitarian rule of cost allocation (Moulin 1988).
    """

    kind: Literal["equal"] = "equal"

    def payment(self, known: Known, acts: Acts) -> Array:
        chains, part = known.chains, known.part
        known_member = known.taking_part(self, known.acts) * known.collaborating()
        known_cost = known_member * part * chains.at_firm(known.effort_cost(known.acts))
        others_cost = chains.at_chain(chains.by_chain(known_cost)) - known_cost
        others = chains.at_chain(chains.by_chain(known_member)) - known_member
        member = known.taking_part(self, acts) * known.collaborating()
        cost = member * part * chains.at_firm(known.effort_cost(acts))
        mean = (others_cost + cost) / np.maximum(others + member, 1.0)
        return chains.by_firm(cost - member * mean)
