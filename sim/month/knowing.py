"""From the state of the world to what is known of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.regulator import Sites
from sim.month.custom import at_stake
from sim.month.pricing import weighed
from sim.month.risks import in_force, losses
from sim.month.sharing import believed_shares
from sim.programme import Programme
from sim.rules import market
from sim.terms import cost_shared, premium_part
from sim.world import World


def audit_rate(world: World, p: Programme) -> Array:
    """Chance that each firm is audited this month, (world, firm)."""
    regulator = p.scenario.regulator
    if not regulator.active(world.month):
        return np.zeros(p.shape)
    sites = Sites(p.traits, world.rating, world.regulator_memory, lambda: _open(np.ones(p.shape), world, p, np.inf))
    rate = regulator.audit_rate(sites)
    return rate if regulator.limited else _open(rate, world, p, 1.0)


def _open(rate: Array, world: World, p: Programme, most: float) -> Array:
    """A rate of audits where firms can be audited, times the factors of mechanisms, at `most`; 0 for others."""
    regulator = p.scenario.regulator
    rate = rate * regulator.applies_to.firms(p.traits, world.links)
    today = regulator.applies_to.today(world.member, world.rating)
    if today is not None:
        rate = rate * today
    for force in p.incentives:
        factor = force.incentive.audit_factor(world.memory[force.name]) if force.incentive.active(world.month) else None
        if factor is not None:
            rate = np.minimum(rate * factor, most)
    # A firm that does not trade is not there to be audited.
    return np.where(world.revenue > 0, rate, 0.0)


def penalty(world: World, p: Programme) -> Array | float:
    """Factor of mechanisms on each firm's fines, (world, firm); 1 without any."""
    product: Array | float = 1.0
    for force in p.incentives:
        if force.incentive.active(world.month):
            factor = force.incentive.penalty_factor(world.memory[force.name])
            product = product if factor is None else product * factor
    return product


def audits(world: World, p: Programme) -> Array:
    """1 for each firm that is audited this month, by the chances planned when it began, (world, firm)."""
    luck = p.draws.uniform("audit", world.month)

    def start(region: str) -> Array:
        return p.draws.uniform_of(region, "audit start", world.month)

    return p.scenario.regulator.drawn(world.audit_plan, luck, p.traits, start)


def aware(world: World, p: Programme) -> Array | float:
    """Share of customers who look at green quality, (world, chain) where it grows."""
    settings = p.scenario.market
    return world.awareness if market.switched_on(settings.awareness_growth) else settings.awareness


def label_accuracy(world: World, p: Programme) -> Array | float:
    """Part of true green quality that labels convey, (world, chain) where it takes data that the chain shares:
    the mean over its firms, by value added, of what each discloses to all of it and is believed."""
    settings = p.scenario.market
    if not market.switched_on(settings.label_sharing):
        return settings.label_accuracy
    _, far = believed_shares(world, p)
    shared = world.chains.by_chain(world.weight * world.chains.at_firm(world.disclosure * far))
    return market.label_accuracy(settings.label_accuracy, settings.label_sharing, shared)


def plant(world: World, p: Programme) -> Array | None:
    """Revenue of each producer at usual demand, and of each carrier in the month; None where effort costs a share of
    the month's."""
    if p.scenario.technology.effort_base == "revenue":
        return None
    return np.where(p.traits.producer, p.traits.price * world.usual_volume, world.revenue)


def believed(world: World, p: Programme) -> Known:
    """What firms know when they decide: last month as others see it, audits as a probability, no errors."""
    return _known(world, p, certain=False, audit=world.audit_plan, seen_noise=0.0, measured_noise=None)


def true(world: World, p: Programme, stream: str) -> Known:
    """The truth of the month: audits that took place, this month's errors of what is seen, and errors of
    measurement from the named stream."""
    return _known(
        world,
        p,
        certain=True,
        audit=world.audited,
        seen_noise=world.observation[0],
        measured_noise=lambda: p.draws.logistic(stream, world.month),
        abatement_payoff=lambda: p.private.bend(believed(world, p), "abatement"),
    )


def _known(
    world: World,
    p: Programme,
    *,
    certain: bool,
    audit: Array,
    seen_noise: Array | float,
    measured_noise: Callable[[], Array] | None,
    abatement_payoff: Callable[[], tuple[Array, Array]] | None = None,
) -> Known:
    """Everything else is read off the world as it stands."""
    s = p.scenario
    believed_near, believed_far = believed_shares(world, p)
    visible = aware(world, p) * label_accuracy(world, p) if s.pricing.on else 0.0
    return Known(
        month=world.month,
        certain=certain,
        acts=Acts(world.quality, world.abatement, world.disclosure, world.member),
        traits=p.traits,
        links=world.links,
        chains=world.chains,
        technology=s.technology,
        market=s.market,
        inspection=s.quality,
        assessment=s.assessment,
        hazard=s.risk,
        logistics=s.logistics,
        revenue=world.revenue,
        gross=world.gross,
        energy_load=world.energy_load,
        quality_cost=world.quality_cost,
        abatement_cost=world.abatement_cost,
        accepted=world.accepted,
        failure_liability=world.liability,
        failure_damage=world.damage,
        inspection_saving=world.inspection_saving,
        reliance_damage=world.reliance_damage,
        reliance_liability=world.reliance_liability,
        load_saving=world.load_saving,
        order_value=world.order_value,
        requirement=world.requirement,
        order_share=world.order_share,
        baseline_abatement=world.baseline_abatement,
        pool=s.market.premium
        * aware(world, p)
        * label_accuracy(world, p)
        * world.chains.at_root(p.traits.price * world.sold),
        weight=world.weight,
        part=world.part,
        accuracy_without=s.information.accuracy_without,
        accuracy_with=s.information.accuracy_with,
        prior=s.information.prior,
        noise=s.information.noise,
        shared_near=world.shared_near,
        shared_far=world.shared_far,
        believed_near=believed_near,
        believed_far=believed_far,
        overclaim=world.overclaim if s.reporting.overclaiming else None,
        channels=s.information.channels,
        seen_noise=seen_noise,
        measured_noise=measured_noise,
        premium_rule=lambda known, acts: premium_part(s, known, acts),
        cost_rule=cost_shared(s),
        loss_rule=(lambda known, acts: losses(world, p, known, acts)) if p.shares_risk else None,
        margin_rule=(lambda known, acts: weighed(world, p, visible, known, acts)) if s.pricing.on else None,
        plant=plant(world, p),
        custom_rule=(lambda known, acts: at_stake(world, p, known, acts)) if s.relations.consequential else None,
        drawn=lambda name: p.draws.uniform(name, 0),
        audit=audit,
        penalty=penalty(world, p),
        abatement_payoff=abatement_payoff,
        in_force=in_force(world, p),
        rating=world.rating,
        leniency=p.leniency,
        memories=world.memory,
    )
