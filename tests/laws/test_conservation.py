"""Money and tonnes balance in every month of every scenario."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.beginning import opening
from sim.errors import RunError
from sim.ledger import Ledger
from sim.phases import month
from sim.programme import programme_of
from sim.scenario.files import load_scenario, shipped
from tests.laws.test_isolation import BUSY
from tests.worlds import scenario, tables


@pytest.mark.parametrize("name", sorted(shipped()))
def test_accounts_sum_to_zero_and_tonnes_add_up_every_month(name: str) -> None:
    given = load_scenario(name)
    p = programme_of(given, 2, range(2))
    world = opening(p)
    for _ in range(given.months):
        world = month(world, p)
        assert world.ledger.imbalance().max() < 1e-9
        assert world.ledger.pool_left().max() < 1e-9
        tonnes_are_counted_once(world, p)


def tonnes_are_counted_once(world, p) -> None:  # type: ignore[no-untyped-def]
    """Scopes add up to the total, roles add up to the total, and transport is what the links say."""
    from sim.outcomes.base import outcomes

    found = outcomes()
    total = found["emissions"].series(world, p)["emissions"]
    for split in ("emissions_by_scope", "emissions_by_role"):
        parts = sum(found[split].series(world, p).values())
        assert parts == pytest.approx(total, rel=1e-12)
    logistics = p.scenario.logistics
    abatement = world.links.at(world.links.carrier, world.abatement)
    left = 1.0 - logistics.abatable_share * abatement
    on_links = world.links.by_world(world.tonne_km * logistics.intensity / world.load * left)
    assert found["emissions_by_scope"].series(world, p)["emissions_by_scope:transport"] == pytest.approx(on_links)


def test_goods_made_are_goods_shipped_and_what_is_missing_is_bought_elsewhere() -> None:
    given = scenario(BUSY, risk={"outage_rate": 0.1})
    p = programme_of(given, 4, range(3))
    world = opening(p)
    for _ in range(12):
        before, world = world, month(world, p)
        made = np.where(p.traits.producer, world.volume, 0.0)
        # The review at the end of a month may have put others in the place of those who shipped.
        shipped_ = before.links.total(before.links.supplier, world.shipped)
        assert made == pytest.approx(shipped_ + world.sold, rel=1e-12)
        ordered = before.requirement * world.links.at(world.links.customer, before.volume)
        assert world.shipped + world.missing == pytest.approx(ordered, rel=1e-12)
        assert world.missing.min() >= 0.0
        bought = -world.ledger.firm["spot"].sum(axis=1)
        assert bought == pytest.approx(1.2 * world.links.by_world(world.missing_value))
    assert world.missing.max() > 0


def test_what_a_budget_may_pay_is_never_exceeded_and_the_last_month_is_known() -> None:
    from sim.ensemble import run_block

    given = scenario(BUSY, incentives=[{"kind": "abatement_subsidy", "rate": 0.3, "budget": 700.0}], months=30)
    block = run_block(given, 1, range(4))
    paid = -block.ledger["abatement_subsidy", "regulator"]
    assert paid == pytest.approx(700.0)
    for replication in range(4):
        last = int(block.last_paid["abatement_subsidy"][replication])
        assert 0 < last < 29
        until, after = (
            -run_block(given.replace({"months": m}), 1, [replication]).ledger["abatement_subsidy", "regulator"][0]
            for m in (last, last + 1)
        )
        assert until < 700.0 - 1e-6
        assert after == pytest.approx(700.0)


def test_a_payment_that_does_not_arrive_is_noticed() -> None:
    ledger = Ledger(1, 2, np.zeros(2, dtype=np.int64), 1)
    ledger.firms_receive("gift", np.array([[1.0, 2.0]]), "market")
    ledger.check(0)
    ledger.institution["market"]["gift"] = np.array([-2.0])
    with pytest.raises(RunError, match="books miss zero"):
        ledger.check(0)


def test_money_left_in_the_clearing_account_is_noticed() -> None:
    ledger = Ledger(1, 2, np.zeros(2, dtype=np.int64), 1)
    ledger.firms_receive("share", np.array([[1.0, -2.0]]), "pool")
    with pytest.raises(RunError, match="books miss zero"):
        ledger.check(3)


def test_books_that_balance_pass_at_prices_a_thousand_million_times_as_high() -> None:
    """Rounding grows with what firms pay each other, along links and through the pool, and so does its measure."""
    firms, scale = 40, 1e9
    ledger = Ledger(1, firms, np.zeros(firms, dtype=np.int64), 1)
    ends = np.arange(firms)
    for n in range(1, 9):
        amount = scale * (0.1 + np.sin(n * ends) ** 2)
        ledger.between("goods", amount, ends, np.roll(ends, n))
        parts = np.cos(n * ends)[None, :] / 3.0
        ledger.firms_receive("cost sharing", scale * (parts - parts.mean()), "pool")
    ledger.firms_receive("sales", np.full((1, firms), 0.1), "market")
    ledger.check(0)
    assert ledger.pool_left()[0] < 1e-12
    ledger.institution["market"]["sales"] = ledger.institution["market"]["sales"] - 1e-8 * ledger.turnover()
    with pytest.raises(RunError, match="books miss zero"):
        ledger.check(0)


def test_prices_a_thousand_million_times_as_high_balance_too(tmp_path: Path) -> None:
    firms = f"firm_id,role,price,value_added_share,demand\nm,manufacturer,{100e9},0.5,500\n"
    firms += "".join(f"{name},supplier,{20e9},0.5,\n" for name in "pqr")
    links = "supplier,customer,input_group\np,m,a\nq,m,b\nr,p,a\nr,q,a\n"
    given = scenario({k: v for k, v in BUSY.items() if k != "network"}, tables(tmp_path, firms, links))
    p = programme_of(given, 1, range(2))
    world = opening(p)
    for t in range(6):
        world = month(world, p)
        world.ledger.check(t)
        assert world.ledger.turnover().min() > 1e9
