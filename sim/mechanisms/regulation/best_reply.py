"""A regulator that plays the inspection game."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Money, NonNegative, Share, above_zero
from sim.known import Known
from sim.mechanisms.oversight import Adjusting, breaches, by_region


class BestReplyAudits(Adjusting):
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

    def blank(self, shape: tuple[int, int], regions: int) -> dict[str, Array]:
        rate = super().blank(shape, regions)
        return rate | {"expected": np.ones_like(rate["rate"]) * self.audit_cost}

    def remember(self, known: Known, fined: Callable[[], Array]) -> dict[str, Array]:
        expected = self._learnt(known, fined)
        stake = expected + self.audit_cost
        pays = np.divide(expected - self.audit_cost, stake, out=np.zeros_like(stake), where=stake > 0)
        return {"rate": self.moved(known, self.speed * pays), "expected": expected}

    def _learnt(self, known: Known, fined: Callable[[], Array]) -> Array:
        """What an audit is expected to bring in, after this month's, (world, region)."""
        brought = self.harm * breaches(known, self.cut)
        if above_zero(self.fine_weight):
            brought = brought + self.fine_weight * np.maximum(fined(), 0.0) * known.audit
        audits = by_region(known.audit, known.traits, self.data_shared)
        mean = by_region(brought, known.traits, self.data_shared) / np.maximum(audits, 1.0)
        before = known.memory["expected"]
        return np.where(audits > 0, before + self.learning * (mean - before), before)
