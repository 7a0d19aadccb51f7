"""Members split the premium equally."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import BenefitSharing


class EqualBenefitSharing(BenefitSharing):
    """The members of a chain get the same part of its premium each.

    Formula: 1/n_m for the members, n_m their number with the root; nothing for others (whatever the excludability).
    Source: equal division (Moulin 1988); the 1/n problem of teams (Holmstrom 1982).
    """

    kind: Literal["equal"] = "equal"

    def shares(self, known: Known, acts: Acts) -> Array:
        chains = known.chains

        def others() -> Array:
            counted = self._counted(known, known.acts)
            return chains.at_chain(chains.by_chain(counted)) - counted

        own = self._counted(known, acts)
        return own / np.maximum(known.once("other members", others) + own, 1.0)

    def _counted(self, known: Known, acts: Acts) -> Array:
        """1 for members and for the root, (..., W*E)."""
        return np.where(known.chains.is_root, 1.0, known.taking_part(self, acts))
