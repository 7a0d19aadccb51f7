"""The month on one page: ten phases in order, each a function from the world before to the world after."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.behaviours.base import Efforts, View
from sim.fields import Array
from sim.known import Known
from sim.ledger import Ledger
from sim.mechanisms.acts import Acts
from sim.payoff import disclosure_bill, effort_bill, energy_bill, scrap_bill
from sim.programme import Programme, premium_received
from sim.rules import effort, emissions, market, quality
from sim.world import World

Decide = Callable[[World], World]


def month(world: World, p: Programme, overrides: Decide | None = None) -> World:
    """One month of every world. `overrides` lets single firms decide for themselves."""
    world = shocks(world, p)
    known = observe(world, p)
    world = decide(world, p, known)
    if overrides is not None:
        world = overrides(world)
    world = produce(world, p)
    world = ship(world, p)
    world = inspect(world, p)
    world = settle(world, p)
    world = learn(world, p)
    return review(world, p)


# 1 ------------------------------------------------------------------------------------------------------


def shocks(world: World, p: Programme) -> World:
    """Outages start or end, demand moves, phases of the programme enrol and release firms."""
    t, s = world.month, p.scenario
    struck = (p.draws.uniform("outage", t) < s.risk.outage_rate) & (world.outage_left <= 0)
    left = np.where(struck, float(s.risk.outage_months), np.maximum(world.outage_left - 1.0, 0.0))
    seen_quality = np.zeros(p.shape)
    seen_quality.ravel()[p.chains.roots] = (s.market.awareness * s.market.label_accuracy * world.index).ravel()
    noise = np.zeros(p.shape)
    noise.ravel()[p.chains.roots] = p.draws.normal("demand", t, p.chains.roots)
    demand = market.demand(p.traits.demand, noise, seen_quality, s.market.demand_response, s.market.demand_noise)
    member = p.enrolled(t)
    near, far = s.information.shared(p.traits, member)
    on = float(s.information.active(t))
    z_quality, z_abatement = p.draws.normals("observation", t)
    return world.but(
        outage_left=left,
        demand=demand,
        member=member,
        shared_near=near * on,
        shared_far=far * on,
        observation=(s.information.noise * z_quality, s.information.noise * z_abatement),
    )


# 2 ------------------------------------------------------------------------------------------------------


def observe(world: World, p: Programme) -> Known:
    """Beliefs: last month's deeds as others see them, tomorrow's audits as a probability."""
    audit = np.broadcast_to(p.scenario.regulator.audit_rate(p.traits, world.rating), p.shape)
    audit = audit * float(p.scenario.regulator.active(world.month))
    return known_of(world, p, certain=False, audit=audit, seen_noise=0.0, measured_noise=None)


def known_of(
    world: World,
    p: Programme,
    *,
    certain: bool,
    audit: Array,
    seen_noise: Array | float,
    measured_noise: Callable[[], Array] | None,
) -> Known:
    """What is known, from the world as it stands."""
    s = p.scenario
    return Known(
        month=world.month,
        certain=certain,
        acts=Acts(world.quality, world.abatement, world.disclosure, world.member),
        traits=p.traits,
        links=p.links,
        chains=p.chains,
        technology=s.technology,
        market=s.market,
        inspection=s.quality,
        assessment=s.assessment,
        revenue=world.revenue,
        gross=world.gross,
        energy_load=world.energy_load,
        quality_cost=world.quality_cost,
        abatement_cost=world.abatement_cost,
        accepted=world.accepted,
        failure_liability=world.liability,
        failure_damage=world.damage,
        inspection_saving=world.inspection_saving,
        order_value=world.order_value,
        requirement=world.requirement,
        baseline_abatement=world.baseline_abatement,
        pool=s.market.premium
        * s.market.awareness
        * s.market.label_accuracy
        * p.chains.at_root(p.traits.price * world.sold),
        weight=world.weight,
        part=world.part,
        accuracy_without=s.information.accuracy_without,
        accuracy_with=s.information.accuracy_with,
        prior=s.information.prior,
        shared_near=world.shared_near,
        shared_far=world.shared_far,
        seen_noise=seen_noise,
        measured_noise=measured_noise,
        audit=audit,
        rating=world.rating,
        memories=world.memory,
    )


# 3 ------------------------------------------------------------------------------------------------------


def decide(world: World, p: Programme, known: Known) -> World:
    """Every firm picks efforts and disclosure by its behaviour; members disclose at least what is mandated."""
    information = p.scenario.information
    view = View(
        known, p.draws, world.month, p.private, p.social, world.profitability, p.neighbours, world.observation
    )
    chosen = view.now()
    for behaviour, firms in p.behaviours:
        wanted = behaviour.decide(view, firms)
        chosen = (
            wanted
            if firms is None
            else Efforts(*(np.where(firms, new, old) for new, old in zip(wanted, chosen, strict=True)))
        )
    chosen = Efforts(*(np.minimum(np.maximum(x, 0.0), 1.0) for x in chosen))
    floor = information.minimum_disclosure * np.maximum(world.shared_near, world.shared_far)
    return world.but(
        quality=chosen.quality, abatement=chosen.abatement, disclosure=np.maximum(chosen.disclosure, floor)
    )


# 4 ------------------------------------------------------------------------------------------------------


def produce(world: World, p: Programme) -> World:
    """Orders of last month's output reach suppliers; firms make what they owe, as far as capacity lasts."""
    s, links, traits = p.scenario, p.links, p.traits
    due = world.requirement * links.at(links.customer, world.volume) + world.backlog
    due_market = world.demand + world.owed
    orders = links.total(links.supplier, due) + due_market
    capacity = world.capacity * (1.0 - s.risk.outage_loss * (world.outage_left > 0))
    volume = np.minimum(orders, capacity)
    fill = np.divide(volume, orders, out=np.ones_like(orders), where=orders > 0)
    shipped = due * links.at(links.supplier, fill)
    sold = due_market * fill
    own = quality.own_defects(world.quality, traits.defect_rate, s.technology.defect_cut)
    gross = volume * traits.intensity
    return world.but(
        volume=volume,
        on_time=fill,
        shipped=shipped,
        backlog=due - shipped,
        sold=sold,
        owed=due_market - sold,
        order_value=shipped * links.at(links.supplier, np.broadcast_to(traits.price, p.shape)),
        revenue=volume * traits.price,
        own_defects=own,
        outgoing=quality.outgoing_defects(own, world.accepted),
        gross=gross,
    )


