"""The plain Mesa twin and the engine, written apart from each other, agree on the same draws."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.plain.model import PlainModel, run_plain
from sim.ensemble import run_block
from sim.outcomes.base import outcome_of
from sim.scenario.files import load_data, load_scenario
from sim.scenario.schema import Scenario

DEMO = ("baseline", "shenzhen-huawei", "no-incentive", "no-information", "no-cost-sharing")

SMALL: dict[str, Any] = {"kind": "tiered", "buyers": 2, "tiers": [8, 12], "carriers": 2, "sme_share": 0.7}

AGREEMENT = 1e-9
"""Relative; absolute for shares. Amounts under a hundredth of a tonne or kCNY are held to it as if they were that."""

DIFFERENCES = {"abated_in_reach": "emissions", "leakage": "emissions", "public_cost": "public_spending"}
"""Differences of large amounts, which may be next to nothing, with the amounts that they are held to the agreement by."""

OTHER_RULES: dict[str, Any] = {
    "incentives": [
        {"kind": "carbon_tax", "starts": 3},
        {"kind": "abatement_subsidy", "rate": 0.2, "ends": 20, "budget": 400.0},
        {"kind": "standard_and_fine", "cut": 0.12},
        {"kind": "standard_and_fine", "form": "proportional", "applies_to": {"size": "sme"}},
    ],
    "information": {"kind": "bilateral", "monthly_cost": 2.0},
    "cost_sharing": {"kind": "equal", "ends": 20},
    "benefit_sharing": {"kind": "value_added", "excludability": 0.7},
    "regulator": {"kind": "fixed", "rate": 0.2},
}

TERMS: dict[str, Any] = {
    "information.applies_to": {"region": "west"},
    "cost_sharing": {"kind": "equal", "applies_to": {"size": "sme", "rating": 0.25}},
    "benefit_sharing": {"kind": "contribution", "excludability": 0.6, "applies_to": {"tier": [1, 2]}},
    "regulator": {"kind": "fixed", "rate": 0.3, "applies_to": {"role": "supplier", "rating": 0.2}},
    "network": {**SMALL, "regions": ["east", "west"]},
}
"""Every rule for some firms only, by what they are and by their rating."""

OTHER_TERMS: dict[str, Any] = {
    "cost_sharing.applies_to": {"tier": 2, "rating": 0.2},
    "benefit_sharing": {"kind": "value_added", "excludability": 0.6, "applies_to": {"size": "sme", "rating": 0.22}},
    "regulator": {"kind": "fixed", "rate": 0.3, "starts": 6, "applies_to": {"member": False}},
    "incentives": [{"kind": "standard_and_fine", "cut": 0.12}, {"kind": "carbon_tax"}],
}

DAILY_FINES: dict[str, Any] = {
    "incentives": [
        {"kind": "standard_and_fine", "form": "escalating", "fine": 0.5, "cut": 0.15, "starts": 2, "ends": 18},
        {"kind": "standard_and_fine", "form": "escalating", "fine": 0.2, "applies_to": {"member": True}},
    ],
    "regulator": {"kind": "fixed", "rate": 0.25, "applies_to": {"size": "sme"}},
}

NOTHING_SEEN: dict[str, Any] = {
    "information": {"kind": "none", "accuracy_without": 0.0, "prior": 0.0, "noise": 0.0},
    "benefit_sharing": {"kind": "contribution", "excludability": 0.3},
}

WITHOUT_VALUE: dict[str, Any] = {
    "start": {"quality": 1e-7, "abatement": 0.0, "spread": 0.0, "warmup": 3},
    "technology": {"scrap_cost": 0.0, "energy_saving": 0.0},
    "quality": {"warranty_cost": 0.0, "return_cost": 0.0},
    "logistics": {"fuel_saving": 0.0, "claim_cost": 0.0},
    "market": {"premium": 0.0, "social_cost_of_carbon": 0.0},
    "incentives": [],
    "behaviours": [{"kind": "fixed", "quality": 0.1, "abatement": 0.1}],
}
"""Nothing makes effort worth anything: a first best of next to none."""

WHOLE = Path(__file__).parent.parent / "benchmarks" / "whole.toml"
"""A mechanism of every family and everything on; the benchmark runs it at full size."""

REGIONS: dict[str, Any] = {**SMALL, "regions": ["east", "west"]}

OVERCLAIMING: dict[str, Any] = {"reporting.overclaim": 0.6, "reporting.overclaim_share": 0.5}

RATED: dict[str, Any] = {
    "kind": "credit_rating",
    "green": 0.35,
    "blue": 0.28,
    "yellow": 0.2,
    "applies_to": {"role": "supplier"},
}
FINED: dict[str, Any] = {"kind": "standard_and_fine", "cut": 0.12}
MOSTLY_REINFORCE: list[dict[str, Any]] = [
    {"kind": "reinforce", "levels": 5, "share": 0.7},
    {"kind": "gradient", "share": 0.3},
]

REPLACED: dict[str, Any] = {
    "relations.warn_below": 0.62,
    "relations.review_every": 2,
    "relations.notice_months": 1,
    "relations.transition_months": 2,
    "relations.better_by": 0.0,
}
"""Suppliers are left soon, and replaced."""

ALONE: dict[str, dict[str, Any]] = {
    "overclaiming": OVERCLAIMING,
    "overclaiming verified": {**OVERCLAIMING, "information.verification": "third_party", "reporting.penalty": 0.05},
    "overclaiming sensed": {**OVERCLAIMING, "information.verification": "sensors", "reporting.disbelief_months": 3},
    "refreshed ratings": {
        **OVERCLAIMING,
        "information.rating_refresh": 0.4,
        "regulator": {"kind": "fixed", "rate": 0.2, "applies_to": {"rating": 0.25}},
    },
    "early warning": {"risk.outage_rate": 0.15, "risk.outage_months": 3, "risk.early_warning": 0.8},
    "voluntary": {"membership.voluntary": True, "information.monthly_cost": 40.0, "membership.choose_every": 2},
    "voluntary and equal": {
        "membership.voluntary": True,
        "membership.inertia": 0.0002,
        "cost_sharing": {"kind": "equal", "applies_to": {"size": "sme"}},
        "benefit_sharing": {"kind": "value_added", "applies_to": {"rating": 0.2}},
    },
    "membership that spreads": {"membership.innovation": 0.05, "membership.imitation": 0.2},
    "mutual pool": {"risk_sharing": {"kind": "mutual_pool", "starts": 3}, "risk.outage_rate": 0.1},
    "mutual pool for some": {
        "risk_sharing": {"kind": "mutual_pool", "premium": 0.001, "applies_to": {"size": "sme"}, "ends": 18},
        "risk.incident_rate": 0.2,
        "risk.outage_rate": 0.2,
        "membership.voluntary": True,
    },
    "incidents": {"risk.incident_rate": 0.1, "risk.incident_cost": 0.8},
    "slumps": {"risk.demand_shock_rate": 0.2, "risk.demand_shock_months": 2},
    "back-up": {"risk.outage_rate": 0.2, "risk.backup_share": 0.6},
    "effort subsidy": {"incentives": [{"kind": "effort_subsidy", "share": 0.3, "budget": 2000.0}]},
    "credit rating": {"incentives": [RATED, FINED], "regulator.rate": 0.4},
    "order reward": {"incentives": [{"kind": "order_reward", "strength": 3.0}]},
    "order reward for some": {
        "incentives": [
            {"kind": "order_reward", "strength": 1.0, "applies_to": {"member": True, "rating": 0.2}},
            {"kind": "buyer_mandate", "bar": 0.35},
        ],
        "relations.review_every": 2,
    },
    "green credit": {"incentives": [{"kind": "green_credit", "term": 12}]},
    "green credit for a time": {"incentives": [{"kind": "green_credit", "ends": 14, "budget": 100.0}]},
    "audits by risk": {
        "regulator": {"kind": "risk_based", "capacity": 3, "cut": 0.12},
        "network": REGIONS,
        "incentives": [FINED, {"kind": "carbon_tax"}],
    },
    "audits by risk and rating": {
        "regulator": {"kind": "risk_based", "capacity": 6, "random_share": 0.1, "applies_to": {"role": "supplier"}},
        "incentives": [RATED, {**FINED, "form": "escalating", "fine": 0.5}],
        "information.rating_refresh": 0.3,
    },
    "audits of nearly everybody": {"regulator": {"kind": "risk_based", "capacity": 22, "starts": 2}},
    "reinforcement": {"behaviours": MOSTLY_REINFORCE},
    "prices": {"market.price_elasticity": 2.0, "market.pass_through": 0.8},
    "labels": {**OVERCLAIMING, "market.label_sharing": 0.7, "information.verification": 0.3},
    "awareness": {"market.awareness_growth": 0.1, "market.awareness": 0.2},
    "liability between regions": {"quality.liability": 0.4, "network": REGIONS},
    "a mixed chain index": {"market.weakest_link": 0.5},
    "without incentives beside": {"assessment.counterfactual": True},
    "interrupted policy": {"risk.policy_shock_rate": 0.2, "risk.policy_shock_depth": 0.6, "network": REGIONS},
    "interrupted taxes and fines": {
        "risk.policy_shock_rate": 0.3,
        "incentives": [
            {**FINED, "form": "escalating", "fine": 0.5},
            {"kind": "carbon_tax"},
            {"kind": "effort_subsidy", "budget": 900.0},
        ],
        "regulator.rate": 0.4,
    },
    "packaging": {
        "logistics.packaging_cost": 3.0,
        "logistics.packaging_intensity": 1.2,
        "logistics.packaging_reuse": 0.3,
    },
    "carriers fail": {
        "network": {**SMALL, "carriers": 3},
        "risk.outage_rate": 0.2,
        "risk.carrier_outage_loss": 0.6,
        "logistics.backup_carrier": 0.7,
        "logistics.packaging_reuse": 0.2,
        "risk_sharing": {"kind": "mutual_pool"},
    },
    "carriers fail and all cooperate": {
        "network": {**SMALL, "carriers": 3},
        "risk.outage_rate": 0.3,
        "risk.carrier_outage_loss": 1.0,
        "logistics.backup_carrier": 0.5,
        "logistics.electric_share": 0.4,
        "behaviours": [{"kind": "cooperative"}],
    },
    "electric lorries": {"logistics.electric_share": 0.3},
    "electric lorries on short routes": {"logistics.electric_share": 0.05, "logistics.electric_range_km": 250.0},
    "renewed fleets": {
        "logistics.fleet_renewal": 0.1,
        "logistics.electric_premium": 0.14,
        "logistics.electric_range_km": 300.0,
        "logistics.charging_growth": 0.05,
        "incentives": [{"kind": "carbon_tax"}],
    },
    "scores": {"relations.assessed": True, "relations.weights": {"innovation": 3.0}},
    "scores rewarded": {"relations.reward": 2.0, "relations.review_every": 3},
    "suppliers replaced": {**REPLACED, "quality.liability": 0.3, "network": REGIONS},
    "suppliers replaced in uneasy times": {
        **REPLACED,
        **OVERCLAIMING,
        "risk.outage_rate": 0.2,
        "relations.reward": 1.0,
        "incentives": [{"kind": "order_reward", "applies_to": {"chain": "anchor"}}, {"kind": "carbon_tax"}],
    },
}
"""What the whole scenario has together, on the Shenzhen pilot one by one."""

CHANNELS = (
    "contribution_measurement", "conditional_cooperation", "duplicate_inspections", "load_factor", "early_warning",
    "audit_targeting", "technology_spillover",
)  # fmt: skip

CIRCLE = """supplier,customer,input_group,order_share,units_per_unit,distance_km
a,b,steel,0.7,0.4,100
d,b,steel,0.3,0.5,400
b,c,parts,1,0.3,50
c,a,tools,1,0.2,10
b,m,parts,1,0.2,20
c,m,tools,1,0.2,30
m,n,modules,1,0.2,5
d,n,steel,1,0.2,900
e,f,steel,1,0.2,3
"""
"""a, b and c supply each other in a circle; m sells to the market and to n; e and f are in no chain."""

CIRCLE_FIRMS = """firm_id,role,demand,size,anchor,region
a,supplier,0,sme,false,east
b,supplier,0,large,false,east
c,supplier,0,sme,false,west
d,supplier,0,sme,false,west
e,supplier,0,sme,false,west
f,supplier,0,sme,false,west
m,manufacturer,1000,large,true,east
n,manufacturer,300,large,false,west
"""


def small(name: str, **changes: Any) -> Scenario:
    """A demo scenario on a small network, two years long."""
    return load_scenario(name).replace({"network": SMALL, "months": 24, **changes})


def disagreement(scenario: Scenario, seed: int = 3, replication: int = 2) -> dict[str, float]:
    """The outcomes on which engine and twin differ, with the largest difference."""
    ours = run_block(scenario, seed, [replication]).monthly
    plain = run_plain(scenario, seed, replication)
    assert set(ours) == set(plain)
    differing = {}
    for name, series in ours.items():
        theirs = np.array(plain[name])
        assert len(theirs) == scenario.months
        off = np.abs(series[:, 0] - theirs)
        least = 1.0 if outcome_of(name).unit == "share" else 0.01
        if name in DIFFERENCES:
            least = np.array(plain[DIFFERENCES[name]])
        if np.any(off > AGREEMENT * np.maximum(np.abs(theirs), least)):
            differing[name] = float(off.max())
    return differing


@pytest.mark.parametrize("name", DEMO)
def test_every_outcome_of_every_month_agrees_in_the_demo(name: str) -> None:
    assert disagreement(small(name)) == {}


@pytest.mark.parametrize(
    "changes",
    [
        OTHER_RULES,
        {"benefit_sharing": {"kind": "retain"}, "cost_sharing": {"kind": "equal"}},
        {"quality.liability": 0.5, "network": {**SMALL, "regions": ["east", "west"]}},
        {
            "quality.liability": 0.8,
            "behaviours": [{"kind": "gradient", "share": 0.6}, {"kind": "cooperative", "share": 0.4}],
        },
        {"risk.outage_rate": 0.2, "risk.outage_months": 3, "start.warmup": 0},
        {"risk.outage_rate": 0.3, "risk.outage_loss": 1.0, "risk.spot_premium": 0.7, "regulator.rate": 0.5},
        {"market.weakest_link": -2.0, "network": {**SMALL, "tiers": [5, 6, 7]}},
        {"market.weakest_link": 0.0, "network": {**SMALL, "tiers": [5, 6, 7]}},
        TERMS,
        OTHER_TERMS,
        DAILY_FINES,
        {"programme": []},
        {"incentives": [{"kind": "abatement_subsidy", "rate": 9.0}]},
        NOTHING_SEEN,
        WITHOUT_VALUE,
        {"incentives.1.budget": 350.0, "incentives.2.budget": 350.0},
        {"behaviours": [{"kind": "imitate", "attempts": 0.9}]},
        {"behaviours": [{"kind": "cooperative"}]},
        {"behaviours": [{"kind": "cooperative"}], "information.minimum_disclosure": 0.0, "quality.detection": 0.2},
    ],
    ids=[
        "other rules",
        "retain and equal",
        "liability",
        "liability and some cooperate",
        "outages",
        "total outages",
        "weakest link",
        "geometric mean",
        "terms",
        "other terms",
        "daily fines",
        "no phases",
        "subsidies above cost",
        "nothing seen",
        "without value",
        "budgets",
        "imitate",
        "first best",
        "first best with free disclosure",
    ],
)
def test_every_outcome_agrees_under_other_rules(changes: dict[str, Any]) -> None:
    assert disagreement(small("shenzhen-huawei", **changes)) == {}


@pytest.mark.parametrize("changes", ALONE.values(), ids=ALONE)
def test_every_outcome_agrees_with_one_thing_more(changes: dict[str, Any]) -> None:
    scenario = small("shenzhen-huawei", months=18, **changes)
    assert disagreement(scenario) == {}
    assert moves(scenario, small("shenzhen-huawei", months=18))


def whole(**changes: Any) -> Scenario:
    """Everything on, on a small network."""
    few = {"network.buyers": 2, "network.tiers": [8, 12], "network.carriers": 3, "regulator.capacity": 3}
    return load_scenario(WHOLE).replace({**few, **changes})


@pytest.mark.parametrize(("seed", "replication"), [(1, 0), (2, 1), (7, 5)])
def test_every_outcome_agrees_with_everything_on(seed: int, replication: int) -> None:
    assert disagreement(whole(), seed, replication) == {}


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_outcome_agrees_without_one_channel(channel: str) -> None:
    scenario = whole(months=12, **{f"information.channels.{channel}": False})
    assert disagreement(scenario) == {}
    assert moves(scenario, whole(months=12))


def test_every_outcome_agrees_where_all_cooperate_with_everything_on() -> None:
    assert disagreement(whole(behaviours=[{"kind": "cooperative"}])) == {}


def moves(scenario: Scenario, without: Scenario) -> bool:
    """Whether what a scenario has more than another is felt in its outcomes."""
    one, other = run_block(scenario, 3, [2], benchmark=False).monthly, kept_series(without)
    return any(name not in other or not np.array_equal(one[name], other[name]) for name in one)


@lru_cache(maxsize=4)
def kept_series(scenario: Scenario) -> Mapping[str, np.ndarray]:
    return run_block(scenario, 3, [2], benchmark=False).monthly


def test_every_outcome_agrees_where_goods_go_round_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text(CIRCLE, encoding="utf-8")
    (tmp_path / "firms.csv").write_text(CIRCLE_FIRMS, encoding="utf-8")
    files = {"links": str(tmp_path / "links.csv"), "firms": str(tmp_path / "firms.csv")}
    programme = [{"name": "all", "starts": 2}]
    data = {"extends": "shenzhen-huawei", "network": {"kind": "imported", **files}, "programme": programme}
    assert disagreement(load_data(data)) == {}


def test_orders_come_back_when_a_mandate_has_ended() -> None:
    mandate = {"kind": "buyer_mandate", "bar": 0.6, "loss": 0.5, "ends": 10}
    scenario = small("shenzhen-huawei", incentives=[mandate], behaviours=[{"kind": "cooperative"}])
    assert disagreement(scenario) == {}


def test_every_outcome_agrees_with_everything_on_at_full_size() -> None:
    assert disagreement(load_scenario(WHOLE).replace({"months": 8, "start.warmup": 4})) == {}


@pytest.mark.parametrize("name", ["baseline", "shenzhen-huawei"])
def test_every_outcome_agrees_at_full_size(name: str) -> None:
    assert disagreement(load_scenario(name), seed=1, replication=0) == {}


def test_the_twin_is_an_ordinary_mesa_model() -> None:
    model = PlainModel(small("baseline"))
    model.step()
    assert len(model.agents) == len(model.firms) + 1
    assert sorted(cls.__name__ for cls in model.agents_by_type) == ["Carrier", "Manufacturer", "Regulator", "Supplier"]
    model.release()
