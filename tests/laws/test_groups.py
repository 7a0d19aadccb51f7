"""Outcomes by groups of firms: they add up to the whole, and are only there where asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.ensemble import Block, run_block
from sim.fields import Array
from sim.outcomes.free_riding import free_riders, gini_of
from sim.outcomes.groups import groups_of
from sim.outcomes.quality import active, theta
from sim.programme import Programme
from sim.scenario.schema import Scenario
from tests.laws.test_everything_on import EVERYTHING
from tests.laws.test_isolation import FIRMS, LINKS
from tests.worlds import QUIET, run, scenario, tables

ALL = ["role", "tier", "size", "region"]
SUMS = ("profit", "emissions", "support", "public_money", "windfall")
MEANS = ("green_quality", "free_rider_share")

PAID: dict[str, Any] = {
    **EVERYTHING,
    "incentives": [{"kind": "abatement_subsidy"}, {"kind": "carbon_tax"}, {"kind": "capacity_building"}],
    "months": 6,
}


def asking(by: list[str], **more: Any) -> Scenario:
    return scenario(PAID, assessment={"by": by}, **more)


@pytest.fixture(scope="module")
def given() -> Scenario:
    return asking(ALL)


@pytest.fixture(scope="module")
def block(given: Scenario) -> Block:
    return run_block(given, 1, range(2))


def grouped(block: Block, name: str) -> dict[str, Array]:
    return {s.partition(":")[2]: x for s, x in block.monthly.items() if s.startswith(f"{name}:")}


def members(p: Programme, dimension: str, group: str) -> np.ndarray:
    """Firms of a group, worked out from the network's own columns."""
    firms, names = p.network.firms, {"suppliers": 0, "manufacturers": 1, "carriers": 2}
    if group in names:
        return firms["role"] == names[group]
    if dimension == "tier":
        return (firms["role"] == 0) & (firms["tier"] == int(group.removeprefix("tier ")))
    return firms[dimension] == group


@pytest.mark.parametrize("dimension", ALL)
@pytest.mark.parametrize("name", SUMS)
def test_groups_of_a_dimension_add_up_to_all_firms(name: str, dimension: str, block: Block, given: Scenario) -> None:
    parts = grouped(block, f"{name}_by_{dimension}")
    assert len(parts) >= 2
    total = sum(parts.values())
    by_role = grouped(block, f"{name}_by_role")
    whole = block.monthly[name] if name in block.monthly else sum(by_role.values())
    assert np.abs(whole).max() > 0 or name == "windfall"
    assert total == pytest.approx(whole, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("dimension", ALL)
def test_every_group_holds_its_own_firms(dimension: str, block: Block, given: Scenario) -> None:
    """The last month, by hand."""
    world, p = run(given, replications=2)
    theta_, there = theta(world, p), active(world, p)
    riders = free_riders(world, p)
    assert world.profit.sum() == pytest.approx(block.monthly["profit"][-1].sum())
    for group in groups_of(p, dimension).firms:
        firms = members(p, dimension, group)
        assert firms.any()
        count = np.maximum(there[:, firms].sum(axis=1), 1.0)
        expected = {
            "profit": world.profit[:, firms].sum(axis=1),
            "emissions": world.emissions[:, firms].sum(axis=1),
            "support": world.support[:, firms].sum(axis=1),
            "green_quality": (theta_ * there)[:, firms].sum(axis=1) / count,
            "free_rider_share": (riders * there)[:, firms].sum(axis=1) / count,
            "benefit_cost_gini": gini_of(world.benefit[:, firms], world.contribution[:, firms]),
        }
        for name, value in expected.items():
            found = block.monthly[f"{name}_by_{dimension}:{group}"][-1]
            assert found == pytest.approx(value, rel=1e-9, abs=1e-9), (name, group)


def test_money_from_regulators_is_what_the_regulators_book_and_do_not_spend_elsewhere(given: Scenario) -> None:
    world, _ = run(given)
    trainers = world.ledger.institution["outside"]
    elsewhere = trainers["capacity_building"] + trainers["audits"]
    spending, revenue = world.ledger.public()
    assert elsewhere[0] > 0
    assert world.ledger.from_regulators().sum(axis=1) + elsewhere == pytest.approx(spending - revenue)


def test_the_effort_gap_of_a_group_is_against_its_own_first_best(block: Block, given: Scenario) -> None:
    best = run_block(given.first_best(), 1, range(2), benchmark=False)
    for dimension in ALL:
        for group, quality in grouped(block, f"green_quality_by_{dimension}").items():
            first = best.monthly[f"green_quality_by_{dimension}:{group}"]
            assert first.min() > 0
            assert block.monthly[f"effort_gap_by_{dimension}:{group}"] == pytest.approx(1.0 - quality / first)


def test_a_group_of_everybody_has_the_figures_of_the_whole() -> None:
    one_region = run_block(asking(["region"], network={**PAID["network"], "regions": ["home"]}), 1, range(2)).monthly
    for name in (*MEANS, "benefit_cost_gini", "effort_gap", "windfall"):
        assert one_region[f"{name}_by_region:home"] == pytest.approx(one_region[name], rel=1e-9), name


def test_a_firm_without_revenue_does_not_count_in_its_groups(tmp_path: Path) -> None:
    def quality(folder: Path, firms: str) -> dict[str, Array]:
        folder.mkdir()
        given = {**QUIET, "assessment": {"by": ["size"]}, "network": {}, "months": 3}
        block = run_block(scenario(given, tables(folder, firms, LINKS)), 1, [0], benchmark=False)
        return grouped(block, "green_quality_by_size") | {"all": block.monthly["green_quality"]}

    without, with_it = quality(tmp_path / "a", FIRMS), quality(tmp_path / "b", FIRMS + "aaa,supplier,large,\n")
    assert all(np.array_equal(without[group], with_it[group]) for group in without)


def test_nothing_is_told_by_groups_unless_asked_for_and_asking_moves_no_number(block: Block) -> None:
    plain = run_block(asking([]), 1, range(2)).monthly
    for name, series in plain.items():
        assert np.array_equal(series, block.monthly[name]), name
    extra = {name.partition(":")[0] for name in block.monthly.keys() - plain.keys()}
    assert extra >= {f"{name}_by_{d}" for name in ("support", "public_money", "effort_gap", "windfall") for d in ALL}
    assert all("_by_" in name for name in extra)


def test_asking_for_one_dimension_gives_it_and_roles() -> None:
    found = run_block(asking(["size"], months=1), 1, [0]).monthly
    divided = {name.partition(":")[0].partition("_by_")[2] for name in found if name.startswith("effort_gap_by_")}
    assert divided == {"role", "size"}


def test_groups_are_the_same_alone_as_in_company(block: Block, given: Scenario) -> None:
    alone = run_block(given, 1, [1])
    for name, series in alone.monthly.items():
        assert np.array_equal(series[:, 0], block.monthly[name][:, 1]), name


def test_free_riders_of_a_role_are_those_of_its_tier(block: Block) -> None:
    for group in ("manufacturers", "carriers"):
        by_tier = block.monthly[f"free_rider_share_by_tier:{group}"]
        assert block.monthly[f"free_rider_share_by_role:{group}"] == pytest.approx(by_tier)
