"""Rules that share costs and benefits: each against its formula, worked out another way."""

from __future__ import annotations

import dataclasses
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.draws import Draws, slots
from sim.ensemble import run_block
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.month.knowing import believed, true
from sim.network import chains as product_chains
from sim.network.links import links_of
from sim.network.network import Network
from sim.payoff import claims_bill, effort_bill, energy_bill, scrap_bill
from sim.programme import Programme
from sim.rules import shapley
from sim.scenario.schema import kinds_at
from sim.world import World
from tests.laws.test_isolation import BUSY, same
from tests.worlds import EVERYBODY, NO_STAKES, QUIET, run, scenario, tables

COST = [k for k in kinds_at("cost_sharing") if k != "none"]
BENEFIT = [k for k in kinds_at("benefit_sharing") if k != "retain"]

FIRMS = """firm_id,role,size,demand
m,manufacturer,large,500
n,manufacturer,large,300
p,supplier,sme,
q,supplier,large,
r,supplier,sme,
s,supplier,sme,
"""
LINKS = """supplier,customer,input_group,order_share
p,m,a,0.4
q,m,a,0.6
q,n,a,1
r,p,x,1
s,q,x,0.7
r,q,x,0.3
"""
SOME = [{"name": "some", "starts": 0, "enrols": {"role": "manufacturer"}}, {"name": "p", "starts": 0,
        "enrols": {"size": "sme"}}]  # fmt: skip


