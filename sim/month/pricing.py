"""Margins that the firms of a chain set above usual prices, and what effort is worth by the demand it wins at them."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.programme import Programme
from sim.rules import pricing
from sim.world import World


def stakes(world: World, p: Programme) -> tuple[Array, Array]:
    """Margin of each entry for a unit of demand and elasticity, and share of a change of demand that is left after
    those that reply to it, (W*E,) each; see `margins_of_stages`."""
    chains, rule = world.chains, p.scenario.pricing

    def make() -> tuple[Array, Array]:
        firms = rule.applies_to.firms(p.traits, world.links) * p.traits.producer
        setting = chains.at_firm(np.broadcast_to(firms, p.shape).astype(float))
        tier = chains.at_firm(np.broadcast_to(p.traits.tier, p.shape))
        stage = tier if rule.kind == "leader" else np.zeros_like(tier)
        return pricing.margins_of_stages(setting, stage, chains.by_chain, chains.at_chain)

    return chains.once("pricing stakes", make)


def priced(world: World, p: Programme, wanted: Array) -> World:
    """Firms set their margins at what customers would want without them, (world, firm) for each usual unit."""
    chains, elasticity = world.chains, p.scenario.market.price_elasticity
    own, _ = stakes(world, p)
    margin = own * chains.at_chain(chains.at_root(wanted)) / p.at_entries(elasticity, chains)
    total = chains.to_roots(chains.by_chain(margin))
    return world.but(margin=margin, markup=total, unpriced=wanted, appetite=wanted - elasticity * total)


def earned(world: World, p: Programme) -> Array:
    """What its margins bring each firm, money a month: margin x usual price x tonnes sold, over its chains."""
    chains = world.chains
    return chains.by_firm(world.margin * chains.at_chain(chains.at_root(p.traits.price * world.sold)))


def weighed(world: World, p: Programme, visible: Array | float, known: Known, acts: Acts) -> Array:
    """What its margins would bring each firm at usual demand if it alone acted so, money a month, (..., world, firm):
    margin x price x D0 x (appetite + b visible (Q - Q now) x what later stages leave of it). visible: share of green
    quality that customers see, (world, chain) where chains differ."""
    chains = world.chains

    def worth() -> tuple[Array, Array]:
        sales = chains.at_chain(chains.at_root(p.traits.price * np.broadcast_to(p.traits.demand, p.shape)))
        seen = chains.at_chain(visible * np.ones((p.worlds, chains.per_world)))
        slope = known.entry("demand_response") * seen * stakes(world, p)[1]
        return world.margin * sales, slope

    money, slope = known.once("margin worth", worth)
    wanted = known.once("appetite", lambda: chains.at_chain(chains.at_root(world.appetite)))
    now = known.once("index now", lambda: known.index(known.acts))
    return chains.by_firm(money * (wanted + slope * (known.index(acts) - now)))
