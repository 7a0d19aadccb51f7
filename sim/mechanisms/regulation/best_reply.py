"""A regulator that plays the inspection game."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, Money, NonNegative, Positive, Share
from sim.known import Known
from sim.mechanisms.base import Regulator, Sites
from sim.mechanisms.oversight import at_firms, breaches, by_region


class BestReplyAudits(Regulator):
    """A region audits more while an audit brings in more than it costs, and less while it brings in less.

    Formula: return of an audit g = fine_weight x fines it brings + harm x [violation found], learnt from the region's
    audits (of all regions, if they share data): g_hat += learning x (mean g - g_hat);
    rate += speed x (g_hat - audit_cost) / (g_hat + audit_cost), kept in least..most. At rest g_hat = audit_cost:
    violations are held where audits pay, (share of violators) x (fine_weight x fine + harm) = audit_cost.
    Source: Tsebelis 1990; Avenhaus, von Stengel & Zamir 2002.
    """

    kind: Literal["best_reply"] = "best_reply"

    harm: Money = Field(20.0, description="harm avoided by a violation found (assumed)")
    fine_weight: Share = Field(
        1.0, description="weight of fines in the regulator's payoff; 0: they go to others, as in Tsebelis (assumed)"
    )
    learning: Share = Field(0.2, description="share of the gap to this month's return closed a month (assumed)")
    speed: NonNegative = Field(0.01, description="largest change of the rate in a month (assumed)")
    rate: Share = Field(0.042, description="chance that a firm is audited in the first month")
    least: Positive = Field(0.005, le=1.0, description="lowest chance of an audit (assumed)")
    most: Share = Field(0.5, description="highest chance of an audit (assumed)")
    cut: Share = Field(0.1, description="share of gross emissions that must be abated; less is a violation")
    data_shared: bool = Field(False, description="whether regions learn from each other's audits")

    @model_validator(mode="after")
    def _rate_within_bounds(self) -> BestReplyAudits:
        if not np.all((self.least <= np.asarray(self.rate)) & (np.asarray(self.rate) <= self.most)):
            raise ValueError(f"rate must lie in least..most ({self.least}..{self.most}), given {self.rate}")
        return self

    def audit_rate(self, sites: Sites) -> Array:
        return at_firms(sites.memory["rate"], sites.traits)

    def blank(self, shape: tuple[int, int], regions: int) -> dict[str, Array]:
        of_regions = np.ones((shape[0], regions))
        return {"rate": of_regions * self.rate, "expected": of_regions * self.audit_cost}

    def remember(self, known: Known, fined: Callable[[], Array]) -> dict[str, Array]:
        expected = self._learnt(known, fined)
        stake = expected + self.audit_cost
        pays = np.divide(expected - self.audit_cost, stake, out=np.zeros_like(stake), where=stake > 0)
        rate = known.memory["rate"] + self.speed * pays
        return {"rate": np.minimum(np.maximum(rate, self.least), self.most), "expected": expected}

    def _learnt(self, known: Known, fined: Callable[[], Array]) -> Array:
        """What an audit is expected to bring in, after this month's, (world, region)."""
        brought = self.harm * breaches(known, self.cut)
        if self.fine_weight > 0:
            brought = brought + self.fine_weight * np.maximum(fined(), 0.0) * known.audit
        audits = by_region(known.audit, known.traits, self.data_shared)
        mean = by_region(brought, known.traits, self.data_shared) / np.maximum(audits, 1.0)
        before = known.memory["expected"]
        return np.where(audits > 0, before + self.learning * (mean - before), before)