def small(folder: Path, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Two chains of six firms and a carrier, all different; everybody a member."""
    given = {"information": {"kind": "platform", "minimum_disclosure": 0.5}, "programme": EVERYBODY, "months": 3}
    return {**tables(folder, FIRMS, LINKS), **given, **more}


def begun(given: dict[str, Any], worlds: int = 2) -> tuple[World, Programme]:
    return run(scenario(given), replications=worlds)


def truth(given: dict[str, Any], worlds: int = 2) -> tuple[Known, Programme]:
    world, p = begun(given, worlds)
    return true(world, p, "measure"), p


def shares_of(known: Known, rule: Any) -> np.ndarray:
    shares = rule.shares(known, known.acts)
    return np.asarray(np.broadcast_to(shares, known.weight.shape))


def firms_of(known: Known, p: Programme, chain: str) -> dict[str, int]:
    """Entries of the first world's chain of this root, by firm."""
    chains = known.chains
    root = p.network.index(chain)
    inside = [e for e in range(chains.count) if chains.chain[e] == np.flatnonzero(chains.roots == root)[0]]
    return {str(p.network.ids[chains.firm[e]]): e for e in inside}


def paid(known: Known, rule: Any) -> np.ndarray:
    return np.asarray(rule.payment(known, known.acts))


# --- every rule -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("membership", [EVERYBODY, SOME], ids=["everybody", "some"])
@pytest.mark.parametrize("kind", COST)
def test_what_a_chain_s_firms_get_of_cost_sharing_sums_to_zero(kind: str, membership: Any, tmp_path: Path) -> None:
    given = small(tmp_path, benefit_sharing={"kind": "value_added", "excludability": 0.5}, programme=membership)
    known, p = truth({**given, "cost_sharing": {"kind": kind}})
    received = paid(known, p.scenario.cost_sharing)
    assert np.abs(received).max() > 1e-3
    assert received.sum(axis=1) == pytest.approx(0.0, abs=1e-9 * np.abs(received).max())
    assert np.all(received[known.acts.member == 0] == 0.0)


@pytest.mark.parametrize("exponent", [1.0, 0.5, 0.0, -4.0])
@pytest.mark.parametrize("kind", BENEFIT)
def test_the_shares_of_a_premium_add_to_the_whole(kind: str, exponent: float, tmp_path: Path) -> None:
    given = small(tmp_path, market={"weakest_link": exponent}, programme=SOME)
    known, p = truth({**given, "benefit_sharing": {"kind": kind, "excludability": 0.5}})
    shares = shares_of(known, p.scenario.benefit_sharing)
    assert np.all(shares >= 0.0)
    assert known.chains.by_chain(shares) == pytest.approx(1.0)
    assert known.chains.by_chain(known.premium_part(known.acts)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("place", "table"),
    [
        ("cost_sharing", {"kind": "shapley", "common": 0.0}),
        ("benefit_sharing", {"kind": "revenue_sharing", "share": 0.0}),
    ],
    ids=["cost", "benefit"],
)
def test_sharing_nothing_is_no_sharing(place: str, table: dict[str, Any]) -> None:
    nothing, _ = run(scenario(BUSY, **{place: table}))
    without, _ = run(scenario(BUSY, **{place: {"kind": "none" if place == "cost_sharing" else "retain"}}))
    same(nothing, without)


@pytest.mark.parametrize("table", [*({"kind": k} for k in COST), {"kind": "shapley", "game": "scale"}], ids=str)
def test_a_firm_weighs_cost_sharing_by_its_own_acts_alone(table: dict[str, Any], tmp_path: Path) -> None:
    world, p = begun(small(tmp_path, cost_sharing=table, benefit_sharing={"kind": "contribution"}))
    known = believed(world, p)
    rule = p.scenario.cost_sharing
    base = rule.payment(known, known.acts)
    for name in ("quality", "abatement", "disclosure", "member"):
        values = {n: getattr(known.acts, n).copy() for n in ("quality", "abatement", "disclosure", "member")}
        values[name][:, 3] = 0.0
        moved = rule.payment(known, Acts(**values)) != base
        moved[:, 3] = False
        assert not moved.any(), name
    alone = rule.payment(known, known.acts.with_member(np.zeros_like(known.acts.member)))
    assert np.all(alone[:, p.network.index("p")] == 0.0)


@pytest.mark.parametrize(
    "table",
    [
        *({"cost_sharing": {"kind": k}} for k in COST),
        {"cost_sharing": {"kind": "shapley", "game": "scale"}},
        *({"benefit_sharing": {"kind": k}} for k in BENEFIT),
    ],
    ids=str,
)
def test_what_a_firm_expects_of_another_effort_is_what_it_gets_by_it(table: dict[str, Any], tmp_path: Path) -> None:
    """Among others who stay as they are: own acts weighed on what is known against the same acts known to all."""
    given = small(tmp_path, market={"weakest_link": 0.5}, **{"benefit_sharing": {"kind": "contribution"}, **table})
    known, p = truth(given)
    for firm in (p.network.index("m"), p.network.index("q")):
        quality = known.acts.quality.copy()
        quality[:, firm] += 0.2
        moved = Acts(quality, known.acts.abatement, known.acts.disclosure, known.acts.member)
        after = dataclasses.replace(known, acts=moved.fresh(), _derived={})
        name = "cost sharing" if "cost_sharing" in table else "premium"
        term = next(t for t in p.private.terms if t.name == name)
        expected, got = term.payment(known, moved)[:, firm], term.payment(after, after.acts)[:, firm]
        assert expected == pytest.approx(got, rel=1e-9)


@pytest.mark.parametrize("place", ["cost_sharing", "benefit_sharing"])
@pytest.mark.parametrize("kind", sorted({*COST, *BENEFIT}))
def test_variations_of_a_rule_are_the_same_as_one_at_a_time(kind: str, place: str, tmp_path: Path) -> None:
    if kind not in kinds_at(place):
        return
    table = {"kind": kind, "game": "scale"} if (place, kind) == ("cost_sharing", "shapley") else {"kind": kind}
    world, p = begun(small(tmp_path, market={"weakest_link": -1.0}, **{place: table}))
    known = believed(world, p)
    term = p.private.terms[[t.name for t in p.private.terms].index("premium") + (place == "cost_sharing")]
    for name in ("quality", "abatement", "disclosure"):
        both = np.broadcast_to(term.payment(known, known.acts.varied(name, 0.05)), (2, *p.shape))
        for row, step in enumerate((0.05, -0.05)):
            values = {n: getattr(known.acts, n) for n in ("quality", "abatement", "disclosure", "member")}
            values[name] = values[name] + step
            assert np.array_equal(both[row], np.broadcast_to(term.payment(known, Acts(**values)), p.shape)), name


# --- cost sharing ---------------------------------------------------------------------------------------


def pool(known: Known) -> np.ndarray:
    return np.asarray(known.part * known.chains.at_firm(known.effort_cost(known.acts)))


def test_revenue_sharing_of_costs_makes_everybody_pay_the_same_part_of_its_revenue(tmp_path: Path) -> None:
    known, p = truth(small(tmp_path, cost_sharing={"kind": "revenue"}))
    cost, revenue = pool(known), known.part * known.chains.at_firm(known.revenue)
    rate = known.chains.by_chain(cost) / known.chains.by_chain(revenue)
    expected = known.chains.by_firm(cost - known.chains.at_chain(rate) * revenue)
    assert paid(known, p.scenario.cost_sharing) == pytest.approx(expected)


@pytest.mark.parametrize("rule", ["retain", "value_added", "contribution"])
def test_with_benefit_sharing_of_costs_everybody_pays_as_it_gets_of_the_premium(rule: str, tmp_path: Path) -> None:
    known, p = truth(small(tmp_path, cost_sharing={"kind": "benefit"}, benefit_sharing={"kind": rule}))
    cost, premium = pool(known), known.premium(known.acts) * known.premium_part(known.acts)
    rate = known.chains.by_chain(cost) / known.chains.by_chain(premium)
    expected = known.chains.by_firm(cost - known.chains.at_chain(rate) * premium)
    assert paid(known, p.scenario.cost_sharing) == pytest.approx(expected)


def test_after_nash_bargaining_every_member_gains_the_same_over_its_disagreement_payoff(tmp_path: Path) -> None:
    known, p = truth(small(tmp_path, cost_sharing={"kind": "nash_bargaining"}, benefit_sharing={"kind": "value_added"}))
    chains, traits, acts = known.chains, known.traits, known.acts
    nothing = np.zeros(p.shape)
    idle = Acts(nothing, nothing, acts.disclosure, acts.member)
    bills = (effort_bill, scrap_bill, claims_bill, energy_bill)
    saved = sum(bill(known, acts) - bill(known, idle) for bill in bills)
    net = known.premium(acts) * known.premium_part(acts) + known.part * chains.at_firm(saved)
    grid = np.linspace(0.0, 1.0, 2001)[:, None, None]
    by_quality = (traits.scrap_cost + traits.claim_cost) * traits.defect_rate * known.technology.defect_cut
    by_abatement = known.energy_load * traits.energy_cost * traits.energy_saving
    alone = (by_quality * grid - 0.5 * known.quality_cost * grid**2).max(axis=0)
    alone = alone + (by_abatement * grid - 0.5 * known.abatement_cost * grid**2).max(axis=0)
    without = known.part * chains.at_firm(known.revenue * alone)
    surplus = chains.by_chain(net - without)
    assert surplus.min() > 0
    expected = chains.by_firm(without + chains.at_chain(surplus / chains.by_chain(np.ones(chains.count))) - net)
    assert paid(known, p.scenario.cost_sharing) == pytest.approx(expected, rel=1e-4)


def test_without_a_surplus_there_is_nothing_to_bargain_over(tmp_path: Path) -> None:
    given = small(tmp_path, cost_sharing={"kind": "nash_bargaining"}, market={"premium": 0.0})
    known, p = truth({**given, "behaviours": [{"kind": "fixed", "quality": 0.9, "abatement": 0.9}]})
    assert np.all(paid(known, p.scenario.cost_sharing) == 0.0)


def test_abatement_is_paid_equally_by_the_firm_and_those_downstream_of_it(tmp_path: Path) -> None:
    known, p = truth(small(tmp_path, cost_sharing={"kind": "responsibility"}), worlds=1)
    cost = 0.5 * known.revenue * known.abatement_cost * known.acts.abatement**2
    part = known.part * known.chains.at_firm(cost)
    below = {"m": "", "p": "m", "q": "m", "r": "pqm", "s": "qm", "": "mpq"}
    expected = dict.fromkeys(p.network.ids, 0.0)
    for root in "mn":
        for firm, entry in firms_of(known, p, root).items():
            inside = firms_of(known, p, root)
            down = [d for d in below.get(firm.replace("n", "m"), "mpq").replace("m", root) if d in inside]
            expected[firm] += part[entry]
            for payer in (firm, *down):
                expected[payer] -= part[entry] / (1 + len(down))
    received = paid(known, p.scenario.cost_sharing)[0]
    assert dict(zip(p.network.ids, received, strict=True)) == pytest.approx(expected)


def test_responsibility_makes_abatement_of_suppliers_cheaper_and_leaves_their_quality_to_them(tmp_path: Path) -> None:
    shared, p = run(scenario(QUIET, small(tmp_path, months=40), cost_sharing={"kind": "responsibility"}))
    alone, _ = run(scenario(QUIET, small(tmp_path, months=40)))
    top = [p.network.index("r"), p.network.index("s")]
    assert np.all(shared.abatement[0, top] > 1.2 * alone.abatement[0, top])


# --- the Shapley value ----------------------------------------------------------------------------------


def by_brute_force(worth: Any, n: int) -> np.ndarray:
    """Mean marginal worth over all orders."""
    value, count = np.zeros(n), 0
    for order in permutations(range(n)):
        inside: frozenset[int] = frozenset()
        for i in order:
            value[i] += worth(inside | {i}) - worth(inside)
            inside |= {i}
        count += 1
    return value / count


def star(n: int, folder: Path) -> Network:
    """A manufacturer with n - 2 suppliers and a carrier: one chain of n firms."""
    firms = "firm_id,role,demand\nm,manufacturer,100\n" + "".join(f"s{k:02},supplier,\n" for k in range(n - 2))
    links = "supplier,customer,input_group\n" + "".join(f"s{k:02},m,g{k}\n" for k in range(n - 2))
    return scenario(tables(folder, firms, links)).build_network()


def chains_of(network: Network) -> product_chains.Chains:
    links = links_of(network, 1)
    return product_chains.chains_of(links, np.flatnonzero(network.firms["demand"] > 0))


def root(total: np.ndarray, _: Any) -> np.ndarray:
    return np.sqrt(total)


def values(
    network: Network, inside: np.ndarray, outside: np.ndarray, worth: Any, orders: int = 50, suffix: str = ""
) -> tuple[np.ndarray, np.ndarray]:
    """Shapley values of one chain and their standard errors; orders from streams of this suffix."""
    chains, draws = chains_of(network), Draws(7, [0], slots(network.ids))

    def sample() -> np.ndarray:
        return shapley.orders_of(chains, lambda name: draws.uniform(name + suffix, 0), orders)

    games = shapley.coalitions(chains, inside, outside, sample)
    mine = shapley.expected_worth(games, inside, worth) - shapley.expected_worth(games, outside, worth)
    return mine, shapley.standard_error(games, inside, outside, worth)


@pytest.mark.parametrize("exponent", [0.5, -1.0])
def test_the_exact_shapley_value_is_the_mean_over_all_orders(exponent: float, tmp_path: Path) -> None:
    network = star(7, tmp_path)
    inside = np.array([0.3, 0.1, 0.25, 0.6, 0.6, 0.05, 0.9]) ** exponent
    outside = np.array([0.3, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02]) ** exponent
    value, error = values(network, inside, outside, lambda x, _: x ** (1.0 / exponent))

    def worth(who: frozenset[int]) -> float:
        return float(sum(inside[i] if i in who else outside[i] for i in range(7)) ** (1.0 / exponent))

    assert value == pytest.approx(by_brute_force(worth, 7))
    assert value.sum() == pytest.approx(worth(frozenset(range(7))) - worth(frozenset())), "efficiency"
    assert value[3] == pytest.approx(value[4], rel=1e-12), "symmetry"
    assert value[0] == 0.0, "null player"
    assert np.all(error == 0.0)


def by_all_coalitions(inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Shapley value of the square root of the total, coalition by coalition."""
    n = len(inside)
    value = np.zeros(n)
    for i in range(n):
        extra, idle = np.delete(inside - outside, i), np.delete(outside, i).sum()
        for size in range(n):
            sums = idle + np.array([sum(c) for c in combinations(extra, size)])
            value[i] += np.mean(np.sqrt(sums + inside[i]) - np.sqrt(sums + outside[i])) / n
    return value


def test_a_sampled_shapley_value_is_right_on_average_as_far_off_as_it_says_and_efficient(tmp_path: Path) -> None:
    network = star(13, tmp_path)
    rng = np.random.default_rng(3)
    inside, outside = rng.uniform(0.1, 1.0, 13), rng.uniform(0.0, 0.1, 13)
    found = [values(network, inside, outside, root, 400, f"/{s}") for s in range(40)]
    exact = by_all_coalitions(inside, outside)
    off = np.array([(value - exact) / error for value, error in found])
    assert np.sqrt(np.mean(off**2)) == pytest.approx(1.0, abs=0.1)
    assert np.abs(off.mean(axis=0)).max() < 3.5 / np.sqrt(40)
    for value, error in found:
        assert error.min() > 0.0
        assert np.abs(value - exact).max() > 1e-6, "it was sampled"
        assert value.sum() == pytest.approx(np.sqrt(inside.sum()) - np.sqrt(outside.sum()))


def test_turned_and_reversed_orders_err_less_than_half_as_much_as_plain_ones(tmp_path: Path) -> None:
    """As much work, 64 orders of 13 players: stratified and antithetic against one drawn order after the other."""
    network = star(13, tmp_path)
    inside, outside = np.linspace(0.05, 1.0, 13), np.zeros(13)
    exact = by_all_coalitions(inside, outside)
    draws = Draws(7, [0], slots(network.ids))
    off: dict[str, list[np.ndarray]] = {"plain": [], "turned": []}
    for s in range(30):
        off["turned"].append(values(network, inside, outside, root, 64, f"/{s}")[0] - exact)
        luck = np.array([draws.uniform(f"plain/{s}/{k}", 0) for k in range(64)])
        ranked = np.argsort(luck[:, 0], axis=1)
        before = np.cumsum(inside[ranked], axis=1) - inside[ranked]
        gained = np.sqrt(before + inside[ranked]) - np.sqrt(before)
        value = np.zeros(13)
        np.add.at(value, ranked.ravel(), gained.ravel() / 64)
        off["plain"].append(value - exact)
    plain, turned = (np.sqrt(np.mean(np.square(off[name]))) for name in ("plain", "turned"))
    assert turned < 0.5 * plain


@pytest.mark.parametrize("permutations", [1, 16, 20, 64])
def test_every_order_is_one_of_all_players_and_every_player_comes_in_every_part_of_it(permutations: int) -> None:
    world, p = run(scenario(LARGE, months=1))
    chains = world.chains
    entries, sizes = chains.slots()
    orders = shapley.orders_of(chains, lambda name: p.draws.uniform(name, 0), permutations)
    assert len(orders) == 8 * max(2, -(-permutations // 8))
    assert len(set(sizes)) > 1, "chains differ in size"
    for c, n in enumerate(sizes):
        ranks = np.argsort(orders[:, c, :n], axis=1)
        assert np.array_equal(
            np.sort(orders[:, c, :n], axis=1), np.broadcast_to(np.sort(entries[c, :n]), (len(orders), n))
        )
        quarter = 4 * ranks.reshape(-1, 4, 2, n)[:, :, 0] // n
        assert np.all(np.abs(np.sort(quarter, axis=1) - np.arange(4)[None, :, None]) <= 1)
        assert np.array_equal(ranks[1::2] + ranks[::2], np.full((len(orders) // 2, n), n - 1))


def test_a_standard_error_is_what_repeated_samples_scatter_by(tmp_path: Path) -> None:
    network = star(13, tmp_path)
    inside, outside = np.linspace(0.05, 1.0, 13), np.zeros(13)
    found, errors = zip(*(values(network, inside, outside, root, 40, f"/{s}") for s in range(100)), strict=True)
    assert np.std(found, axis=0, ddof=1) == pytest.approx(np.mean(errors, axis=0), rel=0.3)


def test_the_airport_game_in_closed_form_is_its_shapley_value(tmp_path: Path) -> None:
    chains = chains_of(star(7, tmp_path))
    need = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 0.0, 2.6])
    member = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0])
    shares = shapley.airport_shares(chains, need, member)
    for i in range(7):
        inside = [j for j in range(7) if member[j] or j == i]
        top = max(need[j] for j in inside)
        value = by_brute_force(lambda s, inside=inside: max((need[inside[k]] for k in s), default=0.0), len(inside))
        assert shares[i] == pytest.approx(value[inside.index(i)] / top), i
    assert shares[member > 0].sum() == pytest.approx(1.0)


def test_airport_sharing_of_costs_follows_its_formula(tmp_path: Path) -> None:
    known, p = truth(small(tmp_path, cost_sharing={"kind": "shapley", "common": 0.7}))
    cost, chains = pool(known), known.chains
    need = known.part * chains.at_firm(known.revenue)
    share = shapley.airport_shares(chains, need, np.ones(chains.count))
    expected = chains.by_firm(0.7 * (cost - share * chains.at_chain(chains.by_chain(cost))))
    assert paid(known, p.scenario.cost_sharing) == pytest.approx(expected)


def test_without_economies_of_scale_the_cost_game_is_additive_and_nobody_pays_for_others(tmp_path: Path) -> None:
    table = {"kind": "shapley", "game": "scale"}
    flat, p = truth(small(tmp_path, cost_sharing={**table, "scale": 1.0}))
    assert paid(flat, p.scenario.cost_sharing) == pytest.approx(0.0, abs=1e-9)
    steep, p = truth(small(tmp_path, cost_sharing={**table, "scale": 0.0}))
    equal = kinds_at("cost_sharing")["equal"]()
    assert paid(steep, p.scenario.cost_sharing) == pytest.approx(0.5 * paid(steep, equal))


def test_with_the_mean_as_index_shapley_sharing_is_contribution_sharing(tmp_path: Path) -> None:
    known, p = truth(small(tmp_path, benefit_sharing={"kind": "shapley"}))
    contribution = kinds_at("benefit_sharing")["contribution"]()
    assert np.array_equal(shares_of(known, p.scenario.benefit_sharing), shares_of(known, contribution))


def test_shapley_sharing_of_a_premium_is_the_value_of_the_observed_index(tmp_path: Path) -> None:
    given = small(tmp_path, benefit_sharing={"kind": "shapley"}, market={"weakest_link": 0.5})
    known, p = truth(given, worlds=1)
    entries = list(firms_of(known, p, "m").values())
    observed = known.chains.at_firm(known.observed(known.acts))[entries]
    weight = known.weight[entries]

    def worth(who: frozenset[int]) -> float:
        terms = (weight[i] * (observed[i] if i in who else 0.0) ** 0.5 for i in range(len(entries)))
        return float(sum(terms) ** 2)

    value = by_brute_force(worth, len(entries))
    assert shares_of(known, p.scenario.benefit_sharing)[entries] == pytest.approx(value / value.sum())


def test_toward_the_weakest_link_shapley_shares_become_equal(tmp_path: Path) -> None:
    given = small(tmp_path, benefit_sharing={"kind": "shapley"}, market={"weakest_link": -20.0})
    known, p = truth(given)
    shares = shares_of(known, p.scenario.benefit_sharing)
    count = known.chains.at_chain(known.chains.by_chain(np.ones(known.chains.count)))
    assert shares == pytest.approx(1.0 / count, rel=1e-3)


LARGE = {"network": {"kind": "tiered", "buyers": 2, "tiers": [12, 16], "carriers": 2}, "programme": EVERYBODY}


@pytest.mark.parametrize(
    "sharing",
    [
        {"benefit_sharing": {"kind": "shapley", "permutations": 16}, "market": {"weakest_link": 0.0}},
        {"cost_sharing": {"kind": "shapley", "game": "scale", "permutations": 16}},
    ],
    ids=["premium", "cost"],
)
def test_sampled_shares_report_a_standard_error_that_falls_with_the_sample(sharing: dict[str, Any]) -> None:
    given = scenario(LARGE, sharing, months=3)
    block = run_block(given, 1, range(2), benchmark=False)
    alone = run_block(given, 1, [1], benchmark=False)
    few = block.monthly["shapley_standard_error"]
    assert np.all(few > 0.0)
    assert np.array_equal(few[:, 1:], alone.monthly["shapley_standard_error"]), "one world equals its row"
    assert np.array_equal(block.world.quality[1:], alone.world.quality)
    place = next(iter(sharing))
    many = run_block(given.replace({f"{place}.permutations": 256}), 1, range(2), benchmark=False)
    assert np.all(many.monthly["shapley_standard_error"][0] < 0.5 * few[0])


def test_exact_shares_report_no_standard_error(tmp_path: Path) -> None:
    given = small(tmp_path, benefit_sharing={"kind": "shapley"}, market={"weakest_link": 0.5})
    block = run_block(scenario(given), 1, [0], benchmark=False)
    assert np.all(block.monthly["shapley_standard_error"] == 0.0)


# --- benefit sharing ------------------------------------------------------------------------------------


def test_equal_shares_are_one_part_for_each_member_and_the_root(tmp_path: Path) -> None:
    known, p = truth(small(tmp_path, benefit_sharing={"kind": "equal"}, programme=SOME), worlds=1)
    shares = shares_of(known, p.scenario.benefit_sharing)
    by_firm = {f: shares[e] for f, e in firms_of(known, p, "m").items()}
    inside = [f for f in by_firm if known.acts.member[0, p.network.index(f)] == 1]
    assert 2 < len(inside) < len(by_firm)
    assert by_firm == pytest.approx({f: (f in inside) / len(inside) for f in by_firm})


def test_shared_revenue_goes_upstream_in_proportion_to_sales(tmp_path: Path) -> None:
    known, p = truth(small(tmp_path, benefit_sharing={"kind": "revenue_sharing", "share": 0.3}), worlds=1)
    shares = shares_of(known, p.scenario.benefit_sharing)
    inside = firms_of(known, p, "m")
    sales = {f: known.part[e] * known.revenue[0, p.network.index(f)] for f, e in inside.items() if f != "m"}
    assert shares[inside["m"]] == pytest.approx(0.7)
    for firm, sold in sales.items():
        assert shares[inside[firm]] == pytest.approx(0.3 * sold / sum(sales.values()))


def gap(kind: str, folder: Path, **more: Any) -> float:
    given = {
        **small(folder, months=60, benefit_sharing={"kind": kind}),
        "information": {"kind": "platform", "accuracy_with": 1.0, "accuracy_without": 1.0, "noise": 0.0},
        **more,
    }
    block = run_block(scenario(QUIET, NO_STAKES, given), 1, [0])
    return float(block.monthly["effort_gap"][-1, 0])


def test_with_perfect_information_contribution_sharing_leaves_a_smaller_effort_gap_than_equal_sharing(
    tmp_path: Path,
) -> None:
    assert gap("contribution", tmp_path) < gap("equal", tmp_path) - 0.02


def test_handing_the_premium_upstream_moves_efforts_of_suppliers_up_and_of_sellers_down(tmp_path: Path) -> None:
    given = small(tmp_path, months=40)
    shared, p = run(scenario(QUIET, given, benefit_sharing={"kind": "revenue_sharing", "share": 0.5}))
    kept, _ = run(scenario(QUIET, given, benefit_sharing={"kind": "retain"}))
    assert np.all(shared.quality[0, p.traits.supplier] > kept.quality[0, p.traits.supplier])
    assert np.all(shared.quality[0, p.traits.manufacturer] < kept.quality[0, p.traits.manufacturer])


@pytest.mark.parametrize("kind", ["revenue", "benefit", "shapley", "nash_bargaining"])
def test_pooling_costs_makes_effort_cheaper_to_suppliers_who_share_little_of_it(kind: str, tmp_path: Path) -> None:
    given = small(tmp_path, months=40, benefit_sharing={"kind": "retain"})
    shared, p = run(scenario(QUIET, given, cost_sharing={"kind": kind}))
    alone, _ = run(scenario(QUIET, given))
    assert shared.abatement[0, p.traits.supplier].mean() > 1.05 * alone.abatement[0, p.traits.supplier].mean()


@pytest.mark.parametrize("kind", ["equal", "shapley"])
def test_sharing_the_premium_makes_suppliers_try_harder(kind: str, tmp_path: Path) -> None:
    given = small(tmp_path, months=40, market={"weakest_link": 0.5})
    shared, p = run(scenario(QUIET, given, benefit_sharing={"kind": kind}))
    kept, _ = run(scenario(QUIET, given, benefit_sharing={"kind": "retain"}))
    assert np.all(shared.quality[0, p.traits.supplier] > kept.quality[0, p.traits.supplier])
