"""What a scenario has firms weigh: the terms of its payoffs, and how premium and costs are shared in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.discovery import kind_of
from sim.fields import Array, above_zero
from sim.inforce import InForce
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.month.interacting import private_terms, social_terms
from sim.payoff import (
    CUSTOM_TERM,
    INCIDENT_TERM,
    MARGIN_TERM,
    PACKAGING_TERM,
    PRIVATE_TERMS,
    SOCIAL_TERMS,
    Payoff,
    Term,
)
from sim.scenario.schema import Scenario


def private_payoff(scenario: Scenario, incentives: Sequence[InForce]) -> Payoff:
    """Every payment to a firm: trade and effort, and what the scenario switches on of sharing, incentives, risk and
    interaction."""
    return Payoff(
        [
            *PRIVATE_TERMS,
            *_packaging_terms(scenario),
            *_sharing_terms(scenario),
            *(Term(i.name, i.weighed, i.probe) for i in incentives),
            *_risk_terms(scenario),
            *private_terms(scenario.interaction),
        ]
    )


def social_payoff(scenario: Scenario) -> Payoff:
    """Every effect of a firm's acts at full value, whoever bears it: what cooperative firms weigh."""
    return Payoff(
        [
            *SOCIAL_TERMS,
            *_packaging_terms(scenario),
            *([INCIDENT_TERM] if scenario.risk.incidents else []),
            *social_terms(scenario.interaction),
        ]
    )


def premium_received(scenario: Scenario, known: Known, acts: Acts) -> Array:
    """Each firm's part of its chains' green premium, money a month, (..., world, firm)."""
    return known.chains.by_firm(known.premium(acts) * premium_part(scenario, known, acts))


def cost_shared(scenario: Scenario) -> Callable[[Known, Acts], Array | None] | None:
    """What others pay each firm of the cost of its effort (negative: it pays of theirs), (..., world, firm); None
    where nothing ever is."""
    sharing = scenario.cost_sharing
    if not sharing.of_cost or kind_of(type(sharing)) == "none":
        return None

    def shared(known: Known, acts: Acts) -> Array | None:
        if known.watched:
            return _watch_cost(scenario, known, acts)
        return sharing.payment(known, acts) if sharing.active(known.month) else None

    return shared


def premium_part(scenario: Scenario, known: Known, acts: Acts) -> Array:
    """Part of the chain's green premium that each entry's firm receives, (..., W*E).

    By the sharing rule while it is active and the chain's root collaborates; a firm outside loses the
    excludable share of its part to the root, who keeps what is left. Sums to 1 over a chain.
    """
    chains, rule = known.chains, scenario.benefit_sharing
    share = rule.shares(known, acts) if rule.active(known.month) else None
    if share is None:
        return known.once("root part", lambda: chains.is_root.astype(float))

    def let(member: Array) -> Array:
        return known.collaborating() * (1.0 - known.per_entry(rule.excludability) * (1.0 - member))

    def kept() -> Array:
        """Share of what is due to others that stays with the root, one for each chain."""
        usual = rule.shares(known, known.acts)
        assert usual is not None
        lost = usual * (1.0 - let(known.taking_part(rule, known.acts)))
        lost[chains.root_entry] = 0.0
        others = 1.0 - usual[chains.root_entry]
        return chains.by_chain(lost).ravel() / np.maximum(others, 1e-300)

    left = known.once("premium kept", kept)
    let_in = known.with_members_of(acts).derived("premium let", lambda: let(known.taking_part(rule, acts)))
    part = share * let_in
    roots = chains.root_entry
    own = np.broadcast_to(share, part.shape)[..., roots]
    part[..., roots] = own + (1.0 - own) * left
    return part


def _sharing_terms(scenario: Scenario) -> list[Term]:
    sharing = scenario.cost_sharing

    def benefit(known: Known, acts: Acts) -> Array:
        return premium_received(scenario, known, acts)

    def cost(known: Known, acts: Acts) -> Array:
        shared = sharing.payment(known, acts) if sharing.active(known.month) else None
        return np.zeros_like(known.revenue) if shared is None else shared

    def watch_benefit(known: Known, acts: Acts) -> Array:
        return _watch_benefit(scenario, known, acts)

    def watch_cost(known: Known, acts: Acts) -> Array:
        shared = _watch_cost(scenario, known, acts)
        return np.zeros_like(known.revenue) if shared is None else shared

    return [Term("premium", benefit, watch_benefit), Term("cost sharing", cost, watch_cost)]


def _watch_benefit(scenario: Scenario, known: Known, acts: Acts) -> Array:
    if scenario.benefit_sharing.shares(known, acts) is not None:
        known.taking_part(scenario.benefit_sharing, acts)
    return known.premium(acts)


def _watch_cost(scenario: Scenario, known: Known, acts: Acts) -> Array | None:
    sharing = scenario.cost_sharing
    if sharing.weighs_premium:
        _watch_benefit(scenario, known, acts)
    return sharing.payment(known, acts)


def _packaging_terms(scenario: Scenario) -> list[Term]:
    return [PACKAGING_TERM] if above_zero(scenario.logistics.packaging_cost) else []


def _risk_terms(scenario: Scenario) -> list[Term]:
    """Custom that reviews may cost, clean-up where there are incidents, and what a rule of risk sharing pays; nothing
    where they are off."""
    rule = scenario.risk_sharing
    terms = [INCIDENT_TERM] if scenario.risk.incidents else []
    terms += [CUSTOM_TERM] if scenario.relations.consequential else []
    terms += [MARGIN_TERM] if scenario.pricing.on else []
    if kind_of(type(rule)) == "none":
        return terms

    def probe(known: Known, acts: Acts) -> Array:
        paid = rule.payment(known, acts)
        return np.zeros_like(known.revenue) if paid is None else paid

    def paid(known: Known, acts: Acts) -> Array:
        return probe(known, acts) if rule.active(known.month) else np.zeros_like(known.revenue)

    return [*terms, Term("risk sharing", paid, probe)]
