"""Partners' efforts that count beside trade: what firms weigh and what the books pay, beliefs, and nothing where off."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from sim.beginning import opening
from sim.errors import ScenarioError
from sim.ledger import BOOKED
from sim.month.interacting import private_terms, social_terms
from sim.month.knowing import believed
from sim.parameters import Interaction
from sim.phases import month
from sim.scenario.schema import Scenario
from tests.worlds import NO_STAKES, QUIET, run, scenario

CLEAR = {"kind": "none", "accuracy_without": 1.0, "noise": 0.0}

GRAPH: dict[str, Any] = {
    "kind": "scale_free",
    "firms": 9,
    "sellers": "all",
    "inputs": 0.0,
    "demand": 1.0,
    "price": 5.0,
    "carriers": 1,
}
"""Firms of revenue 5 that trade nothing."""

ALL = {"complementarity": -0.03, "local_benefit": 0.02, "group_return": 2.5, "group_cost": 0.01, "group_size": 3}


def game(**changes: Any) -> Scenario:
    base = {"network": GRAPH, "information": CLEAR, "months": 1, "start": {"spread": 0.3, "quality": 0.5}}
    return scenario(QUIET, NO_STAKES, market={"premium": 0.0}, **{**base, **changes})


def matrix(given: Scenario) -> np.ndarray:
    network = given.build_network()
    found = np.zeros((network.size, network.size))
    found[network.supplier, network.customer] = found[network.customer, network.supplier] = 1.0
    return found


STAY = [{"kind": "cooperative", "speed": 0.0}]


def test_the_books_pay_what_the_formulas_say() -> None:
    given = game(interaction=ALL | {"group_size": None}, behaviours=STAY)
    world, p = run(given)
    g, q, producer = matrix(given), world.quality[0], p.traits.producer[0]
    booked = {name: x[0] for name, x in world.ledger.firm.items()}
    assert booked["complementarity"] == pytest.approx(-0.03 * 5.0 * q * (g @ q) * producer)
    x = np.minimum(q + g @ q, 2.0)
    assert x.max() == 2.0
    assert booked["local benefit"] == pytest.approx(0.02 * 5.0 * (2 * x - x**2 / 2) * producer)
    assert booked["local cost"] == pytest.approx(-0.02 * 5.0 * q * producer)
    put, member = 0.01 * 5.0 * q, (g + np.eye(len(q))) * producer
    size = member.sum(axis=1)
    assert booked["group cost"] == pytest.approx(-put * member.sum(axis=0))
    pot = np.divide(2.5 * member @ put, size, out=np.zeros_like(size), where=size > 0)
    assert booked["group return"] == pytest.approx(member.T @ pot)
    for name in ("complementarity", "local benefit", "local cost", "group cost", "group return"):
        assert name in BOOKED
        assert world.ledger.institution["outside"][name][0] == pytest.approx(-booked[name].sum())


def test_off_nothing_is_weighed_and_nothing_booked() -> None:
    assert private_terms(Interaction()) == social_terms(Interaction()) == []
    # A return without anything put in is nothing.
    assert private_terms(Interaction(group_return=3.0)) == []
    world, _ = run(game())
    assert not {"complementarity", "local benefit", "local cost", "group cost", "group return"} & set(world.ledger.firm)


@pytest.mark.parametrize(
    "part",
    [
        {"complementarity": 0.03},
        {"complementarity": -0.03},
        {"local_benefit": 0.05},
        {"group_return": 3.0, "group_cost": 0.02},
        {"group_return": 3.0, "group_cost": 0.02, "group_size": 3},
    ],
    ids=str,
)
def test_what_is_weighed_is_what_one_firm_and_all_together_get_more(part: dict[str, Any]) -> None:
    # Half the firms do nothing, so that local goods are not all had already.
    given = game(
        interaction=part, behaviours=STAY, start={"spread": 0.0, "cooperators": 0.5}, technology={"defect_cut": 0.0}
    )
    p = run(given)[1]
    world = opening(p)
    halved = world.but(quality=0.3 * world.quality + 0.1)
    known = believed(halved, p)
    private, social = p.private.slopes(known)["quality"], p.social.slopes(known)["quality"]
    names = {term.name for term in private_terms(given.interaction)} | {"effort"}

    def paid(firm: int, step: float) -> np.ndarray:
        moved = halved.quality.copy()
        moved[0, firm] += step
        settled = month(halved, p, lambda world: world.but(quality=moved))
        return settled.ledger.profit([*names])[0]

    for firm in range(9):
        change = (paid(firm, 1e-3) - paid(firm, -1e-3)) / 2e-3
        assert private[0, firm] == pytest.approx(change[firm], abs=1e-7), firm
        assert social[0, firm] == pytest.approx(change.sum(), abs=1e-7), firm


def test_complements_at_rest_are_centrality_and_the_first_best_counts_partners_too() -> None:
    phi, a = 0.04, 0.02
    g = matrix(game())[:9, :9]
    part = {"interaction": {"complementarity": phi}, "months": 200}
    part |= {
        "technology": {
            "quality_weight": 1.0,
            "quality_cost": 1.0,
            "scrap_cost": a,
            "defect_rate": 1.0,
            "defect_cut": 1.0,
        }
    }
    for behaviour, strength in (
        ({"kind": "gradient", "speed": 1.0, "noise": 0.0}, phi),
        ({"kind": "cooperative", "speed": 1.0}, 2 * phi),
    ):
        world, _ = run(game(**part, behaviours=[behaviour]))
        assert world.quality[0, :9] == pytest.approx(np.linalg.solve(np.eye(9) - strength * g, np.full(9, a)), abs=1e-9)


def test_each_does_what_partners_leave_of_a_local_public_good() -> None:
    tiny = {"quality_cost": 1e-9, "quality_weight": 1.0}
    given = game(
        interaction={"local_benefit": 1.0},
        behaviours=[{"kind": "best_reply"}],
        start={"quality": 0.1, "spread": 0.05},
        technology=tiny,
    )
    p = run(given)[1]
    before = opening(p)
    after = month(before, p)
    near = before.quality @ matrix(given)
    assert near[0, :9].min() < 0.9
    assert after.quality[0, :9] == pytest.approx(np.maximum(1.0 - near, 0.0)[0, :9], abs=1e-6)


def test_firms_weigh_what_they_see_of_partners() -> None:
    blurred = {"kind": "none", "accuracy_without": 0.4, "prior": 0.2, "noise": 0.3}
    given = game(interaction={"complementarity": 0.5}, information=blurred)
    p = run(given)[1]
    world = opening(p)
    known = believed(world, p)
    seen = (0.4 * world.quality + 0.6 * 0.2) @ matrix(given)
    term = next(t for t in p.private.terms if t.name == "complementarity")
    assert term.payment(known, known.acts) == pytest.approx(0.5 * world.revenue * world.quality * seen)


def test_in_groups_a_unit_is_worth_putting_in_for_oneself_only_where_it_brings_more_than_its_share() -> None:
    for r, efforts in ((1.9, 0.0), (2.1, 1.0)):
        pair = {**GRAPH, "kind": "complete", "firms": 2}
        given = game(
            network=pair,
            interaction={"group_return": r, "group_cost": 1.0},
            behaviours=[{"kind": "best_reply"}],
            technology={"quality_cost": 1e-9, "quality_weight": 1.0},
            start={"quality": 0.5},
        )
        world, _ = run(given)
        assert world.quality[0, :2] == pytest.approx(efforts)


def test_a_group_size_of_all_partners_is_no_limit() -> None:
    one, other = (run(game(interaction=ALL | {"group_size": size}, months=5))[0] for size in (None, 40))
    assert np.array_equal(one.profit, other.profit)
    smaller, _ = run(game(interaction=ALL | {"group_size": 2}, months=5))
    assert not np.allclose(one.profit, smaller.profit)


def test_what_does_not_make_sense_is_refused() -> None:
    for part, words in (
        ({"group_size": 1}, "group_size: given 1"),
        ({"local_benefit": -1.0}, "local_benefit: given -1"),
    ):
        with pytest.raises(ScenarioError, match=words):
            game(interaction=part)


def test_the_graph_in_use_has_firms_of_unlike_partners() -> None:
    degrees = matrix(game())[:9, :9].sum(axis=0)
    assert len(set(degrees)) >= 3
    assert nx.is_connected(nx.from_numpy_array(matrix(game())[:9, :9]))
