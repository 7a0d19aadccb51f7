"""Money and tonnes balance in every month of every scenario."""

from __future__ import annotations

import numpy as np
import pytest

from sim.beginning import opening
from sim.errors import RunError
from sim.ledger import Ledger
from sim.phases import month
from sim.programme import programme_of
from sim.scenario.files import load_scenario, shipped
from tests.laws.test_isolation import BUSY
from tests.worlds import scenario


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
        shipped_ = world.links.total(world.links.supplier, world.shipped)
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
