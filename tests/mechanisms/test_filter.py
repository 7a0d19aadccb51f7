"""Whom a filter that names a chain lets through: the firms whose goods reach the root on the links of the month."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sim.beginning import opening
from sim.ensemble import in_reach
from sim.fields import Array
from sim.mechanisms.among import reached
from sim.mechanisms.filter import ANCHOR, Filter
from sim.month.deciding import membership_cost
from sim.month.knowing import audit_rate, believed
from sim.month.orders import reordered
from sim.network.chains import chains_of
from sim.network.links import Links, links_of
from sim.phases import month, shocks
from sim.programme import Programme, programme_of
from sim.world import World
from tests.worlds import QUIET, SMALL, run, scenario, tables

FIRMS = (
    "firm_id,role,anchor,demand\nm,manufacturer,true,100\nn,manufacturer,false,100\n"
    "a,supplier,,\nb,supplier,,\nc,supplier,,\nd,supplier,,\n"
)
LINKS = "supplier,customer,input_group\na,m,x\nb,a,y\nc,n,x\nd,c,y\n"
BEFORE, AFTER = {"m", "a", "b", "carrier-1"}, {"m", "c", "d", "carrier-1"}


def test_a_chain_is_its_root_with_all_upstream_of_it_and_their_carriers() -> None:
    p = programme_of(scenario(network=SMALL), 1, range(3))
    links = links_of(p.network, 3)
    graph = nx.DiGraph(zip(p.network.supplier.tolist(), p.network.customer.tolist(), strict=True))
    for chain, root in ((ANCHOR, "anchor"), ("buyer-2", "buyer-2")):
        expected = {p.network.index(root), *nx.ancestors(graph, p.network.index(root))}
        carriers = p.network.carrier[np.isin(p.network.customer, list(expected))]
        found = Filter(chain=chain).firms(p.traits, links)
        assert found.shape == p.shape
        for world in found:
            assert set(np.flatnonzero(world)) == expected | set(carriers.tolist())
        assert len(expected) < p.network.size
        suppliers = Filter(chain=chain, role="supplier").firms(p.traits, links)
        assert np.array_equal(suppliers, found * Filter(role="supplier").firms(p.traits, links))


def test_without_a_chain_nothing_is_looked_up_on_the_links() -> None:
    p = programme_of(scenario(network=SMALL), 1, range(3))
    assert Filter(role="supplier", tier=1).firms(p.traits, None).shape == (1, p.network.size)  # type: ignore[arg-type]


def test_a_chain_is_worked_out_once_for_a_set_of_links(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[Links] = []
    whole = Links.upstream_of
    monkeypatch.setattr(Links, "upstream_of", lambda links, mask: searched.append(links) or whole(links, mask))
    chain = {"applies_to": {"chain": "anchor"}}
    run(
        scenario(
            network=SMALL,
            incentives=[{"kind": "carbon_tax", **chain}, {"kind": "peer_sanction", **chain}],
            cost_sharing={"kind": "equal", **chain},
            regulator={"kind": "fixed", **chain},
            information={"kind": "platform", **chain},
            programme=[{"name": "chain", "enrols": {"chain": "anchor"}}],
            months=5,
        )
    )
    assert len(searched) == 1


def resupplied(world: World, p: Programme) -> World:
    """The same with c in the place of a as supplier of m, in the first of the worlds alone."""
    links = world.links
    supplier = links.supplier.copy()
    first = (links.supplier == p.network.index("a")) & (links.customer == p.network.index("m"))
    supplier[first] = p.network.index("c")
    links = links.supplied_by(supplier, links.distance_km)
    return reordered(world.but(links=links, chains=chains_of(links, p.roots)), p)


def of_incentive(world: World, p: Programme) -> Array:
    known = believed(world, p)
    mine = p.incentives[0].reach(known, known.acts)
    assert np.array_equal(mine, reached(p.incentives[0].incentive, known))
    return mine


def of_record(world: World, p: Programme) -> Array:
    return in_reach(world.but(month=world.month + 1), p)


def of_sharing(world: World, p: Programme) -> Array:
    return believed(world, p).applies(p.scenario.cost_sharing)


def of_information(world: World, p: Programme) -> Array:
    shared = shocks(world, p).shared_far
    assert np.array_equal(membership_cost(world, p) > 0, shared > 0)
    return shared


def of_regulator(world: World, p: Programme) -> Array:
    return audit_rate(world, p)


def of_programme(world: World, p: Programme) -> Array:
    return shocks(world, p).member


@pytest.mark.parametrize(
    ("place", "table", "whom"),
    [
        ("incentives", {"kind": "effort_subsidy"}, of_incentive),
        ("incentives", {"kind": "effort_subsidy"}, of_record),
        ("cost_sharing", {"kind": "equal"}, of_sharing),
        ("information", {"kind": "platform", "monthly_cost": 1.0}, of_information),
        ("regulator", {"kind": "fixed", "rate": 0.5}, of_regulator),
        ("programme", {"name": "chain"}, of_programme),
    ],
)
@pytest.mark.parametrize("root", ["m", ANCHOR])
def test_who_is_reached_follows_the_links(
    tmp_path: Path, place: str, table: dict[str, Any], whom: Callable[[World, Programme], Array], root: str
) -> None:
    filtered = {**table, ("enrols" if place == "programme" else "applies_to"): {"chain": root}}
    changes = {place: [filtered] if place in ("incentives", "programme") else filtered}
    if place != "programme":
        changes["programme"] = [{"name": "all"}]
    p = programme_of(scenario(QUIET, tables(tmp_path, FIRMS, LINKS), **changes, months=6), 1, range(2))
    world = month(opening(p), p)
    before, after = whom(world, p), whom(resupplied(world, p), p)
    assert [names(row, p) for row in before] == [BEFORE, BEFORE]
    assert [names(row, p) for row in after] == [AFTER, BEFORE]


def names(row: Array, p: Programme) -> set[str]:
    return {p.network.ids[i] for i in np.flatnonzero(row)}
