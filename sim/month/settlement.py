"""The payments of a month, and what firms give and get by them."""

from __future__ import annotations

import numpy as np

from sim.fields import Array, above_zero
from sim.inforce import InForce
from sim.known import Known, Memory
from sim.ledger import Ledger
from sim.month import freight, reviewing
from sim.month.checking import price_reductions
from sim.month.orders import prices
from sim.month.stocks import held_value
from sim.payoff import disclosure_bill, effort_bill, energy_bill, packaging_bill, scrap_bill
from sim.programme import Programme
from sim.rules import market, quality
from sim.world import World

SPENT = 1e-9
"""A budget with less than this share left is spent."""


def trade(world: World, p: Programme, ledger: Ledger) -> None:
    """Goods, freight, electric lorries, inspections, returns, claims and warranty."""
    s, links, traits = p.scenario, world.links, p.traits
    ledger.firms_receive("sales", traits.price * world.sold, "market")
    ledger.between("goods", world.order_value, links.customer, links.supplier)
    of_links = p.by_link
    dear = (1.0 + of_links.risk.spot_premium) * world.missing_value
    if s.ordering.holding_stock:
        dear = dear + (1.0 + of_links.risk.spot_premium) * world.short * prices(world, p)
        ledger.firms_pay("storage", s.ordering.holding_cost * held_value(world, p), "outside")
    ledger.firms_pay("spot", links.total(links.customer, dear), "outside")
    for leg in freight.legs(world, p):
        damage = links.at(leg.carrier, traits.claim_cost * world.own_defects)
        earned = of_links.logistics.fare * p.at_links(leg.fare) * leg.of(world.tonne_km)
        ledger.between("claims", earned * damage, leg.carrier, links.customer)
        ledger.between("freight", earned, links.customer, leg.carrier)
    if s.logistics.electrified:
        ledger.firms_pay("fleet", s.logistics.electric_premium * world.revenue * world.electric, "outside")
    ledger.firms_pay("operations", traits.operations * world.revenue, "outside")
    inspected = world.order_value * world.intensity
    ledger.firms_pay("inspection", s.quality.inspection_cost * links.total(links.customer, inspected), "outside")
    ledger.firms_pay("hosting", s.quality.hosting_cost * links.total(links.supplier, inspected), "outside")
    returned = of_links.quality.return_cost * world.order_value * world.incoming * world.catch
    ledger.firms_pay("returns", links.total(links.customer, returned), "outside")
    ledger.firms_pay("warranty", s.quality.warranty_cost * traits.price * world.sold * world.outgoing, "market")
    if above_zero(s.quality.liability):
        claimed = world.claim * links.at(links.supplier, world.outgoing)
        ledger.between("liability", claimed, links.supplier, links.customer)
    if s.quality.reducing:
        taken_off = price_reductions(world, p) * links.at(links.supplier, world.outgoing)
        ledger.between("reductions", taken_off, links.supplier, links.customer)
    if s.relations.replacing:
        settled, qualifying = reviewing.bills(world, p)
        ledger.between("settlement", settled, links.customer, links.supplier)
        ledger.firms_pay("qualification", links.total(links.customer, qualifying), "outside")


def own_bills(world: World, known: Known, ledger: Ledger) -> None:
    """Effort, disclosure, scrap, energy and packaging."""
    for name, bill in (
        ("effort", effort_bill),
        ("disclosure", disclosure_bill),
        ("scrap", scrap_bill),
        ("energy", energy_bill),
    ):
        ledger.firms_receive(name, bill(known, known.acts), "outside")
    if above_zero(known.logistics.packaging_cost):
        ledger.firms_receive("packaging", packaging_bill(known, known.acts), "outside")


def incentives(world: World, p: Programme, known: Known, ledger: Ledger) -> tuple[dict[str, dict[str, Array]], Array]:
    """Pay every incentive within its budget to firms that trade; what each remembers, and what firms got in all.

    When the budget does not reach for what a month asks, everybody gets the same share of what is due, and
    what the money does (training, plant) is done to that share. An interruption of policy does likewise, by region,
    to what regulators pay; of what they charge its share is not charged.
    """
    memory: dict[str, dict[str, Array]] = {}
    support = np.zeros(p.shape)
    for force in p.incentives:
        mechanism, before = force.incentive, world.memory[force.name]
        if not mechanism.active(world.month):
            memory[force.name] = dict(before) | {"reached": np.zeros(p.shape)}
            continue
        reach = force.reach(known, known.acts) * (world.revenue > 0)
        left_in_force = _left_in_force(force, known)
        covered = reach * left_in_force if mechanism.covers else reach
        own = known.remembering({**before, "reached": covered})
        due = mechanism.payment(own, own.acts) * reach
        if not mechanism.covers:
            due = force.in_force(due, mechanism.payer, known)
        administered = mechanism.administration(own, own.acts)
        overhead = np.zeros(p.shape) if administered is None else administered * reach * left_in_force
        funded = before["funded"]
        if mechanism.budget is not None:
            wanted = np.maximum(due, 0.0).sum(axis=1, keepdims=True) + overhead.sum(axis=1, keepdims=True)
            left = mechanism.budget - before["spent"]
            funded = np.minimum(1.0, np.divide(left, wanted, out=np.ones_like(wanted), where=wanted > 0))
            # What is left of a spent budget is rounding.
            funded = np.where(left > SPENT * mechanism.budget, funded, 0.0)
            due, overhead = np.where(due > 0, due * funded, due), overhead * funded
            own = known.remembering({**own.memory, "reached": reach * funded, "funded": funded})
        if mechanism.funded and known.in_force is not None:
            served = {"reached": own.memory["reached"] * left_in_force, "funded": funded * left_in_force}
            own = known.remembering({**own.memory, **served})
        ledger.firms_receive(force.name, due, mechanism.payer)
        # What firms pay each other is nobody's support.
        net = np.zeros(p.shape) if mechanism.payer == "pool" else due
        for account, amount in mechanism.transfers(own, own.acts).items():
            transferred = force.in_force(amount * reach, account, known)
            ledger.firms_receive(force.name, transferred, account)
            net = net if account == "pool" else net + transferred
        if administered is not None:
            ledger.regulators_pay(force.name, overhead, "outside")
        spent = before["spent"] + np.maximum(due, 0.0).sum(axis=1, keepdims=True) + overhead.sum(axis=1, keepdims=True)
        memory[force.name] = mechanism.remember(own, own.acts, due) | {"spent": spent, "funded": funded}
        if mechanism.supports:
            support = support + np.maximum(net, 0.0)
    return memory, support


