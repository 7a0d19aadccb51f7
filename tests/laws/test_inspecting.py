"""Laws of buyers that choose how much to inspect, and of prices that are reduced for defects found."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.month.checking import inspecting_after
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.world import World
from tests.laws.test_isolation import STATE
from tests.worlds import EVERYBODY, QUIET, run, scenario

HELD: dict[str, Any] = {"behaviours": [{"kind": "fixed", "quality": 0.3, "abatement": 0.2, "disclosure": 0.6}]}
PAIR: dict[str, Any] = {
    "kind": "listed",
    "firms": [{"id": "m", "demand": 100.0, "price": 50.0}, {"id": "a"}, {"id": "b"}],
    "links": [
        {"supplier": "a", "customer": "m", "input_group": "x", "units_per_unit": 0.6},
        {"supplier": "b", "customer": "m", "input_group": "y", "units_per_unit": 0.3},
    ],
}
"""One buyer of two suppliers."""

STAKES: dict[str, Any] = {"return_cost": 0.3, "liability": 0.25, "reduction": 0.6, "warranty_cost": 1.5}


def worlds(months: int, quality: dict[str, Any], **more: Any) -> tuple[list[World], Programme]:
    p = programme_of(scenario(QUIET, HELD, quality=quality, **{"network": PAIR, **more}), 1, [0])
    seen = [opening(p)]
    for _ in range(months):
        seen.append(month(seen[-1], p))
    return seen, p


def test_what_a_buyer_learns_of_inspecting_is_what_the_books_say_it_brings() -> None:
    still = {**STAKES, "inspecting": "reply", "inspection_speed": 0.0, "inspection_learning": 1.0}
    more, less = (worlds(5, {**still, "inspection": share}) for share in (0.51, 0.49))
    buyer = more[1].network.index("m")
    booked = (more[0][-1].profit - less[0][-1].profit)[0, buyer] / 0.02
    (seen, _), value = worlds(5, {**still, "inspection": 0.5}), more[0][-1].order_value
    brought = (value * (seen[-1].inspection_return - 0.005)).sum()
    assert booked == pytest.approx(brought, rel=1e-6)
    assert np.ptp(seen[-1].inspection_return) == pytest.approx(0.0, abs=1e-12)  # for each unit of value the same


@pytest.mark.parametrize("shared", [False, True])
def test_a_buyer_that_moves_at_no_speed_inspects_as_one_that_never_chooses_bit_for_bit(shared: bool) -> None:
    data = {"information": {"kind": "platform"}, "programme": EVERYBODY} if shared else {}
    given = {"quality": {**STAKES, "liability": 0.4}, "months": 6, **data}
    plain, _ = run(scenario(given))
    still = {**given["quality"], "inspecting": "reply", "inspection_speed": 0.0}  # type: ignore[dict-item]
    moving, _ = run(scenario({**given, "quality": still}))
    for name in (*STATE, "intensity", "catch", "trust", "reliance_liability"):
        assert np.array_equal(getattr(plain, name), getattr(moving, name)), name


def test_what_is_inspected_moves_with_what_it_brings_and_stays_a_share() -> None:
    reply = {"inspecting": "reply", "inspection_speed": 0.1, "inspection": 0.5}
    worth_it, _ = worlds(12, {**reply, "return_cost": 0.0, "warranty_cost": 3.0})
    for before, after in pairwise(worth_it):
        assert np.all((after.inspecting > before.inspecting) | (before.inspecting == 1.0))
    assert worth_it[-1].inspecting.tolist() == [1.0, 1.0]
    useless, _ = worlds(12, {**reply, "return_cost": 5.0})
    assert useless[-1].inspecting.tolist() == [0.0, 0.0]
    assert not useless[-1].intensity.any()


def test_the_share_moves_by_the_rule_where_goods_come_in_and_nowhere_else() -> None:
    settings = {**STAKES, "inspecting": "reply", "inspection_speed": 0.03, "inspection_learning": 0.4}
    seen, p = worlds(3, settings)
    before, after = seen[-2], seen[-1]
    gap = after.inspection_return - before.inspection_return
    again = inspecting_after(after, p)
    assert (again.inspection_return - after.inspection_return) == pytest.approx(0.6 * gap)
    learnt = after.inspection_return
    assert after.inspecting - before.inspecting == pytest.approx(0.03 * (learnt - 0.005) / (np.abs(learnt) + 0.005))
    idle = after.but(order_value=np.array([0.0, 1.0]) * after.order_value)
    stays = inspecting_after(idle, p)
    assert stays.inspecting[0] == after.inspecting[0]
    assert stays.inspection_return[0] == after.inspection_return[0]
    assert stays.inspecting[1] != after.inspecting[1]


def test_a_supplier_takes_off_the_price_what_its_customer_finds() -> None:
    without, p = worlds(3, {"reduction": 0.0})
    with_it, _ = worlds(3, {"reduction": 0.7})
    world = with_it[-1]
    outgoing = world.links.at(world.links.supplier, world.outgoing)
    paid = 0.7 * world.order_value * world.catch * outgoing
    books = world.ledger.firm["reductions"][0]
    at = p.network.index
    assert [-books[at("a")], -books[at("b")]] == pytest.approx(paid.tolist())
    assert books[at("m")] == pytest.approx(paid.sum())
    assert paid.min() > 0
    assert (world.profit - without[-1].profit) == pytest.approx(world.ledger.firm["reductions"])
    assert "reductions" not in without[-1].ledger.firm
    avoided = world.links.at(world.links.supplier, p.traits.defect_rate - world.own_defects)
    lost = (without[-1].benefit - world.benefit)[0, at("m")]
    assert lost == pytest.approx((0.7 * world.order_value * world.catch * avoided).sum())


def test_suppliers_do_more_the_more_the_price_is_reduced() -> None:
    def effort(reduction: float) -> float:
        given = scenario(QUIET, network=PAIR, quality={"reduction": reduction}, months=60)
        world, p = run(given)
        return float(world.quality[0, p.traits.supplier].mean())

    assert effort(0.0) < effort(0.3) < effort(0.6)