# 5 ------------------------------------------------------------------------------------------------------


def ship(world: World, p: Programme) -> World:
    """Carriers haul what is shipped; shared route information fills their lorries."""
    s, links = p.scenario, p.links
    told = world.disclosure * world.shared_near
    shared = 0.5 * (links.at(links.supplier, told) + links.at(links.customer, told))
    load = emissions.load_factor(s.logistics.base_load, s.logistics.best_load, shared)
    tonne_km = world.shipped * links.distance_km
    fleet = 1.0 - s.logistics.electric_share * s.logistics.electric_saving
    gross = links.total(links.carrier, emissions.transport_gross(tonne_km, load, s.logistics.intensity * fleet))
    hauled = links.total(links.carrier, tonne_km)
    burnt = links.total(links.carrier, tonne_km * (s.logistics.base_load / load))
    all_gross = world.gross + gross
    return world.but(
        load=load,
        tonne_km=tonne_km,
        gross=all_gross,
        revenue=world.revenue + s.logistics.fare * hauled,
        energy_load=np.divide(burnt, hauled, out=np.ones_like(hauled), where=hauled > 0),
        emissions=emissions.own_emissions(all_gross, world.abatement, p.traits.abatable),
    )


# 6 ------------------------------------------------------------------------------------------------------


def inspect(world: World, p: Programme) -> World:
    """Buyers inspect what comes in, less where they trust and are told; regulators audit and rate."""
    s, links, t = p.scenario, p.links, world.month
    told = links.at(links.supplier, world.disclosure * world.shared_near)
    intensity = quality.inspection_intensity(s.quality.inspection, world.trust, told, recognised(p))
    catch = s.quality.detection * intensity
    incoming = links.at(links.supplier, world.outgoing) + links.at(links.carrier, world.own_defects)
    accepted = links.total(links.customer, world.input_share * incoming * (1.0 - catch))
    world = world.but(
        intensity=intensity,
        catch=catch,
        incoming=incoming,
        accepted=accepted,
        inspection_saving=links.total(
            links.supplier,
            world.order_value * (s.quality.inspection * world.trust * recognised(p)),
        )
        * world.shared_near,
        audited=np.where(p.draws.uniform("audit", t) < _audit_rate(world, p), 1.0, 0.0),
    )
    return blame(world.but(rating=ratings(world, p)), p)


