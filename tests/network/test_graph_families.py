"""Families made of a graph: what all of them keep to, and what each is."""

from __future__ import annotations

import pickle
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sim.beginning import opening
from sim.errors import NetworkError, ScenarioError
from sim.fields import describe
from sim.network.families.complete import Complete
from sim.network.families.graphs import GraphFamily
from sim.network.families.lattice import Lattice
from sim.network.families.random_graph import RandomGraph
from sim.network.families.random_layered import RandomLayered
from sim.network.families.ring import Ring
from sim.network.families.scale_free import ScaleFree
from sim.network.families.small_world import SmallWorld
from sim.network.network import Network
from sim.phases import month
from sim.programme import programme_of
from sim.scenario.schema import kinds_at
from tests.worlds import QUIET, scenario

FAMILIES = {kind: cls for kind, cls in kinds_at("network").items() if issubclass(cls, GraphFamily)}
DRAWN = ("random", "random_layered", "scale_free", "small_world")


def graph_of(network: Network) -> nx.Graph:
    graph: nx.Graph = nx.Graph(zip(network.supplier.tolist(), network.customer.tolist(), strict=True))
    graph.add_nodes_from(np.flatnonzero(network.firms["role"] != 2).tolist())
    return graph


def test_every_family_that_is_a_graph_is_found() -> None:
    assert set(FAMILIES) == {*DRAWN, "complete", "lattice", "ring"}


@pytest.mark.parametrize("kind", FAMILIES)
def test_the_same_parameters_give_the_same_network_and_another_seed_another_where_any_is_drawn(kind: str) -> None:
    one, same, other = (FAMILIES[kind](seed=seed).build() for seed in (1, 1, 2))
    ends = [np.stack([n.supplier, n.customer]) for n in (one, same, other)]
    assert np.array_equal(ends[0], ends[1])
    assert np.array_equal(one.firms["size"], same.firms["size"])
    assert np.array_equal(ends[0], ends[2]) == (kind not in DRAWN)


@pytest.mark.parametrize("kind", FAMILIES)
def test_goods_never_go_round_and_every_firm_has_a_way_to_the_market(kind: str) -> None:
    network = FAMILIES[kind]().build()
    assert network.depth is not None
    sells = network.firms["demand"] > 0
    reached = nx.DiGraph(zip(network.customer.tolist(), network.supplier.tolist(), strict=True))
    from_market = set().union(*({i, *nx.descendants(reached, i)} for i in np.flatnonzero(sells) if i in reached))
    assert from_market >= set(reached)
    assert not np.isin(network.supplier, np.flatnonzero(sells)).any()
    assert np.array_equal(network.firms["role"] == 1, sells)


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("trade", [{}, {"sellers": "all"}, {"inputs": 0.0, "sellers": "all"}])
def test_a_year_on_it_is_finite_and_balances(kind: str, trade: dict[str, Any]) -> None:
    given = scenario(network={"kind": kind, **trade}, months=12, start={"warmup": 0})
    p = programme_of(given, 1, range(2))
    world = opening(p)
    for t in range(given.months):
        world = month(world, p)
        world.ledger.check(t)
    for name, value in vars(world).items():
        if isinstance(value, np.ndarray) and value.dtype == float:
            assert np.all(np.isfinite(value)), name
    assert world.revenue[:, p.traits.producer[0]].min() > 0


@pytest.mark.parametrize("kind", FAMILIES)
def test_where_nothing_is_traded_and_all_sell_every_firm_has_the_same_revenue_and_a_chain_of_its_own(kind: str) -> None:
    given = scenario(QUIET, network={"kind": kind, "sellers": "all", "inputs": 0.0, "demand": 7.0, "price": 3.0})
    p = programme_of(given, 1, [0])
    world = month(opening(p), p)
    producers = p.traits.producer[0]
    assert world.revenue[0, producers] == pytest.approx(np.full(producers.sum(), 21.0), rel=1e-12)
    assert world.order_value.max() == 0.0
    assert np.array_equal(world.chains.firm, world.chains.roots)
    assert np.all(world.weight == 1.0)


def test_in_a_complete_graph_everybody_is_everybodys_partner() -> None:
    graph = graph_of(Complete(firms=9).build())
    assert nx.utils.graphs_equal(graph, nx.complete_graph(9)) or set(dict(graph.degree).values()) == {8}
    assert graph.number_of_edges() == 36


