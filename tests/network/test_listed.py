"""Networks that a scenario lists, and what tables say of a firm's technology."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import NetworkError, ScenarioError
from sim.network.importing import from_tables
from sim.network.network import FIRM_DEFAULTS, LINK_DEFAULTS
from sim.programme import programme_of
from sim.scenario.files import load_data, load_scenario, restored, stored

FIRMS: list[dict[str, Any]] = [
    {"id": "seller", "role": "manufacturer", "price": 50.0, "demand": 100.0},
    {"id": "b", "role": "supplier", "price": 10.0, "size": "sme", "region": "far"},
    {"id": "a", "role": "supplier", "value_added_share": 0.25},
]
LINKS: list[dict[str, Any]] = [
    {"supplier": "a", "customer": "seller", "input_group": "wire", "distance_km": 12.0},
    {"supplier": "b", "customer": "seller", "input_group": "board", "units_per_unit": 0.5},
]


def network(firms: list[dict[str, Any]], links: list[dict[str, Any]], **more: Any) -> Any:
    return load_data({"network": {"kind": "listed", "firms": firms, "links": links, **more}})


def test_a_listed_network_is_that_of_the_same_tables(tmp_path: Path) -> None:
    full = [row | ({} if "units_per_unit" in row else {"units_per_unit": 0.7}) for row in LINKS]
    for name, rows in (("firms", FIRMS), ("links", full)):
        columns = list(dict.fromkeys(key for row in rows for key in row))
        table = [",".join(columns), *(",".join(str(row.get(c, "")) for c in columns) for row in rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(table).replace("id,role", "firm_id,role", 1) + "\n")
    read = from_tables(tmp_path / "links.csv", tmp_path / "firms.csv", carriers=2)
    listed = network(FIRMS, full, carriers=2).build_network()
    assert listed.ids == read.ids
    for mine, theirs in ((listed.firms, read.firms), (listed.links, read.links)):
        assert all(np.array_equal(mine[key], theirs[key]) for key in theirs)
    assert np.array_equal(listed.supplier, read.supplier)


def test_a_listed_network_can_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "listed.toml"
    path.write_text(
        '[network]\nkind = "listed"\n'
        '[[network.firms]]\nid = "m"\nrole = "manufacturer"\n[[network.firms]]\nid = "s"\n'
        '[[network.links]]\nsupplier = "s"\ncustomer = "m"\n'
    )
    assert load_scenario(path).build_network().ids == ("s", "m", "carrier-1")


def test_every_column_of_the_tables_that_a_rule_uses_can_be_listed() -> None:
    from sim.network.families.listed import Firm, Link

    assert set(Link.model_fields) - {"supplier", "customer"} == set(LINK_DEFAULTS)
    assert set(FIRM_DEFAULTS) - set(Firm.model_fields) == {"name", "tier", "industry", "anchor", "capacity_ratio"}


@pytest.mark.parametrize(
    ("firms", "links", "words"),
    [
        ([{"id": "m", "prize": 3.0}], LINKS, "network.firms.0.prize: unknown key 'prize'; did you mean 'price'?"),
        ([{"id": "m", "price": -1.0}], LINKS, "network.firms.0.price: given -1.0, allowed is a number in (0, inf)"),
        (FIRMS, [{"supplier": "a"}], "network.links.0.customer: missing; allowed is text"),
    ],
)
def test_a_mistake_in_a_list_is_told_with_its_place(firms: Any, links: Any, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        network(firms, links)
    assert words in str(caught.value)


def test_a_link_to_a_firm_that_is_not_listed_is_refused() -> None:
    with pytest.raises(NetworkError, match="unknown firm 'c'"):
        network(FIRMS, [{"supplier": "c", "customer": "seller"}])
    with pytest.raises(NetworkError, match="no links"):
        network(FIRMS, [])


def test_factors_multiply_what_the_technology_makes_of_a_firm() -> None:
    factors = {"quality_cost_factor": 2.0, "abatement_cost_factor": 3.0, "intensity_factor": 0.25}
    plain, other = (
        programme_of(network([FIRMS[0], FIRMS[1], FIRMS[2] | extra], LINKS), 1, [0]) for extra in ({}, factors)
    )
    n = plain.network.index("a")
    for name, factor in (("quality_cost", 2.0), ("abatement_cost", 3.0), ("intensity", 0.25)):
        before, after = getattr(plain.traits, name), getattr(other.traits, name)
        assert after[0, n] == pytest.approx(factor * before[0, n])
        assert np.array_equal(np.delete(after, n, axis=1), np.delete(before, n, axis=1))


@pytest.mark.parametrize(("column", "value"), [("quality_cost_factor", "0"), ("intensity_factor", "-1")])
def test_factors_out_of_bounds_are_refused_with_their_row(tmp_path: Path, column: str, value: str) -> None:
    (tmp_path / "firms.csv").write_text(f"firm_id,role,{column}\nm,manufacturer,\na,supplier,{value}\n")
    (tmp_path / "links.csv").write_text("supplier,customer\na,m\n")
    with pytest.raises(NetworkError, match=f"firms.csv row 3, {column}: given {value}, allowed is"):
        from_tables(tmp_path / "links.csv", tmp_path / "firms.csv")


def test_a_listed_network_can_be_changed_by_path_and_comes_back_from_the_database() -> None:
    plain = network(FIRMS, LINKS)
    changed = plain.replace({"network.firms.0.price": 60.0})
    assert changed.build_network().firms["price"].max() == 60.0
    assert changed.fingerprint != plain.fingerprint
    assert restored(stored(changed), "kept") == changed
