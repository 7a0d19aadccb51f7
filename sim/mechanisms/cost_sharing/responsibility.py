"""Those responsible for an emission bear the cost of avoiding it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.cost_sharing.pooling import Pooling


class Responsibility(Pooling):
    """The cost of abating an emission is borne equally by the members directly or indirectly responsible for it: the
    firm that emits and the firms downstream of it in the chain.

    Formula: h_jm = part_jm S_j k_a a_j^2 / 2 is borne by the set R_jm of j and the members downstream of j, each with
    h_jm / |R_jm|; firm i receives h_im - sum over the j with i in R_jm of h_jm / |R_jm|. What quality efforts cost, and
    what they spare abatement, stays with the firm; for a carrier those downstream are the firms that its loads reach.
    Acts while the chain's root is a member; sums to zero over a chain.
    Source: the Shapley value of the emission responsibility game (Gopalakrishnan, Granot, Granot, Sosic & Cui 2021).
    """

    kind: Literal["responsibility"] = "responsibility"

    def payment(self, known: Known, acts: Acts) -> Array:
        share = known.once("borne by others", lambda: 1.0 - 1.0 / self.responsible(known))
        bill = known.once("responsibility bill", lambda: self.bill(known))
        return known.chains.by_firm(self.abatement(known, acts) * share - self.member(known, acts) * bill)

    def abatement(self, known: Known, acts: Acts) -> Array:
        """h_im of members: cost of abatement that falls to the chain, (..., W*E)."""
        cost = 0.5 * known.revenue * known.abatement_cost * acts.abatement * acts.abatement
        return self.member(known, acts) * known.part * known.chains.at_firm(cost)

    def responsible(self, known: Known) -> Array:
        """|R_im|: each entry's firm and the members downstream of it, (W*E,)."""
        upstream, downstream = known.chains.downstream()
        member = self.member(known, known.acts)
        return 1.0 + np.bincount(upstream, weights=member[downstream], minlength=known.chains.count)

    def bill(self, known: Known) -> Array:
        """What each entry's firm, if a member, bears of the abatement upstream of it, (W*E,)."""
        upstream, downstream = known.chains.downstream()
        # A firm that weighs joining would be one more to bear it.
        bearing = self.responsible(known)[upstream] + 1.0 - self.member(known, known.acts)[downstream]
        borne = self.abatement(known, known.acts)[upstream] / bearing
        return np.bincount(downstream, weights=borne, minlength=known.chains.count)
