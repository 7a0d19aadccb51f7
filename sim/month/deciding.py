"""How the firms whose turn it is decide, and who takes part."""

from __future__ import annotations

import numpy as np

from sim.behaviours.base import Efforts, View
from sim.fields import Array
from sim.known import Known
from sim.month.sharing import partners_mean
from sim.network.neighbours import neighbours_of
from sim.programme import Programme
from sim.rules import effort
from sim.turns import DRAWN, Turn
from sim.world import World


def move(world: World, p: Programme, known: Known, turn: Turn) -> World:
    """The firms whose turn it is decide."""
    least = least_disclosure(world, p)
    near = neighbours_of(world.links, world.chains, p.network.firms["role"])
    # Who decides together is another one every time.
    near = near.fresh() if p.scenario.update.schedule in DRAWN else near
    view = View(known, p.draws, world.month, p.private, p.social, world.profitability, near, world.observation, least)
    chosen = Efforts(world.quality.copy(), world.abatement.copy(), world.disclosure.copy())
    memories = list(world.behaviour_memory)
    for n, ((each, _), cells) in enumerate(zip(p.behaviours, turn.cells, strict=True)):
        if not len(cells):
            continue
        behaviour = p.at_cells(each, cells)
        own = view
        if memories[n]:
            memories[n] = behaviour.remember(view.remembering(memories[n]), cells)
            own = view.remembering(memories[n])
        for place, wanted in zip(chosen, behaviour.decide(own, cells), strict=True):
            place.ravel()[cells] = wanted
    quality, abatement, disclosure = (np.minimum(np.maximum(x, 0.0), 1.0) for x in chosen)
    return world.but(
        quality=quality,
        abatement=abatement,
        disclosure=np.maximum(disclosure, least * turn.deciding),
        behaviour_memory=tuple(memories),
    )


def willing(world: World, p: Programme, known: Known) -> Array:
    """Who would take part from next month, if enrolled: where taking part is voluntary, every few months, a firm
    joins if membership pays by more than its inertia and leaves if it costs more; chain leaders stay."""
    s = p.scenario.membership
    if not s.voluntary or world.month < 0 or (world.month + 1) % s.choose_every:
        return world.willing
    gain = p.private.membership_gain(known) - membership_cost(world, p)
    hurdle = s.inertia * known.revenue
    chosen = np.where(gain > hurdle, 1.0, np.where(gain < -hurdle, 0.0, world.willing))
    chosen.ravel()[p.roots] = 1.0
    return chosen


def heard(world: World, p: Programme) -> Array:
    """Who has heard of the collaboration by next month: of the firms that a phase enrols, those that have not hear of
    it with chance p + q x share of their partners, link by link, that are members (Bass 1969, in months)."""
    s = p.scenario.membership
    if not s.spreading or world.month < 0:
        return world.heard
    chance = p.enrolled(world.month, world.links) * (s.innovation + s.imitation * partners_mean(world.member, world))
    return np.maximum(world.heard, np.where(p.draws.uniform("membership/heard", world.month) < chance, 1.0, 0.0))


def membership_cost(world: World, p: Programme) -> Array:
    """Fee of the platform, a part of the cost of joining it for who never has, and what disclosing the mandated minimum
    costs more than disclosing as one likes."""
    information = p.scenario.information
    reached = p.reach(world.month, world.links)
    cost = p.scenario.technology.disclosure_cost
    least = np.maximum(world.disclosure, information.minimum_disclosure)
    more = effort.disclosure_cost(least, world.revenue, cost) - effort.disclosure_cost(
        world.disclosure, world.revenue, cost
    )
    fee = information.monthly_cost + information.joining_cost / p.scenario.membership.payback * (1.0 - world.connected)
    return reached * (fee * (world.revenue > 0) + more)


def disclose(world: World, p: Programme) -> World:
    """Members disclose at least what is mandated."""
    return world.but(disclosure=np.maximum(world.disclosure, least_disclosure(world, p)))


def least_disclosure(world: World, p: Programme) -> Array:
    """What is mandated of each firm, 0 where nothing is."""
    return p.scenario.information.minimum_disclosure * np.maximum(world.shared_near, world.shared_far)
