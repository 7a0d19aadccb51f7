"""A fixed number of inspections, at sites drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from sim.fields import Array
from sim.mechanisms.oversight import Limited, chances
from sim.mechanisms.regulator import Sites
from sim.traits import Traits


class RandomAudits(Limited):
    """Each region audits a fixed number of its firms a month, drawn at random without replacement.

    Formula: P(audit) = capacity / firms of the region; those with the smallest uniform draws are audited. Where
    mechanisms make chances p unequal, those with the smallest odds of the draw over odds of p (Pareto sampling).
    Source: China's random inspections of 2015 (random sites, random inspectors); Rosen 1997.
    """

    kind: Literal["random"] = "random"

    def audit_rate(self, sites: Sites) -> Array:
        fit = sites.open()
        rate = np.zeros_like(fit)
        for region in range(len(sites.traits.regions)):
            rate = rate + chances(fit * (sites.traits.region == region), self.capacity)
        return rate

    def drawn(self, rate: Array, luck: Array, traits: Traits, start: Callable[[str], Array]) -> Array:
        odds = np.divide(luck * (1.0 - rate), rate * (1.0 - luck), out=np.full_like(luck, np.inf), where=rate > 0)
        audited = np.zeros_like(luck)
        for region in range(len(traits.regions)):
            here = np.where(traits.region == region, odds, np.inf)
            rank = np.argsort(np.argsort(here, axis=1, kind="stable"), axis=1)
            audited = audited + ((rank < self.capacity) & np.isfinite(here))
        return audited
