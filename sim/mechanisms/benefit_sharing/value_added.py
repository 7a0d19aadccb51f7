"""The premium follows value added."""

from __future__ import annotations

from typing import Literal

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import BenefitSharing


class ValueAdded(BenefitSharing):
    """Each firm gets the share of the premium that it has in the chain's value added.

    Formula: W_im V_m. Source: proportional division by claims (value added as the claim); it pays the
    passive as much as the active.
    """

    kind: Literal["value_added"] = "value_added"

    def shares(self, known: Known, acts: Acts) -> Array:
        return known.weight
