"""Settlement and learning in the plain Mesa model: who pays whom for what, and what firms make of the month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.plain.freight import freight_paid
from benchmarks.plain.information import show, told
from benchmarks.plain.payoffs import costs_shared, losses_shared, premium_received
from benchmarks.plain.quality import failures_spared
from benchmarks.plain.relations import qualification, settlement
from benchmarks.plain.risk import clean_up, strike

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm

# --- 7 settle -------------------------------------------------------------------------------------------


def come_to_light(firm: Firm) -> None:
    """At settlement beliefs give way to deeds, judged with this month's errors."""
    firm.sight_error = firm.model.information.noise * firm.model.normals("observation")[0][firm.number]
    firm.measurement_error = firm.model.logistic_draws("measure")[firm.number]
    firm.audit = 1.0 if firm.audited else 0.0
    show(firm)
    firm.known_green_quality = firm.green_quality(firm.acts)
    firm.cost_now = firm.effort_cost(firm.acts)
    firm.profit = firm.support = 0.0
    strike(firm)


def settle(firm: Firm) -> None:
    """All other payments of the month, and what the collaboration gave and took."""
    model, acts = firm.model, firm.acts
    premium, shared = premium_received(firm, acts), costs_shared(firm, acts)
    fee = model.information.monthly_cost * max(firm.shared_near, firm.shared_far) if firm.revenue > 0 else 0.0
    firm.premium = premium
    penalty = model.scenario.reporting.penalty * firm.revenue if firm.exposed else 0.0
    model.penalties += penalty
    firm.profit += trade(firm) + premium + shared + losses_shared(firm, acts)
    firm.profit -= firm.own_costs(acts) + fee + penalty + clean_up(firm)
    firm.profitability = firm.profit / firm.revenue if firm.revenue > 0 else 0.0
    firm.benefit = premium + failures_spared(firm)
    firm.contribution = firm.effort_cost(acts) + firm.disclosure_cost(acts) - firm.support - shared


def trade(firm: Firm) -> float:
    """Sales less goods, what is bought elsewhere, freight, operations, inspections, returns, warranty, liability
    and claims. A carrier owes a customer claims for what it damages of the customer's goods, and pays more for electric
    lorries."""
    quality, logistics = firm.model.quality, firm.model.logistics
    sales = firm.price * firm.sold
    balance = sales * (1.0 + firm.price_rise - quality.warranty_cost * firm.outgoing)
    balance -= firm.operations * firm.revenue
    for link in firm.sells:
        balance += link.value * (1.0 - quality.hosting_cost * link.intensity) - link.claim * firm.outgoing
        if link.transition:
            balance += settlement(link)
    for link in firm.buys:
        inspection = quality.inspection_cost * link.intensity
        returns = quality.return_cost * link.incoming * link.catch
        balance -= link.value * (1.0 + inspection + returns) + link.spot
        balance -= freight_paid(link)
        if link.transition:
            balance -= settlement(link) + qualification(link)
        balance += link.claim * link.supplier.outgoing
    for link, part, fare in firm.rides:
        earned = logistics.fare * fare * part * link.tonne_km
        balance += earned * (1.0 - firm.claim_cost * firm.own_defects)
    balance -= logistics.electric_premium * firm.revenue * firm.electric
    return balance


# --- 8 learn --------------------------------------------------------------------------------------------


def learn(firm: Firm) -> None:
    """Experience makes abatement cheaper (Wright's law), mechanisms may make effort cheaper, trust follows
    the quality that arrives."""
    technology, quality = firm.model.technology, firm.model.quality
    shown = sum(told(partner, "technology_spillover") * partner.acts.abatement for partner in firm.partners)
    spilled = technology.spillover * shown / max(len(firm.partners), 1)
    firm.experience += (firm.acts.abatement + spilled) / 12.0
    firm.quality_cost = firm.first_quality_cost
    firm.abatement_cost = firm.first_abatement_cost * (1.0 + firm.experience) ** -technology.learning_exponent
    for instrument in firm.model.instruments:
        quality_factor, abatement_factor = instrument.cost_factors(firm)
        firm.quality_cost *= quality_factor
        firm.abatement_cost *= abatement_factor
    for link in firm.buys:
        evidence = max(1.0 - link.incoming / quality.tolerated, 0.0)
        link.trust += quality.trust_speed * (evidence - link.trust)
