"""A regulator that audits at random at a fixed rate."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Share
from sim.mechanisms.regulator import Regulator, Sites


class FixedAudits(Regulator):
    """Every firm is audited with the same probability each month, at random.

    Rule: P(audit) = rate. Source: random inspection; the default is 0.5 inspections a year, as the US EPA's
    compliance monitoring strategy asks of major air sources (a full evaluation every two years).
    """

    kind: Literal["fixed"] = "fixed"

    rate: Share = Field(0.042, description="chance that a firm is audited in a month")

    def audit_rate(self, sites: Sites) -> Array:
        return np.ones_like(sites.rating) * self.rate
