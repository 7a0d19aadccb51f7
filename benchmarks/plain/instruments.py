"""The incentives of the plain Mesa model, in plain arithmetic; what works through ratings, orders and loans stands in
`rewards`.

Every incentive answers for one firm and its own acts, the others doing what is known of them. While firms decide,
`model.certain` is false and the answer is an expectation; at settlement it is true and the answer is a payment.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from benchmarks.plain.chains import Link
from benchmarks.plain.information import exceeds, probability_below, seen_by_partners
from benchmarks.plain.payoffs import costs_shared
from benchmarks.plain.sharing import Terms

if TYPE_CHECKING:
    from benchmarks.plain.agents import Acts, Firm
    from benchmarks.plain.model import PlainModel

SPENT_UP = 1e-9
"""A budget with less than this share left is spent: what remains is rounding."""

DAYS = 30.0
"""Days in a month, for fines counted by day."""


class Instrument:
    """An incentive in force: whom it reaches, what it pays, what it has spent and what it remembers."""

    public = True
    """Whether the regulator pays, or else a bank."""
    administration = 0.0

    def __init__(self, rule: Any, model: PlainModel) -> None:
        self.rule, self.model = rule, model
        self.terms = Terms(rule.applies_to, model)
        self.spent, self.funded = 0.0, 0.0 if rule.budget == 0 else 1.0
        self.reached: set[Firm] = set()

    def in_force(self, month: int) -> bool:
        """From `starts` until before `ends`."""
        return self.rule.starts <= month and (self.rule.ends is None or month < self.rule.ends)

    def reaches(self, firm: Firm, member: bool) -> bool:
        """Whether it applies to the firm this month, if it is a member or not."""
        return self.terms.admit(firm, member)

    def payment(self, firm: Firm, acts: Acts) -> float:
        """Money the firm receives (negative: pays)."""
        return 0.0

    def prospect(self, firm: Firm, acts: Acts) -> float:
        """Money the firm expects to win or lose otherwise; nothing is booked."""
        return 0.0

    def weighed(self, firm: Firm, acts: Acts) -> float:
        """What the firm counts on when it decides: the payment, as far as last month's budget went, and the rest."""
        money = self.payment(firm, acts) * self.in_force_for(firm)
        return (money * self.funded if money > 0 else money) + self.prospect(firm, acts)

    def in_force_for(self, firm: Firm) -> float:
        """Share of what the regulator pays and charges that an interruption of policy leaves."""
        return firm.in_force if self.public else 1.0

    def settle(self, month: int) -> None:
        """Pay everybody who is due, within the budget, and remember."""
        self.reached = set()
        if not self.in_force(month):
            return
        reached = [firm for firm in self.model.firms if firm.revenue > 0 and self.reaches(firm, firm.member)]
        due = {firm: self.payment(firm, firm.acts) * self.in_force_for(firm) for firm in reached}
        overhead = self.administration * sum(self.in_force_for(firm) for firm in reached)
        wanted = sum(max(money, 0.0) for money in due.values()) + overhead
        if self.rule.budget is not None:
            left = self.rule.budget - self.spent
            spent_up = left <= SPENT_UP * self.rule.budget
            self.funded = 0.0 if spent_up else min(1.0, left / wanted) if wanted > 0 else 1.0
        self.spent += wanted * self.funded
        if self.funded > 0:
            self.reached = set(reached)
        receipts = 0.0
        for firm in self.model.firms:
            money = due.get(firm, 0.0)
            paid = money * self.funded if money > 0 else money
            firm.profit += paid
            firm.support += max(paid, 0.0)
            receipts -= paid
            self.remember(firm, paid)
        if self.public:
            self.model.public_receipts.append(receipts - overhead * self.funded)

    def survey(self) -> None:
        """What all firms are known to do, before they decide."""

    def remember(self, firm: Firm, paid: float) -> None:
        """What the mechanism keeps in mind of a firm."""

    def cost_factors(self, firm: Firm) -> tuple[float, float]:
        """Factors on the firm's cost of quality and of abatement."""
        return 1.0, 1.0

    def fine_factor(self, firm: Firm) -> float:
        """Factor on the firm's fines."""
        return 1.0

    def audit_factor(self, firm: Firm) -> float:
        """Factor on the chance that the firm is audited."""
        return 1.0

    def orders_kept(self, link: Link, group: list[Link]) -> float:
        """What becomes of a supplier's contracted orders at a review, as a factor; its input group may matter."""
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
        return -at_stake * self._chance_below(firm, acts)

    def _chance_below(self, firm: Firm, acts: Acts) -> float:
        """P(seen + normal error of sight + logistic error of measurement < bar): the mixture of both distributions that
        has the first four moments of the sum."""
        information = self.model.information
        gained = information.accuracy_with - information.accuracy_without
        alpha = information.accuracy_without + gained * acts.disclosure * firm.shown_near
        measured = self.model.assessment.measurement_error
        both = math.hypot(measured, (1.0 - alpha) * information.noise)
        z = (self.rule.bar - seen_by_partners(firm, acts)) / both
        part = (measured / both) ** 4
        bent = math.sqrt(2.0 / math.pi) * (z + 0.044715 * z**3)
        return part * probability_below(z) + (1.0 - part) * (0.5 + 0.5 * math.tanh(bent))

    def settle(self, month: int) -> None:
        super().settle(month)
        if self.in_force(month):
            for firm in self.model.firms:
                self.sales[firm] = sum(
                    link.value * (1.0 - link.order_share) for link in firm.sells if self._sets_bar(link.customer)
                )

    def _sets_bar(self, buyer: Firm) -> bool:
        return buyer.role == "manufacturer" and buyer.member

    def orders_kept(self, link: Link, group: list[Link]) -> float:
        supplier = link.supplier
        if not self._sets_bar(link.customer) or supplier not in self.reached:
            return 1.0
        below = exceeds(supplier, self.rule.bar - supplier.seen_now, 0.0)
        return 1.0 - self.rule.loss * below