def _left_in_force(force: InForce, known: Known) -> Array | float:
    """Share of an incentive of the regulators that an interruption leaves each firm; 1 of those of others."""
    return known.in_force if known.in_force is not None and force.incentive.payer == "regulator" else 1.0


def regulation(world: World, p: Programme, known: Known, ledger: Ledger) -> Memory:
    """Audits cost the regulator; what it remembers of them."""
    regulator, memory = p.scenario.regulator, world.regulator_memory
    ledger.regulators_pay("audits", regulator.audit_cost * world.audited, "outside")
    if not memory or not regulator.active(world.month):
        return memory
    return regulator.remember(known.remembering(memory), lambda: fined(world, p, known))


def connected(world: World, p: Programme, ledger: Ledger) -> World:
    """Firms that share data pay the platform its fee in months in which they trade, and once for joining."""
    information = p.scenario.information
    trading = np.maximum(world.shared_near, world.shared_far) * (world.revenue > 0)
    fee = information.monthly_cost * trading
    if above_zero(information.joining_cost):
        fee = fee + information.joining_cost * trading * (1.0 - world.connected)
        world = world.but(connected=np.maximum(world.connected, trading))
    ledger.firms_pay("information fee", fee, "platform")
    return world


def unmasked(world: World, p: Programme, ledger: Ledger) -> None:
    """Who is found to overclaim pays the regulator a share of the month's revenue."""
    reporting = p.scenario.reporting
    if reporting.overclaiming:
        ledger.firms_pay("overclaim penalty", reporting.penalty * world.revenue * world.exposed, "regulator")


def disrupted(world: World, p: Programme, known: Known, ledger: Ledger) -> None:
    """Clean-up after incidents is paid outside; members pay each other what they insure of their losses."""
    risk, rule = p.scenario.risk, p.scenario.risk_sharing
    if risk.incidents:
        ledger.firms_pay("incidents", risk.incident_cost * world.revenue * world.incident, "outside")
    shared = rule.payment(known, known.acts) if rule.active(world.month) else None
    if shared is not None:
        ledger.firms_receive("risk sharing", shared, "pool")


def fined(world: World, p: Programme, known: Known) -> Array:
    """What each firm paid to the regulator because it was audited: what it would have got without, less what it
    got, (world, firm)."""
    spared = known.not_audited()
    total = np.zeros(p.shape)
    for force in p.incentives:
        if force.incentive.payer == "regulator":
            total = total + (force.payment(spared, spared.acts) - force.payment(known, known.acts))
    return np.where(world.revenue > 0, total, 0.0)


def spared_failures(world: World, p: Programme) -> Array:
    """What a firm is spared because its suppliers make quality effort: d0 e_q q of every delivery at what a
    defect costs the firm, returned or passed on, less what suppliers are liable for or take off the price."""
    links = world.links
    avoided = links.at(links.supplier, p.traits.defect_rate - world.own_defects)
    own, marginal = links.at(links.customer, world.own_defects), links.at(links.customer, world.liability)
    onward = quality.onward_cost(world.input_share, own, marginal)
    cost = quality.failure_cost(world.order_value, world.catch, onward, p.by_link.quality.return_cost)
    spared = (1.0 - p.scenario.quality.liability) * links.total(links.customer, cost * avoided)
    if p.scenario.quality.reducing:
        spared = spared - links.total(links.customer, price_reductions(world, p) * avoided)
    return spared


def sharing_error(known: Known, p: Programme) -> Array:
    """Largest standard error of a firm's share in the premium or the cost of a chain, where it is sampled, (world,)."""
    error = np.zeros(p.worlds)
    for rule in (p.scenario.benefit_sharing, p.scenario.cost_sharing):
        each = rule.standard_error(known) if rule.active(known.month) else None
        if each is not None:
            error = known.chains.largest(each, error)
    return error


def chain_index(known: Known) -> Array:
    """Q_m of each chain, (world, chain)."""
    r = known.market.weakest_link
    theta = market.powered(known.green_quality(known.acts), r)
    return market.chain_index(known.chains.by_chain(known.weight * known.chains.at_firm(theta)), r)
