"""Reading, extending, changing and fingerprinting scenarios."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sim.errors import NetworkError, ScenarioError
from sim.network.links import links_of
from sim.programme import programme_of
from sim.scenario.files import load_data, load_scenario, network_of, shipped
from sim.scenario.schema import KINDS, kinds_at


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_scenario_says_what_it_is_in_two_languages_and_where_it_comes_from(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.title
    assert scenario.description
    assert any("\u4e00" <= c <= "\u9fff" for c in scenario.title_zh)
    assert any("\u4e00" <= c <= "\u9fff" for c in scenario.description_zh)
    head = shipped()[name].read_text(encoding="utf-8").split("\n\n")[0]
    assert head.startswith("#")
    assert any("\u4e00" <= c <= "\u9fff" for c in head)


def test_a_child_says_only_what_differs() -> None:
    parent, child = load_scenario("shenzhen-huawei"), load_scenario("no-cost-sharing")
    assert child.cost_sharing.kind == "none"  # type: ignore[attr-defined]
    assert child.replace({"cost_sharing": parent.cost_sharing}).fingerprint == parent.fingerprint
    assert child.title != parent.title


def test_a_table_of_another_kind_replaces_the_parents_table(tmp_path: Path) -> None:
    (tmp_path / "child.toml").write_text('extends = "shenzhen-huawei"\n[cost_sharing]\nkind = "equal"\n')
    assert load_scenario(tmp_path / "child.toml").cost_sharing.kind == "equal"  # type: ignore[attr-defined]


def test_the_fingerprint_follows_numbers_and_not_names(tmp_path: Path) -> None:
    scenario = load_scenario("baseline")
    assert scenario.replace({"title": "other", "name": "other"}).fingerprint == scenario.fingerprint
    assert scenario.replace({"months": 35}).fingerprint != scenario.fingerprint
    assert scenario.replace({"technology.margin": 0.08}).fingerprint == scenario.fingerprint
    assert scenario.replace({"technology.margin": 0.081}).fingerprint != scenario.fingerprint


def test_the_fingerprint_follows_the_contents_of_network_files_and_not_their_place(tmp_path: Path) -> None:
    prints = []
    for n, links in enumerate(("supplier,customer\na,m\n", "supplier,customer\na,m\n", "supplier,customer\nb,m\n")):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / "links.csv").write_text(links)
        (folder / "mine.toml").write_text('[network]\nlinks = "links.csv"\n')
        prints.append(load_scenario(folder / "mine.toml").fingerprint)
    assert prints[0] == prints[1] != prints[2]


def test_replace_changes_one_value_by_path_and_leaves_the_original() -> None:
    scenario = load_scenario("shenzhen-huawei")
    changed = scenario.replace({"incentives.0.loss": 0.1, "cost_sharing.share": 0.5, "months": 12})
    assert (changed.incentives[0].loss, changed.cost_sharing.share, changed.months) == (0.1, 0.5, 12)  # type: ignore[attr-defined]
    assert scenario.incentives[0].loss == 0.3  # type: ignore[attr-defined]


def test_a_scenario_survives_pickling_and_its_own_canonical_form() -> None:
    scenario = load_scenario("shenzhen-huawei")
    assert pickle.loads(pickle.dumps(scenario)).fingerprint == scenario.fingerprint
    again = load_data(scenario.model_dump(mode="json"))
    assert again.fingerprint == scenario.fingerprint


def test_every_kind_explains_itself() -> None:
    for place in KINDS:
        for kind, cls in kinds_at(place).items():
            assert cls.__doc__, (place, kind)
            for name, field in cls.model_fields.items():
                assert field.description or name == "kind", (place, kind, name)
            if place not in ("network",):
                assert "Source" in cls.__doc__, (place, kind)


TWO_NETWORKS = ("supplier,customer,distance_km\na,m,100\n", "supplier,customer,distance_km\na,m,5000\n")


def test_every_way_to_name_other_network_files_gives_another_fingerprint(tmp_path: Path) -> None:
    for n, links in enumerate(TWO_NETWORKS):
        (tmp_path / f"links-{n}.csv").write_text(links)
        (tmp_path / f"firms-{n}.csv").write_text(f"firm_id,price\nm,{20 + n}\na,10\n")
    (tmp_path / "parent.toml").write_text('[network]\nlinks = "links-0.csv"\nfirms = "firms-0.csv"\n')
    (tmp_path / "child.toml").write_text('extends = "parent.toml"\n[network]\nfirms = "firms-1.csv"\n')
    (tmp_path / "other.toml").write_text('[network]\nlinks = "links-1.csv"\nfirms = "firms-1.csv"\n')
    parent, child, other = (load_scenario(tmp_path / f"{n}.toml") for n in ("parent", "child", "other"))
    by_path = parent.replace({"network.links": str(tmp_path / "links-1.csv")})
    by_data = load_data({"network": {"kind": "imported", "links": str(tmp_path / "links-1.csv")}})
    by_other_data = load_data({"network": {"kind": "imported", "links": str(tmp_path / "links-0.csv")}})
    prints = [s.fingerprint for s in (parent, child, other, by_path, by_data, by_other_data)]
    assert len(set(prints)) == 6
    assert by_path.replace({"network.firms": str(tmp_path / "firms-1.csv")}).fingerprint == other.fingerprint


def test_network_files_that_change_after_the_scenario_was_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text(TWO_NETWORKS[0])
    (tmp_path / "mine.toml").write_text('[network]\nlinks = "links.csv"\n')
    scenario = load_scenario(tmp_path / "mine.toml")
    network_of.cache_clear()
    (tmp_path / "links.csv").write_text(TWO_NETWORKS[1])
    with pytest.raises(NetworkError, match="changed since the scenario was read"):
        scenario.build_network()


@pytest.mark.parametrize("label", ["effort", "premium", "sales", "cost sharing", ""])
def test_an_incentive_cannot_take_a_name_of_the_books(label: str) -> None:
    with pytest.raises(ScenarioError, match="label"):
        load_scenario("baseline").replace({"incentives": [{"kind": "carbon_tax", "label": label}]})


def test_anchor_is_the_chain_of_the_chain_leaders_whatever_their_names(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text("supplier,customer\na,m\nb,a\nc,n\n")
    (tmp_path / "firms.csv").write_text(
        "firm_id,role,anchor\nm,manufacturer,true\nn,manufacturer,false\na,,\nb,,\nc,,\n"
    )
    (tmp_path / "mine.toml").write_text(
        'extends = "shenzhen-huawei"\n[network]\nlinks = "links.csv"\nfirms = "firms.csv"\n'
    )
    programme = programme_of(load_scenario(tmp_path / "mine.toml"), 1, [0])
    enrolled = {programme.network.ids[i] for i in programme.enrolled(0, links_of(programme.network, 1))[0].nonzero()[0]}
    assert enrolled == {"m", "a"}


def test_without_a_programme_everybody_takes_part_in_what_there_is() -> None:
    baseline = load_scenario("baseline")
    assert baseline.phases == ()
    sharing = baseline.replace({"cost_sharing": {"kind": "sponsor"}})
    assert [p.name for p in sharing.phases] == ["everybody"]
    programme = programme_of(sharing, 1, [0])
    links = links_of(programme.network, 1)
    assert programme.enrolled(0, links).min() == 1.0
    assert programme.enrolled(-1, links).max() == 0.0


def test_another_kind_brings_its_defaults_and_keeps_what_the_family_has_in_common() -> None:
    scenario = load_scenario("shenzhen-huawei").replace({"cost_sharing.starts": 3, "cost_sharing.kind": "equal"})
    assert (scenario.cost_sharing.kind, scenario.cost_sharing.starts) == ("equal", 3)  # type: ignore[attr-defined]
    assert scenario.replace({"cost_sharing.kind": "equal"}).fingerprint == scenario.fingerprint
    incentive = scenario.replace({"incentives.0.kind": "carbon_tax", "incentives.0.rate": 0.2}).incentives[0]
    assert (incentive.kind, incentive.rate) == ("carbon_tax", 0.2)  # type: ignore[attr-defined]
    assert incentive.applies_to == scenario.incentives[0].applies_to
    behaviour = scenario.replace({"behaviours.0.kind": "cooperative"}).behaviours[0]
    assert (behaviour.kind, behaviour.role, behaviour.share) == ("cooperative", "supplier", 0.5)  # type: ignore[attr-defined]


def test_an_imported_network_can_become_a_made_one(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text("supplier,customer\na,m\n")
    (tmp_path / "mine.toml").write_text('[network]\nlinks = "links.csv"\n')
    scenario = load_scenario(tmp_path / "mine.toml").replace({"network.kind": "tiered", "network.tiers": [3, 4]})
    assert [i for i in scenario.build_network().ids if i.startswith("t")] == [
        "t1-001", "t1-002", "t1-003", "t2-001", "t2-002", "t2-003", "t2-004",
    ]  # fmt: skip
