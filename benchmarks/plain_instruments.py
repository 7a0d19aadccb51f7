"""The mechanisms of the demo in plain arithmetic: sharing of benefit and cost, and incentives.

Every rule answers for one firm and its own acts, the others doing what is known of them. While firms decide,
`model.certain` is false and the answer is an expectation; at settlement it is true and the answer is a payment.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from benchmarks.plain_chains import Link, Place, upstream_of

if TYPE_CHECKING:
    from benchmarks.plain_agents import Acts, Firm
    from benchmarks.plain_mesa import PlainModel

UNSEEN = 1e-9
"""A chain that is seen to contribute no more than this contributes nothing."""

SPENT_UP = 1e-9
"""A budget with less than this share left is spent: what remains is rounding."""

DAYS = 30.0
"""Days in a month, for fines counted by day."""

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

    def admit(self, firm: Firm) -> bool:
        """Whether the rule applies to the firm today."""
        wanted = self.wanted
        if firm not in self.firms or (wanted.member is not None and firm.member != wanted.member):
            return False
        return wanted.rating is None or firm.rating >= wanted.rating


# --- benefit sharing ------------------------------------------------------------------------------------


class ByContribution:
    """The premium follows observed contribution: W o / sum of W o over the chain. Where nobody is seen to contribute
    anything it follows value added."""

    def usual(self, place: Place) -> float:
        """Share at the acts that are known."""
        return self._share(place, place.measured, place.chain.measured)

    def share(self, place: Place, acts: Acts) -> float:
        """Share if the firm alone acts so."""
        own = place.weight * place.firm.observed(acts)
        return self._share(place, own, place.chain.measured - place.measured + own)

    def _share(self, place: Place, own: float, total: float) -> float:
        return own / total if total > UNSEEN else place.weight


class ByValueAdded:
    """The premium follows value added: W."""

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

    def received(self, place: Place, cost: float) -> float:
        """c - (sum of all c) / n for each of the n firms that take part."""
        if not place.pools:
            return 0.0
        chain = place.chain
        own = place.part * cost
        return own - (chain.shared_cost - place.shared_cost + own) / max(chain.members, 1)


class SponsoredCosts:
    """The root pays a share f of the effort costs of the others that take part."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def received(self, place: Place, cost: float) -> float:
        """f c; the root pays the sum of these."""
        if place.is_root:
            return -self.rule.share * place.chain.supported_cost
        return self.rule.share * place.part * cost if place.pools else 0.0


COST_RULES = {"equal": EqualCosts, "sponsor": SponsoredCosts}

# --- incentives -----------------------------------------------------------------------------------------


class Instrument:
    """An incentive in force: whom it reaches, what it pays, what it has spent and what it remembers."""

    public = True
    administration = 0.0

    def __init__(self, rule: Any, model: PlainModel) -> None:
        self.rule, self.model = rule, model
        self.terms = Terms(rule.applies_to, model)
        self.spent, self.funded = 0.0, 1.0
        self.reached: set[Firm] = set()

    def in_force(self, month: int) -> bool:
        """From `starts` until before `ends`."""
        return self.rule.starts <= month and (self.rule.ends is None or month < self.rule.ends)

    def reaches(self, firm: Firm) -> bool:
        """Whether it applies to the firm this month."""
        return self.terms.admit(firm)

    def payment(self, firm: Firm, acts: Acts) -> float:
        """Money the firm receives (negative: pays)."""
        return 0.0

    def prospect(self, firm: Firm, acts: Acts) -> float:
        """Money the firm expects to win or lose otherwise; nothing is booked."""
        return 0.0

    def weighed(self, firm: Firm, acts: Acts) -> float:
        """What the firm counts on when it decides: the payment, as far as last month's budget went, and the rest."""
        money = self.payment(firm, acts)
        return (money * self.funded if money > 0 else money) + self.prospect(firm, acts)

    def settle(self, month: int) -> None:
        """Pay everybody who is due, within the budget, and remember."""
        self.reached = set()
        if not self.in_force(month):
            return
        reached = [firm for firm in self.model.firms if firm.revenue > 0 and self.reaches(firm)]
        due = {firm: self.payment(firm, firm.acts) for firm in reached}
        wanted = sum(max(money, 0.0) for money in due.values()) + self.administration * len(reached)
        if self.rule.budget is not None:
            left = self.rule.budget - self.spent
            spent_up = left <= SPENT_UP * self.rule.budget
            self.funded = 0.0 if spent_up else min(1.0, left / wanted) if wanted > 0 else 1.0
        self.spent += wanted * self.funded
        if self.funded > 0:
            self.reached = set(reached)
        receipts = 0.0
        for firm, money in due.items():
            paid = money * self.funded if money > 0 else money
            firm.receive(paid, support=max(paid, 0.0))
            receipts -= paid
            self.remember(firm, paid)
        self.model.public_receipts.append(receipts - self.administration * len(reached) * self.funded)

    def remember(self, firm: Firm, paid: float) -> None:
        """What the mechanism keeps in mind of a firm."""

    def cost_factors(self, firm: Firm) -> tuple[float, float]:
        """Factors on the firm's cost of quality and of abatement."""
        return 1.0, 1.0

    def orders_kept(self, link: Link) -> float:
        """Share of its contracted orders that a supplier keeps at a review."""
        return 1.0


