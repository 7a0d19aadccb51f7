"""The month on one page: ten phases in order, each a function from the world before to the world after."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.known import Known
from sim.ledger import Ledger
from sim.month import footprints, freight, reviewing, scoring, stocks
from sim.month.checking import base_inspection, blame, inspecting_after, load_saved, ratings, recognised
from sim.month.deciding import disclose, heard, move, willing
from sim.month.interacting import interacted
from sim.month.knowing import audit_rate, audits, believed, true
from sim.month.orders import intensities, prices, reordered
from sim.month.pricing import earned
from sim.month.risks import incidents, interruptions
from sim.month.selling import demanded, noticed
from sim.month.settlement import (
    chain_index,
    connected,
    disrupted,
    incentives,
    own_bills,
    regulation,
    sharing_error,
    spared_failures,
    trade,
    unmasked,
)
from sim.month.sharing import near_through, outage_months, partners_mean, told, verified
from sim.payoff import disclosure_bill
from sim.programme import Programme
from sim.rules import effort, emissions, market, quality
from sim.terms import premium_received
from sim.turns import SOME, turns_in
from sim.world import World

Decide = Callable[[World], World]


def month(world: World, p: Programme, overrides: Decide | None = None) -> World:
    """One month of every world; the tenth phase, recording, is the caller's. `overrides` lets single firms
    decide for themselves."""
    if overrides is None:
        # Nobody looks at last month's books any more, but agents of one's own may.
        world = world.but(ledger=None)
    world = shocks(world, p)
    # What is known is handed on and let go: it is the largest thing of the month.
    world = decide(world, p, observe(world, p))
    if overrides is not None:
        world = disclose(overrides(world), p)
    world = produce(world, p)
    world = ship(world, p)
    world = inspect(world, p)
    world = settle(world, p)
    world = learn(world, p)
    return review(world, p)


# 1 ------------------------------------------------------------------------------------------------------


def shocks(world: World, p: Programme) -> World:
    """Outages and interruptions of policy start or end, demand moves, phases of the programme enrol and release
    firms, regulators plan their audits."""
    t, s = world.month, p.scenario
    struck = (p.draws.uniform("outage", t) < s.risk.outage_rate) & (world.outage_left <= 0)
    left = np.where(struck, outage_months(world, p), np.maximum(world.outage_left - 1.0, 0.0))
    world = demanded(noticed(world, p), p)
    member = p.enrolled(t, world.links) * world.willing
    if s.membership.spreading:
        member = member * world.heard
    near, far = s.information.shared(p.traits, member)
    on = float(s.information.active(t)) * s.information.applies_to.firms(p.traits, world.links)
    z_quality, z_abatement = p.draws.normals("observation", t)
    world = world.but(
        outage_left=left,
        policy_left=interruptions(world, p) if s.risk.policy_shocks else world.policy_left,
        member=member,
        shared_near=near * on,
        shared_far=far * on,
        observation=(s.information.noise * z_quality, s.information.noise * z_abatement),
    )
    return world.but(audit_plan=audit_rate(world, p))


# 2 ------------------------------------------------------------------------------------------------------


def observe(world: World, p: Programme) -> Known:
    """Beliefs: last month's deeds as others see them, tomorrow's audits as a probability."""
    return believed(world, p)


# 3 ------------------------------------------------------------------------------------------------------


def decide(world: World, p: Programme, known: Known) -> World:
    """Every firm picks efforts and disclosure by its behaviour, all at once or in turns, each turn seeing what those
    before it chose; members disclose at least what is mandated."""
    choice, knows = willing(world, p, known), heard(world, p)
    world = freight.renewed(world, p, known)
    followers = [cells for _, cells in p.behaviours]
    update = p.scenario.update
    for n, turn in enumerate(turns_in(world.month, update, p.draws, world.links, followers)):
        world = move(world, p, known if n == 0 else observe(world, p), turn)
    if update.schedule in SOME or update.begins:
        world = disclose(world, p)
    return world.but(willing=choice, heard=knows)


# 4 ------------------------------------------------------------------------------------------------------


def produce(world: World, p: Programme) -> World:
    """Orders reach suppliers, for last month's output or for stock; firms make what is ordered, as far as capacity
    lasts. What a supplier cannot deliver, or no carrier hauls, its customer buys elsewhere; what a seller cannot make
    is lost."""
    s, links, traits = p.scenario, world.links, p.traits
    world = freight.relieved(world, p)
    ordered = stocks.wanted(world, p)
    due = world.requirement * links.at(links.customer, ordered)
    haulable = freight.haulable(world, p, due)
    orders = links.total(links.supplier, haulable) + world.demand
    capacity = world.capacity * (1.0 - s.risk.capacity_lost * np.minimum(world.outage_left, 1.0))
    volume = np.minimum(orders, capacity)
    fill = np.divide(volume, orders, out=np.ones_like(orders), where=orders > 0)
    shipped = haulable * links.at(links.supplier, fill)
    price = prices(world, p)
    own = quality.own_defects(world.quality, traits.defect_rate, s.technology.defect_cut)
    gross = volume * traits.intensity
    world = stocks.used(world.but(volume=volume), p, ordered, orders)
    return world.but(
        on_time=fill,
        shipped=shipped,
        missing=due - shipped,
        missing_intensity=intensities(world, p),
        sold=world.demand * fill,
        order_value=shipped * price,
        missing_value=(due - shipped) * price,
        revenue=volume * traits.price,
        own_defects=own,
        outgoing=quality.outgoing_defects(own, world.accepted),
        gross=gross,
    )


# 5 ------------------------------------------------------------------------------------------------------


def ship(world: World, p: Programme) -> World:
    """Carriers haul what is shipped, and reusable packaging back; shared route information fills their lorries."""
    s, links = p.scenario, world.links
    route = told(world, s.information.channels.load_factor)
    shared = 0.5 * (links.at(links.supplier, route) + links.at(links.customer, route))
    of_links = p.by_link.logistics
    load = emissions.load_factor(of_links.base_load, of_links.best_load, shared)
    tonne_km = world.shipped * links.distance_km * (1.0 + of_links.return_share)
    world = world.but(load=load, tonne_km=tonne_km)
    done = freight.haulage(world, p, world.electric)
    all_gross = world.gross + done.gross
    world = world.but(
        gross=all_gross,
        revenue=world.revenue + s.logistics.fare * done.paid,
        energy_load=done.energy_load,
        electric_km=done.electric,
        served_km=freight.served(world, p),
        emissions=emissions.own_emissions(all_gross, world.abatement, p.traits.abatable),
    )
    if s.assessment.footprints:
        world = world.but(footprint=footprints.followed(world, p))
    return world.but(load_saving=load_saved(world, p)) if p.social_weighed else world


# 6 ------------------------------------------------------------------------------------------------------


def inspect(world: World, p: Programme) -> World:
    """Buyers inspect what comes in, less where they trust and are told; regulators audit and rate."""
    s, links = p.scenario, world.links
    world = verified(world, p)
    reached = near_through(world, s.information.channels.duplicate_inspections)
    shown = links.at(links.supplier, world.disclosure * reached)
    base = base_inspection(world, p)
    intensity = quality.inspection_intensity(base, world.trust, shown, recognised(world, p))
    catch = p.by_link.quality.detection * intensity
    incoming = links.at(links.supplier, world.outgoing) + freight.of_carriers(world, p, world.own_defects)
    accepted = links.total(links.customer, world.input_share * incoming * (1.0 - catch))
    world = world.but(
        intensity=intensity,
        catch=catch,
        incoming=incoming,
        accepted=accepted,
        inspection_saving=links.total(
            links.supplier,
            world.order_value * (base * world.trust * recognised(world, p)),
        )
        * reached,
        audited=audits(world, p),
    )
    return blame(world.but(rating=ratings(world, p)), p)


# 7 ------------------------------------------------------------------------------------------------------


def settle(world: World, p: Programme) -> World:
    """Every payment of the month goes through the books."""
    t = world.month
    world = world.but(incident=incidents(world, p)) if p.scenario.risk.incidents else world
    known = true(world, p, "measure")
    # First what rests on links and chains alone, before what is known of every entry takes up room.
    index, spared = chain_index(known), spared_failures(world, p)
    ledger = Ledger(*p.shape, p.traits.region, len(p.traits.regions))
    trade(world, p, ledger)
    if market.switched_on(p.scenario.market.pass_through):
        ledger.firms_receive("sales", p.traits.price * world.sold * world.price_rise, "market")
    if p.scenario.pricing.on:
        ledger.firms_receive("margins", earned(world, p), "market")
    own_bills(world, known, ledger)
    benefit, shared = premium_received(p.scenario, known, known.acts), None
    ledger.firms_receive("premium", benefit, "market")
    if p.scenario.cost_sharing.active(t):
        shared = p.scenario.cost_sharing.payment(known, known.acts)
    if shared is not None:
        ledger.firms_receive("cost sharing", shared, "pool")
    memory, support = incentives(world, p, known, ledger)
    regulator_memory = regulation(world, p, known, ledger)
    unmasked(world, p, ledger)
    disrupted(world, p, known, ledger)
    interacted(p.scenario.interaction, known, ledger)
    world = connected(world, p, ledger)
    profit = ledger.profit()
    contribution = known.effort_cost(known.acts) - disclosure_bill(known, known.acts) - support
    if shared is not None:
        contribution = contribution - shared
    return world.but(
        ledger=ledger,
        memory=memory,
        regulator_memory=regulator_memory,
        index=index,
        sharing_error=sharing_error(known, p),
        profit=profit,
        profitability=np.divide(profit, world.revenue, out=np.zeros_like(profit), where=world.revenue > 0),
        benefit=benefit + spared,
        contribution=contribution,
        support=support,
    )


# 8 ------------------------------------------------------------------------------------------------------


def learn(world: World, p: Programme) -> World:
    """Experience makes abatement cheaper, training makes effort cheaper, trust follows quality; buyers inspect as it
    pays, where they choose."""
    s = p.scenario
    world = inspecting_after(world, p)
    partners = partners_mean(told(world, s.information.channels.technology_spillover) * world.abatement, world)
    gained = effort.experience_gained(world.abatement, partners, s.technology.spillover)
    experience = world.experience + gained
    quality_cost = p.traits.quality_cost
    abatement_cost = effort.experienced_cost(p.traits.abatement_cost, experience, s.technology.learning_exponent)
    for force in p.incentives:
        factors = force.incentive.cost_factor(world.memory[force.name])
        if factors is not None:
            quality_cost, abatement_cost = quality_cost * factors[0], abatement_cost * factors[1]
    return world.but(
        experience=experience,
        quality_cost=quality_cost * np.ones(p.shape),
        abatement_cost=abatement_cost,
        trust=quality.trust_after(
            world.trust, world.incoming, p.by_link.quality.tolerated, p.by_link.quality.trust_speed
        ),
    )


# 9 ------------------------------------------------------------------------------------------------------


def review(world: World, p: Programme) -> World:
    """Every few months customers weigh their suppliers anew, as scores and mechanisms make them, and shift orders from
    the contracted shares; who has recovered is back at the contracted share. Suppliers of a low score are warned,
    given notice and replaced."""
    relations = p.scenario.relations
    if relations.scored:
        world = reviewing.moved_on(scoring.assessed(world, p), p)
    if (world.month + 1) % relations.review_every:
        return world.but(month=world.month + 1)
    share = reviewing.order_shares(world, p)
    if relations.scored:
        world = reviewing.warned(world, p)
    world = world.but(month=world.month + 1)
    return world if share is world.order_share else reordered(world.but(order_share=share), p)
