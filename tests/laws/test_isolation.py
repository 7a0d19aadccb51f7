"""Common random numbers, exactly: what should change nothing changes nothing, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.ensemble import run_block
from sim.model import SupplyChainModel
from sim.scenario.files import load_scenario
from sim.scenario.schema import kinds_at
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, SMALL, run, scenario, tables

MIXED: list[dict[str, Any]] = [
    {"kind": "gradient", "share": 0.5},
    {"kind": "conditional", "share": 0.2},
    {"kind": "imitate", "share": 0.2},
    {"kind": "fixed", "share": 0.1},
]

BUSY: dict[str, Any] = {
    "network": SMALL,
    "behaviours": MIXED,
    "information": {"kind": "platform", "minimum_disclosure": 0.3},
    "cost_sharing": {"kind": "sponsor"},
    "benefit_sharing": {"kind": "contribution", "excludability": 0.5},
    "risk_sharing": {"kind": "mutual_pool"},
    "risk": {
        "incident_rate": 0.05,
        "demand_shock_rate": 0.05,
        "policy_shock_rate": 0.05,
        "backup_share": 0.2,
        "carrier_outage_loss": 0.5,
    },
    "logistics": {
        "electric_share": 0.1,
        "electric_range_km": 300.0,
        "fleet_renewal": 0.05,
        "packaging_cost": 5.0,
        "packaging_intensity": 1.0,
        "packaging_reuse": 0.3,
        "backup_carrier": 0.5,
    },
    "incentives": [
        {"kind": "buyer_mandate"},
        {"kind": "upgrade_grant", "budget": 300.0},
        {"kind": "standard_and_fine", "form": "escalating", "fine": 1.0},
    ],
    "regulator": {"kind": "fixed", "rate": 0.2},
    "interaction": {
        "complementarity": 0.005,
        "local_benefit": 0.005,
        "group_return": 2.0,
        "group_cost": 0.002,
        "group_size": 3,
    },
    "relations": {"warn_below": 0.55, "review_every": 3, "notice_months": 1, "transition_months": 1},
    "programme": EVERYBODY,
    "months": 14,
}
"""Everything on at once."""

BUSIER: dict[str, Any] = {
    **BUSY,
    "market": {"saturation": 0.5, "demand_memory": 0.5, "price_elasticity": 0.4},
    "pricing": {"kind": "leader", "applies_to": {"tier": [0, 1], "region": "home"}},
    "technology": {"effort_base": "plant"},
    "ordering": {"policy": "order_up_to", "forecast": "shared", "lead_months": 1.5, "holding_cost": 0.01},
    "quality": {"inspecting": "reply", "reduction": 0.3},
    "membership": {"innovation": 0.2, "imitation": 0.5},
}
"""And firms that set margins, hold stocks, inspect as it pays and have to hear of the collaboration first."""

ALL_ON = pytest.mark.parametrize("busy", [BUSY, BUSIER], ids=["busy", "busier"])

STATE = ("quality", "abatement", "disclosure", "volume", "outgoing", "emissions", "profit", "rating", "experience")


def same(a: World, b: World, columns: Any = slice(None)) -> None:
    for name in STATE:
        assert np.array_equal(getattr(a, name)[:, columns], getattr(b, name)), name


def neutral_incentives() -> list[dict[str, Any]]:
    return [{"kind": kind, **cls.neutral} for kind, cls in kinds_at("incentives").items() if cls.neutral]


def test_every_incentive_says_where_it_changes_nothing() -> None:
    assert len(neutral_incentives()) == len(kinds_at("incentives"))


@pytest.mark.parametrize("incentive", neutral_incentives(), ids=lambda i: str(i["kind"]))
def test_a_mechanism_with_rate_zero_changes_nothing(incentive: dict[str, Any]) -> None:
    with_it, _ = run(scenario(BUSY, incentives=[*BUSY["incentives"], incentive]), replications=2)
    without, _ = run(scenario(BUSY), replications=2)
    same(with_it, without)


@ALL_ON
def test_sponsoring_nothing_is_no_cost_sharing(busy: dict[str, Any]) -> None:
    nothing, _ = run(scenario(busy, cost_sharing={"kind": "sponsor", "share": 0.0}))
    without, _ = run(scenario(busy, cost_sharing={"kind": "none"}))
    same(nothing, without)


def test_one_world_equals_its_row_in_any_ensemble() -> None:
    for name in ("shenzhen-huawei", "no-information"):
        given = load_scenario(name).replace({"months": 10, "network.tiers": [20, 30]})
        many = run_block(given, 3, range(7))
        for replication in (0, 4):
            alone = run_block(given, 3, [replication])
            for series, values in alone.monthly.items():
                assert np.array_equal(values[:, 0], many.monthly[series][:, replication]), series
            for account, total in alone.ledger.items():
                assert total[0] == many.ledger[account][replication], account


@ALL_ON
def test_a_mesa_model_equals_its_row_in_the_ensemble(busy: dict[str, Any]) -> None:
    given = scenario(busy)
    block = run_block(given, 5, range(3), benchmark=False)
    model = SupplyChainModel(given, rng=5, replication=2)
    for t in range(given.months):
        model.step()
        for series, value in model.outcomes.items():
            assert value == block.monthly[series][t, 2], series
    model.release()


CYCLE = (
    "firm_id,role,demand\na,manufacturer,100\nb,supplier,\nc,supplier,\nd,supplier,\n",
    "supplier,customer,input_group\nb,a,x\nc,b,x\nd,c,x\nb,d,x\n",
)


@ALL_ON
def test_in_a_network_with_a_cycle_one_world_equals_its_row_too(busy: dict[str, Any], tmp_path: Path) -> None:
    given = scenario({**busy, "network": {}}, tables(tmp_path, *CYCLE))
    many, _ = run(given, replications=4)
    alone, _ = run(given)
    for name in STATE:
        assert np.array_equal(getattr(many, name)[:1], getattr(alone, name)), name


FIRMS = """firm_id,role,size,demand
m,manufacturer,large,500
p,supplier,sme,
q,supplier,large,
r,supplier,sme,
s,supplier,sme,
"""
LINKS = """supplier,customer,input_group,order_share
p,m,a,0.4
q,m,a,0.6
r,p,x,1
s,q,x,0.7
r,q,x,0.3
"""


@ALL_ON
def test_a_firm_cut_off_from_the_network_changes_nobody_else(busy: dict[str, Any], tmp_path: Path) -> None:
    given = {k: v for k, v in busy.items() if k != "network"}
    without, p = run(scenario(given, tables(tmp_path, FIRMS, LINKS)), replications=2)
    (tmp_path / "more").mkdir()
    apart = "aaa,supplier,large,\n"
    with_it, q = run(scenario(given, tables(tmp_path / "more", FIRMS + apart, LINKS)), replications=2)
    columns = [q.network.index(f) for f in p.network.ids]
    same(with_it, without, columns)
    assert "aaa" in q.network.ids


def shuffled(table: str) -> str:
    head, *rows = table.strip().split("\n")
    return "\n".join([head, *reversed(rows)]) + "\n"


@ALL_ON
def test_the_order_of_rows_changes_nothing(busy: dict[str, Any], tmp_path: Path) -> None:
    given = {k: v for k, v in busy.items() if k != "network"}
    straight, p = run(scenario(given, tables(tmp_path, FIRMS, LINKS)))
    (tmp_path / "other").mkdir()
    turned, q = run(scenario(given, tables(tmp_path / "other", shuffled(FIRMS), shuffled(LINKS))))
    assert p.network.ids == q.network.ids
    same(turned, straight)


def test_other_names_for_the_firms_change_nothing_but_the_draws(tmp_path: Path) -> None:
    names = {"m": "zeta", "p": "y1", "q": "a2", "r": "k3", "s": "b4"}
    quiet = {**QUIET, "benefit_sharing": {"kind": "value_added"}, "programme": EVERYBODY, "months": 20}
    plain, p = run(scenario(quiet, tables(tmp_path, FIRMS, LINKS)))
    (tmp_path / "named").mkdir()

    def renamed(table: str) -> str:
        head, *rows = table.strip().split("\n")
        return "\n".join([head, *(",".join(names.get(v, v) for v in row.split(",")) for row in rows)]) + "\n"

    called, q = run(scenario(quiet, tables(tmp_path / "named", renamed(FIRMS), renamed(LINKS))))
    columns = [q.network.index(names.get(f, f)) for f in p.network.ids]
    for name in STATE:
        assert getattr(called, name)[:, columns] == pytest.approx(getattr(plain, name), rel=1e-12, abs=1e-12), name
