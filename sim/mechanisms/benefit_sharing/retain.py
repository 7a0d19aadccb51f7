"""The seller keeps the premium."""

from __future__ import annotations

from typing import Literal

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import BenefitSharing


class Retain(BenefitSharing):
    """The firm that sells to the market keeps the whole green premium.

    Source: the benchmark of any sharing rule; a wholesale price contract without a quality clause.
    """

    kind: Literal["retain"] = "retain"

    def shares(self, known: Known, acts: Acts) -> Array | None:
        return None
