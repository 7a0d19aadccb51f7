"""Sharing rules of the plain Mesa model, in plain arithmetic: whom a rule is for; premium, cost and risk of a chain.

Every rule answers for one firm and its own acts, the others doing what is known of them. While firms decide,
`model.certain` is false and the answer is an expectation; at settlement it is true and the answer is a payment.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from benchmarks.plain.chains import Place, upstream_of
from benchmarks.plain.information import observed
from benchmarks.plain.risk import loss

if TYPE_CHECKING:
    from benchmarks.plain.agents import Acts, Firm
    from benchmarks.plain.model import PlainModel

UNSEEN = 1e-9
"""A chain that is seen to contribute no more than this contributes nothing."""

# --- whom a rule is for ---------------------------------------------------------------------------------


def matching(firms: Iterable[Firm], wanted: Any, model: PlainModel) -> set[Firm]:
    """The firms that the fixed attributes of a filter let through."""
    found = set(firms)
    if wanted.role is not None:
        found = {f for f in found if f.role == wanted.role}
    if wanted.tier is not None:
        tiers = (wanted.tier,) if isinstance(wanted.tier, int) else wanted.tier
        found = {f for f in found if f.role != "logistics" and f.tier in tiers}
    if wanted.region is not None:
        found = {f for f in found if f.region == wanted.region}
    if wanted.size is not None:
        found = {f for f in found if f.size == wanted.size}
    if wanted.anchor is not None:
        found = {f for f in found if f.anchor == wanted.anchor}
    if wanted.chain is not None:
        leaders = (f for f in model.firms if (f.anchor if wanted.chain == "anchor" else f.name == wanted.chain))
        makers = set().union(*map(upstream_of, leaders))
        found &= makers | {link.carrier for link in model.links if link.customer in makers}
    return found


class Terms:
    """Whom a rule applies to: by what does not change about firms, and by membership and rating as of today."""

    def __init__(self, wanted: Any, model: PlainModel) -> None:
        self.wanted = wanted
        self.firms = matching(model.firms, wanted, model)

    def admit(self, firm: Firm, member: bool) -> bool:
        """Whether the rule applies to the firm today, if it is a member or not."""
        wanted = self.wanted
        if firm not in self.firms or (wanted.member is not None and member != wanted.member):
            return False
        return wanted.rating is None or firm.rating >= wanted.rating


# --- benefit sharing ------------------------------------------------------------------------------------


class ByContribution:
    """The premium follows observed contribution: W o / sum of W o over the chain. Where nobody is seen to contribute
    anything it follows value added."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def usual(self, place: Place) -> float:
        """Share at the acts that are known."""
        return self._share(place, place.measured, place.chain.measured)

    def share(self, place: Place, acts: Acts) -> float:
        """Share if the firm alone acts so."""
        own = place.weight * observed(place.firm, acts)
        return self._share(place, own, place.chain.measured - place.measured + own)

    def _share(self, place: Place, own: float, total: float) -> float:
        return own / total if total > UNSEEN else place.weight


class ByValueAdded:
    """The premium follows value added: W."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def usual(self, place: Place) -> float:
        """Share at the acts that are known."""
        return place.weight

    def share(self, place: Place, acts: Acts) -> float:
        """The same whatever the firm does."""
        return place.weight


BENEFIT_RULES = {"contribution": ByContribution, "value_added": ByValueAdded}
"""Without one of these (`retain`) the root keeps the whole premium."""

# --- cost sharing ---------------------------------------------------------------------------------------


class EqualCosts:
    """Members pool the cost of their efforts; each pays the mean."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def received(self, place: Place, cost: float, member: bool) -> float:
        """c - (sum of all c) / n for each of the n firms that take part."""
        if not (member and place.pools):
            return 0.0
        chain, own = place.chain, place.part * cost
        others = chain.members - (1 if place.firm.member else 0)
        return own - (chain.shared_cost - place.shared_cost + own) / (others + 1)


class SponsoredCosts:
    """The root pays a share f of the effort costs of the others that take part."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def received(self, place: Place, cost: float, member: bool) -> float:
        """f c; the root pays the sum of these."""
        if place.is_root:
            return -self.rule.share * place.chain.supported_cost
        return self.rule.share * place.part * cost if member and place.pools else 0.0


COST_RULES = {"equal": EqualCosts, "sponsor": SponsoredCosts}

# --- risk sharing ---------------------------------------------------------------------------------------


class MutualPool:
    """Members put a share of revenue into a pool; it pays their losses as far as it reaches and refunds the rest."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def insurance(self, place: Place, member: bool) -> float:
        """What a firm puts into the chain's pool."""
        return self.rule.premium * place.part * place.firm.revenue if member and place.insures else 0.0

    def loss(self, place: Place, acts: Acts) -> float:
        """The loss that a firm may claim in the chain."""
        return place.part * loss(place.firm, acts) if acts.member and place.insures else 0.0

    def received(self, place: Place, acts: Acts) -> float:
        """K (l / sum l - c / sum c), K = min(sum c, sum l)."""
        chain = place.chain
        put_in, lost = self.insurance(place, acts.member), self.loss(place, acts)
        pool, losses = chain.insurance - place.insurance + put_in, chain.losses - place.loss + lost
        if pool <= 0 or losses <= 0:
            return 0.0
        return min(pool, losses) * (lost / losses - put_in / pool)


RISK_RULES = {"mutual_pool": MutualPool}
