"""Worlds of one block may differ in numbers: each is bit for bit what it is alone, whatever its neighbours are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from sim.ensemble import Block, run_block
from sim.errors import NetworkError, ScenarioError
from sim.fields import AlikeIn, describe
from sim.scenario.schema import KINDS, UNCOUNTED, Scenario, kinds_at
from sim.scenario.varied import may_vary, skeleton, varied
from tests.laws.test_everything_on import EVERYTHING
from tests.laws.test_isolation import STATE
from tests.worlds import EVERYBODY, scenario

REPLICATIONS = (0, 1, 0, 1)
"""Worlds of a block may be other replications of the same scenario too."""

TINY = {"kind": "tiered", "buyers": 2, "tiers": [5, 5], "carriers": 2, "regions": ["north", "south"]}

COURSE: dict[str, Any] = {"network": TINY, "programme": EVERYBODY, "months": 4, "start": {"warmup": 1}}

MIXED = [{"kind": kind, "share": 0.2} for kind in ("gradient", "conditional", "imitate", "cooperative", "reinforce")]

DATA = {**EVERYTHING["information"], "standard_gap": 0.1, "joining_cost": 5.0, "monthly_cost": 1.0}

INCENTIVES: list[dict[str, Any]] = [
    {"kind": "buyer_mandate"},
    {"kind": "upgrade_grant", "budget": 50.0},
    {"kind": "order_reward", "applies_to": {"rating": 0.1}},
    {"kind": "standard_and_fine", "applies_to": {"region": "north"}},
]

FULL: dict[str, Any] = {
    **EVERYTHING, **COURSE, "behaviours": MIXED, "incentives": INCENTIVES, "information": DATA, "months": 6,
    "assessment": {"by": ["tier"], "footprints": True}, "technology": {"effort_base": "plant", "abatable_share": 0.49},
    "relations": {**EVERYTHING["relations"], "review_every": 1, "warn_below": 0.9, "better_by": 0.01},
}  # fmt: skip
"""Everything is on."""

PLAIN: dict[str, Any] = {**COURSE, "risk": {"outage_rate": 0.2}, "relations": {"review_every": 2}}
"""Next to nothing is: what is switched on by 0 or more has neighbours that are off."""

SHARING: dict[str, Any] = {
    **PLAIN,
    "start": {"warmup": 1, "cooperators": 0.4},
    "information": {"kind": "platform", "verification": 0.3},
    "reporting": {"overclaim": 0.5, "overclaim_share": 0.5},
    "benefit_sharing": {"kind": "shapley"},
    "cost_sharing": {"kind": "shapley", "game": "scale"},
    "market": {"weakest_link": -1.5, "saturation": 0.3, "label_sharing": 0.2, "awareness_growth": 0.1},
    "quality": {"inspecting": "trust", "liability": 0.2, "reduction": 0.1},
    "ordering": {"policy": "order_up_to"},
    "incentives": [{"kind": "platform_traffic"}, {"kind": "capacity_building", "budget": 500.0}],
}
"""Chains that are as green as their weakest firm, nearly."""

UNUSUAL = {"learning_exponent": 1.0, "scale": 0.5, "weakest_link": 0.5}
"""Exponents for which numpy has formulas of its own, where these are numbers."""

BASES = {"full": FULL, "plain": PLAIN, "sharing": SHARING}

PLACES = [place for place in KINDS if place not in ("network", "behaviours")]

SECTIONS = [
    name for name in Scenario.model_fields if name not in (*UNCOUNTED, *KINDS, "currency", "months", "programme")
]


def variants(place: str, kind: str) -> Iterator[dict[str, Any]]:
    """A kind with its defaults, and with every other option that it has."""
    often = {"every": 2} if "every" in kinds_at(place)[kind].model_fields else {}
    yield {"kind": kind, **often}
    for row in describe(kinds_at(place)[kind]):
        for option in row["choices"]:
            if row["name"] not in ("kind", "role") and option != row["default"]:
                yield {"kind": kind, **often, row["name"]: option}


PARTS: list[tuple[str, str, dict[str, Any]]] = [
    *((base, section, {}) for base in BASES for section in SECTIONS),
    *(("full", place, {}) for place in PLACES),
    *(
        (place, kind, table)
        for place in (*PLACES, "behaviours")
        for kind in kinds_at(place)
        for table in variants(place, kind)
    ),
]
"""Parts of a scenario whose numbers are varied together: every section on every base, every kind of every place."""


def named(part: Any) -> str:
    return "-".join(f"{part[k]}" for k in part if k != "kind") if isinstance(part, dict) else str(part)


def base_of(place: str, kind: str, table: dict[str, Any]) -> tuple[Scenario, str]:
    """A scenario, and the path of the part of it that is meant."""
    if place in BASES:
        return scenario(BASES[place]), kind
    if place == "incentives":
        if kinds_at(place)[kind].funded:
            table = {**table, "budget": 40.0}
        rated = {"kind": "effort_subsidy", "applies_to": {"rating": 0.2}}
        return scenario(PLAIN, incentives=[table, rated], regulator={"kind": "fixed", "rate": 0.5}), "incentives.0"
    if place == "behaviours":
        half = [{**table, "share": 0.5}, {"kind": "fixed", "share": 0.5}]
        far_from_rest = {"warmup": 0, "quality": 0.9, "abatement": 0.02}
        given = {**PLAIN, "information": {"kind": "platform"}, "behaviours": half, "start": far_from_rest}
        return scenario(given), "behaviours"
    fines = [{"kind": "standard_and_fine"}, {"kind": "carbon_tax"}]
    insured = {"risk": {"outage_rate": 0.2, "incident_rate": 0.1}, "reporting": FULL["reporting"]}
    return scenario({**PLAIN, "information": {"kind": "tiered"}, "incentives": fines, **insured, place: table}), place


def numbers(part: Any, path: str) -> Iterator[tuple[str, float]]:
    """Every number below a path."""
    if isinstance(part, float):
        yield path, part
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from numbers(getattr(part, name), f"{path}.{name}")
    if isinstance(part, tuple) and part and isinstance(part[0], BaseModel):
        for n, each in enumerate(part):
            yield from numbers(each, f"{path}.{n}")


def part_at(given: Scenario, path: str) -> Any:
    here: Any = given
    for name in path.split("."):
        here = here[int(name)] if isinstance(here, tuple) else getattr(here, name)
    return here


def moved(given: Scenario, base: Scenario, path: str, to: Sequence[float]) -> Scenario:
    """With the first of some values that is allowed, and that goes with the others in a block."""
    for value in to:
        try:
            changed = given.replace({path: value})
        except ScenarioError:
            continue
        if part_at(base, path) != value and skeleton(changed) == skeleton(base):
            return changed
    return given


def neighbours(base: Scenario, part: str) -> tuple[list[Scenario], list[str]]:
    """The base and three like it but for the numbers of a part: others in one, at their lowest by turns in two."""
    paths = [(path, value) for path, value in numbers(part_at(base, part), part) if may_vary(base, path)]
    worlds = [base, base, base, base]
    for n, (path, value) in enumerate(paths):
        if path.endswith(".share") and part == "behaviours":
            continue
        low = (0.0, 1.0, 0.5 * value, 0.1)
        other = (UNUSUAL.get(path.rpartition(".")[2], 0.6 * value + 0.05), 0.6 * value)
        worlds[1 + n % 2] = moved(worlds[1 + n % 2], base, path, low)
        for world in (2 - n % 2, 3):
            worlds[world] = moved(worlds[world], base, path, other)
    if part == "behaviours":
        for world, share in ((1, 0.0), (2, 0.8), (3, 0.3)):
            worlds[world] = worlds[world].replace({"behaviours.0.share": share, "behaviours.1.share": 1.0 - share})
    return worlds, [path for path, _ in paths]


def off(given: Scenario, path: str) -> bool:
    """Whether a number stands where no other will do in the same block: it is off, or of a form of its own."""
    place, _, name = path.rpartition(".")
    special = [m for m in type(part_at(given, place)).model_fields[name].metadata if isinstance(m, AlikeIn)]
    return bool(special) and part_at(given, path) in (0.0, 1.0)


@lru_cache(maxsize=256)
def alone(given: Scenario, replication: int) -> Block:
    return run_block(given, 3, [replication], benchmark=False)


OF_LINKS = ("trust", "inspecting", "order_share", "order_value", "tonne_km")


def assert_same(block: Block, world: int, single: Block) -> None:
    for name in STATE:
        assert np.array_equal(getattr(block.world, name)[world], getattr(single.world, name)[0]), name
    for name in OF_LINKS:
        rows = getattr(block.world, name).reshape(len(block.replications), -1)
        assert np.array_equal(rows[world], getattr(single.world, name)), name
    assert block.monthly.keys() == single.monthly.keys()
    for name, series in single.monthly.items():
        assert np.array_equal(block.monthly[name][:, world], series[:, 0]), f"{name} of world {world}"
    assert block.ledger.keys() == single.ledger.keys()
    for entry, total in single.ledger.items():
        assert block.ledger[entry][world] == total[0], f"{entry} of world {world}"
    assert {name: last[world] for name, last in block.last_paid.items()} == {
        n: x[0] for n, x in single.last_paid.items()
    }


@pytest.mark.parametrize(("place", "kind", "table"), PARTS, ids=named)
def test_a_world_is_the_same_alone_as_beside_worlds_of_other_numbers(
    place: str, kind: str, table: dict[str, Any]
) -> None:
    worlds, paths = neighbours(*base_of(place, kind, table))
    for path in paths:
        values = [part_at(world, path) for world in worlds]
        assert len(set(values)) > 1 or off(worlds[0], path), f"{path} is the same in all worlds"
    block = run_block(varied(worlds), 3, REPLICATIONS, benchmark=False)
    for n, (each, replication) in enumerate(zip(worlds, REPLICATIONS, strict=True)):
        assert_same(block, n, alone(each, replication))


@pytest.mark.parametrize("schedule", ["sequential", "colour_classes", "sublattice", "single"])
def test_a_world_is_the_same_in_company_whoever_decides_when(schedule: str) -> None:
    base = scenario(PLAIN, behaviours=MIXED, information={"kind": "platform"}, update={"schedule": schedule})
    numbers = {
        "behaviours.0.speed": 1.0,
        "behaviours.1.match": 0.5,
        "behaviours.2.noise": 0.0,
        "behaviours.4.floor": 0.2,
    }
    worlds = [base, base.replace(numbers), base.replace({"behaviours.2.attempts": 0.7})]
    block = run_block(varied(worlds), 3, REPLICATIONS[:3], benchmark=False)
    for n, (each, replication) in enumerate(zip(worlds, REPLICATIONS, strict=False)):
        assert_same(block, n, alone(each, replication))


def test_a_world_that_cannot_be_is_named_with_its_own_numbers() -> None:
    base = scenario(PLAIN)
    worlds = [base, base.replace({"logistics.claim_cost": 90.0}), base.replace({"logistics.claim_cost": 2.0})]
    with pytest.raises(NetworkError, match=r"margin \(0.08\), .* damage_rate \(0.9\)"):
        run_block(varied(worlds), 3, REPLICATIONS[:3])


def test_the_first_best_and_the_world_without_incentives_are_those_of_each_world() -> None:
    assessed = {"assessment": {"counterfactual": True, "by": ["size"]}, "incentives": [{"kind": "abatement_subsidy"}]}
    base = scenario(PLAIN, **assessed)
    changes = ({}, {"incentives.0.rate": 0.4}, {"market.social_cost_of_carbon": 0.9}, {"incentives.0.rate": 0.0})
    worlds = [base.replace(change) for change in changes]
    block = run_block(varied(worlds), 3, REPLICATIONS)
    assert {"effort_gap", "effort_gap_by_size:sme", "windfall", "leakage"} <= block.monthly.keys()
    for n, (each, replication) in enumerate(zip(worlds, REPLICATIONS, strict=True)):
        assert_same(block, n, run_block(each, 3, [replication]))


def test_without_the_first_best_there_is_no_effort_gap_and_all_else_is_as_it_was() -> None:
    with_it = run_block(scenario(PLAIN), 3, [0, 1])
    without = run_block(scenario(PLAIN, assessment={"first_best": False}), 3, [0, 1])
    assert with_it.monthly.keys() - without.monthly.keys() == {"effort_gap", "first_best_quality"}
    for name, series in without.monthly.items():
        assert np.array_equal(series, with_it.monthly[name]), name
