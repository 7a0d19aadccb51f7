"""What partners' efforts do for each other, against adjacency matrices and against groups drawn one by one."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.network.building import build
from sim.network.links import Links, links_of
from sim.rules.interaction import groups, local_good, of_partners, shared_by_others


def links_on(graph: nx.Graph, worlds: int = 1, twice: bool = False) -> tuple[Links, np.ndarray]:
    """Links along the edges of a graph, in two input groups each if `twice`, and its matrix in the links' order."""
    names = [f"f{n:02d}" for n in graph]
    pairs = [(max(a, b), min(a, b)) for a, b in graph.edges] * (2 if twice else 1)
    inputs = ["a"] * graph.number_of_edges() + ["b"] * graph.number_of_edges()
    network = build(
        {"id": names, "role": ["supplier"] * len(names), "demand": [1.0] * len(names)},
        {
            "supplier": [names[j] for j, _ in pairs],
            "customer": [names[i] for _, i in pairs],
            "input_group": inputs[: len(pairs)],
            "units_per_unit": [0.0] * len(pairs),
        },
        source="test",
    )
    matrix = np.zeros((network.size, network.size))
    matrix[network.supplier, network.customer] = matrix[network.customer, network.supplier] = 1.0
    return links_of(network, worlds), matrix


GRAPH = nx.Graph([(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (3, 5), (5, 6)])


@pytest.mark.parametrize("twice", [False, True])
def test_partners_count_once_however_many_links_join_them(twice: bool) -> None:
    links, matrix = links_on(GRAPH, worlds=2, twice=twice)
    x = np.random.default_rng(1).random((3, 2, links.firms))
    assert of_partners(x[0], links) == pytest.approx(x[0] @ matrix)
    assert of_partners(x, links) == pytest.approx(x @ matrix)


def drawn(matrix: np.ndarray, most: int, put: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each firm puts into groups, and gets of them with return 1, on the mean over all draws, one by one."""
    paid, got = np.zeros(len(put)), np.zeros(len(put))
    for centre in range(len(put)):
        near = np.flatnonzero(matrix[centre])
        if not len(near):
            continue
        draws = list(combinations(near.tolist(), min(most - 1, len(near))))
        for chosen in draws:
            members = [centre, *chosen]
            paid[members] += put[members] / len(draws)
            got[members] += put[members].sum() / len(members) / len(draws)
    return paid, got


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 9), st.floats(0.2, 1.0), st.integers(2, 10), st.integers(0, 1000))
def test_groups_pay_what_they_pay_on_the_mean_over_all_draws(firms: int, density: float, most: int, seed: int) -> None:
    graph = nx.gnp_random_graph(firms, density, seed=seed)
    graph.add_edge(0, 1)
    links, matrix = links_on(graph)
    put = np.random.default_rng(seed).random(links.firms)
    for limit in (most, None):
        made = groups(links, limit)
        paid, got = drawn(matrix, most if limit else links.firms, put)
        assert made.count[0] * put == pytest.approx(paid)
        assert made.part[0] * put + shared_by_others(put[None], links, made)[0] == pytest.approx(got)


def test_on_a_lattice_every_firm_is_in_five_groups_of_five() -> None:
    links, _ = links_on(nx.convert_node_labels_to_integers(nx.grid_2d_graph(4, 5, periodic=True)))
    made = groups(links, None)
    firms = made.size[0] > 0
    assert firms.sum() == 20
    assert np.all(made.size[0, firms] == 5.0)
    assert np.all(made.count[0, firms] == 5.0)
    assert made.part[0, firms] == pytest.approx(1.0)


def test_who_has_no_partner_is_in_no_group() -> None:
    graph = nx.Graph([(0, 1)])
    graph.add_node(2)
    links, matrix = links_on(graph)
    alone = matrix.sum(axis=0) == 0
    for most in (None, 5):
        made = groups(links, most)
        for value in (made.size, made.count, made.part):
            assert np.all(value[0, alone] == 0.0)
            assert np.all(value[0, ~alone] > 0.0)


def test_a_local_good_is_worth_less_and_less_and_nothing_more_beyond_two() -> None:
    x = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0])
    assert local_good(x) == pytest.approx([0.0, 0.875, 1.5, 1.875, 2.0, 2.0])
