"""The outcomes of a month of the plain Mesa model, one number each, in plain arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from benchmarks.plain.packaging import packaging
from benchmarks.plain.relations import scored

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm
    from benchmarks.plain.model import PlainModel

AS_HIGH = 1e-3
"""Green quality counts as no higher than without the incentives if it is not higher by this much."""

INDICATORS = (
    "on-time delivery", "quality pass rate", "cost effectiveness", "innovation", "information sharing",
    "risk management", "continuous improvement",
)  # fmt: skip

ROLES = {"suppliers": "supplier", "manufacturers": "manufacturer", "carriers": "logistics"}


def outcomes_of(model: PlainModel) -> dict[str, float]:
    """Every outcome of the month by name, groups as `name:group`."""
    groups = {name: [f for f in model.firms if f.role == role] for name, role in ROLES.items()}
    groups = {name: firms for name, firms in groups.items() if firms}
    physical = emissions(model, groups) | quality(model, groups) | trade(model)
    return physical | relations(model) | money(model, groups) | free_riding(model)


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
        "trading_firms": float(sum(f.revenue > 0 for f in model.firms)),
        "membership": mean(firms, lambda f: float(f.member)),
        "overclaiming": mean(firms, lambda f: f.overclaim * f.acts.disclosure * max(f.shared_near, f.shared_far)),
        "shapley_standard_error": 0.0,
        "incidents": total(firms, lambda f: f.incident),
        "disruption_months": sum(min(f.outage_left, 1.0) for f in firms if f.capacity > 0),
    }
    if model.risk.policy_shock_rate > 0:
        for regulator in model.regulators:
            found[f"policy_shock_months:{regulator.region}"] = min(regulator.policy_left, 1.0)
    for role, members in groups.items():
        found[f"quality_effort:{role}"] = mean(members, lambda f: f.acts.quality)
        found[f"abatement_effort:{role}"] = mean(members, lambda f: f.acts.abatement)
    return found


def trade(model: PlainModel) -> dict[str, float]:
    """What happens on the links."""
    links = model.links
    hauled, room = sum(k.tonne_km for k in links), sum(k.tonne_km / k.load for k in links)
    used = sum(packaging(f, f.acts) for f in model.firms)
    return {
        "duplicate_inspections": sum(k.intensity for k in links if k.value > 0),
        "trust": weighted((k.trust, k.value) for k in links),
        "emissions_outside": sum(k.emitted_elsewhere for k in links),
        "on_time_delivery": sum(k.value for k in links) / max(sum(k.ordered_value for k in links), 1e-12),
        "load_factor": hauled / max(room, 1e-12),
        "electric_haulage": sum(k.electric_km for k in links) / max(hauled, 1e-12),
        "electric_reach": sum(k.served_km for k in links) / max(hauled, 1e-12),
        "backup_haulage": sum(k.tonne_km * k.carrier.stood_in for k in links) / max(hauled, 1e-12),
        "packaging": used,
        "packaging_emissions": model.logistics.packaging_intensity * used,
    }


def relations(model: PlainModel) -> dict[str, float]:
    """How suppliers stand with their customers, where they are assessed."""
    found: dict[str, float] = {}
    if not scored(model):
        return found
    for n, name in enumerate(INDICATORS):
        found[f"relation_indicator:{name}"] = weighted((k.indicators[n], k.ordered_value) for k in model.links)
    found["relation_score"] = weighted((k.score, k.ordered_value) for k in model.links)
    if model.scenario.relations.warn_below > 0:
        used = [k for k in model.links if k.ordered_value > 0]
        found["relations_in_trouble:warned"] = sum(k.warned for k in used) / max(len(used), 1)
        found["relations_in_trouble:under notice"] = sum(k.notice > 0 for k in used) / max(len(used), 1)
        found["relations_in_trouble:in transition"] = sum(k.transition > 0 for k in used) / max(len(used), 1)
        found["suppliers_replaced"] = float(sum(k.replaced for k in model.links))
    return found


def money(model: PlainModel, groups: dict[str, list[Firm]]) -> dict[str, float]:
    """Profit, public money and welfare."""
    by_role = {role: total(firms, lambda f: f.profit) for role, firms in groups.items()}
    profit = sum(by_role.values())
    spending = -sum(receipts for receipts in model.public_receipts if receipts < 0)
    revenue = sum(receipts for receipts in model.public_receipts if receipts > 0)
    carbon = model.market.social_cost_of_carbon * total(model.firms, lambda f: f.emissions)
    dearer = total(model.firms, lambda f: f.price * f.sold * f.price_rise)
    return {
        "profit": profit,
        **{f"profit_by_role:{role}": amount for role, amount in by_role.items()},
        "green_premium": total(model.firms, lambda f: f.premium),
        "effort_cost": total(model.firms, lambda f: f.cost_now),
        "public_spending": spending,
        "public_revenue": revenue,
        "public_cost": spending - revenue,
        "consumer_surplus": consumer_surplus(model),
        "welfare": profit - (spending - revenue) - carbon - dearer,
    }


def consumer_surplus(model: PlainModel) -> float:
    """Triangle under each product's linear demand, for the customers served; 0 where e = 0."""
    elasticity = model.market.price_elasticity
    if elasticity == 0:
        return 0.0
    return sum(chain.root.price * chain.root.sold * chain.root.appetite / (2.0 * elasticity) for chain in model.chains)


def worth_of_incentives(model: PlainModel, anyway: PlainModel) -> dict[str, float]:
    """Against the same world without its incentives: support for green quality that would be as high without, and of
    the tonnes that supported firms abate beyond where they began, the share that they would not have abated. Less is
    emitted by firms that an incentive reaches; and maybe more by the others, and by who delivers in their place."""
    windfall = claimed = additional = 0.0
    for firm, other in zip(model.firms, anyway.firms, strict=True):
        if firm.support <= 0:
            continue
        if other.green_quality(other.acts) >= firm.green_quality(firm.acts) - AS_HIGH:
            windfall += firm.support
        effort, began, without = firm.acts.abatement, firm.baseline_abatement, other.acts.abatement
        tonnes = firm.gross * firm.abatable
        claimed += tonnes * max(effort - began, 0.0)
        additional += tonnes * max(effort - max(without, began), 0.0)
    paid = total(model.firms, lambda f: f.support)
    reached = {f for f in model.firms if any(i.funded > 0 and i.reaches(f, f.member) for i in model.in_force)}
    fall = {f: other.emissions - f.emissions for f, other in zip(model.firms, anyway.firms, strict=True)}
    outside = model.history[-1]["emissions_outside"] - anyway.history[-1]["emissions_outside"]
    return {
        "abated_in_reach": sum(fall[f] for f in model.firms if f in reached),
        "leakage": outside - sum(fall[f] for f in model.firms if f not in reached),
        "windfall": windfall,
        "windfall_share": windfall / paid if paid > 0 else 0.0,
        "additionality": additional / claimed if claimed > 0 else 0.0,
    }


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
