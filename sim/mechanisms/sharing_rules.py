"""What every rule is by which the firms of a chain share cost, benefit or risk."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Mechanism


class CostSharing(Mechanism):
    """How the members of a chain that it applies to share the cost of their efforts; a root that is a member takes
    part in any case."""

    family: ClassVar[str] = "cost_sharing"
    weighs_premium: ClassVar[bool] = False
    """Whether what a firm pays depends on what it gets of the green premium."""

    of_cost: ClassVar[bool] = True
    """Whether what is paid is part of the cost of effort (not of a surplus), so that who pays it bears that cost."""

    def payment(self, known: Known, acts: Acts) -> Array | None:
        """Money each firm receives from the others (negative: pays), (..., world, firm); in truth it sums
        to zero over each chain. None: nothing is shared."""
        raise TypeError(f"{type(self).__name__} must define payment()")

    def standard_error(self, known: Known) -> Array | None:
        """Standard error of each entry's share of the cost, (W*E,), of a rule that samples; None: shares are exact."""
        return None


class BenefitSharing(Mechanism):
    """How a chain shares its green premium; a firm that it does not apply to counts as outside the collaboration."""

    family: ClassVar[str] = "benefit_sharing"

    excludability: Share = Field(1.0, description="share of its part that a firm outside the collaboration loses")

    def shares(self, known: Known, acts: Acts) -> Array | None:
        """Share of the chain's premium due to each entry's firm, (..., W*E), sums to 1 over a chain.
        None: the root keeps all."""
        raise TypeError(f"{type(self).__name__} must define shares()")

    def standard_error(self, known: Known) -> Array | None:
        """Standard error of each entry's share of the premium, (W*E,), of a rule that samples; None: shares are
        exact."""
        return None


class RiskSharing(Mechanism):
    """How the members of a chain that it applies to share their losses by outages and incidents; a root that is a
    member takes part in any case."""

    family: ClassVar[str] = "risk_sharing"

    def payment(self, known: Known, acts: Acts) -> Array | None:
        """Money each firm receives from the others (negative: pays), (..., world, firm); in truth it sums
        to zero over each chain. None: nothing is shared."""
        raise TypeError(f"{type(self).__name__} must define payment()")

    def insured(self, known: Known, acts: Acts) -> Array:
        """Share of its loss that each entry's firm may claim in the chain, (..., W*E): 0 outside the collaboration."""
        part = known.once("insured part", lambda: known.part * known.collaborating())
        return acts.derived("insured", lambda: known.taking_part(self, acts) * part)
