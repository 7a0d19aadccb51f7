"""What the phases do that no law covers: reviews, programme phases, learning, information."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.beginning import opening
from sim.network.links import links_of
from sim.phases import month
from sim.programme import programme_of
from tests.laws.test_isolation import BUSY
from tests.worlds import EVERYBODY, QUIET, of_firm, run, scenario, tables

FIRMS = "firm_id,role,demand\nm,manufacturer,100\ngood,supplier,\nbad,supplier,\n"
LINKS = "supplier,customer,order_share\ngood,m,0.5\nbad,m,0.5\n"


def test_a_buyers_mandate_moves_orders_from_the_bad_to_the_good_and_back_when_it_ends(tmp_path: Path) -> None:
    given = scenario(
        QUIET,
        tables(tmp_path, FIRMS, LINKS),
        incentives=[{"kind": "buyer_mandate", "bar": 0.3, "loss": 0.4, "ends": 12}],
        information={"kind": "platform", "accuracy_with": 1.0, "minimum_disclosure": 1.0, "accuracy_without": 1.0},
        programme=EVERYBODY,
        behaviours=[{"kind": "fixed"}],
        assessment={"measurement_error": 0.001},
    )
    p = programme_of(given, 1, [0])
    world = opening(p)
    good = p.network.index("good")
    shares = []
    for _ in range(20):
        quality = world.quality.copy()
        quality[0, good] = 1.0
        world = month(world, p, lambda w: w.but(quality=quality, abatement=quality))  # noqa: B023
        by_firm = dict(zip(world.links.supplier.tolist(), world.order_share.tolist(), strict=True))
        shares.append(by_firm[good])
    assert shares[4] == 0.5
    assert shares[5] == pytest.approx(0.5 / 0.8)
    assert shares[11] == pytest.approx(0.5 / 0.8)
    assert shares[17] == 0.5


def test_phases_of_a_programme_enrol_and_release_by_month() -> None:
    given = scenario(
        programme=[
            {"name": "first", "starts": 1, "ends": 3, "enrols": {"chain": "anchor", "tier": [0, 1]}},
            {"name": "second", "starts": 2, "enrols": {"role": "logistics"}},
        ]
    )
    p = programme_of(given, 1, [0])
    members = [{p.network.ids[i] for i in np.flatnonzero(p.enrolled(t, links_of(p.network, 1))[0])} for t in range(4)]
    assert members[0] == set()
    assert "anchor" in members[1]
    assert "carrier-1" not in members[1]
    assert not any(m.startswith("t2") for m in members[1])
    assert members[2] == members[1] | {"carrier-1", "carrier-2"}
    assert members[3] == {"carrier-1", "carrier-2"}


def test_shared_data_fill_lorries_spare_inspections_and_sharpen_sight() -> None:
    def after(kind: str) -> dict[str, float]:
        world, _ = run(
            scenario(
                QUIET,
                information={"kind": kind, "minimum_disclosure": 0.8},
                programme=EVERYBODY,
                behaviours=[{"kind": "fixed", "quality": 0.5, "abatement": 0.5}],
                months=6,
            )
        )
        return {"load": world.load.mean(), "inspected": world.intensity.mean(), "disclosed": world.disclosure.min()}

    none, bilateral, platform = after("none"), after("bilateral"), after("platform")
    assert none["load"] == pytest.approx(0.6)
    assert none["disclosed"] == 0.0
    assert platform["load"] == pytest.approx(0.6 + 0.2 * 0.8)
    assert platform["inspected"] < none["inspected"] == pytest.approx(0.8)
    assert bilateral == pytest.approx(platform)


def test_nothing_acts_during_the_warm_up() -> None:
    given = scenario(BUSY, start={"warmup": 10})
    p = programme_of(given, 1, [0])
    world = opening(p)
    assert world.month == 0
    assert world.member.max() == 0.0
    assert all(m["spent"].max() == 0.0 for m in world.memory.values())
    assert np.array_equal(world.baseline_abatement, world.abatement)
    assert world.disclosure.min() < BUSY["information"]["minimum_disclosure"]


def test_experience_and_training_make_effort_cheaper() -> None:
    incentives = [{"kind": "capacity_building", "effect": 0.2, "applies_to": {"role": "supplier"}}]
    world, p = run(scenario(incentives=incentives, months=24))
    supplier, maker = p.traits.supplier, p.traits.manufacturer
    assert np.all(world.quality_cost[0, supplier] < p.traits.quality_cost[0, supplier] * 0.85)
    assert world.quality_cost[0, maker] == pytest.approx(p.traits.quality_cost[0, maker])
    assert np.all(world.abatement_cost[0, maker] < p.traits.abatement_cost[0, maker])


def test_a_platform_across_regions_spares_inspections_only_under_a_unified_standard() -> None:
    def inspected(unified: bool) -> float:
        world, _ = run(
            scenario(
                QUIET,
                network={"kind": "tiered", "buyers": 2, "tiers": [8, 12], "regions": ["north", "south"]},
                information={"kind": "platform", "minimum_disclosure": 1.0, "unified_standard": unified},
                programme=EVERYBODY,
                months=4,
            )
        )
        return float(world.intensity.mean())

    assert inspected(True) < inspected(False) < 0.8


def test_grants_are_paid_once_and_make_abatement_cheaper_for_good(tmp_path: Path) -> None:
    given = scenario(
        QUIET,
        tables(tmp_path, FIRMS, LINKS),
        incentives=[{"kind": "upgrade_grant", "amount": 7.0, "threshold": 0.2, "cheaper": 0.5}],
        behaviours=[{"kind": "fixed", "abatement": 0.9}],
        months=5,
    )
    world, p = run(given)
    assert world.memory["upgrade_grant"]["spent"][0, 0] == pytest.approx(7.0 * 4)
    assert of_firm(world, p, "abatement_cost", "good") == pytest.approx(0.5 * p.traits.abatement_cost[0, 0])


@pytest.mark.parametrize("form", ["flat", "proportional", "escalating"])
def test_fines_follow_their_formula(tmp_path: Path, form: str) -> None:
    given = scenario(
        QUIET,
        tables(tmp_path, FIRMS, LINKS),
        incentives=[{"kind": "standard_and_fine", "form": form, "cut": 0.3, "fine": 2.0, "rate_per_tonne": 0.5}],
        regulator={"kind": "fixed", "rate": 1.0, "ends": 1},
        behaviours=[{"kind": "fixed"}],
        assessment={"measurement_error": 1e-6},
        months=1,
    )
    first, _ = run(given)
    fined = first.ledger.firm["standard_and_fine"][0]
    expected = {"flat": 2.0, "proportional": 0.5 * 0.3 * first.gross[0], "escalating": 60.0}[form]
    assert fined == pytest.approx(-np.broadcast_to(expected, fined.shape) * (first.gross[0] > 0))
    for months in (2, 3):
        later, _ = run(given.replace({"months": months}))
        again = later.ledger.firm["standard_and_fine"][0]
        assert again == pytest.approx(fined if form == "escalating" else 0.0 * fined)
