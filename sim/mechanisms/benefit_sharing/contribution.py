"""The premium follows observed contribution."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import BenefitSharing

NOTHING = 1e-9
"""Where a chain is seen to contribute less than this in all, shares follow value added."""


class Contribution(BenefitSharing):
    """Each firm gets the share of the premium that it has in the chain's observed green quality.

    Formula: W_im o_i / sum_j W_jm o_j, o the green quality as observed, not as it is: without shared data
    it is mostly guesswork, and the rule rewards effort only as far as effort is seen.
    Source: contribution-based (proportional, average-return) sharing (Sen 1966).
    """

    kind: Literal["contribution"] = "contribution"

    def shares(self, known: Known, acts: Acts) -> Array:
        chains, weight = known.chains, known.weight

        def of_others() -> Array:
            part = known.observed_parts()
            return chains.at_chain(chains.by_chain(part)) - part

        others = known.once("contribution of others", of_others)
        own = chains.at_firm(known.observed(acts))
        own *= weight
        total = others + own
        if total.min() > NOTHING:
            own /= total
            return own
        return np.where(total > NOTHING, own / np.maximum(total, NOTHING), weight)
