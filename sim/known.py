"""What is known in a month: beliefs when firms decide, the truth when they settle.

Payments are functions of what is known and of each firm's own acts. The decision phase evaluates them on
beliefs and plans, settlement on truth and deeds, so nobody ever derives a best response by hand.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.fields import Array
from sim.mechanisms.acts import Acts
from sim.network.links import Chains, Links
from sim.parameters import Assessment, Market, Quality, Technology
from sim.rules import beliefs, effort, emissions, market, quality
from sim.traits import Traits

LOGIT = np.pi / np.sqrt(3.0)
"""Scale of a logistic distribution of standard deviation 1, inverted."""

Memory = Mapping[str, Array]


@dataclass(eq=False)
class Known:
    """The state of a month as firms know it; arrays are (world, firm) unless said otherwise.

    acts: what the firms are known to do. revenue, gross: revenue and gross emissions of the month.
    quality_cost, abatement_cost: today's cost coefficients. accepted: defect rate of accepted inputs.
    failure_liability: what a unit of outgoing defect rate costs the firm; failure_damage: what it costs
    everybody. inspection_saving: value of deliveries a unit of disclosure saves from inspection; reliance_damage,
    reliance_liability: what the defects not caught for it cost everybody, and the firm; load_saving: fuel and
    climate damage it saves carriers. order_value: (W*L,) value of deliveries.
    pool: (world, chain) green premium at chain index 1. weight, part: (W*E,) share in the chain's value
    added, and share of the firm's value that goes into this chain.
    accuracy_without, accuracy_with, prior: of the information regime; shared_near, shared_far: whether a
    firm's disclosed data reach its neighbours, and the whole chain.
    audit: probability of an audit, or 1 where one took place. certain: whether this is the truth.
    seen_noise: this month's errors of observation, 0 in expectation. measured_noise: draws this month's
    standard errors of measurement when asked for; none in expectation.
    memories: what every mechanism remembers, by name; memory: the one that is asked now.
    """

    month: int
    certain: bool
    acts: Acts
    traits: Traits
    links: Links
    chains: Chains
    technology: Technology
    market: Market
    inspection: Quality
    assessment: Assessment
    revenue: Array
    gross: Array
    energy_load: Array
    quality_cost: Array
    abatement_cost: Array
    accepted: Array
    failure_liability: Array
    failure_damage: Array
    inspection_saving: Array
    reliance_damage: Array
    reliance_liability: Array
    load_saving: Array
    order_value: Array
    requirement: Array
    order_share: Array
    baseline_abatement: Array
    pool: Array
    weight: Array
    part: Array
    accuracy_without: float
    accuracy_with: float
    prior: float
    shared_near: Array
    shared_far: Array
    seen_noise: Array | float
    measured_noise: Callable[[], Array] | None
    audit: Array
    rating: Array
    memories: Mapping[str, Memory] = field(default_factory=dict)
    memory: Memory = field(default_factory=dict)
    _derived: dict[str, Array] = field(default_factory=dict, repr=False)

    # --- green quality and what others see of it ------------------------------------------------------

    def green_quality(self, acts: Acts) -> Array:
        """theta of the acts."""
        weight = self.technology.quality_weight
        return acts.green_quality(lambda q, a: effort.green_quality(q, a, weight))

    def observed(self, acts: Acts) -> Array:
        """Green quality as the whole chain sees it, by which contributions are measured; never below 0."""

        def make() -> Array:
            sharp = beliefs.accuracy(self.accuracy_without, self.accuracy_with, acts.disclosure, self.shared_far)
            return np.maximum(beliefs.seen(self.green_quality(acts), sharp, self.prior, self.seen_noise), 0.0)

        return acts.derived("observed", make)

    def seen_by_neighbours(self, acts: Acts) -> Array:
        """Green quality as direct partners see it."""

        def make() -> Array:
            sharp = beliefs.accuracy(self.accuracy_without, self.accuracy_with, acts.disclosure, self.shared_near)
            return beliefs.seen(self.green_quality(acts), sharp, self.prior, self.seen_noise)

        return acts.derived("seen", make)

    def exceeds(self, value: Array, limit: Array | float) -> Array:
        """Whether a judged value is found over a limit: 0 or 1 in truth, with this month's error of
        measurement; when deciding, its probability 1 / (1 + exp(-(pi / sqrt(3)) (value - limit) / error)).
        Errors are logistic with the given standard deviation (McFadden 1974)."""
        error = self.assessment.measurement_error
        if self.measured_noise is not None:
            noise = self.once("measured_noise", self.measured_noise)
            return np.where(value + error * noise > limit, 1.0, 0.0)
        return 0.5 + 0.5 * np.tanh((value - limit) * (0.5 * LOGIT / error))

    # --- cost, emissions, failures --------------------------------------------------------------------

    def effort_cost(self, acts: Acts) -> Array:
        """C of the acts, money a month."""
        return acts.derived(
            "effort_cost",
            lambda: effort.effort_cost(
                acts.quality,
                acts.abatement,
                self.revenue,
                self.quality_cost,
                self.abatement_cost,
                self.technology.synergy,
            ),
        )

    def emissions(self, acts: Acts) -> Array:
        """Tonnes CO2e a firm emits in the month (a carrier: by the transport it does)."""
        return acts.derived(
            "emissions", lambda: emissions.own_emissions(self.gross, acts.abatement, self.traits.abatable)
        )

    def tonnes_below_baseline(self, acts: Acts) -> Array:
        """Tonnes a firm emits less than with the abatement effort it began with; never below 0."""
        saved = self.gross * self.traits.abatable * (acts.abatement - self.baseline_abatement)
        return np.maximum(saved, 0.0)

    def own_defects(self, acts: Acts) -> Array:
        """Defect rate of a firm's own process (a carrier: goods it damages)."""
        return acts.derived(
            "own_defects",
            lambda: quality.own_defects(acts.quality, self.traits.defect_rate, self.technology.defect_cut),
        )

    def outgoing_defects(self, acts: Acts) -> Array:
        """Defect rate of what a firm ships."""
        return quality.outgoing_defects(self.own_defects(acts), self.accepted)

    # --- chains -----------------------------------------------------------------------------------------

    def chain_total(self) -> Array:
        """Sum of W theta^r over each chain, at each entry, (W*E,); when deciding, of theta as observed."""
        return self.once("chain_total", lambda: self.chains.at_chain(self.chains.by_chain(self._chain_terms())))

    def _chain_terms(self) -> Array:
        """W theta^r of each entry, (W*E,)."""

        def make() -> Array:
            exponent = self.entry("weakest_link")
            if not self.certain and market.is_mean(exponent):
                return self.observed_parts()
            theta = self.green_quality(self.acts) if self.certain else self.observed(self.acts)
            return self.weight * market.powered(self.chains.at_firm(theta), exponent)

        return self.once("chain_terms", make)

    def entry(self, name: str) -> Any:
        """A market parameter at each entry (a number unless worlds differ in it)."""
        return self.per_entry(getattr(self.market, name))

    def per_entry(self, value: Any) -> Any:
        """A per-world parameter at each chain entry: a number stays one, (world, 1) becomes (W*E,)."""
        if np.ndim(value) == 0:
            return value
        return np.repeat(np.ravel(value), self.chains.count // self.chains.worlds)

    def observed_parts(self) -> Array:
        """W o of each entry, o the green quality as observed, (W*E,)."""
        return self.once("observed_parts", lambda: self.weight * self.chains.at_firm(self.observed(self.acts)))

    def premium(self, acts: Acts) -> Array:
        """Green premium of the chain V_m at each entry if that entry's firm alone acts so, (..., W*E)."""

        def make() -> Array:
            exponent = self.entry("weakest_link")
            theta = market.powered(self.chains.at_firm(self.green_quality(acts)), exponent)
            others = self.once("others_terms", lambda: self.chain_total() - self._chain_terms())
            pool = self.once("pool", lambda: self.chains.at_chain(self.pool))
            if market.is_mean(exponent):
                of_others = self.once("pool of others", lambda: pool * others)
                return of_others + self.once("own pool", lambda: pool * self.weight) * theta
            return pool * market.chain_index(others + self.weight * theta, exponent)

        return acts.derived("premium", make)

    def members(self, acts: Acts) -> Array:
        """Membership at each chain entry, (..., W*E)."""
        return acts.derived("members", lambda: self.chains.at_firm(acts.member))

    def applies(self, rule: Any) -> Array:
        """1 for each firm that a sharing rule applies to, (world or 1, firm); members or not."""

        def make() -> Array:
            firms = rule.applies_to.firms(self.traits)
            today = rule.applies_to.today(self.acts.member, self.rating)
            return firms if today is None else firms * today

        return self.once(f"applies {rule.family}", make)

    def taking_part(self, rule: Any, acts: Acts) -> Array:
        """1 at each chain entry whose firm takes part in a sharing rule, (..., W*E): members that it applies to, and
        a root whenever it is a member."""
        if rule.applies_to == rule.applies_to.__class__():
            return self.members(acts)
        members = self.members(acts)
        part = members * self.chains.at_firm(np.broadcast_to(self.applies(rule), self.revenue.shape))
        part[..., self.chains.root_entry] = members[..., self.chains.root_entry]
        return part

    def collaborating(self) -> Array:
        """1 at each entry of a chain whose root is a member, (W*E,): there is somebody to share with."""
        return self.once("collaborating", lambda: self.chains.at_chain(self.chains.at_root(self.acts.member)))

    def once(self, name: str, make: Callable[[], Array]) -> Array:
        """A value worked out once for what is known, whoever asks for it."""
        if name not in self._derived:
            self._derived[name] = make()
        return self._derived[name]

    def not_audited(self) -> Known:
        """The same, had nobody been audited."""
        return dataclasses.replace(self, acts=self.acts.fresh(), audit=np.zeros_like(self.audit), _derived={})

    def remembering(self, memory: Memory) -> Known:
        """The same, with one mechanism's memory."""
        known = copy.copy(self)
        known.memory = memory
        return known
