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
from sim.scenario.schema import KINDS, kinds_at
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
