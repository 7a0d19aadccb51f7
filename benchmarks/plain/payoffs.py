"""What the firms of the plain Mesa model weigh: payoffs, how they slope, and whether membership pays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmarks.plain.agents import Acts
from benchmarks.plain.relations import custom
from benchmarks.plain.risk import expected_clean_up

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm
    from benchmarks.plain.instruments import Instrument

STEP = 1e-3
"""How much higher and lower a firm tries its own effort to see which way its payoff slopes."""


def payoff(firm: Firm, acts: Acts) -> float:
    """All payments to the firm that depend on its acts, as it expects them to be. Disclosing, it is inspected
    less, and is liable for the defects that pass for it."""
    disclosing = firm.model.quality.hosting_cost * firm.inspection_saving - firm.relied_liability
    failures = firm.liability * firm.outgoing_at(acts) + firm.claims_at(acts)
    offers = sum(offer.weighed(firm, acts) for offer in offers_to(firm, acts.member))
    shared = premium_received(firm, acts) + costs_shared(firm, acts) + losses_shared(firm, acts)
    failures += expected_clean_up(firm, acts)
    shared += custom(firm, acts)
    return shared + offers + disclosing * acts.disclosure - failures - firm.own_costs(acts)


def offers_to(firm: Firm, member: bool) -> list[Instrument]:
    """The incentives that the firm may hope for as a member, or outside."""
    if member == firm.member:
        return firm.offers
    return [offer for offer in firm.model.in_force if offer.reaches(firm, member)]


def social_payoff(firm: Firm, acts: Acts) -> float:
    """Every effect of the acts at its full value to everybody; what one firm pays another (claims, liability)
    is nothing to all together. Disclosing spares inspections on both sides and fills lorries, and lets
    defects pass."""
    quality, market = firm.model.quality, firm.model.market
    theta = firm.green_quality(acts)
    premium = sum(place.chain.premium_if(place, theta) for place in firm.places)
    inspections = (quality.hosting_cost + quality.inspection_cost) * firm.inspection_saving
    disclosing = (inspections - firm.relied_damage + firm.load_saving) * acts.disclosure
    failures = firm.damage * firm.outgoing_at(acts) + expected_clean_up(firm, acts)
    climate = market.social_cost_of_carbon * firm.emissions_at(acts)
    return premium + disclosing - failures - climate - firm.own_costs(acts)


def premium_received(firm: Firm, acts: Acts) -> float:
    """The firm's part of its chains' green premium.

    A root also keeps what those outside the collaboration may not enjoy; a firm outside loses that part.
    """
    rule, theta = firm.model.benefit_rule, firm.green_quality(acts)
    received = 0.0
    for place in firm.places:
        chain = place.chain
        if rule is None:
            if place.is_root:
                received += chain.premium_if(place, theta)
            continue
        share = rule.share(place, acts)
        if place.is_root:
            share += (1.0 - share) * chain.kept_by_root
        else:
            share *= chain.let_in(place, acts.member)
        received += share * chain.premium_if(place, theta)
    return received


def costs_shared(firm: Firm, acts: Acts) -> float:
    """What the firm receives from its chains' cost sharing (negative: pays)."""
    rule = firm.model.cost_rule
    if rule is None:
        return 0.0
    cost = firm.effort_cost(acts)
    return sum(rule.received(place, cost, acts.member) for place in firm.places)


def losses_shared(firm: Firm, acts: Acts) -> float:
    """What the firm receives from its chains' risk sharing (negative: pays)."""
    rule = firm.model.risk_rule
    return 0.0 if rule is None else sum(rule.received(place, acts) for place in firm.places)


def uphill(firm: Firm, payoff: Callable[[Firm, Acts], float]) -> Acts:
    """Slope of a payoff in each of the firm's acts, per unit of its revenue."""
    if firm.revenue <= 0:
        return Acts(0.0, 0.0, 0.0)
    now = firm.acts

    def slope(higher: Acts, lower: Acts) -> float:
        return (payoff(firm, higher) - payoff(firm, lower)) / (2.0 * STEP * firm.revenue)

    return Acts(
        slope(now._replace(quality=now.quality + STEP), now._replace(quality=now.quality - STEP)),
        slope(now._replace(abatement=now.abatement + STEP), now._replace(abatement=now.abatement - STEP)),
        slope(now._replace(disclosure=now.disclosure + STEP), now._replace(disclosure=now.disclosure - STEP)),
    )


# --- membership -----------------------------------------------------------------------------------------


def enrol(firm: Firm) -> None:
    """A firm is a member while a running phase of the programme enrols it, if it is willing and has heard of it."""
    knows = firm.heard or firm.product is not None or not spreads(firm)
    firm.member = is_enrolled(firm) and firm.willing and knows
    firm.acts = firm.acts._replace(member=firm.member)


def is_enrolled(firm: Firm) -> bool:
    """Whether a phase of the programme that runs this month enrols a firm."""
    month = firm.model.month
    return any(
        phase.starts <= month and (phase.ends is None or month < phase.ends) and firm in firms
        for phase, firms in firm.model.phases
    )


def spreads(firm: Firm) -> bool:
    """Whether firms have to hear of the collaboration before they take part."""
    rule = firm.model.scenario.membership
    return rule.innovation > 0 or rule.imitation > 0


def hear(firm: Firm) -> None:
    """A firm that is enrolled hears of the collaboration by itself, or from partners that are members."""
    rule, model = firm.model.scenario.membership, firm.model
    if not spreads(firm) or model.month < 0 or not is_enrolled(firm):
        return
    inside = sum(partner.member for partner in firm.partners) / max(len(firm.partners), 1)
    if model.uniform("membership/heard")[firm.number] < rule.innovation + rule.imitation * inside:
        firm.heard = True


def choose_membership(firm: Firm) -> None:
    """Where it may choose, a firm joins when membership pays by more than its inertia, and leaves when it costs more;
    chain leaders stay."""
    rule, month = firm.model.scenario.membership, firm.model.month
    if not rule.voluntary or month < 0 or (month + 1) % rule.choose_every:
        return
    inside, outside = firm.acts._replace(member=True), firm.acts._replace(member=False)
    gain = payoff(firm, inside) - payoff(firm, outside) - cost_of_membership(firm)
    if firm.product is None and abs(gain) > rule.inertia * firm.revenue:
        firm.willing = gain > 0


def cost_of_membership(firm: Firm) -> float:
    """The fee, and what disclosing the mandated minimum costs more than disclosing as one likes."""
    model, information = firm.model, firm.model.information
    if information.kind == "none" or not model.active(information) or firm not in model.data_sharers:
        return 0.0
    least = firm.acts._replace(disclosure=max(firm.acts.disclosure, information.minimum_disclosure))
    fee = information.monthly_cost if firm.revenue > 0 else 0.0
    return fee + firm.disclosure_cost(least) - firm.disclosure_cost(firm.acts)
