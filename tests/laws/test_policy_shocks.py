"""Interruptions of public policy: a calendar of each region's own, what they suspend and what they leave."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.ensemble import run_block
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.scenario.schema import kinds_at
from sim.world import World
from tests.laws.test_isolation import BUSY, same
from tests.worlds import EVERYBODY, QUIET, scenario

NETWORK: dict[str, Any] = {"kind": "tiered", "buyers": 2, "tiers": [6, 6], "carriers": 2, "regions": ["north", "south"]}
SHAKEN: dict[str, Any] = {
    "network": NETWORK,
    "regulator": {"kind": "fixed", "rate": 0.3},
    "programme": EVERYBODY,
    "months": 20,
    "risk": {"policy_shock_rate": 0.15, "policy_shock_months": 3},
}
FOR_GOOD = {"policy_shock_rate": 1.0, "policy_shock_months": 12_000}
"""On from the first month on."""

BY_ORDERS = ("buyer_mandate", "order_reward", "green_procurement")
"""Incentives of which no regulator pays or charges anything."""

INCENTIVES = {kind: cls for kind, cls in kinds_at("incentives").items() if kind not in BY_ORDERS}
PUBLIC = [kind for kind, cls in INCENTIVES.items() if cls.payer == "regulator"]


def lived(*parts: dict[str, Any], worlds: int = 3, **more: Any) -> tuple[list[World], Programme]:
    """Every month of a scenario."""
    given = scenario(*parts, **more)
    p = programme_of(given, 1, range(worlds))
    world, seen = opening(p), []
    for t in range(given.months):
        world = month(world, p)
        world.ledger.check(t)
        seen.append(world)
    return seen, p


def interrupted(worlds: list[World]) -> np.ndarray:
    """Months, worlds and regions under an interruption."""
    return np.stack([w.policy_left > 0 for w in worlds])


# --- the calendar ---------------------------------------------------------------------------------------


def test_the_calendar_is_the_same_whatever_the_policy_and_whoever_the_firms_are() -> None:
    one, _ = lived(SHAKEN)
    calendar = interrupted(one)
    assert 0.1 < calendar.mean() < 0.6
    taxed, _ = lived(SHAKEN, incentives=[{"kind": "carbon_tax"}], behaviours=[{"kind": "fixed"}])
    larger, _ = lived(SHAKEN, network={**NETWORK, "tiers": [9, 14]})
    assert np.array_equal(interrupted(taxed), calendar)
    assert np.array_equal(interrupted(larger), calendar)


def test_another_region_does_not_move_the_calendar_of_a_region() -> None:
    two, _ = lived(SHAKEN)
    three, p = lived(SHAKEN, network={**NETWORK, "regions": ["north", "middle", "south"]})
    rows = [p.traits.regions.index(r) for r in ("north", "south")]
    assert np.array_equal(interrupted(three)[:, :, rows], interrupted(two))
    assert not np.array_equal(interrupted(two)[:, :, 0], interrupted(two)[:, :, 1])


def test_an_interruption_lasts_its_months_and_is_counted_by_region() -> None:
    worlds, _ = lived(SHAKEN, worlds=1, months=60)
    left = np.stack([w.policy_left[0] for w in worlds])
    begun = (left[1:] == 3.0) & (left[:-1] == 0.0)
    assert begun.any()
    assert set(np.unique(left)) <= {0.0, 1.0, 2.0, 3.0}
    counted = run_block(scenario(SHAKEN, months=60), 1, [0], benchmark=False).monthly
    for n, region in enumerate(("north", "south")):
        assert counted[f"policy_shock_months:{region}"][:, 0].tolist() == (left[:, n] > 0).tolist()


def test_where_policy_is_never_interrupted_nothing_is_told_of_it() -> None:
    calm = run_block(scenario(SHAKEN, risk={"policy_shock_rate": 0.0}, months=2), 1, [0], benchmark=False).monthly
    assert not [name for name in calm if name.startswith("policy_shock_months")]


def test_nobody_acts_on_an_interruption_before_it_comes() -> None:
    tax = {"incentives": [{"kind": "carbon_tax"}], "start": {"warmup": 0}}
    shaken, _ = lived(SHAKEN, tax, worlds=8)
    calm, _ = lived(SHAKEN, tax, risk={"policy_shock_rate": 0.0}, worlds=8)
    ever = np.logical_or.accumulate(interrupted(shaken).any(axis=2), axis=0)
    for before, a, b in zip(~ever, shaken, calm, strict=True):
        for name in ("quality", "abatement", "profit"):
            assert np.array_equal(getattr(a, name)[before], getattr(b, name)[before]), name
    assert (~ever).sum() > 8
    assert not np.array_equal(shaken[-1].abatement, calm[-1].abatement)


# --- what it suspends -----------------------------------------------------------------------------------

HALVED: dict[str, tuple[str, ...]] = {
    "carbon_tax": ("rate",),
    "abatement_subsidy": ("rate",),
    "effort_subsidy": ("share",),
    "packaging_fee": ("rate",),
    "standard_and_fine": ("fine",),
    "tournament": ("prize",),
    "star_index": ("award",),
    "performance_bond": ("forfeit",),
    "capacity_building": ("cost", "speed"),
}


@pytest.mark.parametrize("kind", HALVED)
def test_half_suspended_for_good_is_half_as_strong(kind: str) -> None:
    """To the firms that weigh it and in the books alike."""
    cls = kinds_at("incentives")[kind]
    plain = cls()
    half = {name: 0.5 * getattr(plain, name) for name in HALVED[kind]}
    some = {"kind": kind, **({"every": 4} if "every" in cls.model_fields else {})}
    suspended, _ = lived(SHAKEN, incentives=[some], risk={**FOR_GOOD, "policy_shock_depth": 0.5})
    weaker, _ = lived(SHAKEN, incentives=[{**some, **half}], risk={"policy_shock_rate": 0.0})
    whole, _ = lived(SHAKEN, incentives=[some], risk={"policy_shock_rate": 0.0})
    for a, b in zip(suspended, weaker, strict=True):
        for name in ("quality", "abatement", "disclosure", "profit", "support", "quality_cost"):
            assert getattr(a, name) == pytest.approx(getattr(b, name), rel=1e-9, abs=1e-9), name
        assert np.stack(a.ledger.public()) == pytest.approx(np.stack(b.ledger.public()), rel=1e-9, abs=1e-9)
    assert not np.allclose(suspended[-1].profit, whole[-1].profit, rtol=1e-6)


@pytest.mark.parametrize("kind", PUBLIC)
def test_suspended_altogether_for_good_it_is_as_good_as_none(kind: str) -> None:
    with_it, p = lived(SHAKEN, incentives=[{"kind": kind}], risk=FOR_GOOD)
    without, _ = lived(SHAKEN, incentives=[], risk=FOR_GOOD)
    same(with_it[-1], without[-1])
    assert not np.any(with_it[-1].ledger.regulator[p.incentives[0].name])


@pytest.mark.parametrize("kind", [k for k in kinds_at("incentives") if k not in PUBLIC and k != "performance_bond"])
def test_what_no_regulator_pays_or_charges_goes_on(kind: str) -> None:
    shaken, _ = lived(SHAKEN, incentives=[{"kind": kind}], risk=FOR_GOOD, months=8)
    calm, _ = lived(SHAKEN, incentives=[{"kind": kind}], risk={"policy_shock_rate": 0.0}, months=8)
    same(shaken[-1], calm[-1])


def test_only_the_region_that_is_struck_is_exempt() -> None:
    still = {"behaviours": [{"kind": "fixed"}]}
    worlds, p = lived(SHAKEN, QUIET, still, incentives=[{"kind": "carbon_tax", "rate": 0.2}])
    for w in worlds:
        in_force = 1.0 - np.where(w.policy_left > 0, 1.0, 0.0)[:, p.traits.region]
        assert w.ledger.firm["carbon_tax"] == pytest.approx(-0.2 * w.emissions * in_force)
    apart = interrupted(worlds)
    assert (apart[..., 0] != apart[..., 1]).any()


def test_deposits_are_returned_in_an_interruption_and_nothing_is_forfeited() -> None:
    bond = {"kind": "performance_bond", "cut": 0.9, "every": 4}
    worlds, _ = lived(SHAKEN, incentives=[bond], risk=FOR_GOOD, months=4)
    paid = np.stack([w.ledger.firm["performance_bond"] for w in worlds])
    assert np.all(paid[0][worlds[0].revenue > 0] < 0)
    assert paid.sum(axis=0) == pytest.approx(np.zeros_like(paid[0]), abs=1e-9)
    calm, _ = lived(SHAKEN, incentives=[bond], risk={"policy_shock_rate": 0.0}, months=4)
    assert np.stack([w.ledger.firm["performance_bond"] for w in calm]).sum() < 0


def test_a_grant_that_is_half_suspended_leaves_the_other_half_for_later() -> None:
    eager = {"behaviours": [{"kind": "fixed", "abatement": 1.0}], "start": {"warmup": 0}}
    grant = {"kind": "upgrade_grant", "amount": 100.0}
    halves, _ = lived(QUIET, SHAKEN, eager, incentives=[grant], risk={**FOR_GOOD, "policy_shock_depth": 0.5}, months=3)
    paid = [w.ledger.firm["upgrade_grant"].max() for w in halves]
    assert paid == pytest.approx([50.0, 25.0, 12.5])
    assert halves[-1].memory["upgrade_grant"]["granted"].max() == pytest.approx(1.0 - 0.5**3)


@pytest.mark.parametrize("depth", [0.4, 1.0])
@pytest.mark.parametrize("banking", [False, True])
def test_allowances_are_conserved_while_some_firms_are_exempt(depth: float, banking: bool) -> None:
    """Caps and emissions count as far as they are in force; what firms hold they keep."""
    market = {"kind": "cap_and_trade", "cap": 0.9, "banking": banking}
    worlds, p = lived(SHAKEN, incentives=[market], risk={**SHAKEN["risk"], "policy_shock_depth": depth})
    kept = np.zeros((p.worlds, 1))
    for w in worlds:
        memory, in_force = w.memory["cap_and_trade"], 1.0 - depth * (w.policy_left > 0)[:, p.traits.region]
        covered = (w.emissions * in_force * (w.revenue > 0)).sum(axis=1, keepdims=True)
        assert memory["emitted"] == pytest.approx(covered)
        kept = kept + memory["cap"] - memory["emitted"] - memory["lapsed"]
        assert kept == pytest.approx(memory["balance"], abs=1e-6)
        assert np.all(memory["held"] >= -1e-9)
        none = in_force.max(axis=1) == 0.0
        assert not np.any(w.ledger.firm["cap_and_trade"][none])
    assert interrupted(worlds).any()


def test_exempt_firms_keep_the_allowances_that_they_hold_and_trade_none() -> None:
    market = {"kind": "cap_and_trade", "cap": 1.0, "decline": 0.0, "banking": True}
    worlds, p = lived(SHAKEN, incentives=[market], risk=SHAKEN["risk"])
    exempted = 0
    for before, w in itertools.pairwise(worlds):
        exempt = (w.policy_left > 0)[:, p.traits.region]
        held = [x.memory["cap_and_trade"]["held"][exempt] for x in (before, w)]
        assert held[1] == pytest.approx(held[0])
        assert not np.any(w.ledger.firm["cap_and_trade"][exempt])
        exempted += int((held[0] > 0).sum())
    assert exempted > 20


def test_a_budget_lasts_longer_when_policy_is_interrupted() -> None:
    subsidy = {"kind": "effort_subsidy", "share": 0.3, "budget": 3000.0}
    shaken, _ = lived(SHAKEN, incentives=[subsidy], risk={**FOR_GOOD, "policy_shock_depth": 0.5})
    calm, _ = lived(SHAKEN, incentives=[subsidy], risk={"policy_shock_rate": 0.0})
    spent = [np.stack([w.memory["effort_subsidy"]["spent"] for w in ws]) for ws in (shaken, calm)]
    assert np.all(spent[0][:2] < spent[1][:2])
    assert all(np.all(s <= 3000.0 * (1.0 + 1e-9)) for s in spent)


def test_with_everything_busy_a_world_is_the_same_alone_as_in_company() -> None:
    busy = scenario(BUSY, network=NETWORK, risk={"policy_shock_rate": 0.3, "policy_shock_depth": 0.6})
    many, alone = (run_block(busy, 2, r, benchmark=False) for r in (range(3), [1]))
    for name, series in alone.monthly.items():
        assert np.array_equal(series[:, 0], many.monthly[name][:, 1]), name
    assert alone.monthly["policy_shock_months:north"].any()
