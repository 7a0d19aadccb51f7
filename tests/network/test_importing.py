"""Imported networks: the real one, every format, and every fault named by file and row."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from sim.ensemble import run_block
from sim.errors import NetworkError
from sim.network.importing import from_file, from_graph, from_tables
from tests.worlds import scenario, tables

FIRMS = "firm_id,role,country\nm,manufacturer,CHN\na,supplier,CHN\nb,supplier,JPN\n"
LINKS = "supplier,customer,input_group,order_share\na,m,steel,0.25\nb,m,steel,0.75\n"
REAL = Path(__file__).parents[3] / "shared" / "data" / "semiconductor"


def read(folder: Path, firms: str = FIRMS, links: str = LINKS):  # type: ignore[no-untyped-def]
    (folder / "firms.csv").write_text(firms, encoding="utf-8")
    (folder / "links.csv").write_text(links, encoding="utf-8")
    return from_tables(folder / "links.csv", folder / "firms.csv")


def test_tables_become_a_network_with_tiers_regions_and_a_carrier(tmp_path: Path) -> None:
    network = read(tmp_path)
    assert network.ids == ("a", "b", "m", "carrier-1")
    assert network.firms["tier"].tolist() == [1, 1, 0, 0]
    assert network.regions == ("CHN", "JPN", "home")
    assert network.links["order_share"].tolist() == [0.25, 0.75]
    bought = network.links["units_per_unit"] * network.firms["price"][network.supplier]
    assert bought @ network.links["order_share"] == pytest.approx(0.5 * network.firms["price"][2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"links": LINKS + "c,m,steel,0\n"}, "links.csv row 4, supplier: unknown firm 'c'"),
        ({"links": LINKS.replace("b,m", "bb,m")}, "links.csv row 3, supplier: unknown firm 'bb'; did you mean 'b'?"),
        ({"firms": FIRMS + "a,supplier,CHN\n"}, "firms.csv row 5: duplicate firm 'a', first given at firms.csv row 3"),
        ({"links": LINKS.replace("0.75", "0.7")}, "links.csv row 2, order_share: .* sum to 0.95; they must sum to 1"),
        ({"links": LINKS.replace("0.75", "1.5")}, "links.csv row 3, order_share: given 1.5, allowed is from 0 to 1"),
        ({"links": LINKS.replace("0.75", "much")}, "links.csv row 3, order_share: given 'much', allowed is a number"),
        ({"links": LINKS.replace("0.75", "")}, "links.csv row 3, order_share: missing"),
        ({"links": LINKS + "a,m,steel,0\n"}, "links.csv row 4: duplicate link 'a' -> 'm'"),
        ({"links": LINKS + "m,m,steel,0\n"}, "links.csv row 4: firm 'm' supplies itself"),
        ({"links": LINKS + "a,m\n"}, "links.csv row 4: given 2 values, the header names 4"),
        (
            {"links": LINKS.replace("customer", "custmer")},
            "links.csv row 1: unknown column 'custmer'; did you mean 'customer'",
        ),
        (
            {"firms": FIRMS.replace("manufacturer", "manufactuer")},
            "firms.csv row 2, role: unknown role 'manufactuer'; did you mean 'manufacturer'",
        ),
        ({"links": "supplier;customer\na;m\n"}, "links.csv row 1: columns are separated by ';', allowed is a comma"),
        ({"links": ""}, "links.csv: empty; its first row must name the columns: supplier, customer, ..."),
        ({"links": "supplier,customer\n"}, "links.csv: the network has no links; at least one is needed"),
        ({"firms": "firm_id,price\nm,1\na,-3\nb,1\n"}, "firms.csv row 3, price: given -3, allowed is above 0"),
        ({"firms": "firm_id,role\nm,logistics\na,supplier\nb,supplier\n"}, "links.csv row 2: 'm' is a logistics firm"),
        ({"firms": "firm_id,role\nm,supplier\na,supplier\nb,supplier\n"}, "no firm sells to the market"),
        ({"links": LINKS.replace("order_share", "units_per_unit")}, None),
        ({"links": "supplier,customer,units_per_unit\na,m,1\nb,m,1\n"}, "firm 'm' buys inputs worth 20"),
        (
            {"links": "supplier,customer,carrier\na,m,b\nb,m,\n"},
            "links.csv row 2, carrier: 'b' is not a logistics firm",
        ),
    ],
)
def test_a_fault_is_named_by_file_and_row(tmp_path: Path, change: dict[str, str], message: str | None) -> None:
    if message is None:
        assert read(tmp_path, **change).links["order_share"].tolist() == [0.5, 0.5]
        return
    with pytest.raises(NetworkError, match=message):
        read(tmp_path, **change)


def test_a_firm_whose_role_is_not_given_makes_things_if_it_buys(tmp_path: Path) -> None:
    network = read(tmp_path, firms="firm_id\nm\na\nb\n")
    assert network.role("manufacturer") == slice(2, 3)
    assert network.firms["demand"].tolist() == [0, 0, 1000, 0]


def test_one_supplier_may_sell_to_one_customer_in_several_input_groups(tmp_path: Path) -> None:
    network = read(tmp_path, links="supplier,customer,input_group\na,m,x\na,m,y\nb,m,y\n")
    assert network.link_count == 3
    assert isinstance(network.graph(), nx.MultiDiGraph)


def test_graphml_json_and_networkx_give_the_same_network(tmp_path: Path) -> None:
    graph = nx.DiGraph()
    for firm, role in (("m", "manufacturer"), ("a", "supplier"), ("b", "supplier")):
        graph.add_node(firm, role=role, country="CHN")
    graph.add_edge("a", "m", order_share=0.25, input_group="steel")
    graph.add_edge("b", "m", order_share=0.75, input_group="steel")
    nx.write_graphml(graph, tmp_path / "net.graphml")
    (tmp_path / "net.json").write_text(json.dumps(nx.node_link_data(graph, edges="links")), encoding="utf-8")
    straight = from_graph(graph)
    for other in (from_file(tmp_path / "net.graphml"), from_file(tmp_path / "net.json")):
        assert other.ids == straight.ids
        for name, values in straight.links.items():
            assert np.array_equal(other.links[name], values)
    again = from_graph(straight.graph())
    assert again.ids == straight.ids
    assert np.array_equal(again.carrier, straight.carrier)


def test_an_undirected_graph_is_refused() -> None:
    with pytest.raises(NetworkError, match="undirected"):
        from_graph(nx.path_graph(3))


def test_a_missing_file_and_a_strange_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="no such file"):
        from_tables(tmp_path / "nothing.csv")
    (tmp_path / "net.xlsx").write_text("")
    with pytest.raises(NetworkError, match="given format '.xlsx', allowed are"):
        from_file(tmp_path / "net.xlsx")


@pytest.mark.parametrize("text", ['{"nodes": 3}', "[1]", '{"nodes": [1], "links": [2]}', '{"nodes": []}', "3"])
def test_json_that_is_no_graph_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "net.json").write_text(text)
    with pytest.raises(NetworkError, match=r"^net.json: not node-link JSON; allowed is an object with"):
        from_file(tmp_path / "net.json")


def test_json_whose_firms_have_no_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text('{"nodes": [{"id": {}}], "links": []}')
    with pytest.raises(NetworkError, match=r"^net.json: not readable as a graph"):
        from_file(tmp_path / "net.json")


def test_an_unknown_firm_is_likened_to_all_firms_and_few_are_named(tmp_path: Path) -> None:
    network = read(tmp_path, links="supplier,customer\n" + "".join(f"P{n},m\n" for n in range(100, 300)), firms=(
        "firm_id\nm\n" + "".join(f"P{n}\n" for n in range(100, 300))))  # fmt: skip
    with pytest.raises(
        NetworkError, match=r"unknown firm 'p299x'; did you mean 'P299'\? \(202 firms are known, e.g. P100, "
    ):
        network.index("p299x")


def test_dangling_firms_and_cycles_have_a_meaning(tmp_path: Path) -> None:
    """A firm that reaches no market is idle; goods that go round settle at the Leontief volumes."""
    firms = "firm_id,role,demand\nm,manufacturer,100\na,supplier,\nb,supplier,\nidle,supplier,\n"
    links = "supplier,customer,units_per_unit\na,m,0.5\nb,a,0.5\na,b,0.5\n"
    block = run_block(scenario(tables(tmp_path, firms, links), months=3), 1, [0])
    network = block.programme.network
    at_rest = block.world.chains.by_firm(
        block.world.chains.volumes(block.world.demand * 0 + block.programme.traits.demand, block.world.requirement)
    )[0]
    volume = dict(zip(network.ids, at_rest, strict=True))
    assert volume["a"] == pytest.approx(50 / (1 - 0.25))
    assert volume["b"] == pytest.approx(0.5 * volume["a"])
    assert volume["idle"] == 0.0
    assert network.depth is None
    assert np.all(np.isfinite(block.world.profit))


@pytest.mark.skipif(not REAL.is_dir(), reason="the real network is not shipped with the project")
def test_the_real_semiconductor_network_runs(tmp_path: Path) -> None:
    network = from_tables(REAL / "links.csv", REAL / "firms.csv")
    assert (network.size, network.link_count) == (200, 382)
    assert network.depth is not None
    assert network.firms["tier"].max() == 10
    (tmp_path / "real.toml").write_text(
        f'[network]\nlinks = "{REAL / "links.csv"}"\nfirms = "{REAL / "firms.csv"}"\n', encoding="utf-8"
    )
    block = run_block(scenario({"extends": str(tmp_path / "real.toml")}, months=12), 1, range(3))
    assert np.all(block.monthly["emissions"] > 0)
    assert block.monthly["free_rider_share_by_tier:tier 10"].shape == (12, 3)
