"""What every mechanism is: validated data with a kind, whom and when it applies to, and one function of money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.fields import Array, Money, Month, Share
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.channels import Channels
from sim.network.network import ROLES
from sim.traits import Traits


class Filter(BaseModel):
    """Which firms a mechanism applies to; what is not said does not restrict."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    role: Literal["supplier", "manufacturer", "logistics"] | None = Field(None, description="role of the firm")
    tier: int | tuple[int, ...] | None = Field(
        None, description="tier of the firm, or several: links between it and a firm that sells to the market"
    )
    region: str | None = Field(None, description="region of the firm")
    size: Literal["sme", "large"] | None = Field(None, description="size of the firm")
    chain: str | None = Field(
        None, description="firms in the chain of this firm, by its identifier; `anchor`: of the chain leaders"
    )
    anchor: bool | None = Field(None, description="whether the firm is a chain leader")
    member: bool | None = Field(None, description="whether the firm takes part in the collaboration")
    rating: Share | None = Field(None, description="lowest public rating of the firm")

    def firms(self, traits: Traits) -> Array:
        """1 for each firm that the fixed attributes let through, (1, firm)."""
        network = traits.network
        mask = np.ones(network.size, dtype=bool)
        if self.role is not None:
            mask &= network.firms["role"] == ROLES.index(self.role)
        if self.tier is not None:
            mask &= np.isin(traits.tier, self.tier) & traits.producer[0]
        if self.region is not None:
            mask &= network.firms["region"] == self.region
        if self.size is not None:
            mask &= network.firms["size"] == self.size
        if self.anchor is not None:
            mask &= traits.anchor[0] == self.anchor
        if self.chain is not None:
            mask &= _in_chain(network, self.chain)
        return mask[None, :].astype(float)

    def today(self, member: Array, rating: Array) -> Array | None:
        """1 for each firm that membership and rating let through this month; None if they do not restrict."""
        let: Array | None = None
        if self.member is not None:
            let = member if self.member else 1.0 - member
        if self.rating is not None:
            rated = np.where(rating >= self.rating, 1.0, 0.0)
            let = rated if let is None else let * rated
        return let


ANCHOR = "anchor"
"""As a chain: the chains of all chain leaders, whatever their identifiers."""


def _in_chain(network: Any, root: str) -> np.ndarray:
    """Firms from which goods reach `root` (or a chain leader), with it and the carriers of these goods."""
    mask = network.firms["anchor"].astype(bool) if root == ANCHOR else np.zeros(network.size, dtype=bool)
    if root != ANCHOR:
        mask[network.index(root)] = True
    while True:
        following = mask.copy()
        following[network.supplier[mask[network.customer]]] = True
        if np.array_equal(following, mask):
            break
        mask = following
    mask[network.carrier[mask[network.customer]]] = True
    return mask


class Mechanism(BaseModel):
    """One rule of the game: frozen, validated, switched on from `starts` until before `ends`."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )

    family: ClassVar[str] = ""
    neutral: ClassVar[dict[str, Any]] = {}
    """Parameters at which the mechanism changes nothing, bit for bit; tests hold it to this."""

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


VERIFICATION = {"self_report": 0.0, "third_party": 1.0 / 12.0, "sensors": 0.9}
"""Chance that a report is checked in a month: never; by an auditor once a year on average; by sensors or a ledger in
nine months of ten (assumed)."""


class Information(Mechanism):
    """Who sees whose disclosed data, how well, at what price."""

    family: ClassVar[str] = "information"

    accuracy_without: Share = Field(0.3, description="accuracy of what is seen of a firm without its data (assumed)")
    accuracy_with: Share = Field(0.9, description="accuracy at full disclosure (assumed)")
    prior: Share = Field(0.25, description="green quality expected of a firm of which nothing is known (assumed)")
    noise: Share = Field(0.2, description="standard error of what is seen at accuracy 0 (assumed)")
    monthly_cost: Money = Field(0.0, description="fee a member pays to the platform each month")
    minimum_disclosure: Share = Field(0.0, description="least disclosure of a member: 0 voluntary, else mandated")
    unified_standard: bool = Field(False, description="whether certificates of other regions spare inspections")
    verification: Share | Literal["self_report", "third_party", "sensors"] = Field(
        "self_report",
        description="chance a month that a report is checked, or who checks: self_report 0, third_party 1/12, "
        "sensors 0.9 (assumed)",
    )
    rating_refresh: Share = Field(
        0.0, description="share of the gap to what the chain sees that ratings close a month, at full disclosure"
    )
    channels: Channels = Field(default_factory=Channels, description="what shared data act on; each has a switch")

    @model_validator(mode="after")
    def _fixed_attributes(self) -> Information:
        if self.applies_to.member is not None or self.applies_to.rating is not None:
            raise ValueError(
                "applies_to: who shares is told by fixed attributes; member and rating cannot be asked for"
            )
        return self

    @property
    def checked(self) -> float:
        """Chance that a report is checked in a month."""
        return VERIFICATION[self.verification] if isinstance(self.verification, str) else self.verification

    def shared(self, traits: Traits, member: Array) -> tuple[Array, Array]:
        """Whether a firm's disclosed data reach its direct partners, and the whole chain; each 0 or 1,
        (world, firm)."""
        raise TypeError(f"{type(self).__name__} must define shared()")


class CostSharing(Mechanism):
    """How the members of a chain that it applies to share the cost of their efforts; a root that is a member takes
    part in any case."""

    family: ClassVar[str] = "cost_sharing"
    weighs_premium: ClassVar[bool] = False
    """Whether what a firm pays depends on what it gets of the green premium."""

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


@dataclass(frozen=True, eq=False)
class Sites:
    """The firms as a regulator knows them when it plans the audits of a month.

    rating: public ratings. memory: what the regulator remembers. open: gives for each firm 1 if it can be audited,
    0 if not, times the factors that mechanisms put on its chance, (world, firm).
    """

    traits: Traits
    rating: Array
    memory: Memory
    open: Callable[[], Array]


class Regulator(Mechanism):
    """Who is audited."""

    family: ClassVar[str] = "regulation"
    limited: ClassVar[bool] = False
    """Whether the number of audits is limited, so that what raises one firm's chance lowers that of others."""

    audit_cost: Money = Field(5.0, description="cost of one audit to the regulator (assumed)")

    def audit_rate(self, sites: Sites) -> Array:
        """Probability that each firm, if it is one to which the regulator applies, is audited this month,
        (world, firm)."""
        raise TypeError(f"{type(self).__name__} must define audit_rate()")

    def drawn(self, rate: Array, luck: Array, traits: Traits) -> Array:
        """1 for each firm that is audited, 0 for others, from the probabilities and a uniform draw for each."""
        return np.where(luck < rate, 1.0, 0.0)

    def blank(self, shape: tuple[int, int], regions: int) -> dict[str, Array]:
        """What it remembers before the first month, arrays (world, firm) or (world, region)."""
        return {}

    def remember(self, known: Known, fined: Callable[[], Array]) -> dict[str, Array]:
        """What it remembers after this month's settlement, from `known.memory` and the audits that took place;
        `fined()` is what firms paid the regulator because they were audited, (world, firm). Not asked of a
        regulator whose memory was blank."""
        return dict(known.memory)
