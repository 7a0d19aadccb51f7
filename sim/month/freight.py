"""Freight: who hauls what with which lorries, how fleets renew, and what nobody hauls."""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.network.links import Index
from sim.payoff import energy_bill
from sim.programme import Programme
from sim.rules import emissions, logistics
from sim.world import World

HAULAGE = frozenset({"gross", "energy_load"})
"""Facts about a carrier that follow from its lorries."""


@dataclass(frozen=True, eq=False)
class Leg:
    """A part of the haulage of all links. carrier: who does it, flat firm index, (W*L,); share: part of each link's
    haulage, (W*L,), None for all of it; fare: multiple of the usual rate, (world, 1) where worlds differ."""

    carrier: Index
    share: Array | None = None
    fare: Array | float = 1.0

    def of(self, y: Array) -> Array:
        """This part of a link quantity."""
        return y if self.share is None else y * self.share


@dataclass(frozen=True, eq=False)
class Haulage:
    """What carriers do in a month, (world, firm). gross: emissions before abatement. paid: tonne-km at the usual fare
    that the freight is worth. energy_load: fuel for each of these, over that of a diesel lorry at base load.
    electric: tonne-km by electric lorries."""

    gross: Array
    paid: Array
    energy_load: Array
    electric: Array


# --- who hauls ------------------------------------------------------------------------------------------


def relieved(world: World, p: Programme) -> World:
    """The next carrier of the world that is not out stands in for one that is, as far as scenarios have it."""
    s = p.scenario
    if not s.risk.carriers_fail:
        return world
    where = p.traits.logistics
    left = world.outage_left[:, where]
    backup = logistics.stand_ins(left > 0)
    stands_in = (backup != np.arange(left.shape[1])).astype(float)
    lost = s.risk.carrier_outage_loss * np.minimum(left, 1.0)
    done, part = logistics.taken_over(lost, s.logistics.backup_carrier, stands_in)
    changes = {"backup": world.backup.copy(), "backup_part": world.backup_part.copy(), "hauled": world.hauled.copy()}
    for name, value in (("backup", where.start + backup), ("backup_part", part), ("hauled", done)):
        changes[name][:, where] = value
    return world.but(**changes)


def haulable(world: World, p: Programme, due: Array) -> Array:
    """What of the tonnes due on each link somebody hauls, (W*L,)."""
    if not p.scenario.risk.carriers_fail:
        return due
    return due * world.links.at(world.links.carrier, world.hauled)


def legs(world: World, p: Programme) -> tuple[Leg, ...]:
    """The carrier of each link and, where carriers fail, who stands in for it."""
    links, s = world.links, p.scenario
    if not s.risk.carriers_fail:
        return (Leg(links.carrier),)

    def make() -> tuple[Leg, ...]:
        part = links.at(links.carrier, world.backup_part)
        stand_in = links.world * links.firms + links.at(links.carrier, world.backup)
        return Leg(links.carrier, 1.0 - part), Leg(stand_in, part, 1.0 + s.logistics.backup_premium)

    made: tuple[Leg, ...] = world.once("legs", make)
    return made


def to_carriers(world: World, p: Programme, y: Array) -> Array:
    """Sum of link values over what each firm hauls, (world, firm)."""
    return _sum(world.links.total(leg.carrier, leg.of(y)) for leg in legs(world, p))


def of_carriers(world: World, p: Programme, x: Array) -> Array:
    """A value of the firms that haul each link, by what each hauls of it, (W*L,)."""
    return _sum(leg.of(world.links.at(leg.carrier, x)) for leg in legs(world, p))


def hauled(world: World, p: Programme) -> Array:
    """Tonne-km of each carrier, (world, firm)."""
    return world.once("hauled km", lambda: to_carriers(world, p, world.tonne_km))


def freight_lost(world: World, p: Programme) -> Array:
    """Freight that carriers lose by their own outages, at what suppliers could have delivered, money a month, (world,
    firm); taken over by others or not."""
    s, links = p.scenario, world.links
    lost = s.risk.carrier_outage_loss * np.minimum(world.outage_left, 1.0)
    there = (world.shipped + world.missing) * links.at(links.supplier, world.on_time)
    usual = links.total(links.carrier, there * links.distance_km)
    return s.logistics.fare * (1.0 + s.logistics.return_share) * usual * lost


def not_hauled(world: World, p: Programme) -> Array:
    """Tonnes ordered on each link that nobody hauled, (W*L,)."""
    due = world.shipped + world.missing
    return due - haulable(world, p, due)


# --- lorries --------------------------------------------------------------------------------------------


def electric_routes(world: World, p: Programme) -> Array | None:
    """1 for each link that can be served electrically this month, (W*L,): without a stop to charge, or once public
    charging has reached the threshold; None: all of them can."""
    s, links = p.by_link.logistics, world.links
    if s.electric_range_km is None:
        return None
    everywhere = logistics.charging(s.charging, s.charging_growth, world.month) >= s.charging_threshold
    if np.all(everywhere):
        return None
    within = s.electric_range_km
    short = links.once("short", lambda: (logistics.charging_stops(links.distance_km, within) == 0).astype(float))
    return np.where(everywhere, 1.0, short) if np.any(everywhere) else short