class CapacityBuilding(Instrument):
    """Training: skill grows by speed x (1 - skill) a month; efforts cost the share effect x skill less."""

    def __init__(self, rule: Any, model: PlainModel) -> None:
        super().__init__(rule, model)
        self.administration = rule.cost
        self.skill: dict[Firm, float] = dict.fromkeys(model.firms, 0.0)

    def remember(self, firm: Firm, paid: float) -> None:
        if firm in self.reached:
            trained = self.funded * self.in_force_for(firm)
            self.skill[firm] += self.rule.speed * trained * (1.0 - self.skill[firm])

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
        return self.rule.amount * still * exceeds(firm, acts.abatement, self.rule.threshold)

    def remember(self, firm: Firm, paid: float) -> None:
        if paid > 0:
            self.granted[firm] += (1.0 - self.granted[firm]) * self.funded * self.in_force_for(firm)

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
            return -found * self.rule.rate_per_tonne * max(over, 0.0) * firm.penalty
        return -found * self.rule.fine * (DAYS if escalating else 1.0) * firm.penalty

    def limit(self, firm: Firm) -> float:
        """Tonnes that the standard allows."""
        return (1.0 - self.rule.cut) * firm.gross

    def breach(self, firm: Firm, acts: Acts) -> float:
        """Whether who looks finds the firm over the limit (1 or 0); its probability when deciding."""
        return breach_of(firm, acts, self.rule.cut)

    def settle(self, month: int) -> None:
        super().settle(month)
        if self.in_force(month):
            self.open |= {f for f in self.reached if f.audited and self.breach(f, f.acts)}
            self.open = {f for f in self.open if f.emissions > self.limit(f)}


def breach_of(firm: Firm, acts: Acts, cut: float) -> float:
    """Whether who looks finds less than the share `cut` of gross emissions abated (1 or 0); its probability when
    deciding."""
    if firm.gross <= 0:
        return 0.0
    return exceeds(firm, firm.emissions_at(acts) / firm.gross, 1.0 - cut)


class EffortSubsidy(Instrument):
    """A share of what a firm bears of its efforts' cost, and of that of others by cost sharing."""

    def payment(self, firm: Firm, acts: Acts) -> float:
        return self.rule.share * max(firm.effort_cost(acts) - costs_shared(firm, acts), 0.0)