@pytest.mark.parametrize(("firms", "reach"), [(3, 1), (4, 2), (7, 1), (12, 3)])
def test_in_a_ring_firms_have_the_nearest_on_both_sides(firms: int, reach: int) -> None:
    graph = graph_of(Ring(firms=firms, reach=reach).build())
    assert nx.is_isomorphic(graph, nx.circulant_graph(firms, range(1, reach + 1)))


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (4, 6), (5, 4)])
def test_on_a_lattice_every_firm_has_four_partners_round_the_edges(rows: int, columns: int) -> None:
    graph = graph_of(Lattice(rows=rows, columns=columns).build())
    assert nx.is_isomorphic(graph, nx.grid_2d_graph(rows, columns, periodic=True))


def test_random_partners_are_as_many_as_asked_for_on_average_and_some_firms_have_none() -> None:
    graph = graph_of(RandomGraph(firms=2000, mean_partners=3.0).build())
    degree = np.array([d for _, d in graph.degree])
    assert degree.mean() == pytest.approx(3.0, abs=0.15)
    assert (degree == 0).mean() == pytest.approx(np.exp(-3.0), abs=0.015)
    assert degree.var() == pytest.approx(3.0, abs=0.4)


def test_without_turned_links_a_small_world_is_a_ring_and_with_them_firms_are_nearer() -> None:
    still, turned = (graph_of(SmallWorld(firms=100, reach=2, rewired=x).build()) for x in (0.0, 0.2))
    assert nx.is_isomorphic(still, nx.circulant_graph(100, [1, 2]))
    assert still.number_of_edges() == turned.number_of_edges()
    near = [
        nx.average_shortest_path_length(nx.subgraph(g, max(nx.connected_components(g), key=len)))
        for g in (still, turned)
    ]
    assert near[1] < 0.5 * near[0]


def test_in_a_scale_free_network_the_first_have_far_more_partners_than_most() -> None:
    network = ScaleFree(firms=800, partners=2).build()
    degree = np.array(sorted(d for _, d in graph_of(network).degree))
    assert degree.mean() == pytest.approx(4.0, abs=0.05)
    assert degree[-1] > 15 * np.median(degree)
    hub = max(graph_of(network).degree, key=lambda pair: pair[1])[0]
    assert np.mean(network.customer == hub) > 3 * np.mean(network.supplier == hub)


def test_in_random_layers_firms_supply_the_tier_below_and_nobody_is_without_a_customer() -> None:
    network = RandomLayered(tiers=(5, 20, 40), density=0.2).build()
    tier = network.firms["tier"]
    assert np.all(tier[network.supplier] == tier[network.customer] + 1)
    made = np.bincount(network.supplier, minlength=network.size)
    assert made[network.role("supplier")].min() == 1
    assert made[tier == 2].mean() == pytest.approx(0.2 * 20, abs=0.6)
    everybody = RandomLayered(tiers=(2, 3, 4), density=1.0).build()
    assert everybody.link_count == 2 * 3 + 3 * 4
    alone = RandomLayered(tiers=(3, 10), density=0.0).build()
    assert alone.link_count == 10


def test_a_link_added_changes_no_other_link() -> None:
    few, more = (RandomLayered(tiers=(5, n), density=0.3).build() for n in (6, 7))
    assert {(few.ids[j], few.ids[i]) for j, i in zip(few.supplier, few.customer, strict=True)} <= {
        (more.ids[j], more.ids[i]) for j, i in zip(more.supplier, more.customer, strict=True)
    }


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ({"kind": "ring", "firms": 2}, "firms: given 2"),
        ({"kind": "lattice", "rows": 2}, "rows: given 2"),
        ({"kind": "complete", "firms": 1}, "firms: given 1"),
        ({"kind": "complete", "inputs": 1.0}, "inputs: given 1.0"),
        ({"kind": "random_layered", "tiers": [3]}, "tiers"),
        ({"kind": "ring", "fims": 9}, "did you mean 'firms'"),
    ],
)
def test_what_a_family_does_not_allow_is_refused_in_words(network: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=words.replace("(", r"\(")):
        scenario(network=network)


@pytest.mark.parametrize("partners", [0.0, 1e-300, 1e-15])
def test_a_graph_without_links_is_refused(partners: float) -> None:
    with pytest.raises(NetworkError, match="random network: the graph has no links; more firms or partners are needed"):
        RandomGraph(firms=10, mean_partners=partners).build()


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_family_is_frozen_survives_pickling_and_says_what_its_values_mean(kind: str) -> None:
    cls = FAMILIES[kind]
    made = cls()
    assert pickle.loads(pickle.dumps(made)) == made
    with pytest.raises(ValueError, match="frozen"):
        made.seed = 2
    for row in describe(cls):
        assert row["description"] or row["name"] == "kind", row
        if isinstance(row["default"], float):
            assert row["unit"], row
            assert row["bounds"], row
