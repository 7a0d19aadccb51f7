"""What every mechanism is: validated data with a kind, whom and when it applies to, and one function of money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.fields import Array, Money, Month
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.filter import Filter
from sim.traits import Traits


class Mechanism(BaseModel):
    """One rule of the game: frozen, validated, switched on from `starts` until before `ends`."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )

    family: ClassVar[str] = ""
    neutral: ClassVar[dict[str, Any]] = {}
    """Parameters at which the mechanism changes nothing, bit for bit; tests hold it to this."""

    varies: ClassVar[bool] = False
    """Of a plug-in: whether worlds that are computed together may differ in its numbers, see docs/extending.md."""

    applies_to: Filter = Field(default_factory=Filter, description="firms it applies to")
    starts: Month = Field(default=0, description="first month")
    ends: Month | None = Field(default=None, description="first month in which it no longer applies")

    @model_validator(mode="after")
    def _ends_after_start(self) -> Mechanism:
        if self.ends is not None and np.any(self.ends <= np.asarray(self.starts)):
            raise ValueError(f"ends must come after starts ({self.starts}), given {self.ends}")
        return self

    def active(self, month: int) -> bool:
        """Whether it applies this month."""
        return bool(self.starts <= month and (self.ends is None or month < self.ends))


class Incentive(Mechanism):
    """Money (or orders, or ability) in return for acts. Subclasses define `payment`; the other methods
    are channels that most leave alone."""

    family: ClassVar[str] = "incentives"
    payer: ClassVar[str] = "regulator"
    """Account at the other end of the payment: `regulator` (of the firm's region), `market`, `bank`,
    `platform`, `outside` or `pool` (firms pay each other; in truth it sums to zero)."""

    for_members: ClassVar[bool] = False
    """Whether it is a thing of the collaboration, which nobody outside it meets."""

    supports: ClassVar[bool] = True
    """Whether what it pays counts as support of the firm (a deposit that is returned does not)."""

    funded: ClassVar[bool] = True
    """Whether it pays out and so may have a budget."""

    promises: ClassVar[bool] = False
    """Whether its `prospect` is money that the regulator will pay or charge later (an award to come), which counts
    for less while policy is interrupted; the prospect of orders does not."""

    covers: ClassVar[bool] = False
    """Whether an interruption of policy takes the firms of the region out of it (`known.memory["reached"]`, by the
    share that is suspended) in the place of scaling what the regulator pays and charges."""

    budget: Money | None = Field(default=None, description="total it may pay out; then it stops")
    label: str | None = Field(default=None, min_length=1, description="name in the books, if not the kind")

    @model_validator(mode="after")
    def _budget_only_if_it_pays_out(self) -> Incentive:
        if self.budget is not None and not self.funded:
            raise ValueError(
                f"budget: given {self.budget}, but this incentive pays out nothing of its own; leave it out"
            )
        return self

    def payment(self, known: Known, acts: Acts) -> Array:
        """Money each firm receives this month (negative: pays), (..., world, firm)."""
        raise TypeError(f"{type(self).__name__} must define payment()")

    def transfers(self, known: Known, acts: Acts) -> Mapping[str, Array]:
        """Money each firm receives beside `payment` from other accounts than `payer`, by account: (..., world,
        firm) each. No budget limits it; what comes from `pool` firms pay each other, so in truth it sums to zero
        over the firms that are reached (`known.memory["reached"]`)."""
        return {}

    def concerns(self, traits: Traits) -> Array | None:
        """1 for each firm of a kind that it can do anything to, (1, firm); None: all of them."""
        return None

    def prospect(self, known: Known, acts: Acts) -> Array | None:
        """Money a firm expects from what the mechanism does to it other than by payment (orders lost or
        won), as it weighs its acts; nothing is booked. None: the mechanism acts by payment alone."""
        return None

    def cost_factor(self, memory: Memory) -> tuple[Array, Array] | None:
        """Factors on the firms' quality and abatement cost coefficients, or None."""
        return None

    def demand_factor(self, memory: Memory) -> Array | None:
        """Factor on what each firm can sell to the market next month, (world, firm), or None."""
        return None

    def audit_factor(self, memory: Memory) -> Array | None:
        """Factor on the chance that each firm is audited, (world, firm), or None."""
        return None

    def penalty_factor(self, memory: Memory) -> Array | None:
        """Factor on the fines that each firm pays, (world, firm), or None."""
        return None

    def order_weight(self, known: Known, acts: Acts) -> Array | None:
        """Weights by which customers shift orders between suppliers at a review, (W*L,), or None."""
        return None

    def administration(self, known: Known, acts: Acts) -> Array | None:
        """Money the payer spends on a firm outside (trainers, experts), (world, firm), or None."""
        return None

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        """What it remembers before the first month, arrays (world, firm) or (world, 1)."""
        return {}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        """What it remembers after this month's settlement, from `known.memory` and what was paid."""
        return dict(known.memory)
