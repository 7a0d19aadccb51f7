"""What is known in a month: beliefs when firms decide, the truth when they settle.

Payments are functions of what is known and of each firm's own acts. The decision phase evaluates them on
beliefs and plans, settlement on truth and deeds, so nobody ever derives a best response by hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from sim.fields import Array
from sim.mechanisms.acts import Acts
from sim.mechanisms.channels import Channels
from sim.network.chains import Chains
from sim.network.links import Links
from sim.parameters import Assessment, Logistics, Market, Quality, Risk, Technology
from sim.rules import beliefs, effort, emissions, logistics, market, quality
from sim.rules.beliefs import LOGIT
from sim.traits import Traits

Memory = Mapping[str, Array]

Made = TypeVar("Made")


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
    accuracy_without, accuracy_with, prior, noise, channels: of the information regime; shared_near, shared_far: whether
    a firm's disclosed data reach its neighbours, and the whole chain; believed_near, believed_far: and are believed.
    overclaim: by how much a firm's data overstate what it does, share of it; None where nobody overclaims.
    audit: probability of an audit, or 1 where one took place. certain: whether this is the truth.
    seen_noise: this month's errors of observation, 0 in expectation. measured_noise: draws this month's
    standard errors of measurement when asked for; none in expectation.
    abatement_payoff: in truth, slope and second derivative of what each firm believes to get by its own abatement, at
    the acts; None when deciding.
    leniency: by how much a firm's regulator rates above green quality. penalty: factor on each firm's fines. in_force:
    share of what its regulator pays and charges by incentives that is not suspended; None where policy is never
    interrupted.
    premium_rule: how the green premium is shared, see premium_part. drawn: draws that stay the same all run, uniform
    on [0, 1), by the name of their stream.
    cost_rule: what others pay each firm of its effort cost, see borne_cost; None where costs are never shared. watched:
    whether rules are only watched for the acts that they read, whichever the month.
    loss_rule: what disruptions cost each firm, see losses; None where nobody asks. custom_rule: what a supplier expects
    of its customers' reviews, see custom. margin_rule: what a firm expects of its margins, see margins.
    plant: revenue at usual demand, where it is what effort costs a share of.
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
    hazard: Risk
    logistics: Logistics
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
    noise: float
    shared_near: Array
    shared_far: Array
    believed_near: Array
    believed_far: Array
    overclaim: Array | None
    channels: Channels
    seen_noise: Array | float
    measured_noise: Callable[[], Array] | None
    premium_rule: Callable[[Known, Acts], Array]
    drawn: Callable[[str], Array]
    audit: Array
    rating: Array
    leniency: Array | float = 0.0
    penalty: Array | float = 1.0
    in_force: Array | None = None
    cost_rule: Callable[[Known, Acts], Array | None] | None = None
    watched: bool = False
    loss_rule: Callable[[Known, Acts], Array] | None = None
    abatement_payoff: Callable[[], tuple[Array, Array]] | None = None
    custom_rule: Callable[[Known, Acts], Array] | None = None
    margin_rule: Callable[[Known, Acts], Array] | None = None
    plant: Array | None = None
    memories: Mapping[str, Memory] = field(default_factory=dict)
    memory: Memory = field(default_factory=dict)
    _derived: dict[str, Any] = field(default_factory=dict, repr=False)

    # --- green quality and what others see of it ------------------------------------------------------

    def green_quality(self, acts: Acts) -> Array:
        """theta of the acts."""
        weight = self.technology.quality_weight
        return acts.green_quality(lambda q, a: effort.green_quality(q, a, weight))

    def observed(self, acts: Acts) -> Array:
        """Green quality as the whole chain sees it, by which contributions are measured; never below 0."""

        def make() -> Array:
            far = self.through(self.channels.contribution_measurement, self.believed_far)
            return np.maximum(self.as_seen(self.green_quality(acts), acts.disclosure, far, self.seen_noise), 0.0)

        return acts.derived("observed", make)

    def seen_by_neighbours(self, acts: Acts) -> Array:
        """Green quality as direct partners see it."""

        def make() -> Array:
            near = self.through(self.channels.contribution_measurement, self.believed_near)
            return self.as_seen(self.green_quality(acts), acts.disclosure, near, self.seen_noise)

        return acts.derived("seen", make)

    def as_seen(self, truth: Array, disclosure: Array, shared: Array, noise: Array | float) -> Array:
        """Green quality, or an effort, as others see it whom the firm's data reach (`shared`, 0 or 1), with what it
        overclaims in these data."""
        sharp = beliefs.accuracy(self.accuracy_without, self.accuracy_with, disclosure, shared)
        seen = beliefs.seen(truth, sharp, self.prior, noise)
        if self.overclaim is None:
            return seen
        return seen + beliefs.overclaimed(truth, sharp, self.accuracy_without, self.overclaim)

    def error_observed(self, acts: Acts) -> Array:
        """Standard error of green quality as the whole chain sees it, of which firms weigh that it will be there."""
        return acts.derived("error observed", lambda: self._seeing_error(acts, self.believed_far))

    def error_seen_by_neighbours(self, acts: Acts) -> Array:
        """Standard error of green quality as direct partners see it."""
        return acts.derived("error seen", lambda: self._seeing_error(acts, self.believed_near))

    def _seeing_error(self, acts: Acts, shared: Array) -> Array:
        """(1 - accuracy) noise, the same of green quality and of an effort, (..., world, firm)."""
        reached = self.through(self.channels.contribution_measurement, shared)
        sharp = beliefs.accuracy(self.accuracy_without, self.accuracy_with, acts.disclosure, reached)
        return (1.0 - sharp) * self.noise

    @staticmethod
    def through(on: bool, shared: Array) -> Array:
        """Whom data reach through a channel: nobody where it is off."""
        return shared if on else np.zeros_like(shared)

    def exceeds(self, value: Array, limit: Array | float, error: Array | None = None) -> Array:
        """Whether a judged value is found over a limit: 0 or 1 in truth, with this month's error of
        measurement; when deciding, its probability 1 / (1 + exp(-(pi / sqrt(3)) (value - limit) / measured)).
        Errors of measurement are logistic with the given standard deviation (McFadden 1974). `error`: standard error
        with which others see the value; when deciding it comes on top, see `beliefs.chance_over`."""
        measured = self.assessment.measurement_error
        if self.measured_noise is not None:
            noise = self.once("measured_noise", self.measured_noise)
            return np.where(value + measured * noise > limit, 1.0, 0.0)
        if error is not None:
            return beliefs.chance_over(value - limit, measured, error)
        return 0.5 + 0.5 * np.tanh((value - limit) * (0.5 * LOGIT / measured))

    def rated(self, acts: Acts, bar: Array | float) -> Array:
        """Whether a firm's public rating reaches a bar: 0 or 1 in truth. When deciding, the chance that an audit of
        these acts finds so, which is what holds from the next audit on; where none is to be feared, the rating as it
        stands."""
        theta = self.green_quality(acts)
        passes = np.where(self.rating >= bar, 1.0, 0.0)
        if self.certain:
            return passes
        return np.where(self.audit > 0, self.exceeds(theta + self.leniency, bar), passes)

    def index_of_root(self, acts: Acts) -> Array:
        """Chain index of each firm that sells to the market if it alone acts so, (..., world, firm); of no meaning
        for others. When deciding, with what is observed of the rest of the chain."""
        exponent, chains = self.market.weakest_link, self.chains
        roots = chains.root_entry

        def at_roots(x: Array, elsewhere: float) -> Array:
            firms = np.full(self.revenue.shape, elsewhere)
            firms.reshape(-1)[chains.roots] = x.take(roots)
            return firms

        others = self.once("others of root", lambda: at_roots(self.chain_total() - self._chain_terms(), 1.0))
        weight = self.once("weight of root", lambda: at_roots(self.weight, 0.0))
        total = others + weight * market.powered(self.green_quality(acts), exponent)
        return market.chain_index(total, exponent)

    # --- cost, emissions, failures --------------------------------------------------------------------

    def effort_cost(self, acts: Acts) -> Array:
        """C of the acts, money a month."""
        return acts.derived(
            "effort_cost",
            lambda: effort.effort_cost(
                acts.quality,
                acts.abatement,
                self.revenue if self.plant is None else self.plant,
                self.quality_cost,
                self.abatement_cost,
                self.technology.synergy,
            ),
        )

    def borne_cost(self, acts: Acts) -> Array:
        """What a firm bears of effort cost: its own, less what others pay of it by cost sharing, and what it pays of
        theirs; (..., world, firm). Over a chain the same as what its efforts cost."""
        cost = self.effort_cost(acts)
        shared = None if self.cost_rule is None else self.cost_rule(self, acts)
        return cost if shared is None else np.maximum(cost - shared, 0.0)

    def emissions(self, acts: Acts) -> Array:
        """Tonnes CO2e a firm emits in the month (a carrier: by the transport it does)."""
        return acts.derived(
            "emissions", lambda: emissions.own_emissions(self.gross, acts.abatement, self.traits.abatable)
        )

    def tonnes_below_baseline(self, acts: Acts) -> Array:
        """Tonnes a firm emits less than with the abatement effort it began with; never below 0."""
        saved = self.gross * self.traits.abatable * (acts.abatement - self.baseline_abatement)
        return np.maximum(saved, 0.0)

    def packaging(self, acts: Acts, rate: float = 1.0) -> Array:
        """Tonnes of packaging that each producer uses up around what it ships in the month, to customers and to the
        market, or money at a rate for each."""
        settings = self.logistics
        shipped = np.where(self.traits.producer, self.revenue / self.traits.price, 0.0)
        return logistics.packaging(rate * settings.packaging_used, shipped, acts.abatement, settings.packaging_saving)

    def own_defects(self, acts: Acts) -> Array:
        """Defect rate of a firm's own process (a carrier: goods it damages)."""
        return acts.derived(
            "own_defects",
            lambda: quality.own_defects(acts.quality, self.traits.defect_rate, self.technology.defect_cut),
        )

    def outgoing_defects(self, acts: Acts) -> Array:
        """Defect rate of what a firm ships."""
        return quality.outgoing_defects(self.own_defects(acts), self.accepted)

    def losses(self, acts: Acts) -> Array:
        """Loss of each firm by outages and incidents, money a month: of this month in truth, when deciding as expected
        at the acts; (..., world, firm)."""
        rule = self.loss_rule
        return np.zeros_like(self.revenue) if rule is None else acts.derived("losses", lambda: rule(self, acts))

    def custom(self, acts: Acts) -> Array:
        """Money a month that each firm expects of its customers' reviews at the acts, (..., world, firm)."""
        rule = self.custom_rule
        return np.zeros_like(self.revenue) if rule is None else rule(self, acts)

    # --- chains -----------------------------------------------------------------------------------------

    def chain_total(self) -> Array:
        """Sum of W theta^r over each chain, at each entry, (W*E,); when deciding, of theta as observed."""
        return self.chains.at_chain(self.once("total of chain", lambda: self.chains.by_chain(self._chain_terms())))

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
        if isinstance(value, float) or np.ndim(value) == 0:
            return value
        return np.ravel(value)[self.chains.world]

    def per_link(self, value: Any) -> Any:
        """A per-world parameter at each link: a number stays one, (world, 1) becomes (W*L,)."""
        return value if isinstance(value, float) or np.ndim(value) == 0 else np.ravel(value)[self.links.world]

    def observed_parts(self) -> Array:
        """W o of each entry, o the green quality as observed, (W*E,)."""
        return self.once("observed_parts", lambda: self.weight * self.chains.at_firm(self.observed(self.acts)))

    def premium(self, acts: Acts) -> Array:
        """Green premium of the chain V_m at each entry if that entry's firm alone acts so, (..., W*E)."""

        def make() -> Array:
            exponent = self.entry("weakest_link")
            theta = market.powered(self.chains.at_firm(self.green_quality(acts)), exponent)
            if market.is_mean(exponent):
                # In truth this is asked for once, so nothing is kept.
                kept = (lambda name, make: make()) if self.certain else self.once
                of_others = kept("pool of others", lambda: self.pool_at_entries() * self.terms_of_others())
                whole = kept("own pool", lambda: self.pool_at_entries() * self.weight) * theta
                whole += of_others
            else:
                others, pool = (
                    self.once("others_terms", self.terms_of_others),
                    self.once("pool", self.pool_at_entries),
                )
                whole = pool * market.chain_index(others + self.weight * theta, exponent)
            saturation = self.entry("saturation")
            if not market.switched_on(saturation):
                return whole
            others = self.once("others_terms", self.terms_of_others)
            return market.saturated(whole, market.chain_index(others + self.weight * theta, exponent), saturation)

        return acts.derived("premium", make)

    def terms_of_others(self) -> Array:
        """Sum of W theta^r over the others of each entry's chain, (W*E,)."""
        return self.chain_total() - self._chain_terms()

    def pool_at_entries(self) -> Array:
        """Green premium of each entry's chain at chain index 1, (W*E,)."""
        return self.chains.at_chain(self.pool)

    def index(self, acts: Acts) -> Array:
        """Chain index Q_m at each entry if that entry's firm alone acts so, (..., W*E)."""

        def make() -> Array:
            exponent = self.entry("weakest_link")
            theta = market.powered(self.chains.at_firm(self.green_quality(acts)), exponent)
            others = self.once("others_terms", self.terms_of_others)
            return market.chain_index(others + self.weight * theta, exponent)

        return acts.derived("index", make)

    def margins(self, acts: Acts) -> Array:
        """What its margins would bring each firm, money a month, (..., world, firm)."""
        rule = self.margin_rule
        return np.zeros_like(self.revenue) if rule is None else rule(self, acts)

    def premium_part(self, acts: Acts) -> Array:
        """Part of the chain's green premium that each entry's firm receives, (..., W*E); sums to 1 over a chain."""
        return acts.derived("premium_part", lambda: self.premium_rule(self, acts))

    def members(self, acts: Acts) -> Array:
        """Membership at each chain entry, (..., W*E)."""
        return self.with_members_of(acts).derived("members", lambda: self.chains.at_firm(acts.member))

    def with_members_of(self, acts: Acts) -> Acts:
        """The known acts where the members are the same, so that what rests on membership alone is worked out once."""
        return self.acts if acts.member is self.acts.member else acts

    def applies(self, rule: Any) -> Array:
        """1 for each firm that a sharing rule applies to, (world or 1, firm); members or not."""

        def make() -> Array:
            firms = rule.applies_to.firms(self.traits, self.links)
            today = rule.applies_to.today(self.acts.member, self.rating)
            return firms if today is None else firms * today

        return self.once(f"applies {rule.family}", make)

    def taking_part(self, rule: Any, acts: Acts) -> Array:
        """1 at each chain entry whose firm takes part in a sharing rule, (..., W*E): members that it applies to, and
        a root whenever it is a member."""
        if rule.applies_to.everybody:
            return self.members(acts)
        members = self.members(acts)
        part = members * self.chains.at_firm(np.broadcast_to(self.applies(rule), self.revenue.shape))
        part[..., self.chains.root_entry] = members[..., self.chains.root_entry]
        return part

    def collaborating(self) -> Array:
        """1 at each entry of a chain whose root is a member, (W*E,): there is somebody to share with."""
        return self.once("collaborating", lambda: self.chains.at_chain(self.chains.at_root(self.acts.member)))

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """A value worked out once for what is known, whoever asks for it."""
        if name not in self._derived:
            self._derived[name] = make()
        made: Made = self._derived[name]
        return made

    def not_audited(self) -> Known:
        """The same, had nobody been audited."""
        return dataclasses.replace(self, acts=self.acts.fresh(), audit=np.zeros_like(self.audit), _derived={})

    def remembering(self, memory: Memory) -> Known:
        """The same, with one mechanism's memory."""
        # As copy.copy, without its detour by the pickling protocol: this is asked for many times a month.
        known = object.__new__(type(self))
        known.__dict__.update(self.__dict__, memory=memory)
        return known
