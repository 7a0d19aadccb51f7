"""The facts of a month as firms know them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import numpy as np

from sim.fields import Array
from sim.mechanisms.acts import Acts
from sim.mechanisms.channels import Channels
from sim.network.chains import Chains
from sim.network.links import Links
from sim.parameters import Assessment, Logistics, Market, Quality, Risk, Technology
from sim.traits import Traits

Memory = Mapping[str, Array]

Made = TypeVar("Made")


@dataclass(eq=False, kw_only=True)
class Facts:
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
    drawn: draws that stay the same all run, uniform on [0, 1), by the name of their stream.
    watched: whether rules are only watched for the acts that they read, whichever the month.
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
    drawn: Callable[[str], Array]
    audit: Array
    rating: Array
    leniency: Array | float = 0.0
    penalty: Array | float = 1.0
    in_force: Array | None = None
    watched: bool = False
    abatement_payoff: Callable[[], tuple[Array, Array]] | None = None
    plant: Array | None = None
    memories: Mapping[str, Memory] = field(default_factory=dict)
    memory: Memory = field(default_factory=dict)
    _derived: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """A value worked out once for what is known, whoever asks for it."""
        if name not in self._derived:
            self._derived[name] = make()
        made: Made = self._derived[name]
        return made

    def per_entry(self, value: Any) -> Any:
        """A per-world parameter at each chain entry: a number stays one, (world, 1) becomes (W*E,)."""
        if isinstance(value, float) or np.ndim(value) == 0:
            return value
        return np.ravel(value)[self.chains.world]

    def per_link(self, value: Any) -> Any:
        """A per-world parameter at each link: a number stays one, (world, 1) becomes (W*L,)."""
        return value if isinstance(value, float) or np.ndim(value) == 0 else np.ravel(value)[self.links.world]

    def entry(self, name: str) -> Any:
        """A market parameter at each entry (a number unless worlds differ in it)."""
        return self.per_entry(getattr(self.market, name))

    def with_members_of(self, acts: Acts) -> Acts:
        """The known acts where the members are the same, so that what rests on membership alone is worked out once."""
        return self.acts if acts.member is self.acts.member else acts

    def not_audited(self) -> Self:
        """The same, had nobody been audited."""
        return dataclasses.replace(self, acts=self.acts.fresh(), audit=np.zeros_like(self.audit), _derived={})

    def remembering(self, memory: Memory) -> Self:
        """The same, with one mechanism's memory."""
        # As copy.copy, without its detour by the pickling protocol: this is asked for many times a month.
        known = object.__new__(type(self))
        known.__dict__.update(self.__dict__, memory=memory)
        return known
