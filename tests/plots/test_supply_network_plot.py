"""The supply network: where firms stand, how they are coloured, what the legend says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from sim.ensemble import run_block
from sim.network import importing
from sim.network.families.tiered import Tiered
from sim.network.network import ROLES
from sim.plots import see, supply_network
from sim.plots.layout import concentric, turned
from sim.plots.supply_network import Seen, areas, colour_scale
from tests.plots.inspecting import legends_over_data, outside, overlapping, words
from tests.plots.standin import StandIn

SEMICONDUCTOR = Path(__file__).resolve().parents[3] / "shared" / "data" / "semiconductor"


@pytest.fixture(scope="module")
def seen(results: StandIn) -> list[Seen]:
    return [see(s, results.seed) for s in results.scenarios[:2]]


@pytest.fixture(scope="module")
def figure(seen: list[Seen]) -> Figure:
    return supply_network(seen, seed=7)


def marks(figure: Figure, panel: int) -> list[PathCollection]:
    return [c for c in figure.axes[panel].collections if isinstance(c, PathCollection)]


def test_it_shows_the_same_world_as_the_ensemble(results: StandIn, seen: list[Seen]) -> None:
    scenario = results.scenarios[1]
    block = run_block(scenario, results.seed, range(3))
    np.testing.assert_array_equal(seen[1].revenue, block.world.revenue[0])
    np.testing.assert_array_equal(seen[1].member, block.world.member[0] > 0.5)


def test_every_firm_is_drawn_once_with_its_effort_on_one_shared_scale(figure: Figure, seen: list[Seen]) -> None:
    limits = set()
    for panel, s in enumerate(seen):
        drawn = marks(figure, panel)
        values = np.concatenate([np.asarray(c.get_array()) for c in drawn])
        np.testing.assert_allclose(np.sort(values), np.sort(100 * s.effort), rtol=1e-12)
        limits |= {c.get_clim() for c in drawn} | {(c.norm.vmin, c.norm.vmax) for c in drawn}
        assert {c.get_cmap().name for c in drawn} == {"viridis"}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low <= min(100 * s.effort.min() for s in seen)
    assert high >= max(100 * s.effort.max() for s in seen)


def test_the_colour_bar_has_the_same_scale_and_a_unit(figure: Figure, seen: list[Seen]) -> None:
    bar = figure.axes[-1]
    norm = colour_scale(seen)
    assert bar.get_xlim() == (norm.vmin, norm.vmax)
    assert "% of full effort" in bar.get_xlabel()


def test_the_legend_names_roles_members_and_revenue_with_its_unit(figure: Figure) -> None:
    entries = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    assert entries[:4] == ["manufacturer", "supplier", "carrier", "takes part in the programme"]
    assert all("CNY" in e for e in entries[4:])
    assert 4 < len(entries) <= 7


def test_areas_grow_with_revenue(seen: list[Seen]) -> None:
    revenue = np.sort(seen[0].revenue)
    assert np.all(np.diff(areas(revenue, revenue.max())) >= 0)
    assert areas(np.array([100.0, 400.0]), 400.0) == pytest.approx([110.0, 220.0])


def test_nothing_overlaps_or_is_cut_off(figure: Figure) -> None:
    assert overlapping(figure) == []
    assert outside(figure) == []
    assert legends_over_data(figure) == []
    assert "seed 7" in words(figure)


def test_one_scenario_has_one_panel_and_firms_without_revenue_are_hollow(seen: list[Seen]) -> None:
    idle = seen[0].revenue.copy()
    idle[:3] = 0.0
    figure = supply_network([replace(seen[0], revenue=idle)], seed=7)
    assert len(figure.axes) == 2
    assert "no revenue" in words(figure)
    assert sum(len(c.get_offsets()) for c in marks(figure, 0)) == seen[0].network.size


def test_rings_follow_tiers_and_no_two_firms_stand_in_one_place() -> None:
    network = Tiered(buyers=4, tiers=(120, 180), carriers=8).build()
    places = concentric(network)
    producer = network.firms["role"] != ROLES.index("logistics")
    np.testing.assert_array_equal(places.ring[producer], network.firms["tier"][producer])
    distance = np.hypot(*places.position.T)
    for inner in range(2):
        assert distance[places.ring == inner].max() < distance[places.ring == inner + 1].min()
    assert places.position[~producer, 1].max() < places.position[producer, 1].min() - 0.1
    apart = np.hypot(*(places.position[:, None] - places.position[None]).transpose(2, 0, 1))
    assert apart[~np.eye(network.size, dtype=bool)].min() > 0.03


def test_suppliers_stand_near_their_customers() -> None:
    network = Tiered(buyers=4, tiers=(60, 90), shared=0.0, customers_per_supplier=1).build()
    places = concentric(network)
    span = turned(places.angle[network.supplier], places.angle[network.customer])
    assert np.degrees(span.mean()) < 30.0
    mixed = np.random.default_rng(1).permutation(places.angle)
    assert turned(mixed[network.supplier], mixed[network.customer]).mean() > 2.5 * span.mean()


def test_places_are_the_same_every_time() -> None:
    network = Tiered(tiers=(30, 40)).build()
    np.testing.assert_array_equal(concentric(network).position, concentric(network).position)


def test_a_lone_buyer_stands_in_the_centre() -> None:
    network = Tiered(buyers=1, tiers=(5,)).build()
    assert concentric(network).position[network.index("anchor")] == pytest.approx([0.0, 0.0])


@pytest.mark.skipif(not SEMICONDUCTOR.is_dir(), reason="the real network is not here")
def test_the_real_network_with_ten_tiers_fits() -> None:
    network = importing.from_tables(SEMICONDUCTOR / "links.csv", SEMICONDUCTOR / "firms.csv", carriers=6)
    places = concentric(network)
    assert places.ring.max() == 10
    apart = np.hypot(*(places.position[:, None] - places.position[None]).transpose(2, 0, 1))
    assert apart[~np.eye(network.size, dtype=bool)].min() > 0.02
