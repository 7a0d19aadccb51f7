"""Allowances are conserved, the market clears, and who gets them for free moves money only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.errors import ScenarioError
from sim.month.knowing import believed
from sim.outcomes.base import outcomes
from sim.programme import Programme, programme_of
from sim.rules.clearing import clearing_price
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, run, scenario

TRADE = "cap_and_trade"

ALLOCATIONS = ("grandfathered", "benchmarked", "auctioned")


def trading(*parts: dict[str, Any], months: int = 30, **parameters: Any) -> dict[str, Any]:
    together: dict[str, Any] = {"incentives": [{"kind": TRADE, "cap": 0.75, **parameters}], "months": months}
    for part in parts:
        together |= part
    return together


def months_of(given: dict[str, Any], worlds: int = 2) -> Iterator[tuple[World, World, Programme]]:
    """The world before and after each month."""
    made = scenario(given)
    p = programme_of(made, 1, range(worlds))
    world = opening(p)
    for _ in range(made.months):
        before, world = world, phases.month(world, p)
        yield before, world, p


@pytest.mark.parametrize("banking", [False, True])
@pytest.mark.parametrize("allocation", ALLOCATIONS)
def test_no_allowance_appears_or_vanishes(allocation: str, banking: bool) -> None:
    issued, used, lapsed = 0.0, 0.0, 0.0
    for _, world, _ in months_of(trading(allocation=allocation, banking=banking, cap=0.9)):
        memory = world.memory[TRADE]
        issued, used, lapsed = issued + memory["cap"], used + memory["emitted"], lapsed + memory["lapsed"]
        assert memory["emitted"][:, 0] == pytest.approx(world.emissions.sum(axis=1), rel=1e-12)
        assert issued == pytest.approx(used + lapsed + memory["balance"], rel=1e-12)
        assert memory["held"].min() >= 0.0
        assert np.all(memory["held"].sum(axis=1) <= np.maximum(memory["balance"][:, 0], 0.0) * (1 + 1e-9) + 1e-6)
        assert banking or memory["balance"].max() <= 0.0
    assert np.all(lapsed == 0.0) if banking else np.all(lapsed > 0.0)


def settling(before: World, p: Programme) -> World:
    """The world of a month just before its payments."""
    world = phases.shocks(before, p)
    world = phases.decide(world, p, phases.observe(world, p))
    return phases.inspect(phases.ship(phases.produce(world, p), p), p)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_at_the_price_of_the_month_what_firms_would_emit_meets_the_supply_of_allowances(share: float) -> None:
    """A firm that bears the share 1 - f of its cost would abate a + (U' + (p - p0) m gross) / ((1 - f) S k_a)."""
    met = 0
    sponsored = {"cost_sharing": {"kind": "sponsor", "share": share}, "programme": EVERYBODY}
    for before, world, p in months_of(trading(sponsored, banking=True)):
        old, new, m = before.memory[TRADE], world.memory[TRADE], p.traits.abatable
        slope = p.private.slopes(believed(settling(before, p), p))["abatement"]
        steep = world.revenue * before.abatement_cost * (1.0 - share * (p.traits.demand == 0))
        change = slope + world.gross * m * (new["price"] - old["price"])
        abatement = np.clip(world.abatement + np.divide(change, steep, where=steep > 0, out=0.0 * steep), 0.0, 1.0)
        planned = (world.gross * (1.0 - m * abatement)).sum(axis=1, keepdims=True)
        supply = new["cap"] + old["balance"] / 12.0
        inside = (new["price"] > 0) & (new["price"] < 1.0)
        met += int(inside.sum())
        assert np.abs(planned / supply - 1.0)[inside].max(initial=0.0) < 1e-8
        assert np.all(planned[new["price"] == 0] <= supply[new["price"] == 0])
    assert met > 30


def test_at_rest_emissions_are_the_cap_and_efforts_those_of_a_tax_at_the_same_price() -> None:
    capped, _ = run(scenario(QUIET, trading(months=200, decline=0.0)))
    memory = capped.memory[TRADE]
    assert capped.emissions.sum() == pytest.approx(memory["cap"].item(), rel=1e-4)
    assert 0.05 < memory["price"].item() < 1.0
    tax = {"kind": "carbon_tax", "rate": memory["price"].item()}
    taxed, _ = run(scenario(QUIET, {"incentives": [tax], "months": 200}))
    assert capped.abatement == pytest.approx(taxed.abatement, abs=2e-3)
    free, _ = run(scenario(QUIET, {"months": 200}))
    assert np.all(capped.abatement > free.abatement + 0.01)


def test_how_allowances_are_handed_out_moves_money_and_no_effort() -> None:
    worlds = {a: run(scenario(trading(allocation=a, banking=True)), replications=2)[0] for a in ALLOCATIONS}
    free, sold = worlds["grandfathered"], worlds["auctioned"]
    for other in (worlds["benchmarked"], sold):
        for name in ("quality", "abatement", "emissions", "volume"):
            assert getattr(free, name) == pytest.approx(getattr(other, name), rel=1e-9), name
        moved = other.ledger.firm[TRADE] - free.ledger.firm[TRADE]
        assert other.profit - free.profit == pytest.approx(moved, abs=1e-6)
        assert np.abs(moved).max() > 0.1
    price, emitted = sold.memory[TRADE]["price"], sold.emissions
    assert sold.ledger.firm[TRADE] == pytest.approx(-price * emitted, rel=1e-9)
    assert sold.ledger.regulator[TRADE].sum(axis=1) == pytest.approx((price * emitted).sum(axis=1), rel=1e-9)


def test_firms_pay_each_other_through_the_pool_and_the_books_balance() -> None:
    traded = 0.0
    for _, world, _ in months_of(trading()):
        world.ledger.check(world.month)
        paid = world.ledger.firm[TRADE]
        traded += np.abs(paid).sum() - np.abs(world.ledger.regulator[TRADE]).sum()
        left = world.ledger.institution["pool"][TRADE]
        assert np.all(np.abs(left) <= 1e-9 * np.maximum(np.abs(paid).sum(axis=1), 1.0))
    assert traded > 0.0


def test_what_was_advanced_is_sold_at_the_price_and_withheld_from_later_caps() -> None:
    short = 0
    for before, world, _ in months_of(trading()):
        memory, owed = world.memory[TRADE], -before.memory[TRADE]["balance"]
        issued = memory["cap"] - owed / 12.0
        missing = memory["balance"] < 0
        short += int((missing & (owed > 0) & (memory["price"] > 0)).sum())
        received = world.ledger.regulator[TRADE].sum(axis=1, keepdims=True)
        assert received[missing] == pytest.approx((memory["price"] * (memory["emitted"] - issued))[missing], rel=1e-6)
    assert short > 10


def test_what_is_left_over_is_banked_by_those_who_saved_it() -> None:
    easy = trading(QUIET, cap=1.0, decline=0.0, banking=True, months=6)
    *_, (before, world, _) = months_of(easy)
    saved = world.memory[TRADE]["held"] - before.memory[TRADE]["held"]
    share = before.memory[TRADE]["first_gross"] / before.memory[TRADE]["first_gross"].sum(axis=1, keepdims=True)
    over = share * world.memory[TRADE]["cap"] - world.emissions
    # Nobody needed any but from what it holds, so each keeps what it had over.
    assert saved == pytest.approx(over, rel=1e-6, abs=1e-6)
    assert np.all(world.memory[TRADE]["price"] == 0.0)
    assert not np.any(world.ledger.firm[TRADE])


def test_a_cap_that_nobody_can_meet_costs_the_ceiling() -> None:
    stubborn = {"behaviours": [{"kind": "fixed"}]}
    world, _ = run(scenario(QUIET, stubborn, trading(cap=0.1, ceiling=0.4, allocation="auctioned", months=4)))
    assert world.memory[TRADE]["price"].item() == 0.4
    assert world.ledger.firm[TRADE] == pytest.approx(-0.4 * world.emissions, rel=1e-9)
    assert world.memory[TRADE]["balance"].item() < -3.0 * world.memory[TRADE]["cap"].item()


def test_only_covered_firms_trade_and_the_cap_counts_only_them() -> None:
    some = {"applies_to": {"role": "supplier", "tier": 1}}
    world, p = run(scenario(QUIET, trading(decline=0.0, months=3, **some)))
    inside = (p.traits.tier == 1) & (p.network.firms["role"] == 0)
    assert np.abs(world.ledger.firm[TRADE][0, inside]).min() > 0.0
    assert not np.any(world.ledger.firm[TRADE][0, ~inside])
    assert world.memory[TRADE]["cap"].item() == pytest.approx(0.75 * world.gross[0, inside].sum(), rel=0.01)


def test_benchmarks_favour_the_clean() -> None:
    unlike = {**QUIET, "technology": {**QUIET["technology"], "heterogeneity": 0.15}}
    world, p = run(scenario(unlike, trading(allocation="benchmarked", months=2)))
    old, _ = run(scenario(unlike, trading(allocation="grandfathered", months=2)))
    gain = (world.ledger.firm[TRADE] - old.ledger.firm[TRADE])[0] / world.revenue[0]
    suppliers = p.traits.supplier
    dirty = (world.gross / world.revenue)[0]
    assert np.corrcoef(gain[suppliers], dirty[suppliers])[0, 1] < -0.95


def test_it_has_no_budget() -> None:
    with pytest.raises(ScenarioError, match="pays out nothing of its own"):
        scenario(trading(budget=10.0))


def figures(*parts: dict[str, Any], months: int, **parameters: Any) -> dict[str, np.ndarray]:
    """Each figure of the market of a single world, month by month."""
    found = [w.memory[TRADE] for _, w, _ in months_of(trading(*parts, months=months, **parameters), worlds=1)]
    return {name: np.array([m[name].item() for m in found]) for name in ("price", "cap", "added", "emitted", "balance")}


def test_firms_that_adjust_slowly_do_not_drive_the_price_far_above_where_it_rests() -> None:
    """Taking what firms do as their answer to last month's price, the price rose to 3.2 times its rest."""
    price = figures(QUIET, decline=0.0, months=120)["price"]
    assert price[-1] > 0.1
    assert price[0] == pytest.approx(price[-1], rel=0.25)
    assert price.max() < 1.5 * price[-1]
    assert price.min() > 0.9 * price[-1]


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_the_market_comes_to_rest_when_a_chain_leader_pays_for_abatement(share: float) -> None:
    sponsored = {"cost_sharing": {"kind": "sponsor", "share": share}, "programme": EVERYBODY}
    market = figures(QUIET, sponsored, decline=0.0, months=120)
    assert market["price"][-12:] == pytest.approx(market["price"][-1], rel=1e-2)
    assert market["emitted"][-1] == pytest.approx(market["cap"][-1], rel=1e-3)
    assert market["price"][-1] > 0.01


def test_the_cap_ends_where_it_is_said_to_and_can_be_met_for_good() -> None:
    market = figures(QUIET, decline=0.06, least=0.6, months=120)
    assert market["cap"][-1] == pytest.approx(0.6 / 0.75 * market["cap"][0], rel=1e-9)
    assert market["emitted"][-12:] == pytest.approx(market["cap"][-12:], rel=1e-3)
    assert market["price"].max() < 1.0


def test_beyond_the_ceiling_allowances_are_sold_and_not_owed() -> None:
    stubborn = {"behaviours": [{"kind": "fixed"}]}
    given = {"cap": 0.1, "ceiling": 0.4, "allocation": "auctioned"}
    owed, sold = (figures(QUIET, stubborn, months=6, reserve=r, **given) for r in (False, True))
    assert np.array_equal(owed["price"], sold["price"])
    assert not owed["added"].any()
    assert sold["balance"] == pytest.approx(0.0, abs=1e-6)
    assert sold["added"] == pytest.approx(sold["emitted"] - sold["cap"])
    for market in (owed, sold):
        assert np.cumsum(market["cap"] + market["added"]) == pytest.approx(
            np.cumsum(market["emitted"]) + market["balance"]
        )


def test_a_debt_from_before_the_ceiling_stays_owed_when_allowances_are_sold_at_it() -> None:
    rising = {"cap": 0.95, "decline": 0.9, "least": 0.0, "ceiling": 0.3, "reserve": True}
    market = figures(QUIET, months=18, **rising)
    first = int(np.argmax(market["added"] > 0))
    assert first > 0
    assert market["balance"][first - 1] < 0.0
    assert market["balance"][first:] == pytest.approx(
        market["balance"][first - 1] * (11 / 12) ** np.arange(1, 19 - first)
    )


def test_an_easy_cap_costs_the_floor_and_firms_abate_as_under_a_tax_of_that_rate() -> None:
    easy, _ = run(scenario(QUIET, trading(cap=1.0, decline=0.0, floor=0.1, banking=False, months=80)))
    assert easy.memory[TRADE]["price"].item() == 0.1
    taxed, _ = run(scenario(QUIET, {"incentives": [{"kind": "carbon_tax", "rate": 0.1}], "months": 80}))
    assert easy.abatement == pytest.approx(taxed.abatement, abs=2e-3)
    with pytest.raises(ScenarioError, match="floor must not be above ceiling"):
        scenario(trading(floor=2.0))


def test_the_price_is_exact_however_high_the_ceiling() -> None:
    low, high = (figures(QUIET, ceiling=c, months=12)["price"] for c in (1.0, 1e9))
    assert high == pytest.approx(low, rel=1e-12)


def test_the_clearing_price_is_the_lowest_at_which_plans_reach_what_is_wanted() -> None:
    rng = np.random.default_rng(3)
    at_zero, amount = rng.normal(0.2, 0.5, (6, 40)), rng.exponential(size=(6, 40))
    answer = rng.exponential(size=(6, 40)) * (rng.random((6, 40)) < 0.8)
    low, high = np.full((6, 1), 0.1), np.full((6, 1), 9.0)

    def reached(price: np.ndarray) -> np.ndarray:
        return np.asarray((amount * np.clip(at_zero + answer * price, 0.0, 1.0)).sum(axis=1, keepdims=True))

    wanted = reached(low) + np.array([0.0, 0.2, 0.5, 0.9, 1.0, 1.2])[:, None] * (reached(high) - reached(low))
    wanted[0] -= 1.0
    price = clearing_price(at_zero, answer, amount, wanted, low, high)
    assert price[0] == 0.1
    assert price[5] == 9.0
    assert reached(price)[1:5] == pytest.approx(wanted[1:5], rel=1e-12)
    assert np.all(reached(price - 1e-6)[1:5] < wanted[1:5])
    for row in range(6):
        one = (x[row : row + 1] for x in (at_zero, answer, amount, wanted, low, high))
        assert np.array_equal(clearing_price(*one), price[row : row + 1])


def test_the_price_and_the_balance_of_each_market_are_outcomes() -> None:
    markets = [
        {"kind": "cap_and_trade", "label": "north", "cap": 0.8, "applies_to": {"tier": 1}},
        {"kind": "cap_and_trade", "cap": 0.9, "applies_to": {"tier": 2}},
    ]
    world, p = run(scenario(QUIET, incentives=markets, months=4))
    prices = outcomes()["allowance_price"].series(world, p)
    assert list(prices) == ["allowance_price:north", "allowance_price:cap_and_trade"]
    assert prices["allowance_price:north"] == pytest.approx(world.memory["north"]["price"][:, 0])
    assert prices["allowance_price:north"][0] != prices["allowance_price:cap_and_trade"][0]
    balance = outcomes()["allowances_balance"].series(world, p)["allowances_balance:north"]
    assert balance == pytest.approx(world.memory["north"]["balance"][:, 0])
    assert outcomes()["allowance_price"].series(*run(scenario(months=1))) == {}


@pytest.mark.parametrize("allocation", ["grandfathered", "auctioned"])
def test_what_firms_pay_each_other_for_allowances_is_nobodys_support(allocation: str) -> None:
    markets = [{"kind": "cap_and_trade", "cap": 0.8, "allocation": allocation}]
    world, _ = run(scenario(incentives=markets, months=6))
    assert np.abs(world.ledger.firm["cap_and_trade"]).max() > 0
    assert not world.support.any()
