"""A scenario made ready to run on a block of worlds: mechanisms in force, payoffs, who takes part when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.behaviours.base import Behaviour
from sim.discovery import kind_of
from sim.draws import Draws, slots
from sim.fields import Array
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive
from sim.network.links import Index
from sim.network.network import ROLES, Network
from sim.payoff import CUSTOM_TERM, INCIDENT_TERM, PRIVATE_TERMS, SOCIAL_TERMS, Payoff, Term
from sim.scenario.schema import Scenario
from sim.traits import Traits, traits_of


@dataclass(frozen=True, eq=False)
class InForce:
    """An incentive of a scenario with its name in the books and the firms it can reach."""

    incentive: Incentive
    name: str
    firms: Array

    def reach(self, known: Known, acts: Acts) -> Array:
        """1 for each firm that it applies to this month."""
        today = self.incentive.applies_to.today(acts.member, known.rating)
        return self.firms if today is None else self.firms * today

    def payment(self, known: Known, acts: Acts) -> Array:
        """Money each firm receives, within the budget and as far as the regulator's policy is in force; nothing
        before it starts or after it ends."""
        if not self.incentive.active(known.month):
            return np.zeros_like(known.revenue)
        known = known.remembering(self.memory(known))
        reach = self.reach(known, acts)
        due = self.incentive.payment(known, acts) * reach
        if self.incentive.budget is not None:
            due = np.where(due > 0, due * known.memory["funded"], due)
        due = self.in_force(due, self.incentive.payer, known)
        for account, amount in self.incentive.transfers(known, acts).items():
            due = due + self.in_force(amount * reach, account, known)
        return due

    def in_force(self, amount: Array, account: str, known: Known) -> Array:
        """Money from or to an account, (..., world, firm): all of it, but of the regulator's what an interruption of
        policy leaves in force."""
        return amount if known.in_force is None or account != "regulator" else amount * known.in_force

    def weighed(self, known: Known, acts: Acts) -> Array:
        """What a firm weighs when it decides: the payment and what else the mechanism means for it."""
        money = self.payment(known, acts)
        if not self.incentive.active(known.month):
            return money
        known = known.remembering(self.memory(known))
        prospect = self.incentive.prospect(known, acts)
        if prospect is None:
            return money
        expected = prospect * self.reach(known, acts)
        return money + (self.in_force(expected, "regulator", known) if self.incentive.promises else expected)

    def probe(self, known: Known, acts: Acts) -> Array:
        """The same in any month, to see which acts are read."""
        known = known.remembering(self.memory(known))
        self.incentive.prospect(known, acts)
        self.incentive.transfers(known, acts)
        return self.incentive.payment(known, acts) * self.reach(known, acts)

    def memory(self, known: Known) -> Memory:
        """What this mechanism remembers, out of what all remember."""
        return known.memories[self.name]

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        """Memory before the first month: nothing spent, the whole budget there, nobody reached."""
        paid = 0.0 if self.incentive.budget == 0 else 1.0
        common = {"spent": np.zeros((shape[0], 1)), "funded": np.full((shape[0], 1), paid), "reached": np.zeros(shape)}
        return common | self.incentive.blank(shape)


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

    @property
    def shares_risk(self) -> bool:
        """Whether anybody shares the losses of others."""
        return kind_of(type(self.scenario.risk_sharing)) != "none"

    @property
    def shape(self) -> tuple[int, int]:
        return self.worlds, self.network.size

    def reach(self, month: int) -> Array:
        """1 for each firm whose data the information regime would share this month, were everybody a member."""
        information = self.scenario.information
        if not information.active(month):
            return np.zeros(self.shape)
        near, far = information.shared(self.traits, np.ones(self.shape))
        return np.maximum(near, far) * information.applies_to.firms(self.traits)

    def by_role(self, x: Array) -> Array:
        """Sum over the firms of each role in `roles`, (world, role); firms of a role stand together."""
        return np.add.reduceat(x, [self.network.role(r).start for r in self.roles], axis=1)

    def enrolled(self, month: int) -> Array:
        """1 for each firm that a running phase of the programme enrols, (world, firm)."""
        member = np.zeros((1, self.network.size))
        for phase, firms in zip(self.scenario.phases, self.phases, strict=True):
            if phase.starts <= month and (phase.ends is None or month < phase.ends):
                member = np.maximum(member, firms)
        return np.broadcast_to(member, self.shape).copy()


def programme_of(scenario: Scenario, seed: int, replications: Sequence[int]) -> Programme:
    """A scenario on one world for each replication."""
    network = scenario.build_network()
    worlds = len(replications)
    draws = Draws(seed, replications, slots(network.ids))
    traits = traits_of(network, scenario.technology, scenario.logistics, draws)
    sellers = np.flatnonzero(network.firms["demand"] > 0)
    incentives = tuple(
        InForce(i, name, i.applies_to.firms(traits))
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
            [*PRIVATE_TERMS, *_sharing_terms(scenario), *_incentive_terms(incentives), *_risk_terms(scenario)]
        ),
        social=Payoff([*SOCIAL_TERMS, INCIDENT_TERM] if scenario.risk.incidents else SOCIAL_TERMS),
        behaviours=behaviours,
        phases=tuple(p.enrols.firms(traits) for p in scenario.phases),
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
    let_in = acts.derived("premium let", lambda: let(known.taking_part(rule, acts)))
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
        if scenario.benefit_sharing.shares(known, acts) is not None:
            known.taking_part(scenario.benefit_sharing, acts)
        return known.premium(acts)

    def watch_cost(known: Known, acts: Acts) -> Array:
        shared = sharing.payment(known, acts)
        if sharing.weighs_premium:
            watch_benefit(known, acts)
        return np.zeros_like(known.revenue) if shared is None else shared

    return [Term("premium", benefit, watch_benefit), Term("cost sharing", cost, watch_cost)]


def _risk_terms(scenario: Scenario) -> list[Term]:
    """Custom that reviews may cost, clean-up where there are incidents, and what a rule of risk sharing pays; nothing
    where they are off."""
    rule = scenario.risk_sharing
    terms = [INCIDENT_TERM] if scenario.risk.incidents else []
    terms += [CUSTOM_TERM] if scenario.relations.consequential else []
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
    below = {r: 0.0 for r in ROLES}
    for behaviour in behaviours:
        mask = np.zeros(pick.shape, dtype=bool)
        for code, name in enumerate(ROLES):
            if behaviour.role in (None, name):
                low, high = below[name], below[name] + behaviour.share
                top = high if high < 1.0 - 1e-9 else 2.0
                mask |= (role == code) & (pick >= low) & (pick < top)
                below[name] = high
        masks.append(mask)
    # The same way of deciding in several roles is worked out once.
    merged: dict[Behaviour, np.ndarray] = {}
    for behaviour, mask in zip(behaviours, masks, strict=True):
        alike = behaviour.model_copy(update={"role": None, "share": 1.0})
        merged[alike] = merged[alike] | mask if alike in merged else mask
    return tuple((b, np.flatnonzero(m)) for b, m in merged.items() if m.any())
