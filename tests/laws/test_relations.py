"""Relations between customers and suppliers: what indicators say, who is warned and replaced, what it costs, and that
worlds whose links have come to differ stay sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.ensemble import run_block
from sim.fields import Array
from sim.model import SupplyChainModel
from sim.month import scoring
from sim.month.knowing import believed
from sim.network.chains import chains_of
from sim.programme import Programme, programme_of
from sim.rules import beliefs, relations
from sim.rules.relations import INDICATORS
from sim.scenario.schema import Scenario
from sim.world import World
from tests.laws.test_isolation import MIXED, same
from tests.worlds import EVERYBODY, QUIET, run, scenario, tables

NETWORK = {"kind": "tiered", "buyers": 2, "tiers": [12, 16], "carriers": 2, "input_groups": 2}

STRICT = {"warn_below": 0.62, "review_every": 2, "notice_months": 1, "transition_months": 2}

RESTLESS: dict[str, Any] = {
    "network": NETWORK,
    "behaviours": MIXED,
    "information": {"kind": "platform"},
    "benefit_sharing": {"kind": "contribution"},
    "cost_sharing": {"kind": "sponsor"},
    "risk": {"outage_rate": 0.05, "incident_rate": 0.05},
    "relations": {**STRICT, "reward": 1.0},
    "programme": EVERYBODY,
    "months": 16,
}
"""Worlds in which many suppliers are replaced."""


@pytest.fixture(scope="module")
def restless() -> tuple[World, Programme]:
    return run(scenario(RESTLESS), replications=4)


def test_assessing_alone_changes_nothing() -> None:
    plain, _ = run(scenario({**RESTLESS, "relations": {"review_every": 2}}), replications=2)
    assessed, _ = run(scenario({**RESTLESS, "relations": {"review_every": 2, "assessed": True}}), replications=2)
    same(plain, assessed)


# --- worlds that differ in their links -----------------------------------------------------------------


def test_links_come_to_differ_between_worlds_and_keep_customer_and_input(restless: tuple[World, Programme]) -> None:
    world, p = restless
    links, network = world.links, p.network
    supplier = links.supplier.reshape(4, -1) - np.arange(4)[:, None] * links.firms
    assert len({row.tobytes() for row in supplier}) == 4
    assert np.all((supplier != network.supplier).sum(axis=1) > 3)
    made = {(j, g) for j, g in zip(network.supplier.tolist(), network.links["input_group"].tolist(), strict=True)}
    for row in supplier:
        # Who delivers an input now delivered it to somebody from the start.
        assert {(j, g) for j, g in zip(row.tolist(), network.links["input_group"].tolist(), strict=True)} <= made
        # Nobody is twice in an input group of one customer.
        assert len(set(zip(row.tolist(), network.links["group"].tolist(), strict=True))) == len(row)
        assert nx.is_directed_acyclic_graph(nx.DiGraph(zip(row.tolist(), network.customer.tolist(), strict=True)))


def test_chains_are_whoever_stands_upstream_of_a_seller_and_carries_for_it(restless: tuple[World, Programme]) -> None:
    world, p = restless
    links, chains = world.links, chains_of(world.links, p.roots)
    assert np.array_equal(world.chains.firm, chains.firm)
    graph: Any = nx.DiGraph(zip(links.supplier.tolist(), links.customer.tolist(), strict=True))
    for number, root in enumerate(p.roots.tolist()):
        inside = nx.ancestors(graph, root) | {root}
        hauling = {c for c, i in zip(links.carrier.tolist(), links.customer.tolist(), strict=True) if i in inside}
        assert set(chains.firm[chains.chain == number].tolist()) == inside | hauling


def test_weights_sum_to_one_and_orders_at_rest_meet_demand(restless: tuple[World, Programme]) -> None:
    world, p = restless
    assert world.chains.by_chain(world.weight) == pytest.approx(1.0)
    parts = world.chains.by_firm(world.part)
    assert np.all((np.abs(parts - 1.0) < 1e-9) | (parts == 0.0))
    links = world.links
    due = links.total(links.supplier, world.requirement * links.at(links.customer, world.usual_volume))
    makes = p.traits.producer & (world.usual_volume > 0)
    assert (due + p.traits.demand)[makes] == pytest.approx(world.usual_volume[makes])


@pytest.mark.parametrize("schedule", ["simultaneous", "colour_classes"])
def test_a_world_of_its_own_links_is_the_same_alone_as_in_company(schedule: str) -> None:
    given = scenario(RESTLESS, update={"schedule": schedule}, months=10)
    many, alone = run_block(given, 2, range(3)), run_block(given, 2, [1])
    assert alone.monthly["suppliers_replaced"].sum() > 0
    for series, values in alone.monthly.items():
        assert np.array_equal(values[:, 0], many.monthly[series][:, 1]), series
    for account, total in alone.ledger.items():
        assert total[0] == many.ledger[account][1], account


def test_books_balance_while_suppliers_are_paid_off() -> None:
    given = scenario(RESTLESS)
    p = programme_of(given, 1, range(3))
    world, settled = opening(p), 0.0
    for t in range(given.months):
        world = phases.month(world, p)
        world.ledger.check(t)
        settled += np.abs(world.ledger.firm["settlement"]).sum()
    assert settled > 0


# --- one supplier's fate --------------------------------------------------------------------------------

FIRMS = "firm_id,role,demand\nm,manufacturer,100\nbad,supplier,\ngood,supplier,\nother,manufacturer,50\n"
LINKS = (
    "supplier,customer,input_group,order_share,distance_km\n"
    "bad,m,parts,0.5,100\nfine,m,parts,0.5,100\ngood,other,parts,0.4,200\nfine,other,parts,0.6,400\n"
)

FATE: dict[str, Any] = {
    "information": {"kind": "bilateral"},
    "quality": {"trust_speed": 0.0},
    "programme": EVERYBODY,
    "relations": {
        "warn_below": 0.65,
        "review_every": 3,
        "notice_months": 2,
        "transition_months": 4,
        "settlement": 1.5,
        "qualification_cost": 0.1,
        "speed": 1.0,
        "score_error": 1e-6,
    },
}


def fate(folder: Path, **relations_: Any) -> tuple[Programme, list[World]]:
    """A bad supplier of m; `good` serves another customer, and could serve m."""
    firms = FIRMS.replace("good,", "fine,supplier,\ngood,")
    given = scenario(QUIET, tables(folder, firms, LINKS), FATE, relations={**FATE["relations"], **relations_})
    p = programme_of(given, 1, [0])
    bad = p.network.index("bad")
    theta = np.full(p.shape, 0.9)
    theta[0, bad] = 0.0

    def held(world: World) -> World:
        return world.but(quality=theta, abatement=theta, disclosure=theta)

    worlds = [opening(p)]
    for _ in range(20):
        worlds.append(phases.month(worlds[-1], p, held))
    return p, worlds[1:]


def supplier_of_m(p: Programme, world: World) -> set[str]:
    links, m = world.links, p.network.index("m")
    return {p.network.ids[j] for j in links.supplier[links.customer == m].tolist()}


def bad_link(p: Programme) -> int:
    return int(np.flatnonzero(p.network.supplier == p.network.index("bad"))[0])


def test_a_bad_supplier_is_warned_given_notice_paid_off_and_replaced_in_its_time(tmp_path: Path) -> None:
    p, worlds = fate(tmp_path)
    link = bad_link(p)
    history = [w.standing for w in worlds]
    # Reviews after months 3 and 6; two months of notice, four of transition.
    assert [int(s.warned[link]) for s in history[:7]] == [0, 0, 1, 1, 1, 0, 0]
    assert [int(s.notice[link]) for s in history[4:9]] == [0, 2, 1, 0, 0]
    assert [int(s.transition[link]) for s in history[6:13]] == [0, 4, 3, 2, 1, 0, 0]
    assert [int(s.replaced[link]) for s in history[10:14]] == [0, 1, 0, 0]
    assert "bad" in supplier_of_m(p, worlds[10])
    assert supplier_of_m(p, worlds[11]) == {"fine", "good"}
    bad, good = p.network.index("bad"), p.network.index("good")
    assert worlds[11].volume[0, bad] > 0
    assert worlds[12].volume[0, bad] == 0
    assert worlds[12].volume[0, good] > worlds[11].volume[0, good] * 2


def test_the_customer_pays_the_one_it_leaves_once_and_qualifies_the_other_all_along(tmp_path: Path) -> None:
    p, worlds = fate(tmp_path)
    m, bad, link = p.network.index("m"), p.network.index("bad"), bad_link(p)
    for n, world in enumerate(worlds):
        ordered = (world.order_value + world.missing_value)[link]
        settled = 1.5 * ordered if n == 8 else 0.0
        qualifying = 0.1 * ordered if 8 <= n < 12 else 0.0
        assert world.ledger.firm["settlement"][0, bad] == pytest.approx(settled), n
        assert world.ledger.firm["settlement"][0, m] == pytest.approx(-settled), n
        assert world.ledger.firm["qualification"][0, m] == pytest.approx(-qualifying), n


def test_the_newcomer_delivers_over_its_usual_distance_with_its_reputation_and_room_for_the_orders(
    tmp_path: Path,
) -> None:
    p, worlds = fate(tmp_path)
    link, good = bad_link(p), p.network.index("good")
    before, after = worlds[10], worlds[11]
    assert after.links.distance_km[link] == 200.0
    own = int(np.flatnonzero(p.network.supplier == good)[0])
    assert after.standing.indicators[:, link] == pytest.approx(after.standing.indicators[:, own])
    assert after.capacity[0, good] == pytest.approx(1.3 * after.usual_volume[0, good])
    assert after.capacity[0, good] > before.capacity[0, good]
    assert worlds[15].missing[link] == pytest.approx(0.0)


def test_a_customer_with_nobody_better_to_turn_to_keeps_its_supplier(tmp_path: Path) -> None:
    p, worlds = fate(tmp_path, better_by=0.9)
    assert "bad" in supplier_of_m(p, worlds[-1])
    assert all(not w.ledger.firm["settlement"].any() for w in worlds)
    assert max(w.standing.notice[bad_link(p)] for w in worlds) == 2.0


def test_who_does_better_in_time_is_warned_no_more(tmp_path: Path) -> None:
    p, worlds = fate(tmp_path)
    warned, link = worlds[2], bad_link(p)
    assert warned.standing.warned[link] == 1.0
    world = warned
    for _ in range(3):
        full = np.ones(p.shape)
        world = phases.month(world, p, lambda w: w.but(quality=full, abatement=full, disclosure=full))  # noqa: B023
    assert world.standing.warned[link] == 0.0
    assert world.standing.notice[link] == 0.0


# --- indicators -----------------------------------------------------------------------------------------


def told(world: World, p: Programme) -> Array:
    usual = np.full(p.shape, 0.3)
    return scoring.evidence(world, p, usual)


def at_start(**more: Any) -> tuple[World, Programme]:
    given = scenario(QUIET, {"information": {"kind": "bilateral"}, "programme": EVERYBODY}, **more)
    given = given.replace({"relations.assessed": True})
    return run(given.replace({"months": 2}))


CAUSES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "on-time delivery": ({"missing_value": 0.0}, {"missing_value": 50.0}),
    "quality pass rate": ({"incoming": 0.02}, {"incoming": 0.09}),
    "innovation": ({"abatement_cost": 0.05}, {"abatement_cost": 0.12}),
    "information sharing": ({"disclosure": 0.9}, {"disclosure": 0.1}),
    "risk management": ({"outage_left": 0.0}, {"outage_left": 2.0}),
    "continuous improvement": ({"quality": 0.9}, {"quality": 0.1}),
}


@pytest.mark.parametrize("name", CAUSES)
def test_each_indicator_follows_its_own_cause_and_no_other(name: str) -> None:
    world, p = at_start()
    found = []
    for change in CAUSES[name]:
        arrays = {k: np.full_like(getattr(world, k), v) for k, v in change.items()}
        found.append(told(world.but(**arrays), p))
    better, worse = found
    row = INDICATORS.index(name)
    assert np.all(better[row] > worse[row])
    if name == "risk management":
        assert (better[row].min(), worse[row].max()) == (1.0, 0.0)
    assert np.array_equal(np.delete(better, row, axis=0), np.delete(worse, row, axis=0))
    assert better.min() >= 0.0
    assert better.max() <= 1.0


def test_the_cheapest_delivery_of_an_input_counts_as_fully_cost_effective(tmp_path: Path) -> None:
    firms = "firm_id,role,demand,price\nm,manufacturer,100,20\nnear,supplier,,10\nfar,supplier,,10\ndear,supplier,,15\n"
    firms += "else,supplier,,5\n"
    links = "supplier,customer,distance_km,input_group\nnear,m,0,a\nfar,m,2500,a\ndear,m,0,a\nelse,m,0,b\n"
    given = scenario(QUIET, tables(tmp_path, firms, links), relations={"assessed": True}, logistics={"fare": 0.004})
    world, p = run(given.replace({"months": 1}))
    row = dict(zip(world.links.supplier.tolist(), told(world, p)[2].tolist(), strict=True))
    assert [row[p.network.index(f)] for f in ("near", "far", "dear", "else")] == pytest.approx(
        [1.0, 0.5, 10.0 / 15.0, 1.0]
    )


def test_indicators_are_running_means_and_the_score_their_weighted_mean() -> None:
    world, p = at_start()
    p = programme_of(p.scenario.replace({"relations.weights": {"quality_pass_rate": 3.0, "innovation": 0.0}}), 1, [0])
    changed = world.but(incoming=np.full_like(world.incoming, 0.04), standing=world.standing)
    after = scoring.assessed(changed, p)
    before = world.standing.indicators[1]
    assert after.standing.indicators[1] == pytest.approx(before + 0.2 * (0.6 - before))
    x = after.standing.indicators
    assert scoring.score(after, p) == pytest.approx((x[0] + 3 * x[1] + x[2] + x[4] + x[5] + x[6]) / 8.0)


# --- what suppliers weigh -------------------------------------------------------------------------------


def test_a_review_warns_as_often_as_suppliers_reckon() -> None:
    """Over many worlds alike, the share of warned suppliers is the chance at which they weigh it."""
    given = scenario(QUIET, relations={"warn_below": 0.62, "review_every": 1, "speed": 1.0}, months=1)
    world, p = run(given, replications=600)
    chance = beliefs.chance_over(0.62 - scoring.score(world, p), 0.02, 0.0)
    warned = world.standing.warned
    assert 0.1 < chance.mean() < 0.9
    assert warned.mean() == pytest.approx(chance.mean(), abs=4 * np.sqrt(0.25 / 600 / 5))


@pytest.mark.parametrize("warned", [0.0, 1.0])
def test_the_stake_is_the_custom_lost_by_as_many_failed_reviews_as_it_takes(warned: float) -> None:
    given = scenario(QUIET, network=NETWORK, relations={"warn_below": 0.6, "horizon": 12}, months=2)
    world, p = run(given)
    links = world.links
    from dataclasses import replace

    marked = world.but(standing=replace(world.standing, warned=np.full(links.count, warned)))
    known = believed(marked, p)
    weighed = known.custom(known.acts)
    damage = links.at(links.carrier, world.own_defects)
    score = scoring.score(marked, p).copy()
    now = relations.pass_rate(links.at(links.supplier, known.outgoing_defects(known.acts)) + damage, 0.1)
    score += (now - world.standing.indicators[1]) / 7.0 - world.standing.indicators[4] / 7.0
    fails = 1.0 / (1.0 + np.exp(-(np.pi / np.sqrt(3.0)) * (0.6 - score) / 0.02))
    often = fails if warned else fails**2 / 2.0
    at_risk = world.order_value * scoring.replaceable(world, p)
    expected = -0.08 * links.total(links.supplier, at_risk * often * 12 / 6)
    assert weighed == pytest.approx(expected)
    assert weighed[0, p.traits.supplier].max() < 0.0


def test_the_threat_makes_suppliers_try_harder_and_one_already_given_notice_does_not_care() -> None:
    from dataclasses import replace

    world, p = run(scenario(QUIET, network=NETWORK, relations={"warn_below": 0.6}, months=2))
    calm, q = run(scenario(QUIET, network=NETWORK, months=2))
    slope = p.private.slopes(believed(calm.but(standing=world.standing), p))["quality"]
    plain = q.private.slopes(believed(calm, q))["quality"]
    given_notice = replace(world.standing, notice=np.full(world.links.count, 2.0))
    leaving = p.private.slopes(believed(calm.but(standing=given_notice), p))["quality"]
    suppliers = p.traits.supplier
    assert np.all(slope[0, suppliers] > plain[0, suppliers])
    assert leaving[0, suppliers] == pytest.approx(plain[0, suppliers])


def test_orders_follow_scores_and_every_input_group_keeps_its_sum() -> None:
    world, p = run(scenario(QUIET, {"technology": {"heterogeneity": 0.3}}, relations={"reward": 3.0}, months=6))
    links = world.links

    def of_group(x: Array) -> Array:
        return np.bincount(links.group, weights=x, minlength=links.group_count)[links.group]

    # The score at the review of month 6 is what stands in the world now.
    scored = scoring.score(world, p)
    weight = np.maximum(1.0 + 3.0 * (scored - of_group(world.contract_share * scored)), 0.0)
    expected = world.contract_share * weight / of_group(world.contract_share * weight)
    assert world.order_share == pytest.approx(expected)
    assert np.abs(world.order_share - world.contract_share).max() > 1e-3


def test_relations_do_nothing_before_the_first_month() -> None:
    warm = {"start": {**QUIET["start"], "warmup": 8}}
    plain, reviewed = (opening(programme_of(scenario(QUIET, warm, relations=r), 1, [0])) for r in BOTH)
    assert np.array_equal(plain.quality, reviewed.quality)
    assert np.array_equal(plain.order_share, reviewed.order_share)


BOTH: list[dict[str, Any]] = [{"review_every": 3}, {"review_every": 3, "warn_below": 0.7, "reward": 3.0}]


def test_nobody_fears_to_lose_custom_that_no_other_firm_could_take_over(tmp_path: Path) -> None:
    firms = (
        "firm_id,role,demand\nm,manufacturer,100\nalone,supplier,\none,supplier,\ntwo,supplier,\nn,manufacturer,50\n"
    )
    links = "supplier,customer,input_group\nalone,m,a\none,m,b\ntwo,n,b\n"
    given = scenario(QUIET, tables(tmp_path, firms, links), relations={"warn_below": 0.7}, months=2)
    world, p = run(given)
    known = believed(world, p)
    weighed = known.custom(known.acts)[0]
    of = {name: weighed[p.network.index(name)] for name in ("alone", "one", "two")}
    assert of["alone"] == 0.0
    assert of["one"] < 0.0
    assert of["two"] < 0.0


def test_only_successors_and_those_upstream_of_them_build_capacity(restless: tuple[World, Programme]) -> None:
    given = scenario({**RESTLESS, "months": 30})
    p = programme_of(given, 1, [0])
    world, seen = opening(p), 0
    for _ in range(given.months):
        before, world = world, phases.month(world, p)
        grown = (world.capacity > before.capacity).ravel()
        successors = np.zeros(grown.size, dtype=bool)
        successors[world.links.supplier[world.standing.replaced > 0]] = True
        assert not (grown & ~world.links.upstream_of(successors)).any()
        seen += int(grown.sum())
    assert seen > 0


# --- candidates -----------------------------------------------------------------------------------------


def test_the_candidate_taken_is_the_best_that_a_search_by_hand_finds() -> None:
    rng = np.random.default_rng(4)
    checked = 0
    for trial in range(120):
        firms, count = 9, 14
        level = rng.integers(0, 4, firms)
        supplier, customer = rng.integers(0, firms, count), rng.integers(0, firms, count)
        market = rng.integers(0, 3, count)
        group = customer * 3 + market
        score = rng.uniform(0, 1, count).round(1)
        successor = np.where(rng.uniform(size=count) < 0.1 * (trial % 2), rng.integers(0, firms, count), -1)
        trading = rng.uniform(size=firms) < (0.8 if trial % 2 else 2.0)
        leaving = rng.choice(count, 1)
        least = score[leaving] + 0.1
        found = relations.best_candidates(
            leaving, least, market, group, np.stack([level[supplier], level[customer]]), supplier, successor, score,
            trading,
        )  # fmt: skip
        link = int(leaving[0])
        best, best_score, anybody = -1, -1.0, False
        for firm in range(firms):
            serves = score[(supplier == firm) & (market == market[link])]
            taken = np.any((group == group[link]) & ((supplier == firm) | (successor == firm)))
            if not len(serves) or taken or not trading[firm] or level[firm] <= level[customer[link]]:
                continue
            anybody = True
            if serves.mean() >= least[0] and serves.mean() > best_score + 1e-12:
                best, best_score = firm, serves.mean()
        assert found.tolist() == [best]
        if (successor < 0).all() and trading.all():
            levels = np.stack([level[supplier], level[customer]])
            assert relations.replaceable(market, group, levels, supplier)[link] == anybody
            checked += 1
    assert checked > 5


def test_a_pending_successor_that_has_lost_its_links_stands_in_nobodys_way() -> None:
    # Firm 7 supplies nobody any more, and is to take over in group 0; that says nothing of group 1.
    supplier, group = np.array([1, 2, 3]), np.array([0, 1, 2])
    levels = np.array([[2, 2, 2], [1, 1, 1]])
    for successor in (np.full(3, -1), np.array([7, -1, -1])):
        found = relations.best_candidates(
            np.array([1]), np.zeros(1), np.zeros(3, dtype=int), group, levels, supplier, successor,
            np.array([0.1, 0.1, 0.9]), np.ones(8, dtype=bool),
        )  # fmt: skip
        assert found.tolist() == [3]


def test_one_customer_does_not_take_the_same_firm_twice_for_an_input() -> None:
    supplier = np.array([0, 1, 2])
    found = relations.best_candidates(
        np.array([0, 1]), np.zeros(2), np.zeros(3, dtype=int), np.array([0, 0, 1]), np.array([[2, 2, 2], [1, 1, 1]]),
        supplier, np.full(3, -1), np.array([0.1, 0.1, 0.9]), np.ones(3, dtype=bool),
    )  # fmt: skip
    assert found.tolist() == [2, -1]


# --- the Mesa model -------------------------------------------------------------------------------------


def test_agents_and_graph_of_the_mesa_model_show_who_supplies_whom_now() -> None:
    given: Scenario = scenario({**RESTLESS, "months": 12})
    model = SupplyChainModel(given, rng=2)
    before = set(model.graph.edges)
    while model.running:
        model.step()
    after = set(model.graph.edges)
    assert before != after
    firm = model.firms[int(model.world.links.customer[0])]
    assert {f.firm_id for f in firm.suppliers} == {j for j, i in after if i == firm.firm_id}
    assert all(firm in f.customers for f in firm.suppliers)
    model.release()


def test_in_a_tiered_network_a_supplier_is_replaced_by_one_of_its_own_tier(restless: tuple[World, Programme]) -> None:
    world, p = restless
    tier = np.tile(p.traits.tier, p.worlds)
    before = np.tile(p.traits.tier[p.network.supplier], p.worlds)
    assert np.array_equal(tier[world.links.supplier], before)