def ratings(world: World, p: Programme) -> Array:
    """Public ratings: an audited firm is rated at its green quality as measured, the others keep theirs."""
    s = p.scenario
    cells = np.flatnonzero(world.audited)
    theta = effort.green_quality(world.quality, world.abatement, s.technology.quality_weight).ravel()[cells]
    error = s.assessment.measurement_error * p.draws.normal("rating", world.month, cells)
    rating = world.rating.copy()
    rating.ravel()[cells] = np.minimum(np.maximum(theta + error, 0.0), 1.0)
    return rating


def _audit_rate(world: World, p: Programme) -> Array:
    rate = p.scenario.regulator.audit_rate(p.traits, world.rating)
    return rate * float(p.scenario.regulator.active(world.month))


def recognised(p: Programme) -> Array | float:
    """1 on links within a region or under a unified standard: the buyer accepts the supplier's certificates."""
    if p.scenario.information.unified_standard or len(p.traits.regions) == 1:
        return 1.0
    region = np.broadcast_to(p.traits.region[None, :], p.shape).ravel()
    return (region[p.links.supplier] == region[p.links.customer]).astype(float)


def blame(world: World, p: Programme) -> World:
    """What a unit of outgoing defect rate costs down the chain, a tier further each month: to everybody
    (`damage`), and to the firm itself by warranty and its contracts' liability (`liability`)."""
    s, links, traits = p.scenario, p.links, p.traits
    warranty = s.quality.warranty_cost * traits.price * world.sold
    own = links.at(links.customer, world.own_defects)
    cost = s.quality.return_cost

    def onward(customer_marginal: Array) -> Array:
        there = links.at(links.customer, customer_marginal)
        return quality.failure_cost(world.order_value, world.catch, world.input_share, own, there, cost)

    everybody = onward(world.damage)
    claim = s.quality.liability * onward(world.liability)
    damage = warranty + links.total(links.supplier, everybody) + links.total(links.carrier, everybody)
    return world.but(
        damage=damage,
        claim=claim,
        liability=warranty + links.total(links.supplier, claim),
    )


# 7 ------------------------------------------------------------------------------------------------------


def settle(world: World, p: Programme) -> World:
    """Every payment of the month goes through the books."""
    t = world.month
    known = known_of(
        world,
        p,
        certain=True,
        audit=world.audited,
        seen_noise=world.observation[0],
        measured_noise=lambda: p.draws.normal("measure", t),
    )
    ledger = Ledger(*p.shape, p.traits.region, len(p.traits.regions))
    trade(world, p, ledger)
    own_bills(world, known, ledger)
    benefit, shared = premium_received(p.scenario, known, known.acts), None
    ledger.firms_receive("premium", benefit, "market")
    if p.scenario.cost_sharing.active(t):
        shared = p.scenario.cost_sharing.payment(known, known.acts)
    if shared is not None:
        ledger.firms_receive("cost sharing", shared, "pool")
    memory, support = incentives(world, p, known, ledger)
    regulation(world, p, ledger)
    fee = p.scenario.information.monthly_cost * np.maximum(world.shared_near, world.shared_far)
    ledger.firms_pay("information fee", fee, "platform")
    profit = ledger.profit()
    contribution = known.effort_cost(known.acts) - disclosure_bill(known, known.acts) - support
    if shared is not None:
        contribution = contribution - shared
    return world.but(
        ledger=ledger,
        memory=memory,
        index=chain_index(known),
        profit=profit,
        profitability=np.divide(profit, world.revenue, out=np.zeros_like(profit), where=world.revenue > 0),
        benefit=benefit + spared_failures(world, p),
        contribution=contribution,
    )


