"""What every way of deciding is, and what it may look at."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from sim.draws import Draws
from sim.fields import Array, Share
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.network.links import Index, Links
from sim.network.neighbours import Neighbours, Peers, peers_in
from sim.payoff import Payoff
from sim.rules import boxed

GRID = ((0.0, 0.25, 0.5, 0.75, 1.0), (0.0, 0.25, 0.5, 0.75, 1.0), (0.0, 0.5, 1.0))
"""Levels of each effort from which the search for a best reply may start, as payoffs with thresholds have several
peaks."""

ROUNDS = 6
"""Rounds of that search: one is exact for a quadratic payoff."""


class Efforts(NamedTuple):
    """Quality effort, abatement effort and disclosure of firms, in 0..1: (world, firm) each, or one for each cell."""

    quality: Array
    abatement: Array
    disclosure: Array


@dataclass(eq=False)
class View:
    """What firms can look at when they decide.

    known: beliefs of the month. profitability: last month's profit per revenue. draws: the random
    streams. least_disclosure: what is mandated of each firm. memory: what the behaviour that is asked now remembers.
    Everything a behaviour may not need is worked out when first asked for.
    """

    known: Known
    draws: Draws
    month: int
    private: Payoff
    social: Payoff
    profitability: Array
    neighbours: Neighbours
    observation: tuple[Array, Array]
    least_disclosure: Array
    memory: Memory = field(default_factory=dict)
    _made: dict[str, Efforts] = field(default_factory=dict)

    def at(self, efforts: Efforts, cells: Index) -> Efforts:
        """Efforts of the firms at `cells` alone."""
        return Efforts(*(x.ravel().take(cells) for x in efforts))

    @property
    def links(self) -> Links:
        return self.known.links

    def slopes(self, payoff: Literal["private", "social"]) -> Efforts:
        """Slope of the payoff in each effort, as a share of revenue; 0 for a firm without revenue."""
        if payoff not in self._made:
            raw = (self.private if payoff == "private" else self.social).slopes(self.known)
            revenue = self.known.revenue
            inverse = np.divide(1.0, revenue, out=np.zeros_like(revenue), where=revenue > 0)
            self._made[payoff] = Efforts(**{name: slope * inverse for name, slope in raw.items()})
        return self._made[payoff]

    def now(self) -> Efforts:
        """What firms do so far."""
        acts = self.known.acts
        return Efforts(acts.quality, acts.abatement, acts.disclosure)

    def remembering(self, memory: Memory) -> View:
        """The same, with one behaviour's memory."""
        view = copy.copy(self)
        view.memory = memory
        return view

    def best_reply(self, levels: int = 0) -> Efforts:
        """The efforts at which the private payoff of each firm is highest, all others as they are; a firm without
        revenue stays. levels: how many of each effort there are to choose among, 0: any effort in 0..1."""
        key = f"best reply {levels}"
        if key not in self._made:
            known, revenue = self.known, self.known.revenue
            member = known.acts.member
            inverse = np.divide(1.0, revenue, out=np.zeros_like(revenue), where=revenue > 0)

            def per_revenue(points: Array) -> Array:
                acts = Acts(points[:, 0], points[:, 1], points[:, 2], member)
                value = self.private.value(known, acts) * inverse
                return np.broadcast_to(value, (len(points), *revenue.shape))

            low = np.zeros((3, *revenue.shape))
            low[2] = self.least_disclosure
            now, high = np.stack(self.now()), np.ones_like(low)
            if levels:
                best = boxed.best_level(per_revenue, now, low, high, levels)
            else:
                best = boxed.highest(per_revenue, now, low, high, GRID, ROUNDS)
            self._made[key] = Efforts(*best)
        return self._made[key]

    def seen(self) -> Efforts:
        """What direct partners see of every firm: its efforts with the error of the regime, in 0..1, and its
        disclosure, which is plain to see."""
        if "seen" not in self._made:
            known, acts = self.known, self.known.acts
            near = known.through(known.channels.conditional_cooperation, known.believed_near)
            noise, other_noise = self.observation
            self._made["seen"] = Efforts(
                _unit(known.as_seen(acts.quality, acts.disclosure, near, noise)),
                _unit(known.as_seen(acts.abatement, acts.disclosure, near, other_noise)),
                acts.disclosure,
            )
        return self._made["seen"]

    def tier_peers(self) -> Peers:
        """Peers of the same role and tier."""
        known = self.known

        def make() -> Peers:
            both = np.stack([known.traits.network.firms["role"], known.traits.tier])
            return peers_in(known.links, known.chains, np.unique(both, axis=1, return_inverse=True)[1].reshape(-1))

        return self.links.once("tier peers", make)

    def partners_mean(self, x: Array, cells: Index) -> Array:
        """Mean of a firm value over the suppliers and customers, link by link, of the firms at `cells`; 0 without."""
        partner, owner = self.neighbours.partners_of(cells)
        total = np.bincount(owner, weights=x.ravel().take(partner), minlength=len(cells))
        return total / np.maximum(self.neighbours.count[cells], 1)


def some(parameter: Array | float, place: Index) -> Array | float:
    """A parameter at some of the cells that decide, by their place among these."""
    return parameter if np.ndim(parameter) == 0 else np.asarray(parameter)[place]


def _unit(x: Array) -> Array:
    return np.minimum(np.maximum(x, 0.0), 1.0)


class Behaviour(BaseModel):
    """A way of deciding, followed by a share of the firms of a role."""

    social: ClassVar[bool] = False
    """Whether it weighs the social payoff; what that needs is worked out only then."""

    varies: ClassVar[bool] = False
    """Of a plug-in: whether worlds that are computed together may differ in its numbers, see docs/extending.md."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    role: Literal["supplier", "manufacturer", "logistics"] | None = Field(
        None, description="role of the firms that decide so; all roles if not given"
    )
    share: Share = Field(1.0, description="share of these firms that decide so")

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        """What firms that decide so remember before the first decision, arrays (world, firm, ...); nothing usually."""
        return {}

    def remember(self, view: View, cells: Index) -> dict[str, Array]:
        """What they remember when they are about to decide, from `view.memory` and what became of their last
        decision; only the firms at `cells` are asked, what others remember stays. Called where `blank` gives
        something; `decide` then finds the result in `view.memory`."""
        return dict(view.memory)

    def decide(self, view: View, cells: Index) -> Efforts:
        """Next efforts of the firms that decide so, whose flat indices (world x firms + firm) are `cells`, one value
        for each of them in that order; values outside 0..1 are cut off. Parameters in which worlds differ stand for
        each of the cells."""
        raise TypeError(f"{type(self).__name__} must define decide()")
