"""Incentives of the plain Mesa model that work through ratings, orders and loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.plain.chains import Link
from benchmarks.plain.information import rated, seen_by_partners
from benchmarks.plain.instruments import (
    AbatementSubsidy,
    BuyerMandate,
    CapacityBuilding,
    CarbonTax,
    EffortSubsidy,
    Instrument,
    StandardAndFine,
    UpgradeGrant,
)

if TYPE_CHECKING:
    from benchmarks.plain.agents import Acts, Firm
    from benchmarks.plain.model import PlainModel

BLUE = 1
"""Colours are steps down from green (0); blue changes nothing."""


class CreditRating(Instrument):
    """The public rating gives a colour; colours move interest now, fines and audits of the next month."""

    public = False

    def __init__(self, rule: Any, model: PlainModel) -> None:
        super().__init__(rule, model)
        self.colours: dict[Firm, float] = dict.fromkeys(model.firms, BLUE)

    def colour(self, firm: Firm, acts: Acts) -> float:
        """0 green, 1 blue, 2 yellow, 3 red; the mean, when deciding."""
        return sum(1.0 - rated(firm, acts, bar) for bar in (self.rule.green, self.rule.blue, self.rule.yellow))

    def payment(self, firm: Firm, acts: Acts) -> float:
        """Interest of a month on loans that are a share of a year's revenue."""
        loans = self.rule.debt * 12.0 * firm.revenue
        return (BLUE - self.colour(firm, acts)) * self.rule.interest_step / 12.0 * loans

    def remember(self, firm: Firm, paid: float) -> None:
        self.colours[firm] = self.colour(firm, firm.acts) if firm in self.reached else BLUE

    def fine_factor(self, firm: Firm) -> float:
        return self.rule.fine_step ** (self.colours[firm] - BLUE)

    def audit_factor(self, firm: Firm) -> float:
        return self.rule.audit_step ** (self.colours[firm] - BLUE)


class GreenCredit(Instrument):
    """A bank lends for abatement below its usual interest; a firm weighs the discount of a loan until it is repaid."""

    public = False

    def __init__(self, rule: Any, model: PlainModel) -> None:
        super().__init__(rule, model)
        self.loans: dict[Firm, float] = dict.fromkeys(model.firms, 0.0)
        self.kept = 1.0 - 1.0 / rule.term
        self.relief = rule.discount * rule.interest / 12.0

    def lent(self, firm: Firm, acts: Acts) -> float:
        """New loans of the month."""
        return self.rule.financed * firm.revenue * firm.abatement_cost * acts.abatement**2 / 2.0

    def payment(self, firm: Firm, acts: Acts) -> float:
        return self.relief * (self.kept * self.loans[firm] + self.lent(firm, acts))

    def prospect(self, firm: Firm, acts: Acts) -> float:
        """The discount of today's loan in all later months of the programme, a geometric series."""
        still = 0.0 if self.rule.ends is None else self.kept ** (self.rule.ends - self.model.month)
        months = (1.0 - still) / (1.0 - self.kept) - 1.0
        return self.relief * months * self.lent(firm, acts) * self.funded

    def remember(self, firm: Firm, paid: float) -> None:
        lent = self.lent(firm, firm.acts) * self.funded if firm in self.reached else 0.0
        self.loans[firm] = self.kept * self.loans[firm] + lent


class OrderReward(Instrument):
    """At a review customers order more from suppliers whose green quality they see above the mean of the group."""

    def __init__(self, rule: Any, model: PlainModel) -> None:
        super().__init__(rule, model)
        self.stakes: dict[Firm, tuple[float, float, float]] = {}

    def survey(self) -> None:
        """Of each supplier: sales open to competition, these times what its competitors are seen to do, all sales."""
        for firm in self.model.firms:
            open_sales = against = sales = 0.0
            for link in firm.sells:
                open_sales += link.value * (1.0 - link.order_share)
                against += link.value * (self.mean_seen(link.rivals) - link.order_share * firm.seen_now)
                sales += link.value
            self.stakes[firm] = (open_sales, against, sales)

    def prospect(self, firm: Firm, acts: Acts) -> float:
        """Margin on the sales that the next review would move; at most all sales are lost."""
        open_sales, against, sales = self.stakes[firm]
        gained = self.rule.strength * (open_sales * seen_by_partners(firm, acts) - against)
        return self.model.technology.margin * max(gained, -sales)

    def mean_seen(self, group: list[Link]) -> float:
        """Mean green quality seen of the suppliers of an input group, by order share."""
        return sum(link.order_share * link.supplier.seen_now for link in group)

    def orders_kept(self, link: Link, group: list[Link]) -> float:
        if link.supplier not in self.reached:
            return 1.0
        above = link.supplier.seen_now - self.mean_seen(group)
        return max(1.0 + self.rule.strength * above, 0.0)


INSTRUMENTS: dict[str, type[Instrument]] = {
    "abatement_subsidy": AbatementSubsidy,
    "buyer_mandate": BuyerMandate,
    "capacity_building": CapacityBuilding,
    "carbon_tax": CarbonTax,
    "credit_rating": CreditRating,
    "effort_subsidy": EffortSubsidy,
    "green_credit": GreenCredit,
    "order_reward": OrderReward,
    "standard_and_fine": StandardAndFine,
    "upgrade_grant": UpgradeGrant,
}
