"""Scenario mistakes: one clear message each, with file, place, given, allowed and the nearest known name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import NetworkError, ScenarioError, SimError, unknown
from sim.scenario.files import load_scenario

NETWORK = '[network]\nkind = "tiered"\ntiers = [4, 4]\n'


def load(folder: Path, text: str, **others: str) -> None:
    for name, content in others.items():
        (folder / name.replace("_csv", ".csv").replace("_toml", ".toml")).write_text(content, encoding="utf-8")
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    load_scenario(folder / "mine.toml")


MISTAKES = {
    "an unknown key": (
        NETWORK + "[technology]\nabatment_cost = 0.1\n",
        {},
        r"mine.toml, technology.abatment_cost: unknown key 'abatment_cost'; did you mean 'abatement_cost'\?",
    ),
    "a misspelt kind": (
        NETWORK + '[[incentives]]\nkind = "carbon_tacks"\n',
        {},
        r"mine.toml, incentives.0.kind: unknown kind 'carbon_tacks'; did you mean 'carbon_tax'\? \(known: abate",
    ),
    "text for a number": (
        NETWORK + '[[incentives]]\nkind = "carbon_tax"\nrate = "high"\n',
        {},
        r"mine.toml, incentives.0.rate: given 'high', allowed is a number in \[0, inf\) \(kCNY/t\)",
    ),
    "a share over one": (
        NETWORK + "[market]\nawareness = 1.4\n",
        {},
        r"mine.toml, market.awareness: given 1.4, allowed is a number in \[0, 1\] \(share\)",
    ),
    "an end before the start": (
        NETWORK + '[[incentives]]\nkind = "carbon_tax"\nstarts = 9\nends = 4\n',
        {},
        r"mine.toml, incentives.0: ends must come after starts \(9\), given 4",
    ),
    "a missing file": (
        '[network]\nlinks = "linx.csv"\n',
        {},
        r"mine.toml, network.links: no such file: .*linx.csv",
    ),
    "a circle of parents": (
        'extends = "other.toml"\n',
        {"other_toml": 'extends = "mine.toml"\n'},
        r"other.toml, extends: the files extend each other in a circle: mine.toml -> other.toml -> mine.toml",
    ),
    "order shares that do not sum to one": (
        '[network]\nlinks = "links.csv"\n',
        {"links_csv": "supplier,customer,order_share\na,m,0.5\nb,m,0.3\n"},
        r"links.csv row 2, order_share: the shares of this customer's input group 'inputs' sum to 0.8; they must sum to 1",
    ),
    "an unknown firm in a link": (
        '[network]\nlinks = "links.csv"\nfirms = "firms.csv"\n',
        {"links_csv": "supplier,customer\nacm,m\n", "firms_csv": "firm_id\nm\nacme\n"},
        r"links.csv row 2, supplier: unknown firm 'acm'; did you mean 'acme'\? \(known: acme, m\)",
    ),
    "a duplicate firm": (
        '[network]\nlinks = "links.csv"\nfirms = "firms.csv"\n',
        {"links_csv": "supplier,customer\na,m\n", "firms_csv": "firm_id\nm\na\na\n"},
        r"firms.csv row 4: duplicate firm 'a', first given at firms.csv row 3; every firm_id must be different",
    ),
    "shares of behaviours that do not sum to one": (
        NETWORK + '[[behaviours]]\nkind = "fixed"\nrole = "supplier"\nshare = 0.5\n',
        {},
        r"mine.toml: behaviours: the shares of role 'supplier' sum to 0.5; they must sum to 1",
    ),
    "a chain of a firm that is not there": (
        NETWORK + '[[programme]]\nname = "first"\nenrols = { chain = "ankor" }\n',
        {},
        r"mine.toml, programme.0.enrols.chain: .*unknown firm 'ankor'; did you mean 'anchor'",
    ),
    "a region that is not there": (
        NETWORK + '[[incentives]]\nkind = "carbon_tax"\napplies_to = { region = "hom" }\n',
        {},
        r"mine.toml, incentives.0.applies_to.region: unknown region 'hom'; did you mean 'home'\?",
    ),
    "an unknown parent": (
        'extends = "basline"\n',
        {},
        r"^mine.toml, extends: unknown scenario 'basline'; did you mean 'baseline'\?",
    ),
    "no network": (
        "months = 3\n",
        {},
        r'mine.toml, network: missing; write a \[network\] table, or begin with extends = "baseline"',
    ),
    "a parent's file that is missing": (
        'extends = "others.toml"\n',
        {"other_toml": ""},
        r"mine.toml, extends: .*others.toml: no such file; did you mean 'other.toml'\?",
    ),
    "a parent that is a number": ("extends = 3\n", {}, r"mine.toml, extends: given 3, allowed is the name or path"),
    "one table where a list of tables belongs": (
        NETWORK + '[incentives]\nkind = "carbon_tax"\n',
        {},
        r"mine.toml, incentives: given \{'kind': 'carbon_tax'\}, allowed is a list of tables: write \[\[incentives\]\]",
    ),
    "text where a list of tables belongs": (
        NETWORK.replace("[network]", 'incentives = "carbon_tax"\n[network]'),
        {},
        r"mine.toml, incentives: given 'carbon_tax', allowed is a list of tables: write \[\[incentives\]\]",
    ),
    "an element out of bounds": (
        NETWORK.replace("[4, 4]", "[0, 5]"),
        {},
        r"mine.toml, network.tiers.0: given 0, allowed is a whole number in \[1, inf\) \(count\)",
    ),
    "an empty list": (
        NETWORK + "regions = []\n",
        {},
        r"mine.toml, network.regions: given \[\], allowed is a list of length 1 or more",
    ),
    "an optional number out of bounds": (
        NETWORK + '[[incentives]]\nkind = "carbon_tax"\nbudget = -1.0\n',
        {},
        r"mine.toml, incentives.0.budget: given -1.0, allowed is a number in \[0, inf\) \(kCNY\)",
    ),
    "neither a number nor a list": (
        NETWORK + '[[incentives]]\nkind = "carbon_tax"\napplies_to = { tier = "first" }\n',
        {},
        r"mine.toml, incentives.0.applies_to.tier: given 'first', allowed is a whole number or a list$",
    ),
    "two mistakes": (
        "mont = 3\n" + NETWORK + "[market]\nawareness = 1.4\n",
        {},
        r"mine.toml, market.awareness: given 1.4, .* \(share\); also mont: unknown key 'mont'; did you mean 'months'",
    ),
    "five mistakes": (
        NETWORK + "a = 1\nb = 1\nc = 1\nd = 1\ne = 1\n",
        {},
        r"network.a: .*; also network.b: .*; also network.c: .*; also 2 more$",
    ),
    "more months than anybody waits for": (
        "months = 999999999\n" + NETWORK,
        {},
        r"mine.toml, months: given 999999999, allowed is a whole number in \[1, 12000\]",
    ),
    "a list of columns with semicolons": (
        '[network]\nlinks = "links.csv"\n',
        {"links_csv": "supplier;customer\na;m\n"},
        r"links.csv row 1: columns are separated by ';', allowed is a comma",
    ),
    "a chain of a firm that is not there, among many": (
        NETWORK.replace("[4, 4]", "[40, 40]") + '[[programme]]\nname = "first"\nenrols = { chain = "t2-04" }\n',
        {},
        r"programme.0.enrols.chain: .*unknown firm 't2-04'; did you mean 't2-040'\? \(87 firms are known, e.g. anchor, ",
    ),
    "broken TOML": ("months = \n", {}, r"mine.toml: not valid TOML"),
    "a table where a number belongs": (
        NETWORK + "[months]\nx = 1\n",
        {},
        r"mine.toml, months: given \{'x': 1\}, allowed is a whole number in \[1, 12000\] \(months\)",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gives_one_clear_message(tmp_path: Path, mistake: str) -> None:
    text, others, message = MISTAKES[mistake]
    with pytest.raises((ScenarioError, NetworkError), match=message) as caught:
        load(tmp_path, text, **others)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("incentives.7.rate", r"shenzhen-huawei, incentives: given position '7', allowed are 0 to 2"),
        ("tecnology.margin", r"shenzhen-huawei, scenario: unknown key 'tecnology'; did you mean 'technology'\?"),
        ("months.first", r"'first' asked for, but this is a single value"),
        ("technology.margin", r"technology.margin: given 7, allowed is a number in \[0, 1\]"),
    ],
)
def test_a_wrong_change_by_path_is_refused(path: str, message: str) -> None:
    with pytest.raises(SimError, match=message):
        load_scenario("shenzhen-huawei").replace({path: 7})


@pytest.mark.parametrize("number", ["inf", "-inf", "nan"])
@pytest.mark.parametrize(
    "text",
    [
        "[technology]\nmargin = {}\n",
        '[[incentives]]\nkind = "carbon_tax"\nrate = {}\n',
        '[[incentives]]\nkind = "carbon_tax"\napplies_to = {{ rating = {} }}\n',
        '[[behaviours]]\nkind = "gradient"\nspeed = {}\n',
        "distance_km = {}\n",
    ],
)
def test_only_finite_numbers_are_numbers(tmp_path: Path, text: str, number: str) -> None:
    with pytest.raises(ScenarioError, match=f"given {number}, allowed is a number"):
        load(tmp_path, NETWORK + text.format(number))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("{folder}", "{folder}: a folder; give the path of a .toml file"),
        ("{folder}/notes.md", "notes.md: not a scenario file; give the path of a .toml file"),
        ("{folder}/mine.tomll", "mine.tomll: no such file; did you mean 'mine.toml'?"),
    ],
)
def test_what_is_no_scenario_file_is_called_what_it_is(tmp_path: Path, name: str, message: str) -> None:
    for file in ("notes.md", "mine.toml"):
        (tmp_path / file).write_text("")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name.format(folder=tmp_path))
    assert message.format(folder=tmp_path) in str(caught.value)


def test_a_folder_or_another_file_beside_you_is_no_unknown_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "README.md").write_text("")
    monkeypatch.chdir(tmp_path)
    for name, message in (("scenarios", "scenarios: a folder"), ("README.md", "README.md: not a scenario file")):
        with pytest.raises(ScenarioError, match=message):
            load_scenario(name)


def test_of_very_many_known_names_only_the_nearest_is_told() -> None:
    many = [f"name {n}" for n in range(51)]
    assert unknown("outcome", "nam 50", many) == ("unknown outcome 'nam 50'; did you mean 'name 50'? (known: 51 names)")
    assert "name 49" in unknown("outcome", "nam 50", many[1:])
    assert "name 49" in unknown("outcome", "xyz", many)