class BuyerMandate(Instrument):
    """Buyers that take part give less business to suppliers they see below the bar.

    A supplier reckons with a loss of loss x margin x sales at stake x P(seen green quality < bar): of its sales to
    such a buyer, the share that its competitors have in the input group, for they are the ones who can take them.
    """

    def __init__(self, rule: Any, model: PlainModel) -> None:
        super().__init__(rule, model)
        self.sales: dict[Firm, float] = {}

    def prospect(self, firm: Firm, acts: Acts) -> float:
        at_stake = self.rule.loss * self.model.technology.margin * self.sales.get(firm, 0.0)
        return -at_stake * firm.exceeds(self.rule.bar - firm.seen_by_partners(acts), 0.0)

    def settle(self, month: int) -> None:
        super().settle(month)
        if self.in_force(month):
            for firm in self.model.firms:
                self.sales[firm] = sum(
                    link.value * (1.0 - link.order_share) for link in firm.sells if self._sets_bar(link.customer)
                )

    def _sets_bar(self, buyer: Firm) -> bool:
        return buyer.role == "manufacturer" and buyer.member

    def orders_kept(self, link: Link) -> float:
        supplier = link.supplier
        if not self._sets_bar(link.customer) or supplier not in self.reached:
            return 1.0
        below = supplier.exceeds(self.rule.bar - supplier.seen_by_partners(supplier.acts), 0.0)
        return 1.0 - self.rule.loss * below


class CapacityBuilding(Instrument):
    """Training: skill grows by speed x (1 - skill) a month; efforts cost the share effect x skill less."""

    def __init__(self, rule: Any, model: PlainModel) -> None:
        super().__init__(rule, model)
        self.administration = rule.cost
        self.skill: dict[Firm, float] = dict.fromkeys(model.firms, 0.0)

    def remember(self, firm: Firm, paid: float) -> None:
        if firm in self.reached:
            self.skill[firm] += self.rule.speed * self.funded * (1.0 - self.skill[firm])

    def cost_factors(self, firm: Firm) -> tuple[float, float]:
        factor = 1.0 - self.rule.effect * self.skill[firm]
        return factor, factor


class UpgradeGrant(Instrument):
    """A lump sum, once, for a firm whose abatement effort is judged to pass the threshold; from then on
    abatement costs it the share `cheaper` less."""

    def __init__(self, rule: Any, model: PlainModel) -> None:
        super().__init__(rule, model)
        self.granted: dict[Firm, float] = dict.fromkeys(model.firms, 0.0)

    def payment(self, firm: Firm, acts: Acts) -> float:
        if firm.revenue <= 0:
            return 0.0
        still = 1.0 - self.granted[firm]
        return self.rule.amount * still * firm.exceeds(acts.abatement, self.rule.threshold)

    def remember(self, firm: Firm, paid: float) -> None:
        if paid > 0:
            self.granted[firm] += (1.0 - self.granted[firm]) * self.funded

    def cost_factors(self, firm: Firm) -> tuple[float, float]:
        return 1.0, 1.0 - self.rule.cheaper * self.granted[firm]


class AbatementSubsidy(Instrument):
    """rate x tonnes below what the firm would emit at the abatement effort it began with."""

    def payment(self, firm: Firm, acts: Acts) -> float:
        tonnes = firm.gross * firm.abatable * (acts.abatement - firm.baseline_abatement)
        return self.rule.rate * max(tonnes, 0.0)


class CarbonTax(Instrument):
    """rate for each tonne emitted."""

    def payment(self, firm: Firm, acts: Acts) -> float:
        return -self.rule.rate * firm.emissions_at(acts)


class StandardAndFine(Instrument):
    """A fine for a firm that is audited and found emitting more than the share 1 - cut of its gross emissions.

    `flat`: fine; `proportional`: rate x tonnes over the limit; `escalating`: fine a day. There a breach found opens a
    case: from then on every month counts as audited, until the firm truly meets the limit.
    """

    def __init__(self, rule: Any, model: PlainModel) -> None:
        super().__init__(rule, model)
        self.open: set[Firm] = set()

    def payment(self, firm: Firm, acts: Acts) -> float:
        escalating = self.rule.form == "escalating"
        looked_at = 1.0 if escalating and firm in self.open else firm.audit
        found = looked_at * self.breach(firm, acts) if looked_at > 0 else 0.0
        if self.rule.form == "proportional":
            over = firm.emissions_at(acts) - self.limit(firm)
            return -found * self.rule.rate_per_tonne * max(over, 0.0)
        return -found * self.rule.fine * (DAYS if escalating else 1.0)

    def limit(self, firm: Firm) -> float:
        """Tonnes that the standard allows."""
        return (1.0 - self.rule.cut) * firm.gross

    def breach(self, firm: Firm, acts: Acts) -> float:
        """Whether who looks finds the firm over the limit (1 or 0); its probability when deciding."""
        if firm.gross <= 0:
            return 0.0
        return firm.exceeds(firm.emissions_at(acts) / firm.gross, 1.0 - self.rule.cut)

    def settle(self, month: int) -> None:
        super().settle(month)
        if self.in_force(month):
            self.open |= {f for f in self.reached if f.audited and self.breach(f, f.acts)}
            self.open = {f for f in self.open if f.emissions > self.limit(f)}


INSTRUMENTS: dict[str, type[Instrument]] = {
    "abatement_subsidy": AbatementSubsidy,
    "buyer_mandate": BuyerMandate,
    "capacity_building": CapacityBuilding,
    "carbon_tax": CarbonTax,
    "standard_and_fine": StandardAndFine,
    "upgrade_grant": UpgradeGrant,
}


def probability_below(z: float) -> float:
    """P(Z < z) of a logistic error of standard deviation 1."""
    scaled = z * math.pi / math.sqrt(3.0)
    return 1.0 / (1.0 + math.exp(-scaled)) if scaled > -700.0 else 0.0
