"""The outcomes of a month of the plain Mesa model, one number each, in plain arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.plain_agents import Firm
    from benchmarks.plain_mesa import PlainModel

ROLES = {"suppliers": "supplier", "manufacturers": "manufacturer", "carriers": "logistics"}


def outcomes_of(model: PlainModel) -> dict[str, float]:
    """Every outcome of the month by name, groups as `name:group`."""
    groups = {name: [f for f in model.firms if f.role == role] for name, role in ROLES.items()}
    groups = {name: firms for name, firms in groups.items() if firms}
    return emissions(model, groups) | quality(model, groups) | trade(model) | money(model, groups) | free_riding(model)


def total(firms: Iterable[Firm], value: Callable[[Firm], float]) -> float:
    """Sum of a value over firms."""
    return sum(map(value, firms))


def mean(firms: Iterable[Firm], value: Callable[[Firm], float]) -> float:
    """Mean of a value over the firms with revenue; 0 without any."""
    values = [value(firm) for firm in firms if firm.revenue > 0]
    return sum(values) / max(len(values), 1)


def weighted(pairs: Iterable[tuple[float, float]]) -> float:
    """Mean of values with weights, given as (value, weight)."""
    top = bottom = 0.0
    for value, weight in pairs:
        top += value * weight
        bottom += weight
    return top / max(bottom, 1e-12)


def emissions(model: PlainModel, groups: dict[str, list[Firm]]) -> dict[str, float]:
    """Tonnes CO2e of the month, each once."""
    by_role = {role: total(firms, lambda f: f.emissions) for role, firms in groups.items()}
    transport = by_role.get("carriers", 0.0)
    everything = sum(by_role.values())
    direct = model.technology.scope1_share
    sales = total(model.firms, lambda f: f.price * f.sold)
    return {
        "emissions": everything,
        **{f"emissions_by_role:{role}": tonnes for role, tonnes in by_role.items()},
        "emissions_by_scope:scope 1": (everything - transport) * direct,
        "emissions_by_scope:scope 2": (everything - transport) * (1.0 - direct),
        "emissions_by_scope:transport": transport,
        "emission_intensity": everything / max(sales, 1e-12),
        "abated": total(model.firms, lambda f: f.gross - f.emissions),
    }


def quality(model: PlainModel, groups: dict[str, list[Firm]]) -> dict[str, float]:
    """Defects, efforts, disclosure and membership."""
    firms = model.firms
    found = {
        "shipped_defect_rate": weighted((f.outgoing, f.volume * f.price) for f in firms if f.role != "logistics"),
        "market_defect_rate": weighted((f.outgoing, f.sold) for f in firms),
        "chain_index": sum(chain.index for chain in model.chains) / len(model.chains),
        "green_quality": mean(firms, lambda f: f.green_quality(f.acts)),
        "disclosure": mean(firms, lambda f: f.acts.disclosure),
        "membership": mean(firms, lambda f: float(f.member)),
        "overclaiming": 0.0,
        "shapley_standard_error": 0.0,
        "incidents": 0.0,
        "disruption_months": sum(1.0 for f in firms if f.outage_left > 0 and f.capacity > 0),
    }
    for role, members in groups.items():
        found[f"quality_effort:{role}"] = mean(members, lambda f: f.acts.quality)
        found[f"abatement_effort:{role}"] = mean(members, lambda f: f.acts.abatement)
    return found


def trade(model: PlainModel) -> dict[str, float]:
    """What happens on the links."""
    links = model.links
    hauled, room = sum(k.tonne_km for k in links), sum(k.tonne_km / k.load for k in links)
    return {
        "duplicate_inspections": sum(k.intensity for k in links if k.value > 0),
        "trust": weighted((k.trust, k.value) for k in links),
        "emissions_outside": sum((k.ordered - k.shipped) * k.supplier.intensity for k in links),
        "on_time_delivery": sum(k.value for k in links) / max(sum(k.ordered * k.supplier.price for k in links), 1e-12),
        "load_factor": hauled / max(room, 1e-12),
    }


def money(model: PlainModel, groups: dict[str, list[Firm]]) -> dict[str, float]:
    """Profit, public money and welfare."""
    by_role = {role: total(firms, lambda f: f.profit) for role, firms in groups.items()}
    profit = sum(by_role.values())
    spending = -sum(receipts for receipts in model.public_receipts if receipts < 0)
    revenue = sum(receipts for receipts in model.public_receipts if receipts > 0)
    carbon = model.market.social_cost_of_carbon * total(model.firms, lambda f: f.emissions)
    return {
        "profit": profit,
        **{f"profit_by_role:{role}": amount for role, amount in by_role.items()},
        "green_premium": total(model.firms, lambda f: f.premium),
        "effort_cost": total(model.firms, lambda f: f.cost_now),
        "public_spending": spending,
        "public_revenue": revenue,
        "public_cost": spending - revenue,
        "consumer_surplus": consumer_surplus(model),
        "welfare": profit - (spending - revenue) - carbon,
    }


def consumer_surplus(model: PlainModel) -> float:
    """Triangle under each product's linear demand, sales / 2 x D / (e D0 x noise); 0 where e = 0."""
    elasticity, sigma = model.market.price_elasticity, model.market.demand_noise
    if elasticity == 0:
        return 0.0
    surplus = 0.0
    for seller in (chain.root for chain in model.chains):
        noise = math.exp(sigma * model.normals("demand")[0][seller.number] - 0.5 * sigma * sigma)
        surplus += 0.5 * seller.price * seller.sold * seller.demand / (elasticity * seller.usual_demand * noise)
    return surplus


