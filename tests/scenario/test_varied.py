"""Which scenarios can be computed together, as one whose numbers are columns."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from pydantic import Field

from sim.ensemble import run_block
from sim.errors import ScenarioError, UsageError
from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive
from sim.scenario.schema import Scenario
from sim.scenario.varied import is_varied, keeps_skeleton, may_vary, skeleton, varied
from tests.worlds import scenario


def given(**changes: Any) -> Scenario:
    incentives = [{"kind": "abatement_subsidy", "rate": 0.1}, {"kind": "effort_subsidy", "budget": 9.0}]
    return scenario({"incentives": incentives, "relations": {"warn_below": 0.3}}).replace(changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"technology.abatement_cost": 0.2},
        {"incentives.0.rate": 0.0},
        {"incentives.1.budget": 10.0},
        {"relations.weights.innovation": 2.0},
        {"relations.warn_below": 0.4},
        {"behaviours.0.speed": 1.0},
        {"regulator.rate": 0.0},
        {"name": "another", "title": "Another"},
    ],
    ids=lambda c: next(iter(c)),
)
def test_scenarios_that_differ_in_numbers_or_names_alone_have_one_skeleton(changes: dict[str, Any]) -> None:
    assert skeleton(given(**changes)) == skeleton(given())


class Bonus(Incentive):
    """A mechanism from outside this package, which takes its rate for a number."""

    kind: Literal["bonus"] = "bonus"
    rate: Share = Field(0.1, description="part of a hope")

    def payment(self, known: Known, acts: Acts) -> Array:
        return np.zeros_like(known.revenue)

    def prospect(self, known: Known, acts: Acts) -> Array:
        return known.chains.by_firm(self.rate * known.premium(acts))


class VaryingBonus(Bonus):
    """The same, made for rates of each world."""

    varies: ClassVar[bool] = True

    def prospect(self, known: Known, acts: Acts) -> Array:
        return known.chains.by_firm(known.per_entry(self.rate) * known.premium(acts))


def bonuses(kind: type[Bonus], *rates: float) -> list[Scenario]:
    base = scenario(months=2)
    return [base.model_copy(update={"incentives": (kind(rate=rate),)}) for rate in rates]


def test_numbers_of_a_plug_in_are_the_same_in_all_worlds_of_a_block() -> None:
    low, high = bonuses(Bonus, 0.1, 0.5)
    assert skeleton(low) != skeleton(high)
    assert not keeps_skeleton(low, "incentives.0.rate", 0.5)
    with pytest.raises(ScenarioError, match="rate"):
        varied([low, high])


def test_numbers_of_a_plug_in_that_is_made_for_it_may_differ() -> None:
    worlds = bonuses(VaryingBonus, 0.1, 0.5)
    assert skeleton(worlds[0]) == skeleton(worlds[1])
    block = run_block(varied(worlds), 1, [0, 0])
    for n, alone in enumerate(worlds):
        gap = run_block(alone, 1, [0]).monthly["effort_gap"]
        assert np.array_equal(block.monthly["effort_gap"][:, n], gap[:, 0])
    assert not np.array_equal(*block.monthly["effort_gap"].T)


OTHERWISE: list[dict[str, Any]] = [
    {"months": 7},
    {"start.warmup": 3},
    {"relations.assessed": True},
    {"technology.effort_base": "plant"},
    {"incentives.1.budget": None},
    {"incentives.0.budget": 10.0},
    {"regulator.kind": "none"},
    {"network.sme_share": 0.3},
    {"relations.warn_below": 0.0},
    {"market.weakest_link": 0.0},
    {"start.cooperators": [0.5, 0.2]},
    {"incentives.0.label": "subsidy"},
]
"""What makes another skeleton."""


@pytest.mark.parametrize("changes", OTHERWISE, ids=lambda c: next(iter(c)))
def test_what_else_differs_makes_another_skeleton(changes: dict[str, Any]) -> None:
    assert skeleton(given(**changes)) != skeleton(given())


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("technology.abatement_cost", True),
        ("incentives.1.budget", True),
        ("incentives.0.budget", False),
        ("relations.weights.innovation", True),
        ("relations.review_every", False),
        ("network.sme_share", False),
        ("start.cooperators.0", False),
        ("information.verification", False),
        ("technology", False),
        ("incentives.7.rate", False),
        ("nowhere.at_all", False),
    ],
)
def test_numbers_may_vary_but_no_counts_words_lists_or_what_shapes_the_network(path: str, may: bool) -> None:
    assert may_vary(given(**{"start.cooperators": [0.5, 0.2]}), path) is may


def test_what_differs_becomes_a_column_with_a_row_for_each_world() -> None:
    ones = [
        given(),
        given(**{"technology.margin": 0.05, "incentives.0.rate": 0.3}),
        given(**{"technology.margin": 0.05}),
    ]
    together = varied(ones)
    assert np.array_equal(together.technology.margin, [[0.08], [0.05], [0.05]])
    assert together.technology.abatement_cost == 0.12
    assert is_varied(together)
    assert np.array_equal(getattr(together.incentives[0], "rate"), [[0.1], [0.3], [0.1]])  # noqa: B009


def test_scenarios_without_a_difference_are_one_of_them() -> None:
    one = given()
    assert varied([one, given(), given(name="another")]) is one
    assert not is_varied(one)


def test_columns_cannot_be_written_to() -> None:
    together = varied([given(), given(**{"technology.margin": 0.05})])
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(together.technology.margin)[0] = 1.0


@pytest.mark.parametrize("changes", OTHERWISE, ids=lambda c: next(iter(c)))
def test_scenarios_of_two_skeletons_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match="differ in more than numbers"):
        varied([given(), given(**changes)])


def test_a_row_too_few_is_refused() -> None:
    together = varied([given(), given(**{"technology.margin": 0.05})])
    with pytest.raises(UsageError, match="for 2 worlds cannot run on 3"):
        run_block(together, 1, range(3))


def test_leaving_out_the_first_best_is_another_scenario_and_not_doing_so_is_none() -> None:
    assert "first_best" not in given().canonical
    assert given(**{"assessment.first_best": True}).fingerprint == given().fingerprint
    assert given(**{"assessment.first_best": False}).fingerprint != given().fingerprint
