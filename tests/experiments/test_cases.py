"""A case is told apart from others as its scenario would be, made or not."""

from __future__ import annotations

import pickle

import pytest

from sim.experiments import cases
from sim.experiments.cases import Case, firm_months
from sim.scenario.files import load_scenario
from sim.scenario.schema import Scenario
from sim.scenario.varied import skeleton

CHANGES = {
    "a number": {"technology.abatement_cost": 0.1},
    "a whole number for a number": {"technology.abatement_cost": 1},
    "a number that switches something on": {"quality.reduction": 0.2},
    "numbers of a mechanism and of a section": {"incentives.0.bar": 0.4, "market.premium": 0.02},
    "another mechanism": {"information.kind": "none", "market.premium": 0.02},
    "a whole number": {"months": 7},
    "a switch": {"membership.voluntary": True},
    "the network": {"network.sme_share": 0.5},
    "nothing": {},
}


@pytest.fixture(scope="module")
def pilot() -> Scenario:
    return load_scenario("shenzhen-huawei")


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_case_has_the_fingerprint_and_skeleton_of_its_scenario(pilot: Scenario, changes: dict[str, object]) -> None:
    case = Case(pilot, changes)
    assert case.fingerprint == pilot.replace(changes).fingerprint
    assert case.skeleton == skeleton(pilot.replace(changes))


def test_only_numbers_are_told_without_making_the_scenario(pilot: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Case, "scenario", property(lambda _: pytest.fail("made")))
    assert Case(pilot, CHANGES["a number"]).fingerprint != Case(pilot, {"technology.abatement_cost": 0.11}).fingerprint
    with pytest.raises(pytest.fail.Exception):
        _ = Case(pilot, CHANGES["a number that switches something on"]).fingerprint


def test_what_a_case_is_sent_with_is_small(pilot: Scenario) -> None:
    """A base is sent once, however many of its cases there are."""
    one, many = (
        len(pickle.dumps([Case(pilot, {"technology.margin": 0.01 + n / 1e6}) for n in range(count)]))
        for count in (1, 1001)
    )
    assert (many - one) / 1000 < 200


def test_an_equal_base_is_another_base(pilot: Scenario) -> None:
    """Bases are told apart by identity: one that is gone must not lend its name to the next."""
    kept = {Case(pilot.replace({"months": n}), {"market.premium": 0.02}).fingerprint for n in range(1, 100)}
    assert len(kept) == 99
    assert cases._ground.cache_info().currsize <= 32


def test_firm_months_count_what_is_missing(pilot: Scenario) -> None:
    given = {c.fingerprint: c for c in (Case(pilot), Case(pilot, {"market.premium": 0.02}), Case(pilot, {"months": 5}))}
    first, second, third = given
    size = pilot.build_network().size
    assert firm_months(given, {first: [0], second: [1, 2], third: [0]}) == size * (3 * pilot.months + 5)
    assert firm_months(given, {first: [], second: [], third: []}) == 0
