"""The supply network: where firms stand, how they are coloured, what the legend says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle

from sim.ensemble import run_block
from sim.network import importing
from sim.network.building import build
from sim.network.families.tiered import Tiered
from sim.network.network import ROLES, Network
from sim.plots import see, supply_network
from sim.plots.labels import shortened
from sim.plots.layout import concentric, turned
from sim.plots.supply_network import SHAPES, Seen, areas
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


@pytest.fixture(scope="module")
def replaced(results: StandIn) -> Seen:
    """A network in which some partners were replaced."""
    strict = {"warn_below": 0.62, "review_every": 2, "notice_months": 1, "transition_months": 1}
    found = see(results.scenarios[0].replace({"relations": strict}), results.seed, replication=1)
    assert 0 < found.new.sum() < found.network.link_count
    return found


def drawn_links(figure: Figure, panel: int = 0) -> list[LineCollection]:
    return [c for c in figure.axes[panel].collections if isinstance(c, LineCollection)]


def test_links_are_those_of_the_last_month_and_new_ones_have_a_colour_of_their_own(
    results: StandIn, replaced: Seen
) -> None:
    strict = {"warn_below": 0.62, "review_every": 2, "notice_months": 1, "transition_months": 1}
    links = run_block(results.scenarios[0].replace({"relations": strict}), results.seed, range(2)).world.links
    size, count = replaced.network.size, replaced.network.link_count
    np.testing.assert_array_equal(replaced.links.supplier, links.supplier[count:] - size)
    np.testing.assert_array_equal(replaced.links.links["distance_km"], links.distance_km[count:])

    figure = supply_network([replaced], seed=7)
    old, new = drawn_links(figure)
    place = concentric(replaced.network).position
    for drawn, here in ((old, ~replaced.new), (new, replaced.new)):
        ends = np.array([[curve[0], curve[-1]] for curve in drawn.get_segments()])
        np.testing.assert_allclose(ends[:, 0], place[replaced.links.supplier[here]], atol=1e-12)
        np.testing.assert_allclose(ends[:, 1], place[replaced.links.customer[here]], atol=1e-12)
    assert tuple(old.get_colors()[0][:3]) != tuple(new.get_colors()[0][:3])
    assert "new link since the start" in words(figure)
    assert overlapping(figure) == []
    assert outside(figure) == []


def test_without_new_links_nothing_is_said_of_them(figure: Figure, seen: list[Seen]) -> None:
    assert not any(s.new.any() for s in seen)
    assert [len(drawn_links(figure, panel)) for panel in range(2)] == [1, 1]
    assert "new link" not in words(figure)


def test_firms_stand_where_they_stood_at_the_start(replaced: Seen) -> None:
    before = supply_network([replace(replaced, links=replaced.network)], seed=7)
    after = supply_network([replaced], seed=7)
    for one, other in zip(marks(before, 0), marks(after, 0), strict=True):
        np.testing.assert_array_equal(one.get_offsets(), other.get_offsets())


def test_every_firm_is_drawn_once_with_its_effort_on_one_shared_scale(figure: Figure, seen: list[Seen]) -> None:
    limits = set()
    for panel, s in enumerate(seen):
        drawn = marks(figure, panel)
        values = np.concatenate([np.asarray(c.get_array()) for c in drawn])
        np.testing.assert_allclose(np.sort(values), np.sort(100 * s.effort), rtol=1e-12)
        limits |= {c.get_clim() for c in drawn} | {(c.norm.vmin, c.norm.vmax) for c in drawn}
        assert {c.get_cmap().name for c in drawn} == {"viridis"}
    assert limits == {(0.0, 100.0)}


def test_the_colour_bar_has_the_same_scale_and_a_unit(figure: Figure) -> None:
    bar = figure.axes[-1]
    assert bar.get_xlim() == (0.0, 100.0)
    assert "% of full effort" in bar.get_xlabel()


def test_the_legend_names_roles_members_and_revenue_with_its_unit(figure: Figure) -> None:
    entries = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    assert entries[:4] == ["manufacturer", "supplier", "carrier", "takes part in the programme"]
    assert all("CNY" in e for e in entries[4:])
    assert 4 < len(entries) <= 7
    assert "area" not in " ".join(entries)
    assert words(figure).replace("\n", " ").count("The area of a mark grows with the square root of revenue.") == 1


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


def small() -> Network:
    """A chain and, beside it, firms whose goods go nowhere."""
    firms = ["pack", "cells", "steel", "lithium", "wire", "spare", "alone"]
    links = {
        "supplier": ["cells", "steel", "steel", "lithium", "spare"],
        "customer": ["pack", "pack", "cells", "cells", "wire"],
    }
    roles = ["manufacturer", *["supplier"] * 6]
    return build({"id": firms, "role": roles}, links, source="small", carriers=7)


def small_seen(network: Network) -> Seen:
    idle = ("wire", "spare", "alone", "carrier-6", "carrier-7")
    revenue = np.array([0.0 if firm in idle else 1000.0 for firm in network.ids])
    effort = np.linspace(0.2, 0.6, network.size)
    return Seen("small", network, network, effort, revenue, revenue < 0, False, "kCNY", 3)


def test_firms_whose_goods_never_reach_the_market_stand_apart_from_the_rings() -> None:
    network = small()
    places = concentric(network)
    apart = [network.index(firm) for firm in ("wire", "spare", "alone")]
    assert sorted(np.flatnonzero(places.apart)) == sorted(apart)
    assert (places.ring[apart] == -1).all()
    assert [places.ring[network.index(firm)] for firm in ("pack", "cells", "steel", "lithium")] == [0, 1, 1, 2]
    carriers = np.flatnonzero(network.firms["role"] == ROLES.index("logistics"))
    lowest_ring = places.position[places.ring >= 0, 1].min()
    assert places.position[carriers, 1].max() < places.position[apart, 1].min()
    assert lowest_ring - 0.3 < places.position[apart, 1].max() < lowest_ring
    figure = supply_network([small_seen(network)], seed=1)
    assert "tier 1 to tier 2; below: firms whose goods never reach the market, then carriers" in words(figure).replace(
        "\n", " "
    )


def test_a_network_where_all_goods_reach_the_market_says_nothing_of_others(figure: Figure) -> None:
    assert "below: carriers." in words(figure)
    assert "never" not in words(figure)


def test_a_supplier_given_tier_0_does_not_stand_among_the_firms_that_sell_to_the_market() -> None:
    firms = {"id": ["a", "b", "c"], "role": ["manufacturer", "supplier", "supplier"], "tier": [0, 0, 2]}
    network = build(firms, {"supplier": ["b", "c"], "customer": ["a", "a"]}, source="t")
    assert [concentric(network).ring[network.index(firm)] for firm in "abc"] == [0, 1, 2]


def test_idle_firms_are_hollow_in_the_shape_of_their_role() -> None:
    network = small()
    figure = supply_network([small_seen(network)], seed=1)
    places = concentric(network)
    found = {}
    for mark in marks(figure, 0):
        if mark.get_array() is None:
            for place in np.asarray(mark.get_offsets()):
                found[network.ids[int(np.argmin(np.hypot(*(places.position - place).T)))]] = mark.get_paths()[
                    0
                ].vertices
    assert sorted(found) == ["alone", "carrier-6", "carrier-7", "spare", "wire"]
    for firm, drawn in found.items():
        shape = MarkerStyle(SHAPES["logistics" if firm.startswith("carrier") else "supplier"])
        np.testing.assert_allclose(drawn, shape.get_path().transformed(shape.get_transform()).vertices)
    assert "hollow: no revenue in this month" in words(figure)


def test_small_networks_are_whole_and_their_large_marks_do_not_overlap() -> None:
    network = small()
    s = replace(small_seen(network), revenue=np.full(network.size, 1000.0))
    figure = supply_network([s], seed=1)
    figure.canvas.draw()
    axes, places = figure.axes[0], concentric(network)
    chain = places.ring >= 0
    shown = axes.transData.transform(places.position[chain]) * 72 / figure.dpi
    apart = np.hypot(*(shown[:, None] - shown[None]).transpose(2, 0, 1))
    assert apart[~np.eye(len(shown), dtype=bool)].min() > areas(s.revenue, 1000.0)[0] ** 0.5
    links = next(c for c in axes.collections if isinstance(c, LineCollection))
    corners = np.concatenate(links.get_segments())
    for values, (low, high) in zip(corners.T, (axes.get_xlim(), axes.get_ylim()), strict=True):
        assert low < values.min()
        assert values.max() < high
    assert overlapping(figure) == []
    assert outside(figure) == []


def named(network: Network, figure: Figure) -> dict[str, tuple[float, float]]:
    """Where the marks stand whose names can be read."""
    names = set(network.firms["name"])
    return {t.get_text(): t.xy for t in figure.axes[0].texts if t.get_text() in names}


def test_firms_of_a_small_network_have_their_names_beside_their_marks() -> None:
    firms = {"id": ["oem", "board", "haul"], "role": ["manufacturer", "supplier", "logistics"]}
    links = {"supplier": ["board"], "customer": ["oem"]}
    network = build(firms | {"name": ["Phone maker", "", "Haulier"]}, links, source="t")
    figure = supply_network([small_seen(network)], seed=1)
    places = concentric(network).position
    expected = {name: places[network.index(firm)] for name, firm in
                [("Phone maker", "oem"), ("board", "board"), ("Haulier", "haul")]}  # fmt: skip
    found = named(network, figure)
    assert set(found) == set(expected)
    for name, place in expected.items():
        assert found[name] == pytest.approx(place)


@pytest.mark.parametrize("panels", [1, 2])
@pytest.mark.parametrize("long", ["", " and its very long company name"])
def test_names_cover_neither_each_other_nor_marks(panels: int, long: str) -> None:
    network = Tiered(buyers=2, tiers=(8, 14), carriers=6).build()
    names = np.array([firm + long for firm in network.ids], dtype=object)
    network = replace(network, firms={**network.firms, "name": names})
    s = replace(small_seen(network), revenue=np.where(network.firms["demand"] > 0, 1000.0, 20.0))
    figure = supply_network([s] * panels, seed=1)
    assert overlapping(figure) == []
    assert outside(figure) == []
    axes = figure.axes[panels - 1]
    shown = [t for t in axes.texts if t.get_text() in {shortened(name) for name in names}]
    assert len(shown) == network.size if not long else len(shown) > network.size / 2
    marks_at = axes.transData.transform(concentric(network).position)
    half = areas(s.revenue, 1000.0)[:, None] ** 0.5 * figure.dpi / 72 / 2
    for label in shown:
        box = label.get_window_extent().extents
        covered = ((marks_at + half > box[:2] + 1) & (marks_at - half < box[2:] - 1)).all(axis=1)
        assert not covered.any(), label.get_text()


def test_firms_of_a_large_network_have_no_names(figure: Figure, seen: list[Seen]) -> None:
    network = Tiered(buyers=2, tiers=(9, 14), carriers=6).build()
    assert network.size == 31
    assert named(network, supply_network([small_seen(network)], seed=1)) == {}
    assert seen[0].network.size <= 30
    assert named(seen[0].network, figure)


def test_titles_of_high_panels_stand_below_the_legend_and_nothing_moves_once_names_are_written() -> None:
    links = {"supplier": ["board", "case", "resin", "resin"], "customer": ["oem", "oem", "board", "case"]}
    firms = {"id": ["oem", "board", "case", "resin"], "role": ["manufacturer", *["supplier"] * 3]}
    s = small_seen(build(firms, links, source="t", carriers=1))
    figure = supply_network([s, s], seed=1)
    before = [axes.get_window_extent().bounds for axes in figure.axes]
    assert overlapping(figure) == []
    np.testing.assert_allclose([axes.get_window_extent().bounds for axes in figure.axes], before, atol=1.0)


def test_a_few_firms_with_a_common_supplier_stand_evenly_around() -> None:
    links = {"supplier": ["a", "b", "c", "x", "x", "x"], "customer": ["pack", "pack", "pack", "a", "b", "c"]}
    network = build(
        {"id": ["pack", "a", "b", "c", "x"], "role": ["manufacturer", *["supplier"] * 4]}, links, source="t"
    )
    angle = concentric(network).angle[[network.index(firm) for firm in "abc"]]
    apart = np.degrees(turned(angle[:, None], angle[None]))
    assert apart[~np.eye(3, dtype=bool)].min() > 60.0


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