def electric_haul(world: World, p: Programme, leg: Leg, electric: Array) -> Array | float:
    """Share of each link's haulage that electric lorries of the leg's carrier do, given the electric share of each
    fleet: those that it has go to routes that they can serve first."""
    links, open_routes = world.links, electric_routes(world, p)
    if not p.scenario.logistics.electrified:
        return 0.0
    if open_routes is None:
        return links.at(leg.carrier, electric)
    on_them = logistics.electric_on_served_routes(electric, hauled(world, p), served(world, p))
    return links.at(leg.carrier, on_them) * open_routes


def served(world: World, p: Programme) -> Array:
    """Tonne-km of each carrier on routes that can be served electrically, (world, firm)."""
    open_routes = electric_routes(world, p)
    return hauled(world, p) if open_routes is None else to_carriers(world, p, world.tonne_km * open_routes)


def reachable(world: World, p: Programme) -> Array:
    """Share of each carrier's tonne-km that can be served electrically, (world, firm); 0 where it hauls nothing."""
    all_of_it = hauled(world, p)
    return np.divide(served(world, p), all_of_it, out=np.zeros(p.shape), where=all_of_it > 0)


def haulage(world: World, p: Programme, electric: Array) -> Haulage:
    """What the tonne-km of the month mean for carriers whose fleets are electric to the given shares."""
    s, links = p.by_link.logistics, world.links
    gross, paid, burnt, by_electric = [], [hauled(world, p)], [], [np.zeros(p.shape)]
    for leg in legs(world, p):
        tonne_km, on = leg.of(world.tonne_km), electric_haul(world, p, leg, electric)
        intensity = s.intensity * (1.0 - on * s.electric_saving)
        fuel = s.base_load * (1.0 - on * s.electric_fuel_saving)
        gross.append(links.total(leg.carrier, emissions.transport_gross(tonne_km, world.load, intensity)))
        if np.any(leg.fare != 1.0):
            paid.append((leg.fare - 1.0) * links.total(leg.carrier, tonne_km))
        burnt.append(links.total(leg.carrier, tonne_km * (fuel / world.load)))
        if p.scenario.logistics.electrified:
            by_electric.append(links.total(leg.carrier, tonne_km * on))
    usual = _sum(paid)
    load = np.divide(_sum(burnt), usual, out=np.ones_like(usual), where=usual > 0)
    return Haulage(_sum(gross), usual, load, _sum(by_electric))


def lorry_cost(world: World, p: Programme) -> Array:
    """Fuel and climate damage of what is hauled on each link, money a month, (W*L,)."""
    s, links, carbon = p.by_link.logistics, world.links, p.by_link.market.social_cost_of_carbon

    def each(leg: Leg) -> Array:
        abatement, on = links.at(leg.carrier, world.abatement), electric_haul(world, p, leg, world.electric)
        diesel = s.fuel_cost * (1.0 - on * s.electric_fuel_saving)
        fuel = s.fare * (s.base_load / world.load) * diesel * (1.0 - s.fuel_saving * abatement)
        fleet = 1.0 - on * s.electric_saving
        burnt = emissions.own_emissions(s.intensity * fleet / world.load, abatement, s.abatable_share)
        return leg.of(world.tonne_km) * (fuel + carbon * burnt)

    return _sum(each(leg) for leg in legs(world, p))


# --- renewal --------------------------------------------------------------------------------------------


def renewed(world: World, p: Programme, known: Known) -> World:
    """A share of each fleet retires; electric lorries replace it where the fuel they save on routes that they can serve
    and what the incentives in force pay for it are worth more than what they cost beyond diesel lorries.

    All at last month's haulage and this month's charging. A carrier buys no more electric lorries than have routes to
    serve, and one that hauled nothing keeps its fleet.
    """
    s = p.scenario.logistics
    if not s.renewing or world.month < 0:
        return world
    routes = reachable(world, p)
    diesel, bought = logistics.renewal(world.electric, s.fleet_renewal, routes)
    without, having = haulage(world, p, diesel), haulage(world, p, bought)
    gain = _incentives_gained(p, known, without, having)
    for sign, these in ((-1.0, without), (1.0, having)):
        gain = gain + sign * energy_bill(dataclasses.replace(known, energy_load=these.energy_load), known.acts)
    pays = gain > s.electric_premium * known.revenue * (bought - diesel)
    electric = np.where(pays, bought, diesel)
    return world.but(electric=np.where(without.paid > 0, electric, world.electric))


def _incentives_gained(p: Programme, known: Known, without: Haulage, having: Haulage) -> Array:
    """What the incentives pay each carrier more with the electric lorries than without, money a month, were all
    carriers to decide alike: a payment that looks at what others emit is weighed at that."""
    carrier, fresh = ~p.traits.producer, known.acts.fresh()

    def paid(these: Haulage) -> Array:
        gross = np.where(carrier, these.gross, known.gross)
        energy_load = np.where(carrier, these.energy_load, known.energy_load)
        would = dataclasses.replace(known, acts=fresh.fresh(), gross=gross, energy_load=energy_load, _derived={})
        return _sum(force.weighed(would, would.acts) for force in looking)

    looking = [force for force in p.incentives if force.looks_at(HAULAGE, known)]
    if not looking:
        return np.zeros_like(known.revenue)
    return np.where(carrier, paid(having) - paid(without), 0.0)


def _sum(arrays: Iterable[Array]) -> Array:
    return functools.reduce(operator.add, arrays)