def chain_index(known: Known) -> Array:
    """Q_m of each chain, (world, chain)."""
    r = known.market.weakest_link
    theta = market.powered(known.green_quality(known.acts), r)
    return market.chain_index(known.chains.by_chain(known.weight * known.chains.at_firm(theta)), r)


def trade(world: World, p: Programme, ledger: Ledger) -> None:
    """Goods, freight, inspections, returns and warranty."""
    s, links, traits = p.scenario, p.links, p.traits
    ledger.firms_receive("sales", traits.price * world.sold, "market")
    ledger.between("goods", world.order_value, links.customer, links.supplier)
    ledger.between("freight", s.logistics.fare * world.tonne_km, links.customer, links.carrier)
    ledger.firms_pay("operations", traits.operations * world.revenue, "outside")
    inspected = world.order_value * world.intensity
    ledger.firms_pay("inspection", s.quality.inspection_cost * links.total(links.customer, inspected), "outside")
    ledger.firms_pay("hosting", s.quality.hosting_cost * links.total(links.supplier, inspected), "outside")
    returned = s.quality.return_cost * world.order_value * world.incoming * world.catch
    ledger.firms_pay("returns", links.total(links.customer, returned), "outside")
    ledger.firms_pay("warranty", s.quality.warranty_cost * traits.price * world.sold * world.outgoing, "market")
    claimed = world.claim * links.at(links.supplier, world.outgoing)
    ledger.between("liability", claimed, links.supplier, links.customer)


def own_bills(world: World, known: Known, ledger: Ledger) -> None:
    """Effort, disclosure, scrap and energy."""
    for name, bill in (
        ("effort", effort_bill),
        ("disclosure", disclosure_bill),
        ("scrap", scrap_bill),
        ("energy", energy_bill),
    ):
        ledger.firms_receive(name, bill(known, known.acts), "outside")


def incentives(
    world: World, p: Programme, known: Known, ledger: Ledger
) -> tuple[dict[str, dict[str, Array]], Array]:
    """Pay every incentive within its budget; what each remembers, and what firms got in all."""
    memory: dict[str, dict[str, Array]] = {}
    support = np.zeros(p.shape)
    for force in p.incentives:
        mechanism, before = force.incentive, world.memory[force.name]
        if not mechanism.active(world.month):
            memory[force.name] = dict(before) | {"reached": np.zeros(p.shape)}
            continue
        reach = force.reach(known, known.acts) * np.ones(p.shape)
        own = known.remembering({**before, "reached": reach})
        due = mechanism.payment(own, own.acts) * reach
        administered = mechanism.administration(own, own.acts)
        overhead = np.zeros(p.shape) if administered is None else administered * reach
        funded = before["funded"]
        if mechanism.budget is not None:
            wanted = np.maximum(due, 0.0).sum(axis=1, keepdims=True) + overhead.sum(axis=1, keepdims=True)
            left = mechanism.budget - before["spent"]
            funded = np.minimum(1.0, np.divide(left, wanted, out=np.ones_like(wanted), where=wanted > 0))
            funded = np.where(left > 0, funded, 0.0)
            due, overhead = np.where(due > 0, due * funded, due), overhead * funded
            own = known.remembering({**own.memory, "reached": reach * (funded > 0)})
        ledger.firms_receive(force.name, due, mechanism.payer)
        if administered is not None:
            ledger.regulators_pay(force.name, overhead, "outside")
        spent = before["spent"] + np.maximum(due, 0.0).sum(axis=1, keepdims=True) + overhead.sum(axis=1, keepdims=True)
        memory[force.name] = mechanism.remember(own, own.acts, due) | {"spent": spent, "funded": funded}
        support = support + np.maximum(due, 0.0)
    return memory, support


