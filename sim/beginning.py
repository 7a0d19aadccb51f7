"""The world in the month before the first: trade at rest, efforts near where firms rest alone."""

from __future__ import annotations

import numpy as np

from sim import phases
from sim.fields import Array
from sim.month import stocks
from sim.month.footprints import followed
from sim.month.orders import reordered
from sim.month.scoring import opened
from sim.month.sharing import overclaims
from sim.network.chains import Chains, chains_of
from sim.network.links import links_of
from sim.programme import Programme
from sim.rules import effort, market, quality
from sim.world import World

MOST_ROUNDS = 60
"""Rounds of passing defects down and failure costs up; in a network with cycles the rest is below 1e-15."""


def start_efforts(p: Programme) -> tuple[Array, Array, Array]:
    """Quality, abatement and disclosure: level + spread x z, cut to 0..1."""
    start, draws = p.scenario.start, p.draws
    z_quality, z_abatement = draws.normals("start", 0)
    z_disclosure = draws.normal("start/disclosure", 0)

    def around(level: float, z: Array) -> Array:
        return np.minimum(np.maximum(level + start.spread * z, 0.0), 1.0)

    return (
        around(start.quality, z_quality) if start.cooperators is None else cooperators(p, start.cooperators),
        around(start.abatement, z_abatement),
        around(start.disclosure, z_disclosure),
    )


def noise_at_first(p: Programme, chains: Chains) -> Array:
    """Noise of demand in the month before the first, where this month's has to do with it."""
    if not market.correlated(p.scenario.market.demand_memory):
        return np.zeros(p.shape)
    return chains.to_roots(p.draws.normal("demand/start", 0, p.roots))


def heard_at_first(p: Programme) -> Array:
    """1 for each firm that has heard of the collaboration before the first month: chain leaders, or everybody where it
    does not have to spread."""
    if not p.scenario.membership.spreading:
        return np.ones(p.shape)
    s = p.scenario.membership
    heard = np.where(np.greater(s.innovation, 0.0) | np.greater(s.imitation, 0.0), np.zeros(p.shape), 1.0)
    heard.ravel()[p.roots] = 1.0
    return heard


def cooperators(p: Programme, share: float | tuple[float, ...]) -> Array:
    """1 for a share of the firms of each group (manufacturers, suppliers of each tier, carriers), drawn in each world
    and rounded to whole firms, 0 for the others. A list has a share for each group, 0 for those it does not reach."""
    luck = p.draws.uniform("start/cooperators", 0)
    chosen = np.zeros(p.shape)
    shares = share if isinstance(share, tuple) else (share,) * len(p.groups)
    for firms, each in zip(p.groups.values(), shares, strict=False):
        place = luck[:, firms].argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        chosen[:, firms] = place < np.floor(np.asarray(each) * place.shape[1] + 0.5)
    return chosen


def beginning(p: Programme) -> World:
    """The world at rest: last month's trade, defects and failure costs as if it had long been so."""
    s, traits = p.scenario, p.traits
    links = links_of(p.network, p.worlds)
    chains = chains_of(links, p.roots)
    zero, one = np.zeros(p.shape), np.ones(p.shape)
    shares = np.tile(p.network.links["order_share"], p.worlds)
    own_quality, abatement, disclosure = start_efforts(p)
    world = World(
        month=-s.start.warmup,
        links=links,
        chains=chains,
        quality=own_quality,
        abatement=abatement,
        disclosure=disclosure,
        member=zero,
        willing=one,
        connected=zero,
        footprint=zero,
        heard=heard_at_first(p),
        baseline_abatement=abatement,
        order_share=shares,
        contract_share=shares,
        outage_left=zero,
        slump_left=zero,
        policy_left=np.zeros((p.worlds, len(traits.regions))),
        incident=zero,
        on_time=one,
        electric=np.where(traits.producer, 0.0, s.logistics.electric_share * one),
        backup=np.broadcast_to(np.arange(p.network.size), p.shape),
        backup_part=zero,
        hauled=one,
        demand=np.broadcast_to(traits.demand, p.shape),
        demand_noise=noise_at_first(p, chains),
        short=np.zeros(links.count),
        awareness=np.zeros((p.worlds, chains.per_world)) + s.market.awareness,
        appetite=one,
        price_rise=zero,
        margin=np.zeros(chains.count),
        markup=zero,
        unpriced=one,
        accepted=zero,
        trust=np.full(links.count, 1.0) * p.by_link.quality.trust,
        # Of links that are all alike one number stands for all; it takes no room.
        inspecting=np.broadcast_to(np.asarray(p.by_link.quality.inspection), (links.count,)),
        inspection_return=np.broadcast_to(np.asarray(p.by_link.quality.inspection_cost), (links.count,)),
        damage=zero,
        reliance_damage=zero,
        reliance_liability=zero,
        load_saving=zero,
        liability=zero,
        experience=zero,
        quality_cost=traits.quality_cost * one,
        abatement_cost=traits.abatement_cost * one,
        rating=effort.green_quality(own_quality, abatement, s.technology.quality_weight),
        audit_plan=zero,
        audited=zero,
        observation=(zero, zero),
        overclaim=overclaims(p),
        exposed=zero,
        disbelief=zero,
        shared_near=zero,
        shared_far=zero,
        benefit=zero,
        contribution=zero,
        support=zero,
        profit=zero,
        profitability=zero,
        sharing_error=np.zeros(p.worlds),
        index=np.zeros((p.worlds, chains.per_world)),
        memory={f.name: f.blank(p.shape) for f in p.incentives},
        regulator_memory=s.regulator.blank(p.shape, len(traits.regions)),
        behaviour_memory=tuple(behaviour.blank(p.shape) for behaviour, _ in p.behaviours),
    )
    world = reordered(world, p)
    world = world.but(volume=world.usual_volume, capacity=world.usual_volume * traits.capacity_ratio)
    world = world.but(**stocks.at_first(p, world.usual_volume))
    world = phases.ship(phases.produce(world, p), p)
    depth = p.network.depth
    for _ in range(MOST_ROUNDS if depth is None else min(depth + 2, MOST_ROUNDS)):
        outgoing = quality.outgoing_defects(world.own_defects, world.accepted)
        world = phases.inspect(world.but(outgoing=outgoing), p)
        if s.assessment.footprints:
            world = world.but(footprint=followed(world, p))
    rating = effort.green_quality(own_quality, abatement, s.technology.quality_weight)
    return opened(world.but(audited=zero, rating=rating), p)


def opening(p: Programme) -> World:
    """The world on the first morning: after the warm-up, with today's efforts as the baseline of subsidies."""
    # Held in a list, from which a month takes it: nothing else keeps last month's arrays while the month is made.
    now = [beginning(p)]
    while now[0].month < 0:
        now.append(phases.month(now.pop(), p))
    return now[0].but(baseline_abatement=now[0].abatement)
