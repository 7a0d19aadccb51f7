"""What regulators share: limited audits and whom to send them to, moving rates, breaches found, records by region."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, Audits, Positive, Share
from sim.known import Known
from sim.mechanisms.regulator import Regulator, Sites
from sim.traits import Traits

WHOLE = 1e-6
"""Sums of chances this close to a whole number are meant to be one."""

LEAST_WEIGHT = 1e-12
"""Weight of a firm that nothing speaks for, relative to all: it is audited only where everybody else is."""


class Limited(Regulator):
    """A regulator with so many inspectors in each region."""

    limited = True

    capacity: Audits = Field(
        10, description="audits a month in each region, or all its firms if there are fewer (assumed)"
    )


class Adjusting(Regulator):
    """A regulator whose rate of audits in a region moves, within bounds, with what its audits find."""

    rate: Share = Field(0.042, description="chance that a firm is audited in the first month")
    least: Positive = Field(0.005, le=1.0, description="lowest chance of an audit (assumed)")
    most: Share = Field(0.5, description="highest chance of an audit (assumed)")
    cut: Share = Field(0.1, description="share of gross emissions that must be abated; less is a violation")
    data_shared: bool = Field(False, description="whether regions count each other's audits")

    @model_validator(mode="after")
    def _rate_within_bounds(self) -> Adjusting:
        if not np.all((self.least <= np.asarray(self.rate)) & (np.asarray(self.rate) <= self.most)):
            raise ValueError(f"rate must lie in least..most ({self.least}..{self.most}), given {self.rate}")
        return self

    def audit_rate(self, sites: Sites) -> Array:
        return at_firms(sites.memory["rate"], sites.traits)

    def blank(self, shape: tuple[int, int], regions: int) -> dict[str, Array]:
        return {"rate": np.ones((shape[0], regions)) * self.rate}

    def moved(self, known: Known, change: Array) -> Array:
        """The rate after a change, within its bounds, (world, region)."""
        return np.minimum(np.maximum(known.memory["rate"] + change, self.least), self.most)


class Targeting(Limited):
    """A regulator that audits firms with chances in proportion to a score.

    Formula: P(audit) = min(1, c (random_share / n + (1 - random_share) score / sum of scores)), with c such that the
    chances sum to the capacity: in each region, or with shared data over all regions together. Exactly so many are
    audited, drawn by systematic sampling in random order.
    """

    random_share: Share = Field(0.2, description="part of the chances that is the same for every firm (assumed)")
    data_shared: bool = Field(
        False, description="whether regions share data and inspectors; else each targets its own firms alone"
    )

    def score(self, sites: Sites) -> Array:
        """What speaks for auditing each firm, at least 0, (world, firm)."""
        raise TypeError(f"{type(self).__name__} must define score()")

    def audit_rate(self, sites: Sites) -> Array:
        fit = sites.open()
        score = self.score(sites) * fit
        regions = len(sites.traits.regions)
        if self.data_shared or regions == 1:
            return chances(self._weight(score, fit), self.capacity * regions)
        rate = np.zeros_like(fit)
        for region in range(regions):
            here = np.flatnonzero(sites.traits.region == region)
            # `take` keeps worlds in rows of memory, so that sums over firms do not depend on how many worlds there are.
            own = self._weight(score.take(here, axis=1), fit.take(here, axis=1))
            rate[:, here] = chances(own, self.capacity)
        return rate

    def drawn(self, rate: Array, luck: Array, traits: Traits, start: Callable[[str], Array]) -> Array:
        """As many firms as there are inspectors, each with its chance: systematic sampling in the order of luck."""
        if self.data_shared or len(traits.regions) == 1:
            return systematic(rate, luck, start(""))
        audited = np.zeros_like(rate)
        for region, name in enumerate(traits.regions):
            here = np.flatnonzero(traits.region == region)
            audited[:, here] = systematic(rate.take(here, axis=1), luck.take(here, axis=1), start(name))
        return audited

    def _weight(self, score: Array, fit: Array) -> Array:
        """Each firm's part of the audits, before anybody's chance is cut to 1."""
        even = _parts(fit)
        by_score = _parts(score)
        scored = score.sum(axis=1, keepdims=True) > 0
        mixed = self.random_share * even + (1.0 - self.random_share) * np.where(scored, by_score, even)
        return mixed + LEAST_WEIGHT * even


def _parts(x: Array) -> Array:
    """Parts of the sum over a world's firms; 0 where that is 0."""
    total = x.sum(axis=1, keepdims=True)
    return np.divide(x, total, out=np.zeros_like(x), where=total > 0)


def chances(weight: Array, number: float | Array) -> Array:
    """Chances min(1, c w) that sum to `number` in each world, (world, firm); 1 for every firm with a weight if these
    are no more than that."""
    rising = np.sort(weight, axis=1)
    heaviest, rest = rising[:, ::-1], np.cumsum(rising, axis=1)[:, ::-1]
    # With the first j of the heaviest certain, the others share what is left: the first j at which nobody exceeds 1.
    left = number - np.arange(weight.shape[1])
    factor = np.divide(left, rest, out=np.zeros_like(rest), where=rest > 0)
    first = np.argmax(factor * heaviest <= 1.0, axis=1)[:, None]
    enough = number >= (weight > 0).sum(axis=1, keepdims=True)
    shared = np.minimum(np.take_along_axis(factor, first, axis=1) * weight, 1.0)
    return np.where(enough, np.where(weight > 0, 1.0, 0.0), shared)


def systematic(chance: Array, luck: Array, start: Array) -> Array:
    """1 for each drawn firm, (world, firm): exactly as many as the chances of a world sum to (where that is a whole
    number), and each with its chance.

    Firms are laid end to end in the random order of their luck, each as long as its chance; those are drawn on which
    start, start + 1, start + 2, ... fall. Source: Madow 1949; Hartley & Rao 1962 (random order).
    """
    order = np.argsort(luck, axis=1, kind="stable")
    ends = np.cumsum(np.take_along_axis(chance, order, axis=1), axis=1)
    total = ends[:, -1:]
    whole = np.rint(total)
    length = np.where(np.abs(total - whole) < WHOLE, whole, total)
    ends = np.divide(ends, total, out=np.zeros_like(ends), where=total > 0) * length
    points = np.maximum(np.ceil(ends - start), 0.0)
    drawn = np.zeros_like(chance)
    np.put_along_axis(drawn, order, np.where(np.diff(points, axis=1, prepend=0.0) > 0, 1.0, 0.0), axis=1)
    return drawn


def breaches(known: Known, cut: float) -> Array:
    """1 for each audited firm that is found abating less than the share `cut` of its gross emissions, judged as fines
    judge it, (world, firm)."""
    active = known.gross > 0
    ratio = known.emissions(known.acts) / np.where(active, known.gross, 1.0)
    return known.audit * known.exceeds(ratio, 1.0 - cut) * active


def by_region(x: Array, traits: Traits, shared: bool) -> Array:
    """Sums over the firms of each region, (world, region); over all firms for everybody if data are shared."""
    if shared:
        return np.repeat(x.sum(axis=1, keepdims=True), len(traits.regions), axis=1)
    sums = [(x * (traits.region == region)).sum(axis=1) for region in range(len(traits.regions))]
    return np.stack(sums, axis=1)


def at_firms(x: Array, traits: Traits) -> Array:
    """Each region's value at its firms: (world, region) -> (world, firm)."""
    return x.take(traits.region, axis=1)
