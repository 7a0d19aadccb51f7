"""Large networks: made and followed by arrays, with the results of going firm by firm."""

from __future__ import annotations

import hashlib
import weakref
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import scale
from sim import payoff, phases
from sim.draws import Draws, slots
from sim.ensemble import run_block
from sim.errors import NetworkError, ScenarioError
from sim.network import chains as chains_module
from sim.network import entries as entries_module
from sim.network.building import build
from sim.network.chains import Chains, chains_of
from sim.network.families.tiered import Tiered
from sim.network.links import Links, links_of
from sim.network.network import Network
from sim.scenario.files import load_scenario
from tests.worlds import QUIET, scenario

MARKED, LISTED = 10**12, 0
"""Places up to which a mask is used: always, and never."""

CHAIN_ARRAYS = (
    *("roots", "firm", "chain", "world", "is_root", "root_entry", "link"),
    *("supplier_entry", "customer_entry", "carrier_entry", "_starts", "_holders", "_by_chain", "_chain_starts"),
)


def any_network(seed: int, firms: int = 30, links: int = 60) -> Network:
    """Links anywhere, so that goods go round; some over which none go, some carriers that haul nothing."""
    rng = np.random.default_rng(seed)
    supplier, customer = rng.integers(0, firms, (2, links))
    pairs = np.unique(np.stack([supplier, customer])[:, supplier != customer], axis=1)
    demand = np.where(rng.random(firms) < 0.2, 100.0, 0.0)
    demand[0] = 100.0
    return build(
        {
            "id": [f"f{n}" for n in range(firms)] + [f"c{n}" for n in range(4)],
            "role": ["manufacturer"] * firms + ["logistics"] * 4,
            "demand": np.append(demand, np.zeros(4)),
        },
        {
            "supplier": pairs[0],
            "customer": pairs[1],
            "units_per_unit": np.where(rng.random(pairs.shape[1]) < 0.2, 0.0, 0.01),
            "carrier": firms + rng.integers(0, 3, pairs.shape[1]),
        },
        source="any",
    )


def links_and_roots(seed: int, worlds: int) -> tuple[Links, np.ndarray]:
    """Worlds of one network that have come to differ in their suppliers."""
    network = any_network(seed)
    links = links_of(network, worlds)
    if worlds > 1:
        # In the last world goods come from other firms.
        firms = np.flatnonzero(network.firms["role"] == 1)
        other = np.random.default_rng(seed).choice(firms, network.link_count) + (worlds - 1) * network.size
        links = links.supplied_by(np.append(links.supplier[: -network.link_count], other), links.distance_km)
    sellers = np.flatnonzero(network.firms["demand"] > 0)
    return links, (np.arange(worlds)[:, None] * network.size + sellers).ravel()


def plain_entries(links: Links, roots: np.ndarray) -> set[tuple[int, int]]:
    """(firm, chain) pairs, chain by chain and firm by firm."""
    found = set()
    for chain, root in enumerate(roots.tolist()):
        inside, waiting = {root}, [root]
        while waiting:
            customer = waiting.pop()
            for n in np.flatnonzero((links.customer == customer) & (links.units_per_unit > 0)).tolist():
                supplier = int(links.supplier[n])
                if supplier not in inside:
                    inside.add(supplier)
                    waiting.append(supplier)
        hauled = [n for n in range(links.count) if int(links.customer[n]) in inside and links.units_per_unit[n] > 0]
        found |= {(firm, chain) for firm in inside | {int(links.carrier[n]) for n in hauled}}
    return found


def same(one: Chains, other: Chains) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in CHAIN_ARRAYS)


