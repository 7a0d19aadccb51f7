"""Audits that follow the violations found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, NonNegative, Positive, Share
from sim.known import Known
from sim.mechanisms.base import Regulator, Sites
from sim.mechanisms.oversight import at_firms, breaches, by_region


class AdaptiveAudits(Regulator):
    """A region raises its rate of audits while more of the audited violate than its target, and lowers it below.

    Formula: rate += gain x (violations found / audits - target), kept in least..most; a month without audits leaves
    it. Regions that share data count the audits of all. Source: state-dependent enforcement, Harrington 1988;
    integral control.
    """

    kind: Literal["adaptive"] = "adaptive"

    target: Share = Field(0.1, description="share of violators among the audited that is aimed at (assumed)")
    gain: NonNegative = Field(0.05, description="change of the rate in a month for each unit off target (assumed)")
    rate: Share = Field(0.042, description="chance that a firm is audited in the first month")
    least: Positive = Field(0.005, le=1.0, description="lowest chance of an audit (assumed)")
    most: Share = Field(0.5, description="highest chance of an audit (assumed)")
    cut: Share = Field(0.1, description="share of gross emissions that must be abated; less is a violation")
    data_shared: bool = Field(False, description="whether regions count each other's audits")

    @model_validator(mode="after")
    def _rate_within_bounds(self) -> AdaptiveAudits:
        if not np.all((self.least <= np.asarray(self.rate)) & (np.asarray(self.rate) <= self.most)):
            raise ValueError(f"rate must lie in least..most ({self.least}..{self.most}), given {self.rate}")
        return self

    def audit_rate(self, sites: Sites) -> Array:
        return at_firms(sites.memory["rate"], sites.traits)

    def blank(self, shape: tuple[int, int], regions: int) -> dict[str, Array]:
        return {"rate": np.ones((shape[0], regions)) * self.rate}

    def remember(self, known: Known, fined: Callable[[], Array]) -> dict[str, Array]:
        audits = by_region(known.audit, known.traits, self.data_shared)
        found = by_region(breaches(known, self.cut), known.traits, self.data_shared)
        off_target = np.where(audits > 0, found / np.maximum(audits, 1.0) - self.target, 0.0)
        rate = known.memory["rate"] + self.gain * off_target
        return {"rate": np.minimum(np.maximum(rate, self.least), self.most)}
