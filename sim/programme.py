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
from sim.mechanisms.base import Incentive
from sim.network.chains import Chains
from sim.network.links import Index, Links
from sim.network.network import ROLES, Network
from sim.payoff import Payoff
from sim.scenario.schema import Scenario
from sim.scenario.varied import check_rows, is_varied, with_columns
from sim.terms import private_payoff, social_payoff
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
        private=private_payoff(scenario, incentives),
        social=social_payoff(scenario),
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
