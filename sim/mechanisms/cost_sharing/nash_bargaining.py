"""Members bargain over the surplus of the collaboration."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.cost_sharing.pooling import Pooling


class NashBargaining(Pooling):
    """The members of a chain share their costs so that each gains the same over what it has without an agreement.

    Formula: firm i receives d_im + (1/n_m) sum_j (u_jm - d_jm) - u_im, n_m the number of members. u_im = premium
    received + scrap and energy (a carrier: claims and fuel) saved by its efforts - cost of effort. Without an agreement
    there is no premium and each firm does what pays by itself: d_im = sum over both efforts of max over e of
    (saving x e - k e^2/2) part_im S_i. Nothing is paid where there is no surplus. Acts while the chain's root is a
    member; sums to zero over a chain. Source: the bargaining solution with transferable money (Nash 1953).
    """

    kind: Literal["nash_bargaining"] = "nash_bargaining"
    weighs_premium: ClassVar[bool] = True
    of_cost: ClassVar[bool] = False

    def payment(self, known: Known, acts: Acts) -> Array:
        member, net = self.member(known, acts), self.net_saving(known, acts)
        without = known.once("disagreement", lambda: self.disagreement(known))
        others = self.others(known, "net saving", self.net_saving(known, known.acts))
        without_others = self.others(known, "disagreement", self.member(known, known.acts) * without)
        own_part, others_part = self.premium_parts(known, acts)
        premium = known.premium(acts)
        surplus = premium * (own_part + others_part) + (others + net) - (without_others + member * without)
        count = np.maximum(self.others_count(known) + member, 1.0)
        due = member * (without + surplus / count) - (premium * own_part + net)
        return known.chains.by_firm(known.once("agreed", lambda: self.agreed(known)) * due)

    def agreed(self, known: Known) -> Array:
        """1 at each entry of a chain that has a surplus to share, (W*E,)."""
        chains, acts = known.chains, known.acts
        gained = known.premium(acts) * self.premium_parts(known, acts)[0] + self.net_saving(known, acts)
        each = gained - self.member(known, acts) * self.disagreement(known)
        return np.where(chains.at_chain(chains.by_chain(each)) > 0.0, 1.0, 0.0)

    def net_saving(self, known: Known, acts: Acts) -> Array:
        """What a member's efforts save it, less what they cost it, as far as it falls to the chain, (..., W*E)."""
        traits = known.traits
        defects = (traits.scrap_cost + traits.claim_cost) * (traits.defect_rate - known.own_defects(acts))
        energy = known.energy_load * traits.energy_cost * traits.energy_saving * acts.abatement
        net = known.revenue * (defects + energy) - known.effort_cost(acts)
        return self.member(known, acts) * known.part * known.chains.at_firm(net)

    def disagreement(self, known: Known) -> Array:
        """d_im of each entry's firm, (W*E,)."""
        traits = known.traits
        defects = (traits.scrap_cost + traits.claim_cost) * traits.defect_rate * known.technology.defect_cut
        energy = known.energy_load * traits.energy_cost * traits.energy_saving
        best = _best(defects, known.quality_cost) + _best(energy, known.abatement_cost)
        return np.asarray(known.part * known.chains.at_firm(known.revenue * best))


def _best(saving: Array, cost: Array) -> Array:
    """Largest saving x e - cost e^2/2 of an effort e in 0..1."""
    effort = saving / np.maximum(np.maximum(saving, cost), 1e-300)
    return np.asarray(saving * effort - 0.5 * cost * effort * effort)
