"""Reading, extending, changing and fingerprinting scenarios."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sim.scenario.files import load_data, load_scenario, shipped
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
