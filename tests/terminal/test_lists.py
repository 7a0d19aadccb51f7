"""Help, version, lists and checks: what there is, and what is wrong with a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.files import shipped
from sim.scenario.schema import KINDS, Scenario, kinds_at
from tests.terminal.conftest import TINY

ROOT = Path(__file__).resolve().parents[2]


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys\nfrom sim.cli import status_of\nstatus = status_of(['--help'])\n"
        "slow = {'numpy', 'pandas', 'scipy', 'sqlalchemy', 'matplotlib', 'mesa', 'networkx', 'pydantic'}\n"
        "sys.exit(status or ', '.join(sorted(slow & sys.modules.keys())) or 0)"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
    for command in ("list", "check", "run", "compare", "plot"):
        assert command in found.stdout


def test_no_command_shows_the_help(said: Any) -> None:
    status, out, _ = said()
    assert status == 0
    assert "Usage" in out


def test_check_says_what_a_scenario_is(said: Any) -> None:
    status, out, _ = said("check", "plain.toml", "subsidised.toml")
    assert status == 0
    assert "plain.toml: valid" in out
    assert "A tiny one" in out
    assert "abatement_subsidy" in out


def test_check_says_in_which_parameters_a_scenario_differs_from_the_defaults(said: Any) -> None:
    tables = (
        '[relations]\nwarn_below = 0.5\nspeed = 0.2\nweights = {innovation = 2.0}\n[ordering]\npolicy = "order_up_to"\n'
    )
    Path("mine.toml").write_text(TINY + tables)
    line = 'differs from the defaults: ordering.policy = "order_up_to", relations.weights.innovation = 2, '
    assert line + "relations.warn_below = 0.5\n" in " ".join(said("check", "mine.toml")[1].split()) + "\n"
    differs = json.loads(said("check", "mine.toml", "--json")[1])[0]["differs"]
    assert differs == {
        "ordering.policy": "order_up_to", "relations.weights.innovation": 2.0, "relations.warn_below": 0.5
    }  # fmt: skip
    assert "all parameters are at their defaults" in said("check", "plain.toml")[1]


def test_check_says_whose_behaviours_are_which(said: Any) -> None:
    shares = "".join(f'[[behaviours]]\nkind = "{k}"\n{s}' for k, s in (
        ("gradient", 'role = "supplier"\nshare = 0.75\n'), ("imitate", 'role = "supplier"\nshare = 0.25\n'),
        ("fixed", 'role = "manufacturer"\n'), ("fixed", 'role = "logistics"\n'),
    ))  # fmt: skip
    Path("mixed.toml").write_text(TINY + shares)
    whose = "gradient (supplier, 75 %), imitate (supplier, 25 %), fixed (manufacturer), fixed (logistics)"
    assert f"behaviours {whose} " in " ".join(said("check", "mixed.toml")[1].split())
    assert " behaviours gradient programme " in " ".join(said("check", "plain.toml")[1].split())


@pytest.mark.parametrize(
    ("links", "network"),
    [
        ("supplier,customer\na,b\n", "2 firms, 6 carriers added, 1 link"),
        ("supplier,customer,carrier\na,b,carrier-1\nb,c,carrier-1\n", "4 firms, 2 links"),
    ],
)
def test_check_tells_the_firms_of_the_data_from_the_carriers_added(said: Any, links: str, network: str) -> None:
    Path("links.csv").write_text(links)
    firms = "firm_id,role\na,supplier\nb,supplier\nc,manufacturer\ncarrier-1,logistics\n"
    Path("firms.csv").write_text(firms)
    own = '[network]\nkind = "imported"\nlinks = "links.csv"\n'
    Path("own.toml").write_text(own + ('firms = "firms.csv"\n' if "carrier" in links else ""))
    assert f"  {network}\n" in said("check", "own.toml")[1]


def test_check_tells_carriers_added_to_firms_listed_in_the_scenario(said: Any) -> None:
    firms = 'firms = [{id = "a"}, {id = "b"}]\nlinks = [{supplier = "a", customer = "b"}]\n'
    Path("own.toml").write_text('[network]\nkind = "listed"\n' + firms)
    assert "  2 firms, 1 carrier added, 1 link\n" in said("check", "own.toml")[1]


def test_check_goes_on_after_a_bad_file(said: Any) -> None:
    Path("bad.toml").write_text(TINY.replace("tiered", "tierd"))
    status, out, err = said("check", "bad.toml", "plain.toml")
    assert status == 2
    assert "plain.toml: valid" in out
    assert err.count("\n") == 1
    assert "'tiered'" in err
    status, out, _ = said("check", "bad.toml", "plain.toml", "--json")
    assert status == 2
    assert [row["valid"] for row in json.loads(out)] == [False, True]


def test_list_names_every_scenario_and_every_kind(said: Any) -> None:
    status, out, _ = said("list")
    assert status == 0
    for name in (*shipped(), *(kind for place in KINDS for kind in kinds_at(place))):
        assert name in out


def test_list_mechanisms_gives_rule_source_and_parameters_of_each(said: Any) -> None:
    _, out, _ = said("list", "mechanisms", "--json")
    rows = {(r["family"], r["kind"]): r for r in json.loads(out)}
    places = [place for place in KINDS if place not in ("behaviours", "network")]
    assert set(rows) == {(place, kind) for place in places for kind in kinds_at(place)}
    assert all(r["rule"].endswith(".") for r in rows.values())
    subsidy = rows["incentives", "abatement_subsidy"]
    assert subsidy["rule"] == "Pay a firm for each tonne it emits below its baseline."
    assert "Baumol & Oates 1988" in subsidy["source"]
    rate = next(p for p in subsidy["parameters"] if p["name"] == "rate")
    assert (rate["unit"], rate["bounds"], rate["common"]) == ("kCNY/t", "[0, inf)", False)
    _, out, _ = said("list", "mechanisms")
    assert "Pay a firm for each tonne it emits below its baseline." in out
    assert "kCNY/t" in out


@pytest.mark.parametrize("what", ["mechanisms", "behaviours", "networks"])
def test_a_source_is_printed_to_its_full_stop(said: Any, what: str) -> None:
    rows = json.loads(said("list", what, "--json")[1])
    sources = [row["source"] for row in rows if row["source"]]
    assert sources
    assert [source for source in sources if not source.endswith(".")] == []


@pytest.mark.parametrize(
    ("name", "key", "what"),
    [
        ("carbon_tax", "kind", "mechanisms"),
        ("gradient", "kind", "behaviours"),
        ("market", "section", "parameters"),
        ("public_cost", "name", "outcomes"),
        ("teams", "case", "cases"),
    ],
)
def test_one_entry_of_a_list_is_printed_by_its_name(said: Any, name: str, key: str, what: str) -> None:
    status, out, _ = said("list", name)
    assert status == 0
    assert name in out
    assert len(out) < len(said("list", what)[1]) / 2
    rows = json.loads(said("list", name, "--json")[1])
    assert rows == [row for row in json.loads(said("list", what, "--json")[1]) if row[key] == name]
    assert len(rows) == 1


def test_a_kind_that_stands_at_several_places_is_printed_for_each(said: Any) -> None:
    rows = json.loads(said("list", "tiered", "--json")[1])
    assert [(row["family"], row["kind"]) for row in rows] == [("information", "tiered"), ("network", "tiered")]


def test_a_section_and_an_outcome_of_one_name_are_both_printed(said: Any) -> None:
    out = said("list", "membership")[1]
    assert "[membership]" in out
    assert "  membership  share, mean:" in out


@pytest.mark.parametrize(("name", "guess"), [("carbon_tx", "carbon_tax"), ("outcome", "outcomes"), ("xyzzy", "")])
def test_a_name_that_is_in_no_list_is_one_line_with_the_nearest(said: Any, name: str, guess: str) -> None:
    status, out, err = said("list", name)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert ("did you mean" in err) == bool(guess)
    assert f"did you mean '{guess}'" in err or not guess


def parameter(rows: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    row = next(r for r in rows if r.get("kind") == kind)
    return next(p for p in row["parameters"] if p["name"] == name)


def test_the_options_of_a_parameter_are_listed_as_text_and_as_data(said: Any) -> None:
    _, out, _ = said("list", "mechanisms")
    assert "form (flat, proportional or escalating, default flat)" in out
    assert "verification (share in [0, 1], or self_report, third_party or sensors, default self_report)" in out
    rows = json.loads(said("list", "mechanisms", "--json")[1])
    assert parameter(rows, "standard_and_fine", "form")["choices"] == ["flat", "proportional", "escalating"]
    assert parameter(rows, "platform", "verification")["choices"] == ["self_report", "third_party", "sensors"]
    assert parameter(rows, "cap_and_trade", "banking")["choices"] == [True, False]
    assert parameter(rows, "carbon_tax", "rate")["choices"] == []


def test_a_budget_is_listed_for_the_kinds_that_take_one_and_for_no_others(said: Any) -> None:
    rows = json.loads(said("list", "mechanisms", "--json")[1])
    for row in rows:
        takes = any(p["name"] == "budget" for p in row["parameters"])
        assert takes == (row["family"] == "incentives" and kinds_at("incentives")[row["kind"]].funded), row["kind"]
        assert not any(p["common"] for p in row["parameters"] if p["name"] == "budget")


def test_numbers_are_shown_to_four_digits_and_kept_in_full_in_the_data(said: Any) -> None:
    assert "cost_ratio (number in [0, inf), default 0.3333)" in said("list", "mechanisms")[1]
    rows = json.loads(said("list", "mechanisms", "--json")[1])
    assert parameter(rows, "peer_sanction", "cost_ratio")["default"] == 1.0 / 3.0


def test_every_key_of_a_scenario_file_is_listed_somewhere(said: Any) -> None:
    sections = {r["section"]: r for r in json.loads(said("list", "parameters", "--json")[1])}
    top = {p["name"] for p in sections.pop("top")["parameters"]}
    assert top | set(sections) | set(KINDS) == set(Scenario.model_fields)
    enrols = next(p for p in sections["programme"]["parameters"] if p["name"] == "enrols")
    assert "chain" in {p["name"] for p in enrols["fields"]}
    rows = json.loads(said("list", "mechanisms", "--json")[1])
    assert "load_factor" in {p["name"] for p in parameter(rows, "platform", "channels")["fields"]}


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.parametrize("what", [[], ["mechanisms"], ["behaviours"], ["networks"], ["outcomes"], ["parameters"]])
def test_lists_fit_the_terminal(said: Any, monkeypatch: pytest.MonkeyPatch, columns: int, what: list[str]) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = said("list", *what)[1].splitlines()
    assert max(len(line) for line in lines) <= min(columns, 120)
    assert max(len(line) for line in lines) > min(columns, 120) - 15
    assert all(line == line.rstrip() for line in lines)
    assert not any(line.endswith(("[0,", "(0,", "[1,")) for line in lines)


@pytest.mark.parametrize("what", ["scenarios", "behaviours", "networks", "outcomes", "parameters"])
def test_every_list_is_there_as_text_and_as_data(said: Any, what: str) -> None:
    status, text, _ = said("list", what)
    assert status == 0
    assert text
    rows = json.loads(said("list", what, "--json")[1])
    name = next(key for key in ("name", "kind", "section") if key in rows[0])
    assert all(row[name] in text for row in rows)


@pytest.mark.parametrize(
    "arguments", [["-h"], ["list", "-h"], ["check", "-h"], ["run", "-h"], ["compare", "-h"], ["plot", "-h"]]
)
def test_every_help_has_an_example_and_no_types_of_flags(said: Any, arguments: list[str]) -> None:
    status, out, _ = said(*arguments)
    assert status == 0
    assert "Example: sim " in out
    assert "<bool>" not in out
    assert "..." not in "".join(
        line for line in out.splitlines() if not line.startswith(("Usage", "  scenarios", "  files"))
    )


def test_the_version_is_that_of_the_package(said: Any) -> None:
    import tomllib

    import sim

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert said("--version") == (0, f"sim {sim.__version__}\n", "")
    assert sim.__version__ == project["version"]
