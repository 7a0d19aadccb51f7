"""Inspection between the firms of the plain Mesa model, and who bears what failures cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.plain.freight import damage_in_transit
from benchmarks.plain.information import near, told

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm
    from benchmarks.plain.chains import Link

# --- 6 inspect ------------------------------------------------------------------------------------------


def inspect_deliveries(firm: Firm) -> None:
    """Inspect what comes in, less where the supplier is trusted and tells; accept what is not found."""
    quality = firm.model.quality
    firm.accepted_next = 0.0
    for link in firm.buys:
        shown = told(link.supplier, "duplicate_inspections")
        link.intensity = quality.inspection * (1.0 - link.trust * shown * link.recognised)
        link.catch = quality.detection * link.intensity
        link.incoming = link.supplier.outgoing + damage_in_transit(link)
        firm.accepted_next += link.input_share * link.incoming * (1.0 - link.catch)


def accept(firm: Firm) -> None:
    """What was accepted goes into next month's output; note what disclosure would save in inspections and in
    lorries."""
    firm.accepted = firm.accepted_next
    spared = sum(link.value * link.trust for link in firm.sells if link.recognised)
    firm.inspection_saving = firm.model.quality.inspection * spared * near(firm, "duplicate_inspections")
    filled = sum(link.load_saving for link in firm.sells + firm.buys)
    firm.load_saving = filled * near(firm, "load_factor")


def onward_cost(firm: Firm, link: Link, cost_of_defects: float) -> float:
    """Cost at the firm for each unit of defect rate that it accepts on a link: its own output becomes defective,
    at the cost that a unit of that has."""
    return link.input_share * (1.0 - firm.own_defects) * cost_of_defects


def failure_cost(firm: Firm, link: Link, cost_of_defects: float) -> float:
    """Cost at the firm for each unit of defect rate that arrives on a link: what is caught is returned, the
    rest goes on."""
    returned = firm.model.quality.return_cost * link.value
    return link.catch * returned + (1.0 - link.catch) * onward_cost(firm, link, cost_of_defects)


def relied_cost(firm: Firm, link: Link, cost_of_defects: float, defects: float) -> float:
    """Cost at the firm for each unit of its supplier's disclosure: defects that the spared inspections would
    have found go on instead of being returned."""
    if not link.recognised:
        return 0.0
    quality = firm.model.quality
    unfound = quality.detection * quality.inspection * link.trust * defects
    return unfound * (onward_cost(firm, link, cost_of_defects) - quality.return_cost * link.value)


def trace_failures(firm: Firm) -> None:
    """What a unit of the firm's outgoing defect rate, and of its disclosure, costs itself, by what it cost its
    customers last month: one tier further each month. Its contracts make it liable for a share."""
    quality = firm.model.quality
    firm.warranty = quality.warranty_cost * firm.price * firm.sold
    firm.liability_next, firm.relied_liability = firm.warranty, 0.0
    if quality.liability > 0:
        for link in firm.sells:
            customer = link.customer
            link.claim = quality.liability * failure_cost(customer, link, customer.liability)
            firm.liability_next += link.claim
            relied = relied_cost(customer, link, customer.liability, firm.outgoing)
            firm.relied_liability += quality.liability * relied * near(firm, "duplicate_inspections")
    if firm.model.cooperation:
        trace_damage(firm)


def trace_damage(firm: Firm) -> None:
    """The same for everybody; nobody asks for it where no firm cooperates."""
    firm.damage_next, firm.relied_damage = firm.warranty, 0.0
    for link in firm.sells:
        customer = link.customer
        firm.damage_next += failure_cost(customer, link, customer.damage)
        relied = relied_cost(customer, link, customer.damage, link.incoming)
        firm.relied_damage += relied * near(firm, "duplicate_inspections")
    for link, part, _ in firm.rides:
        firm.damage_next += part * failure_cost(link.customer, link, link.customer.damage)


def take_blame(firm: Firm) -> None:
    """From now on these are the costs."""
    firm.liability = firm.liability_next
    if firm.model.cooperation:
        firm.damage = firm.damage_next


def failures_spared(firm: Firm) -> float:
    """What the suppliers' quality efforts spare the firm: d0 e q of each delivery at the part of the cost of a
    defect that suppliers are not liable for."""
    spared = sum(
        failure_cost(firm, link, firm.liability) * (link.supplier.defect_rate - link.supplier.own_defects)
        for link in firm.buys
    )
    return (1.0 - firm.model.quality.liability) * spared
