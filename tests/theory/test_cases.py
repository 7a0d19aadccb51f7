"""Published results: every one that is found is reproduced, and would not be if the theory said something else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.fields import describe
from sim.theory import Case, Simulated, case, cases

FOUND = sorted(cases())

OFF = 1.05
"""What the result of a closed form is multiplied by, to see that it is noticed."""


@pytest.mark.parametrize("name", FOUND)
def test_a_case_is_reproduced_and_would_not_be_if_theory_were_five_percent_off(name: str) -> None:
    given = case(name)()
    rows = given.checks(effort="quick")
    assert [r for r in rows if not r.passed] == []
    expected = given.theory()
    # A share that is sampled cannot tell apart what lies closer together than its own tolerance.
    least = {r.quantity: 1.01 * r.tolerance + max(r.error, 0.0) if given.sampled else 0.0 for r in rows}
    off = {q: max(abs(x) * (OFF - 1.0), least[q]) for q, x in expected.items()}
    there = {q for q, x in off.items() if x > 1e-3 * given.size(q)}
    assert there
    seen = {r.quantity: Simulated(r.simulation, r.standard_error) for r in rows}

    class Misled(type(given)):  # type: ignore[misc]
        def theory(self) -> dict[str, float]:
            return {q: x + off[q] for q, x in expected.items()}

        def simulate(self, seed: int, effort: str) -> dict[str, Simulated]:
            return seen

    assert {r.quantity for r in Misled().checks() if not r.passed} >= there


@pytest.mark.parametrize("name", FOUND)
def test_a_case_says_what_it_is(name: str) -> None:
    given = case(name)
    assert re.fullmatch(r"[a-z][a-z_]*", given.name)
    for words in (given.title, given.source, given.formula, given.explains):
        assert words.strip()
    assert "\n" not in given.formula
    assert given.explains.endswith(".")
    assert len(given.shown) >= 2
    assert given.shown[0] == {}
    for row in describe(given):
        assert row["description"], row["name"]
        assert not row["required"], row["name"]
    # These are taken by `check` itself.
    assert not {"seed", "effort"} & set(given.model_fields)


@pytest.mark.parametrize("name", FOUND)
def test_the_document_has_the_formula_and_the_source_of_a_case_below_its_name(name: str) -> None:
    given = case(name)
    document = (Path(__file__).parents[2] / "docs/theory.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"^\*\*`{name}`\.\*\*(.*?)(?=^\*\*`|^## )", document, re.MULTILINE | re.DOTALL)
    assert f"Formula: `{given.formula}`.\nSource: {given.source}.\n" in part


@pytest.mark.parametrize("name", FOUND)
def test_all_that_a_case_shows_can_be_worked_out(name: str) -> None:
    given = case(name)
    quantities = list(given().theory())
    for changes in given.shown:
        assert all(isinstance(x, float) for x in given.at(changes).theory().values())
    for value in given.axis.values:
        assert list(given().along(value).theory()) == quantities
    assert given.axis.panels
    for panel in given.axis.panels:
        assert set(panel.quantities) <= set(quantities)


def test_a_case_that_is_put_into_the_folder_is_found() -> None:
    assert {"teams", "carbon_price"} <= set(cases())
    assert all(issubclass(found, Case) and found.name == name for name, found in cases().items())