@pytest.mark.parametrize(("seed", "worlds"), list(product(range(4), (1, 3))))
def test_chains_are_the_same_by_mask_and_by_list_and_as_found_firm_by_firm(seed: int, worlds: int) -> None:
    links, roots = links_and_roots(seed, worlds)
    marked, listed = chains_of(links, roots, MARKED), chains_of(links, roots, LISTED)
    assert same(marked, listed)
    assert set(zip(marked.firm.tolist(), marked.chain.tolist(), strict=True)) == plain_entries(links, roots)
    assert np.array_equal(marked.world, marked.firm // links.firms)
    for entry, end in (("supplier", links.supplier), ("customer", links.customer), ("carrier", links.carrier)):
        at = getattr(listed, f"{entry}_entry")
        assert np.array_equal(listed.firm[at], end[listed.link])
        assert np.array_equal(listed.chain[at], listed.chain[listed.customer_entry])


def test_chains_are_the_same_however_many_are_tabled_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    links, roots = links_and_roots(5, 3)
    at_once = chains_of(links, roots)
    for places in (1, 3 * links.firms):
        monkeypatch.setattr(entries_module, "TABLE", places)
        assert same(chains_of(links, roots), at_once)


def test_long_arrays_of_half_the_width_hold_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    links, roots = links_and_roots(6, 2)
    demand, requirement = np.ones((2, links.firms)), 0.1 * links.units_per_unit
    wide = chains_of(links, roots)
    volume = wide.volumes(demand, requirement)
    for module in (entries_module, chains_module):
        monkeypatch.setattr(module, "MANY", 0)
    narrow = chains_of(links, roots)
    assert (wide.supplier_entry.dtype, narrow.supplier_entry.dtype) == (np.int64, np.int32)
    assert same(wide, narrow)
    assert np.array_equal(narrow.volumes(demand, requirement), volume)
    for one, other in zip(
        wide.weights(volume, demand, requirement), narrow.weights(volume, demand, requirement), strict=True
    ):
        assert np.array_equal(one, other)


def test_pairs_of_so_many_entries_that_they_need_the_full_width_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Tiered(buyers=60, tiers=(480, 3600, 7800), clusters=12, customers_per_supplier=4).build()
    links, roots = links_of(network, 1), np.flatnonzero(network.firms["demand"] > 0)
    wide = chains_of(links, roots)
    monkeypatch.setattr(entries_module, "MANY", 0)
    assert wide.count**2 > 2**31
    for one, other in zip(wide.downstream(), chains_of(links, roots).downstream(), strict=True):
        assert np.array_equal(one, other)


# --- building -------------------------------------------------------------------------------------------------


def plain_customers(family: Tiered) -> set[tuple[str, str]]:
    """Who supplies whom, cluster by cluster and firm by firm, as the family's description says."""
    tiers = [["anchor", *(f"buyer-{b + 2}" for b in range(family.buyers - 1))]]
    tiers += [[f"t{t + 1}-{n + 1:03d}" for n in range(count)] for t, count in enumerate(family.tiers)]
    names = [name for tier in tiers for name in tier]
    draws = Draws(family.seed, [0], slots(names))
    pick = dict(zip(names, draws.uniform("network/customer", 0)[0].tolist(), strict=True))
    far = dict(zip(names, draws.uniform("network/across", 0)[0].tolist(), strict=True))
    pairs = set()
    for t, c in product(range(1, len(tiers)), range(family.clusters)):
        own, below = (
            [name for n, name in enumerate(tiers[k]) if n * family.clusters // len(tiers[k]) == c] for k in (t, t - 1)
        )
        for n, name in enumerate(own):
            first = n % len(below)
            if t > 1:
                step = 1 + int(pick[name] * (len(below) - 1))
                chosen = [first + k * step for k in range(min(family.customers_per_supplier, len(below)))]
            elif len(below) > 1 and pick[name] < family.shared:
                chosen = [first, first + 1 + int(pick[name] / family.shared * (len(below) - 1))]
            else:
                chosen = [first]
            pairs |= {(name, below[k % len(below)]) for k in chosen}
            if far[name] < family.across:
                pairs.add((name, tiers[t - 1][int(far[name] / family.across * len(tiers[t - 1]))]))
    return pairs


FAMILIES = (
    {},
    {"buyers": 5, "tiers": (20, 30, 11), "customers_per_supplier": 3, "seed": 4},
    {"buyers": 1, "tiers": (3, 1, 4), "shared": 1.0},
    {"buyers": 7, "tiers": (45, 100), "clusters": 3, "customers_per_supplier": 4},
    {"buyers": 7, "tiers": (45, 100), "clusters": 7, "across": 0.4, "shared": 0.0},
)


@pytest.mark.parametrize("given", FAMILIES)
def test_a_tiered_network_is_what_it_is_firm_by_firm(given: dict[str, Any]) -> None:
    family = Tiered(**given)
    network = family.build()
    names = np.array(network.ids, dtype=object)
    pairs = set(zip(names[network.supplier].tolist(), names[network.customer].tolist(), strict=True))
    assert pairs == plain_customers(family)
    assert len(pairs) == network.link_count


def test_the_slots_of_many_names_are_those_of_each() -> None:
    names = [f"t{n}-ö" for n in range(50)]
    assert slots(names).tolist() == [int(slots([name])[0]) for name in names]
    word = hashlib.blake2b("t7-ö".encode(), digest_size=8).digest()
    assert int(slots(names)[7]) == int.from_bytes(word, "little")


def test_ends_given_by_position_are_those_given_by_name() -> None:
    ids, rng = ["lorry", "van", "m", "b", "a"], np.random.default_rng(1)
    role = ["logistics", "logistics", "manufacturer", "supplier", "supplier"]
    supplier, customer, carrier = np.array([3, 4, 4]), np.array([2, 2, 3]), np.array([1, -1, 0])
    more = {"input_group": ["x", "y", "x"], "distance_km": rng.random(3)}
    by_position = build(
        {"id": ids, "role": role}, {"supplier": supplier, "customer": customer, "carrier": carrier, **more}, source="s"
    )
    named = {
        "supplier": [ids[j] for j in supplier],
        "customer": [ids[i] for i in customer],
        "carrier": [ids[c] if c >= 0 else "" for c in carrier],
    }
    by_name = build({"id": ids, "role": role}, {**named, **more}, source="s")
    for end in ("ids", "supplier", "customer", "carrier"):
        assert np.array_equal(getattr(by_position, end), getattr(by_name, end))
    assert all(np.array_equal(by_position.links[k], by_name.links[k]) for k in by_name.links)
    assert set(by_position.firms["role"][by_position.carrier].tolist()) == {2}


@pytest.mark.parametrize(
    ("supplier", "customer", "carrier", "words"),
    [
        ([1, 2, 1, 1], [0, 0, 0, 0], [-1] * 4, "s, link 3: duplicate link 'a' -> 'm' in input group 'inputs', first "
         "given at s, link 1"),
        ([1, 1, 0], [0, 0, 0], [-1] * 3, "s, link 2: duplicate link 'a' -> 'm'"),
        ([1, 2, 1], [0, 2, 0], [-1] * 3, "s, link 2: firm 'b' supplies itself"),
        ([1, 3], [0, 0], [-1] * 2, "s, link 2: 'van' is a logistics firm; it carries links"),
        ([1, 2], [0, 0], [3, 1], "s, link 2, carrier: 'a' is not a logistics firm"),
        ([1, 9], [0, 0], [-1] * 2, "s, link 2, supplier: given firm 9, allowed is 0 to 3"),
    ],
)  # fmt: skip
def test_the_first_faulty_link_is_named(
    supplier: list[int], customer: list[int], carrier: list[int], words: str
) -> None:
    firms = {"id": ["m", "a", "b", "van"], "role": ["manufacturer", "supplier", "supplier", "logistics"]}
    ends = {"supplier": np.array(supplier), "customer": np.array(customer), "carrier": np.array(carrier)}
    with pytest.raises(NetworkError) as caught:
        build(firms, ends, source="s")
    assert words in str(caught.value)


# --- clusters -------------------------------------------------------------------------------------------------


def clusters_of(network: Network, family: Tiered) -> np.ndarray:
    """The cluster of each firm, by the number in its name; carriers have none here."""
    count = {"buyer": family.buyers, **{f"t{t + 1}": n for t, n in enumerate(family.tiers)}}
    found = []
    for name in network.ids:
        kind, _, number = name.partition("-")
        n = 0 if kind == "anchor" else int(number) - 1
        found.append(n * family.clusters // count.get("buyer" if kind == "anchor" else kind, 1))
    return np.array(found)


def test_firms_of_a_cluster_trade_with_each_other_and_a_share_of_them_elsewhere_too() -> None:
    common: dict[str, Any] = {"buyers": 40, "tiers": (300, 600), "clusters": 20, "carriers": 20}
    together, across = Tiered(**common), Tiered(**common, across=0.3)
    own, more = together.build(), across.build()
    inside = clusters_of(own, together)
    assert np.array_equal(inside[own.supplier], inside[own.customer])
    served = [len(set(own.carrier[inside[own.supplier] == c].tolist())) for c in range(20)]
    assert served == [1] * 20
    # One more customer for 0.3 of 900 suppliers, but where it is one already.
    assert more.link_count - own.link_count == pytest.approx(0.3 * 900, abs=0.05 * 900)


def test_every_buyer_of_a_cluster_finds_every_input_group() -> None:
    network = Tiered(buyers=8, tiers=(32, 40), clusters=4, shared=0.0).build()
    for buyer in np.flatnonzero(network.firms["demand"] > 0):
        assert len(set(network.links["input_group"][network.customer == buyer].tolist())) == 4


def test_more_clusters_than_buyers_are_refused() -> None:
    with pytest.raises(ScenarioError, match="clusters: given 3, but the smallest tier has 2 firms"):
        scenario(network={"kind": "tiered", "buyers": 2, "tiers": [8, 12], "clusters": 3})


# --- size -----------------------------------------------------------------------------------------------------


def entries(network: Network) -> int:
    return chains_of(links_of(network, 1), np.flatnonzero(network.firms["demand"] > 0)).count


def test_links_and_entries_grow_as_firms_do_where_trade_is_clustered() -> None:
    """In as many more clusters of the same size, every firm is in as many chains and links as before."""
    few, many = (
        Tiered(buyers=5 * k, tiers=(40 * k, 300 * k, 650 * k), clusters=k, customers_per_supplier=4).build()
        for k in (3, 30)
    )
    assert many.link_count == pytest.approx(10 * few.link_count, rel=0.02)
    assert entries(many) == pytest.approx(10 * entries(few), rel=0.02)


def test_without_clusters_entries_grow_faster_than_firms() -> None:
    few, many = (
        Tiered(buyers=5 * k, tiers=(40 * k, 300 * k, 650 * k), customers_per_supplier=4).build() for k in (1, 10)
    )
    assert entries(many) > 1.5 * 10 * entries(few)


def test_the_benchmarks_world_keeps_its_shape_at_every_size() -> None:
    few, many = (scale.scenario(firms, 1).build_network() for firms in (10_000, 20_000))
    assert (few.size, many.size) == (10_000, 20_000)
    assert many.link_count == pytest.approx(2 * few.link_count, rel=0.01)
    assert entries(many) < 8 * many.size


@pytest.mark.parametrize("firms", [1_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_the_books_of_a_larger_world_balance(firms: int) -> None:
    block = run_block(scale.scenario(firms, 2), 1, [0], benchmark=False)
    assert block.programme.network.size == firms
    assert block.monthly["emissions"].min() > 0
    net = sum(block.ledger.values())
    assert abs(float(net[0])) <= 1e-9 * sum(abs(float(x[0])) for x in block.ledger.values())


def test_slopes_worked_out_one_side_after_the_other_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    given = load_scenario(Path(scale.__file__).with_name("whole.toml")).replace(
        {"months": 3, "assessment.counterfactual": False, "network.tiers": [10, 14], "start.warmup": 0}
    )
    found = []
    for limit in (10**9, 0):
        monkeypatch.setattr(payoff, "BOTH_AT_ONCE", limit)
        found.append(run_block(given, 1, range(2), benchmark=False))
    together, apart = found
    assert all(np.array_equal(together.monthly[name], apart.monthly[name]) for name in together.monthly)
    assert all(np.array_equal(together.ledger[name], apart.ledger[name]) for name in together.ledger)


def test_last_months_world_and_what_was_known_are_let_go_while_a_month_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    before: list[Any] = []
    settle, shocks, observe = phases.settle, phases.shocks, phases.observe

    def beginning(world: Any, p: Any) -> Any:
        before.append(weakref.ref(world))
        return shocks(world, p)

    def seeing(world: Any, p: Any) -> Any:
        known = observe(world, p)
        before.append(weakref.ref(known))
        return known

    def late(world: Any, p: Any) -> Any:
        assert [there() for there in before[-2:]] == [None, None]
        return settle(world, p)

    monkeypatch.setattr(phases, "shocks", beginning)
    monkeypatch.setattr(phases, "observe", seeing)
    monkeypatch.setattr(phases, "settle", late)
    run_block(scenario(QUIET, months=3), 1, [0], benchmark=False)
    assert len(before) == 2 * 3
