"""Audits that follow the violations found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, NonNegative, Share
from sim.known import Known
from sim.mechanisms.oversight import Adjusting, breaches, by_region


class AdaptiveAudits(Adjusting):
    """A region raises its rate of audits while more of the audited violate than its target, and lowers it below.

    Formula: rate += gain x (violations found / audits - target), kept in least..most; a month without audits leaves
    it. Regions that share data count the audits of all. Source: state-dependent enforcement, Harrington 1988;
    integral control.
    """

    kind: Literal["adaptive"] = "adaptive"

    target: Share = Field(0.1, description="share of violators among the audited that is aimed at (assumed)")
    gain: NonNegative = Field(0.05, description="change of the rate in a month for each unit off target (assumed)")

    def remember(self, known: Known, fined: Callable[[], Array]) -> dict[str, Array]:
        audits = by_region(known.audit, known.traits, self.data_shared)
        found = by_region(breaches(known, self.cut), known.traits, self.data_shared)
        off_target = np.where(audits > 0, found / np.maximum(audits, 1.0) - self.target, 0.0)
        return {"rate": self.moved(known, self.gain * off_target)}
