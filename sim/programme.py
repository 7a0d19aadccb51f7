"""A scenario made ready to run on a block of worlds: mechanisms in force, payoffs, who takes part when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel

from sim.behaviours.base import Behaviour
from sim.discovery import kind_of
from sim.draws import Draws, slots
from sim.fields import Array, above_zero
from sim.inforce import InForce
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive
from sim.month.interacting import private_terms, social_terms
from sim.network.chains import Chains
from sim.network.links import Index, Links
from sim.network.network import ROLES, Network
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
from sim.scenario.varied import check_rows, is_varied, with_columns
from sim.traits import Traits, traits_of

Made = TypeVar("Made")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class Programme:
    """Everything about a block of worlds that does not change from month to month. roots: flat index of each firm
    that sells to the market. draws, regional: random streams of the firms, and of the regions, by their names."""

    scenario: Scenario
    network: Network
    traits: Traits
    worlds: int
    roots: Index
    draws: Draws
    regional: Draws
    incentives: tuple[InForce, ...]
    private: Payoff
    social: Payoff
    behaviours: tuple[tuple[Behaviour, Index], ...]
    phases: tuple[Array, ...]
    groups: dict[str, slice]
    roles: tuple[str, ...]
    social_weighed: bool
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """A value worked out once for this programme."""
        if name not in self._kept:
            self._kept[name] = make()
        made: Made = self._kept[name]
        return made

    @cached_property
    def by_link(self) -> Scenario:
        """The scenario as links see it: numbers in which worlds differ stand for each link, (W*L,)."""
        return with_columns(self.scenario, self.at_links)

    def at_links(self, parameter: Any) -> Any:
        """A parameter at each link: a number stays one, (world, 1) becomes (W*L,)."""
        return parameter if np.ndim(parameter) == 0 else np.repeat(parameter, self.network.link_count)

    def at_entries(self, parameter: Any, chains: Chains) -> Any:
        """A parameter at each chain entry: a number stays one, (world, 1) becomes (W*E,)."""
        return parameter if np.ndim(parameter) == 0 else np.ravel(parameter).take(chains.world)

    def at_cells(self, model: Model, cells: Index) -> Model:
        """A part of the scenario as some firms see it, flat indices: numbers in which worlds differ stand for each."""
        return with_columns(model, lambda column: column.take(cells // self.network.size))

    @cached_property
    def leniency(self) -> Array | float:
        """By how much the regulator of each firm's region rates above green quality, (world, firm); regions rate alike
        under a unified standard."""
        information = self.scenario.information
        if information.unified_standard or not above_zero(information.standard_gap) or len(self.traits.regions) == 1:
            return 0.0
        return information.standard_gap * self.regional.normal("standard", 0)[:, self.traits.region]

    @property
    def shares_risk(self) -> bool:
        """Whether anybody shares the losses of others."""
        return kind_of(type(self.scenario.risk_sharing)) != "none"

    @property
    def shape(self) -> tuple[int, int]:
        return self.worlds, self.network.size

    def reach(self, month: int, links: Links) -> Array:
        """1 for each firm whose data the information regime would share this month, were everybody a member."""
        information = self.scenario.information
        if not information.active(month):
            return np.zeros(self.shape)
        near, far = information.shared(self.traits, np.ones(self.shape))
        return np.maximum(near, far) * information.applies_to.firms(self.traits, links)

    def by_role(self, x: Array) -> Array:
        """Sum over the firms of each role in `roles`, (world, role); firms of a role stand together."""
        return np.add.reduceat(x, [self.network.role(r).start for r in self.roles], axis=1)

    def enrolled(self, month: int, links: Links) -> Array:
        """1 for each firm that a running phase of the programme enrols, (world, firm)."""
        member = np.zeros((1, self.network.size))
        for phase, firms in zip(self.scenario.phases, self.phases, strict=True):
            if phase.starts <= month and (phase.ends is None or month < phase.ends):
                member = np.maximum(member, phase.enrols.on(links, firms, self.traits))
        return np.broadcast_to(member, self.shape).copy()


def programme_of(scenario: Scenario, seed: int, replications: Sequence[int]) -> Programme:
    """A scenario on one world for each replication."""
    network = scenario.build_network()
    worlds = len(replications)
    check_rows(scenario, worlds)
    draws = Draws(seed, replications, slots(network.ids))
    traits = traits_of(network, scenario.technology, scenario.logistics, draws)
    sellers = np.flatnonzero(network.firms["demand"] > 0)
    incentives = tuple(
        InForce(i, name, i.applies_to.attributes(traits))
        for i, name in zip(scenario.incentives, book_names(scenario.incentives), strict=True)
    )
    behaviours = _assign(scenario.behaviours, network, draws)
    return Programme(
        scenario=scenario,
        network=network,
        traits=traits,
        worlds=worlds,
        roots=(np.arange(worlds)[:, None] * network.size + sellers).ravel(),
        draws=draws,
        regional=Draws(seed, replications, slots(traits.regions)),
        incentives=incentives,
        private=Payoff(
            [
                *PRIVATE_TERMS,
                *_packaging_terms(scenario),
                *_sharing_terms(scenario),
                *_incentive_terms(incentives),
                *_risk_terms(scenario),
                *private_terms(scenario.interaction),
            ]
        ),
        social=Payoff(
            [
                *SOCIAL_TERMS,
                *_packaging_terms(scenario),
                *([INCIDENT_TERM] if scenario.risk.incidents else []),
                *social_terms(scenario.interaction),
            ]
        ),
        behaviours=behaviours,
        phases=tuple(p.enrols.attributes(traits) for p in scenario.phases),
        groups=_groups(traits),
        social_weighed=any(b.social for b in scenario.behaviours),
        roles=tuple(r for r in ROLES if network.role(r).stop > network.role(r).start),
    )


def book_names(incentives: Sequence[Incentive]) -> list[str]:
    """A name in the books for each: its label or kind, numbered where that is taken."""
    names: list[str] = []
    for incentive in incentives:
        wanted = incentive.label or kind_of(type(incentive))
        name, n = wanted, 1
        while name in names:
            n += 1
            name = f"{wanted}-{n}"
        names.append(name)
    return names


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


def _incentive_terms(incentives: Sequence[InForce]) -> list[Term]:
    return [Term(i.name, i.weighed, i.probe) for i in incentives]


def _groups(traits: Traits) -> dict[str, slice]:
    """Where the manufacturers, each tier of suppliers and the carriers stand; firms are ordered by role and tier."""
    groups = {"manufacturers": traits.manufacturer}
    tiers = traits.tier[traits.supplier]
    for tier in np.unique(tiers).tolist():
        low, high = np.searchsorted(tiers, [tier, tier + 1])
        groups[f"tier {tier}"] = slice(traits.supplier.start + int(low), traits.supplier.start + int(high))
    groups["carriers"] = traits.logistics
    return {name: where for name, where in groups.items() if where.stop > where.start}


def _assign(behaviours: Sequence[Behaviour], network: Network, draws: Draws) -> tuple[tuple[Behaviour, Index], ...]:
    """Who follows which behaviour, as flat indices: each firm's draw against the cumulated shares of its role."""
    pick = draws.uniform("behaviour", 0)
    role = network.firms["role"][None, :]
    masks = []
    below: dict[str, Any] = {r: 0.0 for r in ROLES}
    for behaviour in behaviours:
        mask = np.zeros(pick.shape, dtype=bool)
        for code, name in enumerate(ROLES):
            if behaviour.role in (None, name):
                low, high = below[name], below[name] + behaviour.share
                top = np.where(high < 1.0 - 1e-9, high, 2.0)
                mask |= (role == code) & (pick >= low) & (pick < top)
                below[name] = high
        masks.append(mask)
    # The same way of deciding in several roles is worked out once.
    merged: dict[Any, tuple[Behaviour, np.ndarray]] = {}
    for n, (behaviour, mask) in enumerate(zip(behaviours, masks, strict=True)):
        alike = behaviour.model_copy(update={"role": None, "share": 1.0})
        key = n if is_varied(alike) else alike
        merged[key] = (alike, merged[key][1] | mask if key in merged else mask)
    return tuple((b, np.flatnonzero(m)) for b, m in merged.values() if m.any())