def free_riding(model: PlainModel) -> dict[str, float]:
    """Who has the benefit of the collaboration and who bears its cost."""
    riders = free_riders(model)

    def share(firms: Iterable[Firm]) -> float:
        return mean(firms, lambda f: 1.0 if f in riders else 0.0)

    groups: dict[str, list[Firm]] = {}
    for firm in model.firms:
        name = {"manufacturer": "manufacturers", "logistics": "carriers"}.get(firm.role, f"tier {firm.tier}")
        groups.setdefault(name, []).append(firm)
    sizes = {size: [firm for firm in model.firms if firm.size == size] for size in ("sme", "large")}
    return {
        "free_rider_share": share(model.firms),
        **{f"free_rider_share_by_tier:{group}": share(firms) for group, firms in groups.items()},
        **{f"free_rider_share_by_size:{size}": share(firms) for size, firms in sizes.items()},
        "benefit_cost_gini": benefit_cost_gini(model.firms),
    }


def free_riders(model: PlainModel) -> set[Firm]:
    """Firms with benefit whose net contribution per benefit is under the threshold times that of their chains; none
    where the chains contribute nothing, being paid more than their efforts cost."""
    usual = {}
    for chain in model.chains:
        benefit = sum(place.part * max(firm.benefit, 0.0) for firm, place in chain.places.items())
        contribution = sum(place.part * firm.contribution for firm, place in chain.places.items())
        usual[chain] = contribution / benefit if benefit > 0 else 0.0
    threshold = model.assessment.free_rider_threshold
    riders = set()
    for firm in model.firms:
        norm = sum(place.part * usual[place.chain] for place in firm.places)
        if firm.benefit > 0 and norm > 0 and firm.contribution < threshold * norm * firm.benefit:
            riders.add(firm)
    return riders


def benefit_cost_gini(firms: Iterable[Firm]) -> float:
    """1 - twice the area under the Lorenz curve of benefit over contribution, firms in order of their ratio."""
    pairs = [(max(f.benefit, 0.0), max(f.contribution, 0.0)) for f in firms]
    pairs.sort(key=lambda pair: pair[0] / pair[1] if pair[1] > 0 else math.inf)
    all_benefit, all_contribution = (sum(side) for side in zip(*pairs, strict=True))
    if all_benefit * all_contribution <= 0:
        return 0.0
    gained = area = 0.0
    for benefit, contribution in pairs:
        area += contribution * (2.0 * gained + benefit)
        gained += benefit
    return 1.0 - area / (all_benefit * all_contribution)
