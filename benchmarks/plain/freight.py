"""Freight in the plain Mesa model: lorries and their load, who stands in for whom, electric fleets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.plain.information import told
from benchmarks.plain.packaging import goes_back

if TYPE_CHECKING:
    from benchmarks.plain.agents import Carrier
    from benchmarks.plain.chains import Link

# --- 4 produce ------------------------------------------------------------------------------------------


def relieve(firm: Carrier) -> None:
    """A carrier under an outage loses a part of its haulage; the next one in the circle that is not out stands in for
    some of it."""
    model = firm.model
    if model.risk.carrier_outage_loss == 0:
        return
    lost = model.risk.carrier_outage_loss * min(firm.outage_left, 1.0)
    circle = list(model.carriers)
    after = circle.index(firm) + 1
    ready = [other for other in circle[after:] + circle[: after - 1] if other.outage_left <= 0]
    taken = lost * model.logistics.backup_carrier if ready else 0.0
    firm.stand_in = ready[0] if ready else firm
    firm.done = 1.0 - lost + taken
    firm.stood_in = taken / firm.done if firm.done > 0 else 0.0


def plan_rides(firm: Carrier) -> None:
    """What the carrier will haul: links, its part of each, and the multiple of the usual fare that it takes."""
    firm.rides = [(link, 1.0 - firm.stood_in, 1.0) for link in firm.hauls]
    dearer = 1.0 + firm.model.logistics.backup_premium
    for other in firm.model.carriers:
        if other.stood_in > 0 and other.stand_in is firm:
            firm.rides += [(link, other.stood_in, dearer) for link in other.hauls]


def damage_in_transit(link: Link) -> float:
    """Share of the goods on a link that those who haul them damage."""
    carrier = link.carrier
    return (1.0 - carrier.stood_in) * carrier.own_defects + carrier.stood_in * carrier.stand_in.own_defects


def freight_paid(link: Link) -> float:
    """What the customer pays for haulage, less claims for damage."""
    logistics, carrier, other = link.customer.model.logistics, link.carrier, link.carrier.stand_in
    usual = logistics.fare * link.tonne_km
    paid = usual * (1.0 - carrier.stood_in) * (1.0 - carrier.claim_cost * carrier.own_defects)
    if carrier.stood_in > 0:
        dearer = 1.0 + logistics.backup_premium
        paid += usual * dearer * carrier.stood_in * (1.0 - other.claim_cost * other.own_defects)
    return paid


# --- 5 ship ---------------------------------------------------------------------------------------------


def load_lorries(firm: Carrier) -> None:
    """load = base + (best - base) x mean of what the ends of a link tell; reusable packaging goes back."""
    logistics = firm.model.logistics
    for link in firm.hauls:
        shared = 0.5 * (told(link.supplier, "load_factor") + told(link.customer, "load_factor"))
        link.load = logistics.base_load + (logistics.best_load - logistics.base_load) * shared
        link.tonne_km = link.shipped * link.distance_km * (1.0 + goes_back(firm.model))
        link.load_saving = link.electric_km = 0.0
        link.served_km = link.tonne_km if within_reach(link) else 0.0


def haul(firm: Carrier) -> None:
    """Emissions, fuel and fares of what the carrier hauls."""
    logistics = firm.model.logistics
    gross, paid, energy_load = haulage(firm, firm.electric)
    firm.gross += gross
    firm.revenue += logistics.fare * paid
    firm.energy_load = energy_load
    firm.emissions = firm.emissions_at(firm.acts)
    share = electric_on_routes(firm, firm.electric)
    for link, part, _ in firm.rides:
        on = share if within_reach(link) else 0.0
        link.electric_km += part * link.tonne_km * on
        if firm.model.cooperation:
            # Cost goes with 1 / load, so a unit more told at one end saves the cost x (best - base) / 2 / load.
            saved = 0.5 * (logistics.best_load - logistics.base_load) / link.load
            link.load_saving += saved * cost_of_lorries(firm, part * link.tonne_km / link.load, on)


def haulage(firm: Carrier, electric: float) -> tuple[float, float, float]:
    """Gross emissions, tonne-km at the usual fare, and fuel for each of these over that of a diesel lorry at base
    load, if this share of the fleet were electric."""
    logistics = firm.model.logistics
    share = electric_on_routes(firm, electric)
    gross = paid = burnt = 0.0
    for link, part, fare in firm.rides:
        on = share if within_reach(link) else 0.0
        lorry_km = part * link.tonne_km / link.load
        gross += lorry_km * logistics.intensity * (1.0 - on * logistics.electric_saving)
        paid += fare * part * link.tonne_km
        burnt += lorry_km * logistics.base_load * (1.0 - on * logistics.electric_fuel_saving)
    return gross, paid, burnt / paid if paid > 0 else 1.0


def electric_on_routes(firm: Carrier, electric: float) -> float:
    """Electric share on the routes that can be served electrically, where the electric lorries go first."""
    hauled, served = hauled_and_served(firm)
    return min(electric * hauled / served, 1.0) if served > 0 else 0.0


def hauled_and_served(firm: Carrier) -> tuple[float, float]:
    """Tonne-km in all, and on routes that can be served electrically."""
    parts = [(part * link.tonne_km, within_reach(link)) for link, part, _ in firm.rides]
    return sum(tonne_km for tonne_km, _ in parts), sum(tonne_km for tonne_km, served in parts if served)


def within_reach(link: Link) -> bool:
    """Whether a link can be served electrically: without a stop to charge, or once there is enough public charging."""
    model = link.customer.model
    logistics = model.logistics
    if logistics.electric_range_km is None:
        return True
    charging = min(1.0, logistics.charging + logistics.charging_growth * max(model.month, 0))
    return charging >= logistics.charging_threshold or math.ceil(link.distance_km / logistics.electric_range_km) <= 1


def cost_of_lorries(firm: Carrier, lorry_km: float, electric: float) -> float:
    """Fuel and climate damage of lorries driven, in tonne-km they could have hauled when full."""
    logistics, abatement = firm.model.logistics, firm.acts.abatement
    fuel = logistics.fare * logistics.base_load * logistics.fuel_cost
    fuel *= (1.0 - electric * logistics.electric_fuel_saving) * (1.0 - logistics.fuel_saving * abatement)
    tonnes = logistics.intensity * (1.0 - electric * logistics.electric_saving)
    tonnes *= 1.0 - logistics.abatable_share * abatement
    return lorry_km * (fuel + firm.model.market.social_cost_of_carbon * tonnes)


# --- renewal --------------------------------------------------------------------------------------------


def renew_fleet(firm: Carrier) -> None:
    """A share of the fleet retires; electric lorries replace it, as far as they have routes, where fuel and incentives
    are worth more than what they cost beyond diesel lorries, all at last month's haulage."""
    model, logistics = firm.model, firm.model.logistics
    hauled, served = hauled_and_served(firm)
    if model.month < 0 or logistics.fleet_renewal == 0 or hauled <= 0:
        return
    diesel = firm.electric * (1.0 - logistics.fleet_renewal)
    bought = diesel + min(logistics.fleet_renewal, max(served / hauled - diesel, 0.0))
    gain = worth_of_fleet(firm, bought) - worth_of_fleet(firm, diesel)
    dearer = logistics.electric_premium * firm.revenue * (bought - diesel)
    firm.electric = bought if gain > dearer else diesel


def worth_of_fleet(firm: Carrier, electric: float) -> float:
    """What incentives would pay and fuel would cost with such a fleet."""
    kept = firm.gross, firm.energy_load
    firm.gross, _, firm.energy_load = haulage(firm, electric)
    paid = sum(offer.weighed(firm, firm.acts) for offer in firm.offers)
    worth = paid - firm.energy_cost_at(firm.acts)
    firm.gross, firm.energy_load = kept
    return worth
