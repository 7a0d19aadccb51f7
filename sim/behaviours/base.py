"""What every way of deciding is, and what it may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from sim.draws import Draws
from sim.fields import Array, Share
from sim.known import Known
from sim.network.links import Index, Links
from sim.payoff import Payoff
from sim.rules import beliefs


class Efforts(NamedTuple):
    """Quality effort, abatement effort and disclosure of firms, in 0..1: (world, firm) each, or one for each cell."""

    quality: Array
    abatement: Array
    disclosure: Array


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Partners and peers of each firm, flat over the worlds of a block: the ones of firm i are
    `partner[start[i] : start[i] + count[i]]`."""

    partner: Index
    start: Index
    count: Index
    peer: Index
    peer_start: Index
    peer_count: Index
    _lists: dict[int, tuple[Index, Index]] = field(default_factory=dict, repr=False)

    def partners_of(self, cells: Index) -> tuple[Index, Index]:
        """The partners of these firms one after the other, and for each the position of its firm in `cells`. Worked
        out once for an array of cells."""
        if id(cells) not in self._lists:
            count = self.count[cells]
            owner = np.repeat(np.arange(len(cells)), count)
            within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
            self._lists[id(cells)] = self.partner[self.start[cells][owner] + within], owner
        return self._lists[id(cells)]


@dataclass(eq=False)
class View:
    """What firms can look at when they decide.

    known: beliefs of the month. profitability: last month's profit per revenue. draws: the random
    streams. Everything a behaviour may not need is worked out when first asked for.
    """

    known: Known
    draws: Draws
    month: int
    private: Payoff
    social: Payoff
    profitability: Array
    neighbours: Neighbours
    observation: tuple[Array, Array]
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

    def seen(self) -> Efforts:
        """What direct partners see of every firm: its efforts with the error of the regime, in 0..1, and its
        disclosure, which is plain to see."""
        if "seen" not in self._made:
            known, acts = self.known, self.known.acts
            sharp = beliefs.accuracy(known.accuracy_without, known.accuracy_with, acts.disclosure, known.shared_near)
            noise, other_noise = self.observation
            self._made["seen"] = Efforts(
                _unit(beliefs.seen(acts.quality, sharp, known.prior, noise)),
                _unit(beliefs.seen(acts.abatement, sharp, known.prior, other_noise)),
                acts.disclosure,
            )
        return self._made["seen"]

    def partners_mean(self, x: Array, cells: Index) -> Array:
        """Mean of a firm value over the suppliers and customers, link by link, of the firms at `cells`; 0 without."""
        partner, owner = self.neighbours.partners_of(cells)
        total = np.bincount(owner, weights=x.ravel().take(partner), minlength=len(cells))
        return total / np.maximum(self.neighbours.count[cells], 1)


def _unit(x: Array) -> Array:
    return np.minimum(np.maximum(x, 0.0), 1.0)


class Behaviour(BaseModel):
    """A way of deciding, followed by a share of the firms of a role."""

    social: ClassVar[bool] = False
    """Whether it weighs the social payoff; what that needs is worked out only then."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    role: Literal["supplier", "manufacturer", "logistics"] | None = Field(
        None, description="role of the firms that decide so; all roles if not given"
    )
    share: Share = Field(1.0, description="share of these firms that decide so")

    def decide(self, view: View, cells: Index) -> Efforts:
        """Next efforts of the firms that decide so, whose flat indices (world x firms + firm) are `cells`, one value
        for each of them in that order; values outside 0..1 are cut off."""
        raise TypeError(f"{type(self).__name__} must define decide()")
