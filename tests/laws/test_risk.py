"""Risk: what strikes whom is the same in every scenario, care and back-up help, and who shares risks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.ensemble import run_block
from sim.month.knowing import believed, true
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.rules import risk
from sim.scenario.schema import kinds_at
from sim.world import World
from tests.laws.test_isolation import same
from tests.worlds import EVERYBODY, QUIET, run, scenario, tables

STRUCK: dict[str, Any] = {**QUIET, "risk": {"outage_rate": 0.1, "incident_rate": 0.2}, "programme": EVERYBODY}
POOL = {"kind": "mutual_pool", "premium": 0.05}
ANCHOR = {"kind": "anchor_insures", "share": 0.4}
STILL = {"behaviours": [{"kind": "fixed"}]}


def lived(*parts: dict[str, Any], months: int = 24, worlds: int = 3, **more: Any) -> tuple[list[World], Programme]:
    """Every month of a scenario."""
    p = programme_of(scenario(*parts, **more), 1, range(worlds))
    world, seen = opening(p), []
    for _ in range(months):
        world = month(world, p)
        seen.append(world)
    return seen, p


def stacked(worlds: list[World], name: str) -> np.ndarray:
    return np.stack([getattr(w, name) for w in worlds])


def booked(worlds: list[World], name: str) -> np.ndarray:
    return np.stack([w.ledger.firm[name] for w in worlds])


def lost(worlds: list[World], p: Programme) -> np.ndarray:
    """Losses of the firms by hand: margin on what struck firms did not deliver, and the clean-up after incidents."""
    found = []
    for w in worlds:
        missing = w.links.total(w.links.supplier, w.missing_value) + p.traits.price * (w.demand - w.sold)
        cleaned = p.scenario.risk.incident_cost * w.revenue * w.incident
        found.append(p.scenario.technology.margin * missing * (w.outage_left > 0) + cleaned)
    return np.stack(found)


# --- risk sharing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [POOL, ANCHOR])
def test_what_members_pay_each_other_sums_to_zero_in_every_world_and_month(rule: dict[str, Any]) -> None:
    worlds, _ = lived(STRUCK, risk_sharing=rule)
    paid = booked(worlds, "risk sharing")
    assert np.abs(paid).sum() > 1.0
    assert np.abs(paid.sum(axis=2)).max() < 1e-9 * np.abs(paid).sum(axis=2).max()


def test_a_pool_evens_out_losses() -> None:
    """As shares of revenue, since a loss grows with the firm."""
    worlds, p = lived(STRUCK, STILL, risk_sharing={**POOL, "premium": 0.2})
    revenue = np.maximum(stacked(worlds, "revenue"), 1e-300)
    alone = lost(worlds, p) / revenue
    net = alone - booked(worlds, "risk sharing") / revenue
    struck = alone > 0
    assert struck.any()
    assert net[struck].var() < 0.8 * alone[struck].var()
    assert net[struck].mean() < alone[struck].mean()
    assert net[~struck].mean() > 0.0


def test_a_pool_pays_no_more_than_was_put_in_and_keeps_no_more_than_was_lost() -> None:
    premium, loss = np.array([2.0, 1.0, 1.0]), np.array([0.0, 6.0, 2.0])
    short = risk.pooled(premium, premium.sum(), loss, loss.sum())
    assert short == pytest.approx([-2.0, 3.0 - 1.0, 1.0 - 1.0])
    ample = risk.pooled(premium, premium.sum(), loss / 4.0, loss.sum() / 4.0)
    assert ample == pytest.approx([-1.0, 1.5 - 0.5, 0.5 - 0.5])
    assert risk.pooled(premium, premium.sum(), 0.0 * loss, np.array(0.0)) == pytest.approx([0.0, 0.0, 0.0])


FIRMS = "firm_id,role,demand\nm,manufacturer,100\na,supplier,\nb,supplier,\n"
LINKS = "supplier,customer,input_group\na,m,x\nb,m,y\n"


@pytest.mark.parametrize("rule", [POOL, ANCHOR])
def test_in_one_chain_everybody_is_paid_by_the_formula(rule: dict[str, Any], tmp_path: Path) -> None:
    given = {k: v for k, v in STRUCK.items() if k != "network"}
    worlds, p = lived(given, tables(tmp_path, FIRMS, LINKS), months=40, risk_sharing=rule)
    loss = lost(worlds, p)
    root = p.network.index("m")
    if rule is POOL:
        put = 0.05 * stacked(worlds, "revenue")
        all_put, all_lost = put.sum(axis=2, keepdims=True), loss.sum(axis=2, keepdims=True)
        due = np.minimum(all_put, all_lost) * (loss / np.maximum(all_lost, 1e-300) - put / all_put)
    else:
        due = 0.4 * loss
        due[..., root] = -(0.4 * np.delete(loss, root, axis=2)).sum(axis=2)
    assert np.abs(due).max() > 1.0
    assert booked(worlds, "risk sharing") == pytest.approx(due, abs=1e-9)


@pytest.mark.parametrize("rule", [POOL, ANCHOR])
def test_outside_the_collaboration_nobody_pays_or_is_paid(rule: dict[str, Any]) -> None:
    large_only = [{"name": "large", "enrols": {"size": "large"}}]
    worlds, p = lived(STRUCK, risk_sharing=rule, programme=large_only)
    paid = booked(worlds, "risk sharing")
    assert np.all(paid[..., p.traits.sme[0]] == 0.0)
    roots_out = [{"name": "suppliers", "enrols": {"role": "supplier"}}]
    assert np.all(booked(lived(STRUCK, risk_sharing=rule, programme=roots_out)[0], "risk sharing") == 0.0)


@pytest.mark.parametrize("kind", [k for k in kinds_at("risk_sharing") if k != "none"])
def test_sharing_no_risk_is_no_risk_sharing(kind: str) -> None:
    given = {**STRUCK, "months": 10}
    rule = {"kind": kind, **kinds_at("risk_sharing")[kind].neutral}
    same(run(scenario(given, risk_sharing=rule))[0], run(scenario(given))[0])


@pytest.mark.parametrize("rule", [POOL, ANCHOR])
def test_who_is_insured_takes_less_care(rule: dict[str, Any]) -> None:
    alone, p = lived(STRUCK, months=30)
    insured, _ = lived(STRUCK, months=30, risk_sharing={**rule, **({"premium": 0.5} if rule is POOL else {})})
    suppliers = p.traits.supplier
    assert np.all(insured[-1].quality[:, suppliers].mean(axis=1) < alone[-1].quality[:, suppliers].mean(axis=1) - 1e-3)


def test_firms_expect_the_losses_that_they_have_in_the_long_run() -> None:
    worlds, p = lived(STRUCK, STILL, {"risk": {"incident_rate": 0.1}}, months=300, worlds=8, risk_sharing=POOL)
    beliefs = believed(worlds[-1], p)
    expected = beliefs.losses(beliefs.acts).sum() / worlds[-1].revenue.sum()
    truth = true(worlds[-1], p, "measure")
    assert truth.losses(truth.acts) == pytest.approx(lost(worlds[-1:], p)[0])
    assert lost(worlds, p).sum() / stacked(worlds, "revenue").sum() == pytest.approx(expected, rel=0.1)


# --- incidents ------------------------------------------------------------------------------------------


def test_more_care_means_fewer_incidents_and_no_other_ones() -> None:
    def at(effort: float) -> tuple[list[World], Programme]:
        fixed = {"kind": "fixed", "quality": effort, "abatement": effort}
        return lived(QUIET, behaviours=[fixed], risk={"incident_rate": 0.3}, months=60)

    (careless, p), (careful, _) = at(0.1), at(0.8)
    few, many = stacked(careful, "incident"), stacked(careless, "incident")
    assert np.all(few <= many)
    count = stacked(careful, "revenue").astype(bool).sum()
    assert many.sum() / count == pytest.approx(0.3 * (1.0 - 0.8 * 0.1), rel=0.1)
    assert few.sum() / count == pytest.approx(0.3 * (1.0 - 0.8 * 0.8), rel=0.2)
    bill = -p.scenario.risk.incident_cost * stacked(careful, "revenue") * few
    assert np.array_equal(booked(careful, "incidents"), bill)


@pytest.mark.parametrize("kind", ["gradient", "cooperative"])
def test_firms_take_more_care_where_incidents_threaten(kind: str) -> None:
    behaviour = {"behaviours": [{"kind": kind}]}
    quiet, _ = lived(QUIET, behaviour)
    risky, _ = lived(QUIET, behaviour, risk={"incident_rate": 0.05})
    for effort in ("quality", "abatement"):
        assert np.all(stacked(risky, effort)[-1] >= stacked(quiet, effort)[-1])
        assert stacked(risky, effort)[-1].mean() > stacked(quiet, effort)[-1].mean() + 0.01


def test_incidents_are_counted() -> None:
    given = scenario(STRUCK, months=12)
    counted = run_block(given, 1, range(3), benchmark=False).monthly["incidents"]
    assert np.array_equal(counted, stacked(lived(STRUCK, months=12)[0], "incident").sum(axis=2))
    assert counted.sum() > 0
    assert not run_block(scenario(QUIET, months=3), 1, [0], benchmark=False).monthly["incidents"].any()


# --- calendars, slumps, back-up ----------------------------------------------------------------------------


def test_scenarios_have_the_same_calendar_of_disruptions() -> None:
    shaken = {**STRUCK, **STILL, "risk": {**STRUCK["risk"], "demand_shock_rate": 0.1}}
    one, _ = lived(shaken)
    other, _ = lived(shaken, risk_sharing=POOL, incentives=[{"kind": "carbon_tax"}], risk={"backup_share": 0.5})
    for name in ("outage_left", "slump_left", "incident"):
        assert stacked(one, name).any(), name
        assert np.array_equal(stacked(one, name), stacked(other, name)), name


def test_a_slump_takes_its_share_of_demand_for_its_months() -> None:
    shock = {"demand_shock_rate": 0.1, "demand_shock_depth": 0.4, "demand_shock_months": 2}
    shaken, p = lived(QUIET, risk=shock, months=60)
    usual, _ = lived(QUIET, months=60)
    ratio = stacked(shaken, "demand")[..., p.traits.manufacturer] / stacked(usual, "demand")[..., p.traits.manufacturer]
    left = stacked(shaken, "slump_left")[..., p.traits.manufacturer]
    assert ratio == pytest.approx(np.where(left > 0, 0.6, 1.0))
    begun = (left[1:-1] == 2.0) & (left[:-2] == 0.0)
    assert begun.any()
    assert np.all(left[2:][begun] == 1.0)


def test_a_back_up_keeps_its_share_of_what_an_outage_takes() -> None:
    outages = {**QUIET, **STILL, "risk": {"outage_rate": 0.2, "outage_loss": 0.8}}

    def made(share: float) -> tuple[np.ndarray, np.ndarray]:
        world = lived(outages, risk={"backup_share": share}, months=1)[0][0]
        return world.volume, (world.outage_left > 0) & (world.capacity > 0)

    without, struck = made(0.0)
    half, _ = made(0.5)
    whole, _ = made(1.0)
    usual, _ = lived({**QUIET, **STILL}, months=1)
    capacity = usual[0].capacity
    assert struck.any()
    assert without[struck] == pytest.approx(0.2 * capacity[struck])
    assert half[struck] == pytest.approx(0.6 * capacity[struck])
    assert whole == pytest.approx(usual[0].volume)
