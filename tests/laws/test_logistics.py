"""Logistics: which lorries haul what, how fleets renew, packaging and its return, and carriers that stand in."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.errors import NetworkError
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.month import freight
from sim.month.knowing import believed, true
from sim.outcomes.base import outcomes
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.world import World
from tests.laws.test_isolation import BUSY
from tests.worlds import EVERYBODY, QUIET, scenario

NETWORK = {"kind": "tiered", "buyers": 2, "tiers": [8, 12], "carriers": 3}
ALWAYS = {"kind": "fixed", "quality": 0.27, "abatement": 0.16, "disclosure": 0.1}
"""Efforts as at the start."""

HELD: dict[str, Any] = {**QUIET, "network": NETWORK, "behaviours": [ALWAYS]}
"""Nobody moves and nothing is drawn."""

OUTAGES: dict[str, Any] = {**HELD, "risk": {"outage_rate": 0.15, "outage_loss": 0.0, "carrier_outage_loss": 0.7}}
"""Only the outages of carriers do anything."""

DIESEL: dict[str, Any] = {k: v for k, v in BUSY.items() if k not in ("logistics", "risk")}
"""Much goes on, but nothing new in logistics."""


def lived(*parts: dict[str, Any], months: int = 3, worlds: int = 2, **more: Any) -> tuple[list[World], Programme]:
    """Every month of a scenario."""
    p = programme_of(scenario(*parts, **more), 1, range(worlds))
    world, seen = opening(p), []
    for t in range(months):
        world = month(world, p)
        world.ledger.check(t)
        seen.append(world)
    return seen, p


def last(*parts: dict[str, Any], **more: Any) -> tuple[World, Programme]:
    worlds, p = lived(*parts, **more)
    return worlds[-1], p


def figure(name: str, world: World, p: Programme) -> Any:
    return outcomes()[name].series(world, p)[name]


def differing(one: World, other: World) -> list[str]:
    """Arrays in which two worlds differ in any bit, and payments."""
    arrays = [k for k, v in vars(one).items() if isinstance(v, np.ndarray) and k != "electric"]
    found = [k for k in arrays if not np.array_equal(getattr(one, k), getattr(other, k))]
    books, others = one.ledger.firm, other.ledger.firm
    return found + [k for k in books.keys() & others.keys() if not np.array_equal(books[k], others[k])]


# --- lorries --------------------------------------------------------------------------------------------


def test_without_electric_lorries_and_failing_carriers_no_other_setting_of_logistics_moves_a_bit() -> None:
    idle = {
        "electric_range_km": 100.0,
        "charging": 0.2,
        "charging_growth": 0.1,
        "electric_fuel_saving": 0.9,
        "electric_premium": 0.9,
        "reuse_trips": 2.0,
        "backup_carrier": 0.5,
        "backup_premium": 2.0,
    }
    plain, _ = last(DIESEL, months=6)
    set_, _ = last(DIESEL, months=6, logistics=idle)
    assert differing(plain, set_) == []
    assert "fleet" not in plain.ledger.firm


def test_a_range_beyond_all_routes_is_no_range() -> None:
    without, _ = last(DIESEL, logistics={"electric_share": 0.3}, months=6)
    beyond, _ = last(DIESEL, logistics={"electric_share": 0.3, "electric_range_km": 1e6}, months=6)
    assert differing(without, beyond) == []


def test_without_a_range_emissions_fuel_and_cost_follow_the_share_of_the_fleet() -> None:
    diesel, p = last(HELD)
    mixed, q = last(HELD, logistics={"electric_share": 0.3})
    s, carriers = p.scenario.logistics, p.traits.logistics
    assert mixed.emissions[:, carriers] == pytest.approx(
        (1.0 - 0.3 * s.electric_saving) * diesel.emissions[:, carriers]
    )
    fuel = mixed.ledger.firm["energy"][:, carriers] / diesel.ledger.firm["energy"][:, carriers]
    assert fuel == pytest.approx(1.0 - 0.3 * s.electric_fuel_saving)
    assert mixed.ledger.firm["fleet"] == pytest.approx(-s.electric_premium * 0.3 * mixed.revenue * ~p.traits.producer)
    assert figure("electric_haulage", mixed, q) == pytest.approx(0.3)


def test_a_range_below_all_distances_leaves_electric_lorries_idle_and_paid_for() -> None:
    diesel, _ = last(HELD)
    idle, p = last(HELD, logistics={"electric_share": 0.3, "electric_range_km": 1.0})
    for name in ("emissions", "energy_load"):
        assert np.array_equal(getattr(idle, name), getattr(diesel, name)), name
    assert figure("electric_haulage", idle, p) == pytest.approx(0.0)
    assert figure("electric_reach", idle, p) == pytest.approx(0.0)
    assert idle.ledger.firm["fleet"].sum() < -1.0


def test_electric_tonne_km_of_a_carrier_are_those_of_its_lorries_as_far_as_routes_reach() -> None:
    for share in (0.1, 0.6):
        world, p = last(OUTAGES, logistics={"electric_share": share, "electric_range_km": 280.0, "backup_carrier": 0.5})
        routes = freight.electric_routes(world, p)
        assert routes is not None
        assert 0.0 < routes.mean() < 1.0
        total, served = (freight.to_carriers(world, p, world.tonne_km * part) for part in (1.0, routes))
        electric = sum(
            world.links.total(
                leg.carrier, leg.of(world.tonne_km) * freight.electric_haul(world, p, leg, world.electric)
            )
            for leg in freight.legs(world, p)
        )
        assert electric == pytest.approx(np.minimum(share * total, served))
        assert figure("electric_haulage", world, p) == pytest.approx(electric.sum(axis=1) / total.sum(axis=1))
        assert figure("electric_reach", world, p) == pytest.approx(served.sum(axis=1) / total.sum(axis=1))


def test_reaching_the_charging_threshold_opens_exactly_the_long_routes() -> None:
    fleet = {"electric_share": 0.1, "electric_range_km": 280.0, "charging": 0.2, "charging_growth": 0.1}
    worlds, p = lived(HELD, logistics={**fleet, "charging_threshold": 0.45}, months=4)

    def hauls(t: int) -> np.ndarray:
        world = worlds[t].but(month=t)
        (leg,) = freight.legs(world, p)
        return np.asarray(freight.electric_haul(world, p, leg, world.electric))

    long = worlds[0].links.distance_km > 280.0
    assert long.any()
    for t in (0, 1, 2):
        assert np.all(hauls(t)[long] == 0.0)
        assert np.all(hauls(t)[~long] > 0.1)
    assert np.all(hauls(3) == 0.1)
    reach = [float(figure("electric_reach", world, p)[0]) for world in worlds]
    assert reach[0] == reach[2] < reach[3] == pytest.approx(1.0)
    s, w = p.scenario.logistics, worlds[2]
    left = 1.0 - hauls(2) * s.electric_saving
    by_hand = w.links.total(w.links.carrier, w.tonne_km * s.intensity / w.load * left)
    assert w.gross[:, p.traits.logistics] == pytest.approx(by_hand[:, p.traits.logistics])


def test_what_lorries_cost_on_links_is_what_carriers_pay_for_fuel_and_what_their_emissions_cost() -> None:
    fleet = {"electric_share": 0.3, "electric_range_km": 280.0, "backup_carrier": 0.5, "packaging_reuse": 0.5}
    worlds, p = lived(OUTAGES, months=8, logistics=fleet)
    carriers, carbon = p.traits.logistics, p.scenario.market.social_cost_of_carbon
    for t, world in enumerate(worlds):
        cost = world.links.by_world(freight.lorry_cost(world.but(month=t), p))
        fuel = -world.ledger.firm["energy"][:, carriers].sum(axis=1)
        assert cost == pytest.approx(fuel + carbon * world.emissions[:, carriers].sum(axis=1))


# --- renewal --------------------------------------------------------------------------------------------


def test_a_fleet_becomes_electric_where_that_pays_and_diesel_where_it_does_not() -> None:
    fleet = {"electric_share": 0.2, "fleet_renewal": 0.1}
    cheap, p = lived(HELD, logistics={**fleet, "electric_premium": 0.1}, months=30)
    dear, _ = lived(HELD, logistics={**fleet, "electric_premium": 0.2}, months=30)
    for t in (0, 1, 29):
        kept = 0.9 ** (t + 1)
        assert cheap[t].electric[:, p.traits.logistics] == pytest.approx(1.0 - 0.8 * kept)
        assert dear[t].electric[:, p.traits.logistics] == pytest.approx(0.2 * kept)
    assert np.all(cheap[-1].electric[:, p.traits.supplier] == 0.0)


def test_a_carbon_tax_tips_renewal_exactly_where_it_pays_for_the_rest_of_the_premium() -> None:
    world, p = last(HELD)
    s, carriers = p.scenario.logistics, p.traits.logistics
    a = world.abatement[:, carriers]
    laden = world.links.total(world.links.carrier, world.tonne_km / world.load)[:, carriers]
    tonne_km = world.links.total(world.links.carrier, world.tonne_km)[:, carriers]
    fuel = s.fare * s.base_load * laden * s.fuel_cost * s.electric_fuel_saving * (1.0 - s.fuel_saving * a)
    tonnes = s.intensity * s.electric_saving * laden * (1.0 - s.abatable_share * a)
    rate = (s.electric_premium * s.fare * tonne_km - fuel) / tonnes
    assert rate == pytest.approx(rate[0, 0])
    assert 0.1 < rate[0, 0] < 0.4

    def share(times: float) -> np.ndarray:
        tax = [{"kind": "carbon_tax", "rate": times * float(rate[0, 0])}]
        return last(HELD, logistics={"fleet_renewal": 0.1}, incentives=tax)[0].electric[:, carriers]

    assert np.all(share(0.99) == 0.0)
    assert share(1.01) == pytest.approx(1.0 - 0.9**3)


def test_a_fleet_grows_no_more_electric_than_its_routes_and_stays_there() -> None:
    fleet = {"fleet_renewal": 0.2, "electric_premium": 0.0, "electric_range_km": 280.0}
    worlds, p = lived(HELD, logistics=fleet, months=40)
    reach = freight.reachable(worlds[-1], p)[:, p.traits.logistics]
    assert 0.05 < reach.min() < reach.max() < 0.95
    for world in worlds[-3:]:
        assert world.electric[:, p.traits.logistics] == pytest.approx(reach)


def test_a_carrier_that_hauls_nothing_keeps_its_fleet() -> None:
    fleet = {"electric_share": 0.5, "fleet_renewal": 0.1, "electric_premium": 0.5}
    worlds, p = lived(OUTAGES, months=12, logistics=fleet, risk={"carrier_outage_loss": 1.0})
    carriers, seen = p.traits.logistics, set()
    for before, world in itertools.pairwise(worlds):
        idle = before.revenue[:, carriers] == 0.0
        renewed = world.electric[:, carriers] / before.electric[:, carriers]
        assert renewed == pytest.approx(np.where(idle, 1.0, 0.9))
        seen |= set(idle.ravel().tolist())
    assert seen == {True, False}


def test_a_carrier_weighs_what_its_lorries_emit_and_producers_weigh_nothing_of_it() -> None:
    world, p = last(HELD, logistics={"electric_share": 0.3})
    known = believed(world, p)

    def weighed(known: Known, acts: Acts) -> np.ndarray:
        return -known.gross

    levied: Any = SimpleNamespace(
        incentives=[SimpleNamespace(weighed=weighed, looks_at=lambda names, known: True)], traits=p.traits
    )
    diesel, electric = (freight.haulage(world, p, np.full(p.shape, share)) for share in (0.3, 0.5))
    gained = freight._incentives_gained(levied, known, diesel, electric)
    assert gained == pytest.approx(diesel.gross - electric.gross)
    assert gained.sum() > 0.0


def test_fleets_do_not_renew_before_the_first_month() -> None:
    warm = {"start": {**QUIET["start"], "warmup": 6}, "logistics": {"fleet_renewal": 0.1, "electric_premium": 0.0}}
    worlds, p = lived(HELD, warm, months=1)
    assert worlds[0].electric[:, p.traits.logistics] == pytest.approx(0.1)


# --- packaging ------------------------------------------------------------------------------------------


def test_fee_and_cost_of_packaging_fall_with_reuse_as_the_formula_says() -> None:
    fee = [{"kind": "packaging_fee", "rate": 3.0}]
    settings = {"packaging_cost": 7.0, "packaging": 0.1, "packaging_saving": 0.4, "reuse_trips": 10.0}
    for reuse in (0.0, 0.5, 1.0):
        world, p = last(HELD, logistics={**settings, "packaging_reuse": reuse}, incentives=fee)
        used = 0.1 * world.volume * (1.0 - 0.4 * world.abatement) * (1.0 - 0.9 * reuse) * p.traits.producer
        assert used.sum() > 1.0
        assert world.ledger.firm["packaging_fee"] == pytest.approx(-3.0 * used)
        assert world.ledger.firm["packaging"] == pytest.approx(-7.0 * used)
        assert figure("packaging", world, p) == pytest.approx(used.sum(axis=1))


def test_reusable_packaging_goes_back_and_the_customer_pays_its_freight() -> None:
    plain, p = last(HELD)
    reusing, _ = last(HELD, logistics={"packaging": 0.1, "packaging_reuse": 0.4})
    assert np.array_equal(reusing.shipped, plain.shipped)
    assert reusing.tonne_km == pytest.approx(1.04 * plain.tonne_km)
    carriers = p.traits.logistics
    assert reusing.emissions[:, carriers] == pytest.approx(1.04 * plain.emissions[:, carriers])
    assert np.array_equal(reusing.emissions[:, p.traits.supplier], plain.emissions[:, p.traits.supplier])
    assert reusing.ledger.firm["freight"] == pytest.approx(1.04 * plain.ledger.firm["freight"])
    share_of_value = plain.chains.by_firm(plain.weight)
    trading = share_of_value > 0
    ratio = np.where(trading, reusing.chains.by_firm(reusing.weight) / np.where(trading, share_of_value, 1.0), 1.0)
    assert 1.03 < ratio[:, carriers].min() < ratio[:, carriers].max() < 1.04
    assert ratio[:, p.traits.supplier].max() <= 1.0


def test_emissions_of_packaging_are_those_of_its_user_and_count_once() -> None:
    plain, p = last(HELD)
    packed, q = last(HELD, logistics={"packaging_intensity": 2.0, "packaging_reuse": 0.5})
    used = 0.05 * packed.volume * (1.0 - 0.2 * packed.abatement) * (1.0 - 0.5 * 0.95) * p.traits.producer
    added = packed.emissions - plain.emissions
    producers = np.broadcast_to(p.traits.producer, p.shape)
    assert added[producers] == pytest.approx(2.0 * used[producers])
    assert figure("packaging_emissions", packed, q) == pytest.approx(2.0 * used.sum(axis=1))
    for split in ("emissions_by_scope", "emissions_by_role"):
        parts = outcomes()[split].series(packed, q)
        assert sum(parts.values()) == pytest.approx(figure("emissions", packed, q)), split


def test_dear_packaging_raises_abatement_of_producers_alone() -> None:
    moving = {**HELD, "behaviours": QUIET["behaviours"]}
    plain, p = last(moving, months=12)
    dear, _ = last(moving, months=12, logistics={"packaging_cost": 20.0})
    producers = (plain.revenue > 0) & p.traits.producer
    assert np.all(dear.abatement[producers] > plain.abatement[producers])
    assert np.array_equal(dear.abatement[:, p.traits.logistics], plain.abatement[:, p.traits.logistics])


# --- carriers that are out ---------------------------------------------------------------------------------


def struck(world: World) -> np.ndarray:
    """Links whose carrier is out."""
    return world.links.at(world.links.carrier, world.outage_left) > 0


def test_what_no_carrier_hauls_is_not_made_and_bought_elsewhere() -> None:
    worlds, p = lived(OUTAGES, months=12)
    plain, _ = lived({**OUTAGES, "risk": {**OUTAGES["risk"], "carrier_outage_loss": 0.0}}, months=12)
    hit = 0
    for before, world in itertools.pairwise(worlds):
        due = before.requirement * world.links.at(world.links.customer, before.volume)
        out = struck(world)
        hit += int(out.sum())
        assert world.shipped == pytest.approx(due * np.where(out, 0.3, 1.0))
        assert world.missing == pytest.approx(due * np.where(out, 0.7, 0.0))
        made = np.where(p.traits.producer, world.volume, 0.0)
        assert made == pytest.approx(world.links.total(world.links.supplier, world.shipped) + world.sold)
        on_time = figure("on_time_delivery", world, p)
        lost = world.links.by_world(world.missing_value)
        assert on_time == pytest.approx(1.0 - lost / world.links.by_world(world.order_value + world.missing_value))
        assert np.array_equal(on_time < 1.0 - 1e-9, out.reshape(2, -1).any(axis=1))
    assert hit > 0
    assert all(figure("on_time_delivery", w, p) == pytest.approx(1.0) for w in plain)


def test_with_a_full_back_up_nothing_is_missing_and_who_stands_in_earns_it() -> None:
    covered, p = lived(OUTAGES, months=12, logistics={"backup_carrier": 1.0})
    plain, _ = lived({**OUTAGES, "risk": {**OUTAGES["risk"], "carrier_outage_loss": 0.0}}, months=12)
    carriers = np.arange(p.network.size)[p.traits.logistics]
    taken = 0
    for world, usual in zip(covered, plain, strict=True):
        all_out = (world.outage_left[:, carriers] > 0).all(axis=1)
        for w in np.flatnonzero(~all_out):
            assert world.shipped.reshape(2, -1)[w] == pytest.approx(usual.shipped.reshape(2, -1)[w])
            expected = np.zeros(len(carriers))
            for n, carrier in enumerate(carriers):
                freight_ = usual.revenue[w, carrier]
                ring = np.roll(carriers, -n)
                stand_in = next(c for c in ring if world.outage_left[w, c] <= 0)
                if stand_in == carrier:
                    expected[n] += freight_
                else:
                    taken += 1
                    expected[n] += 0.3 * freight_
                    expected[stand_in - carriers[0]] += 1.2 * 0.7 * freight_
            assert world.revenue[w, carriers] == pytest.approx(expected)
            emitted = world.emissions[w, carriers].sum()
            assert emitted == pytest.approx(usual.emissions[w, carriers].sum())
            fuel = world.ledger.firm["energy"][w, carriers].sum()
            assert fuel == pytest.approx(usual.ledger.firm["energy"][w, carriers].sum())
    assert taken > 0


def test_freight_claims_and_tonne_km_of_all_legs_add_up() -> None:
    worlds, p = lived(OUTAGES, months=12, logistics={"backup_carrier": 0.5, "packaging_reuse": 0.5})
    seen = 0.0
    for world in worlds:
        legs = freight.legs(world, p)
        assert sum(leg.of(world.tonne_km) for leg in legs) == pytest.approx(world.tonne_km)
        hauled = freight.to_carriers(world, p, world.tonne_km)
        assert hauled.sum(axis=1) == pytest.approx(world.links.by_world(world.tonne_km))
        carriers = p.traits.logistics
        earned = world.ledger.firm["freight"][:, carriers]
        assert earned == pytest.approx(world.revenue[:, carriers])
        assert world.ledger.firm["freight"].sum(axis=1) == pytest.approx(0.0, abs=1e-9 * earned.sum())
        claims = p.traits.claim_cost * world.own_defects * world.revenue
        assert world.ledger.firm["claims"][:, carriers] == pytest.approx(-np.asarray(claims)[:, carriers])
        stood_in = figure("backup_haulage", world, p)
        part = 0.35 / 0.65
        out = world.links.by_world(world.tonne_km * (world.links.at(world.links.carrier, world.backup_part) > 0))
        assert stood_in == pytest.approx(part * out / world.links.by_world(world.tonne_km))
        seen += float(stood_in.sum())
    assert seen > 0.0


def test_damage_is_that_of_who_hauls() -> None:
    careful = {"behaviours": [{"kind": "fixed", "quality": 0.3}], "start": {**QUIET["start"], "spread": 0.3}}
    worlds, p = lived(OUTAGES, careful, months=12, logistics={"backup_carrier": 1.0})
    world = max(worlds, key=lambda w: float(w.backup_part.sum()))
    # Carriers that handle goods differently.
    own = world.own_defects.copy()
    own[:, p.traits.logistics] = [0.001, 0.005, 0.009]
    parts = freight.of_carriers(world, p, own)
    where, carrier = np.divmod(world.links.carrier, p.network.size)
    part = world.backup_part[where, carrier]
    assert 0.0 < part.max() < 1.0
    by_hand = (1.0 - part) * own[where, carrier] + part * own[where, world.backup[where, carrier]]
    assert parts == pytest.approx(by_hand)
    assert world.incoming == pytest.approx(
        world.links.at(world.links.supplier, world.outgoing) + freight.of_carriers(world, p, world.own_defects)
    )


def test_a_single_carrier_has_nobody_to_stand_in() -> None:
    alone = {**OUTAGES, "network": {**NETWORK, "carriers": 1}}
    without, _ = lived(alone, months=12)
    with_it, _ = lived(alone, months=12, logistics={"backup_carrier": 1.0})
    assert any(w.missing.sum() > 0 for w in without)
    assert all(differing(a, b) == [] for a, b in zip(without, with_it, strict=True))


def test_carriers_expect_the_losses_that_they_have_in_the_long_run() -> None:
    pool = {"risk_sharing": {"kind": "mutual_pool"}, "programme": EVERYBODY}
    risk = {"outage_rate": 0.05, "carrier_outage_loss": 0.4}
    worlds, p = lived(HELD, pool, risk=risk, months=250, worlds=8, logistics={"backup_carrier": 0.5})
    carriers, producers = ~p.traits.producer[0], p.traits.producer[0]
    truth = sum(true(w, p, "measure").losses(true(w, p, "measure").acts) for w in worlds)
    expected = sum(believed(w, p).losses(believed(w, p).acts) for w in worlds)
    for firms in (carriers, producers):
        assert truth[:, firms].sum() == pytest.approx(expected[:, firms].sum(), rel=0.1)
    assert truth[:, carriers].sum() > 0.0
    struck_ = next(w for w in worlds if (w.outage_left[:, carriers] > 0).any())
    idle = (struck_.outage_left[:, producers] <= 0) & (struck_.revenue[:, producers] > 0)
    found = true(struck_, p, "measure")
    assert np.all(found.losses(found.acts)[:, producers][idle] == 0.0)


def test_a_struck_supplier_does_not_count_what_carriers_left_behind_among_its_losses() -> None:
    pool = {"risk_sharing": {"kind": "mutual_pool"}, "programme": EVERYBODY}
    worlds, p = lived(HELD, pool, risk={"outage_rate": 0.15, "outage_loss": 0.6, "carrier_outage_loss": 0.7}, months=12)
    both = 0
    for before, world in itertools.pairwise(worlds):
        links = world.links
        due = before.requirement * links.at(links.customer, before.volume)
        there = due * np.where(struck(world), 0.3, 1.0)
        missed = links.total(links.supplier, there) + world.demand
        missed = missed - links.total(links.supplier, world.shipped) - world.sold
        by_hand = p.scenario.technology.margin * p.traits.price * missed * (world.outage_left > 0)
        known, producers = true(world, p, "measure"), p.traits.producer[0]
        assert known.losses(known.acts)[:, producers] == pytest.approx(by_hand[:, producers], abs=1e-9)
        both += int((struck(world) & (links.at(links.supplier, world.outage_left) > 0)).sum())
    assert both > 0


def test_a_world_is_the_same_alone_as_in_company() -> None:
    everything = {
        "electric_share": 0.2,
        "electric_range_km": 280.0,
        "charging_growth": 0.1,
        "fleet_renewal": 0.1,
        "electric_premium": 0.1,
        "packaging_cost": 5.0,
        "packaging_intensity": 1.0,
        "packaging_reuse": 0.5,
        "backup_carrier": 0.5,
    }
    risk = {**BUSY["risk"], "outage_rate": 0.3, "carrier_outage_loss": 0.6}
    taxed = {"incentives": [{"kind": "carbon_tax", "rate": 0.3}, {"kind": "cap_and_trade"}, {"kind": "packaging_fee"}]}
    many, _ = lived({**BUSY, **taxed}, logistics=everything, risk=risk, months=10, worlds=3)
    alone, _ = lived({**BUSY, **taxed}, logistics=everything, risk=risk, months=10, worlds=1)
    for name in ("electric", "backup", "backup_part", "hauled", "quality", "abatement", "profit", "emissions"):
        assert np.array_equal(getattr(many[-1], name)[:1], getattr(alone[-1], name)), name
    assert max(w.backup_part[0].max() for w in many) > 0
    assert many[-1].electric.max() > 0.2


def test_a_carrier_that_would_spend_more_than_its_freight_is_told_why() -> None:
    for settings in ({"fuel_cost": 1.0}, {"claim_cost": 500.0}):
        with pytest.raises(
            NetworkError, match=r"carrier 'carrier-1' is left less than nothing of its freight by margin"
        ):
            lived(logistics=settings, months=1)


def test_firms_that_emit_nothing_of_their_own_nor_by_packaging_have_nothing_to_abate() -> None:
    settings = {"packaging_intensity": 1.0, "packaging": 0.0}
    worlds, p = lived({"technology": {"emission_intensity": 0.0}}, logistics=settings, months=2)
    assert np.all(worlds[-1].emissions[:, p.traits.supplier] == 0.0)
    assert np.all(np.isfinite(p.traits.abatable))
