"""`sim validate` as a user gives it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.terminal.validating import shown
from sim.theory import Check, case, cases

FEW = ("--processes", "1", "--quick")


def test_a_case_is_shown_with_both_numbers_and_a_verdict(said: Any) -> None:
    status, out, err = said("validate", "teams", *FEW)
    assert (status, err) == (0, "")
    assert "teams: Free-riding in a team that shares equally" in out
    assert "Holmstrom 1982" in out
    assert "firms 5; benefit 1; cost 2" in out
    (line,) = [x for x in out.splitlines() if x.split()[:3] == ["welfare", "ratio", "0.36"]]
    assert line.split()[2:4] == ["0.36", "0.36"]
    assert line.endswith("pass")
    assert out.splitlines()[-1] == "12 of 12 results reproduced"
    assert "none: no difference between replications" in out
    assert max(len(x) for x in out.splitlines()) <= 100


def test_a_line_of_the_table_fits_into_a_hundred_columns_whatever_the_case() -> None:
    longest = max((quantity for each in cases().values() for quantity in each().theory()), key=len)
    row = Check("teams", longest, {}, -123456.7, -1234.5678, 0.00012, 1e-6)
    lines = shown([case("teams")()], [[row]]).splitlines()
    assert any(longest in line and line.endswith("FAIL") for line in lines)
    assert max(len(line) for line in lines) <= 100


def test_a_case_takes_values_of_the_users_own(said: Any) -> None:
    status, out, _ = said("validate", "shapley_airport", "--set", "needs=[2, 5, 11]", *FEW)
    assert status == 0
    assert "needs [2, 5, 11]" in out
    assert "3 of 3 results reproduced" in out


def test_json_is_a_list_of_results(said: Any) -> None:
    status, out, err = said("validate", "teams", "--set", "firms=4", "--json", *FEW)
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert [row["quantity"] for row in found] == ["effort", "first-best effort", "welfare ratio"]
    for row in found:
        assert list(row) == [
            "case", "quantity", "parameters", "theory", "simulation", "standard_error", "tolerance", "passed",
        ]  # fmt: skip
    assert found[2]["theory"] == 7 / 16
    assert found[0]["parameters"] == {"firms": 4, "benefit": 1.0, "cost": 2.0}
    assert all(row["passed"] is True for row in found)


def test_a_result_that_is_not_reproduced_gives_status_1_and_is_named(
    said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"effort": 0.3, "first-best effort": 0.5, "welfare ratio": 0.75}
    monkeypatch.setattr(case("teams"), "theory", lambda self: wrong)
    status, out, err = said("validate", "teams", "--set", "firms=2", *FEW)
    assert status == 1
    assert err == "sim: 1 of 3 results are not reproduced: teams\n"
    assert "2 of 3 results reproduced" in out
    assert out.count("FAIL") == 1
    status, out, _ = said("validate", "teams", "--set", "firms=2", "--json", *FEW)
    assert status == 1
    assert [row["passed"] for row in json.loads(out)] == [False, True, True]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tems",), "did you mean 'teams'?"),
        (("teams", "--set", "fims=3"), "did you mean 'firms'?"),
        (("teams", "--set", "firms=-3"), "given -3, allowed is a whole number in [1, 200]"),
        (("--set", "firms=3"), "parameters belong to a case"),
        (("teams", "--processes", "0"), "--processes: given 0, allowed is a whole number in [1, inf)"),
        (("teams", "--seed", "x"), "given 'x', allowed is a whole number"),
    ],
)
def test_bad_input_gives_status_2_and_one_line(said: Any, arguments: tuple[str, ...], words: str) -> None:
    status, out, err = said("validate", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_plots_are_drawn_into_a_folder(said: Any) -> None:
    status, out, _ = said("validate", "river_sharing", "--plots", "pictures/theory", *FEW)
    assert status == 0
    assert out.splitlines()[-1] == "plots: pictures/theory (river_sharing.png)"
    assert Path("pictures/theory/river_sharing.png").read_bytes().startswith(b"\x89PNG")
    Path("taken").write_text("")
    status, out, err = said("validate", "river_sharing", "--plots", "taken", *FEW)
    # Said before anything is computed.
    assert (status, out) == (2, "")
    assert "cannot be written to taken" in err


def test_what_is_done_is_shown_and_drawn_before_what_follows_is_computed(
    said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(self: Any, seed: int, effort: str) -> Any:
        raise KeyboardInterrupt

    two = [case("teams")(), case("learning_curve")()]
    monkeypatch.setattr("sim.theory.running.at_hand", lambda name, changes: two)
    monkeypatch.setattr(case("learning_curve"), "simulate", broken_off)
    status, out, _ = said("validate", "--plots", "pictures", *FEW)
    assert status == 130
    assert "welfare ratio" in out
    assert [file.name for file in Path("pictures").iterdir()] == ["teams.png"]


def test_cases_are_listed_with_what_they_say_and_take(said: Any) -> None:
    status, out, _ = said("list", "cases")
    assert status == 0
    assert "teams: Free-riding in a team that shares equally" in out
    assert "firms (count in [1, 200], default 2): firms in the team" in out
    assert "Formula: each for itself e = b/(nc); together e = b/c" in out
    rows = {row["case"]: row for row in json.loads(said("list", "cases", "--json")[1])}
    assert rows["carbon_price"]["source"].endswith("Baumol & Oates 1988")
    assert rows["teams"]["formula"] == case("teams").formula
