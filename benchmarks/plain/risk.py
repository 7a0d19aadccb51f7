"""Disruptions in the plain Mesa model: outages, slumps of demand, incidents, and what firms lose by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.plain.information import told
from benchmarks.plain.packaging import goes_back

if TYPE_CHECKING:
    from benchmarks.plain.agents import Acts, Firm

# --- 1 shocks -------------------------------------------------------------------------------------------


def suffer_shocks(firm: Firm) -> None:
    """An outage starts or goes on, and so does a slump."""
    risk, draw = firm.model.risk, firm.model.uniform
    struck = firm.outage_left <= 0 and draw("outage")[firm.number] < risk.outage_rate
    firm.outage_left = outage_months(firm) if struck else max(firm.outage_left - 1.0, 0.0)
    struck = risk.demand_shock_rate > 0 and firm.slump_left <= 0
    struck = struck and draw("demand-shock")[firm.number] < risk.demand_shock_rate
    firm.slump_left = risk.demand_shock_months if struck else max(firm.slump_left - 1.0, 0.0)


def outage_months(firm: Firm) -> float:
    """How long an outage lasts, shorter where partners told what they knew."""
    risk = firm.model.risk
    warned = sum(told(partner, "early_warning") for partner in firm.partners) / max(len(firm.partners), 1)
    return risk.outage_months * (1.0 - risk.early_warning * warned)


def capacity_lost(firm: Firm) -> float:
    """Share of capacity that an outage of a whole month takes, less what a back-up keeps."""
    risk = firm.model.risk
    return risk.outage_loss * (1.0 - risk.backup_share)


def capacity_left(firm: Firm) -> float:
    """Tonnes the firm can make this month."""
    return firm.capacity * (1.0 - capacity_lost(firm) * min(firm.outage_left, 1.0))


# --- incidents and losses -------------------------------------------------------------------------------


def incident_chance(firm: Firm, acts: Acts) -> float:
    """rate (1 - cut theta)."""
    risk = firm.model.risk
    return risk.incident_rate * (1.0 - risk.incident_cut * firm.green_quality(acts))


def strike(firm: Firm) -> None:
    """A firm that trades may have an environmental incident."""
    if firm.model.risk.incident_rate > 0:
        luck = firm.model.uniform("incident")[firm.number]
        firm.incident = firm.revenue > 0 and luck < incident_chance(firm, firm.acts)


def expected_clean_up(firm: Firm, acts: Acts) -> float:
    """What incidents cost the firm on average."""
    risk = firm.model.risk
    return risk.incident_cost * firm.revenue * incident_chance(firm, acts) if risk.incident_rate > 0 else 0.0


def clean_up(firm: Firm) -> float:
    """What this month's incident costs the firm."""
    return firm.model.risk.incident_cost * firm.revenue if firm.incident else 0.0


def loss(firm: Firm, acts: Acts) -> float:
    """What the firm loses by its outages and incidents: this month, when it is over; on average, when deciding."""
    if firm.model.certain:
        return undelivered(firm) + clean_up(firm)
    return expected_undelivered(firm) + expected_clean_up(firm, acts)


def undelivered(firm: Firm) -> float:
    """Margin on the orders that the firm did not deliver under an outage."""
    if firm.outage_left <= 0:
        return 0.0
    missing = firm.demand - firm.sold + sum(link.haulable - link.shipped for link in firm.sells)
    return firm.model.technology.margin * (firm.price * missing + freight_lost(firm))


def freight_lost(firm: Firm) -> float:
    """Freight that a carrier loses by its outage, taken over by others or not."""
    model = firm.model
    lost = model.risk.carrier_outage_loss * min(firm.outage_left, 1.0)
    usual = sum(link.ordered * link.supplier.on_time * link.distance_km for link in firm.hauls)
    return model.logistics.fare * (1.0 + goes_back(model)) * usual * lost


def expected_undelivered(firm: Firm) -> float:
    """The same in the long run; of a carrier, freight."""
    risk = firm.model.risk
    struck = risk.outage_rate * risk.outage_months / (1.0 + risk.outage_rate * risk.outage_months)
    short = max(1.0 - firm.capacity_ratio * (1.0 - capacity_lost(firm)), 0.0)
    if firm.role == "logistics":
        short = risk.carrier_outage_loss
    return struck * short * firm.model.technology.margin * firm.revenue