def regulation(world: World, p: Programme, ledger: Ledger) -> None:
    """Audits cost the regulator."""
    ledger.regulators_pay("audits", p.scenario.regulator.audit_cost * world.audited, "outside")


def spared_failures(world: World, p: Programme) -> Array:
    """What a firm is spared because its suppliers make quality effort: d0 e_q q of every delivery at what a
    defect costs the firm, returned or passed on."""
    links = p.links
    avoided = links.at(links.supplier, p.traits.defect_rate - world.own_defects)
    cost = quality.failure_cost(
        world.order_value,
        world.catch,
        world.input_share,
        links.at(links.customer, world.own_defects),
        links.at(links.customer, world.liability),
        p.scenario.quality.return_cost,
    )
    return links.total(links.customer, cost * avoided)


# 8 ------------------------------------------------------------------------------------------------------


def learn(world: World, p: Programme) -> World:
    """Experience makes abatement cheaper, training makes effort cheaper, trust follows quality."""
    s, links = p.scenario, p.links
    told = world.disclosure * world.shared_near * world.abatement
    count = p.neighbours.count.reshape(p.shape)
    partners = links.total(links.customer, links.at(links.supplier, told))
    partners = partners + links.total(links.supplier, links.at(links.customer, told))
    gained = effort.experience_gained(world.abatement, partners / np.maximum(count, 1), s.technology.spillover)
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
        trust=quality.trust_after(world.trust, world.incoming, s.quality.tolerated, s.quality.trust_speed),
    )


# 9 ------------------------------------------------------------------------------------------------------


def review(world: World, p: Programme) -> World:
    """Every few months customers weigh their suppliers anew, as mechanisms make them, and shift orders from
    the contracted shares; who has recovered is back at the contracted share."""
    every = p.scenario.relations.review_every
    if (world.month + 1) % every:
        return world.but(month=world.month + 1)
    known = known_of(
        world,
        p,
        certain=True,
        audit=world.audited,
        seen_noise=world.observation[0],
        measured_noise=lambda: p.draws.normal("review", world.month),
    )
    share = world.contract_share
    for force in p.incentives:
        if force.incentive.active(world.month):
            own = known.remembering(world.memory[force.name])
            weight = force.incentive.order_weight(own, own.acts)
            if weight is not None:
                share = p.links.shift(share, weight)
    world = world.but(month=world.month + 1)
    return world if share is world.contract_share else reordered(world.but(order_share=share), p)


def reordered(world: World, p: Programme) -> World:
    """What follows from order shares: requirements, input shares, chain weights."""
    links, chains, traits = p.links, p.chains, p.traits
    requirement = links.units_per_unit * world.order_share
    total = links.at(links.customer, links.total(links.customer, requirement))
    at_rest = chains.volumes(np.broadcast_to(traits.demand, p.shape), requirement)
    value_added = np.broadcast_to(traits.value_added, p.shape)
    freight = p.scenario.logistics.fare * links.distance_km * requirement
    freight = freight * links.at(links.carrier, np.broadcast_to(traits.value_added_share, p.shape))
    value, weight = chains.weights(at_rest, value_added, freight)
    held = chains.at_firm(chains.by_firm(value))
    return world.but(
        requirement=requirement,
        input_share=np.divide(requirement, total, out=np.zeros_like(total), where=total > 0),
        weight=weight,
        part=np.divide(value, held, out=np.zeros_like(held), where=held > 0),
    )
