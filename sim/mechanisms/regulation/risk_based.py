"""Inspections where ratings are poor and breaches were found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Share
from sim.known import Known
from sim.mechanisms.oversight import Targeting, breaches
from sim.mechanisms.regulator import Sites


class RiskBasedAudits(Targeting):
    """Firms are audited the more often the poorer their last rating and the fresher the last breach found with them.

    Formula: score = (1 - breach_weight) (1 - rating) + breach_weight x record; the record is 1 after an audit that
    found a breach, 0 after one that did not, and fades by the share `fading` a month; chances in proportion to the
    score that sum to the capacity. Source: Harrington 1988; Blanc 2012 (inspection reforms, OECD).
    """

    kind: Literal["risk_based"] = "risk_based"

    breach_weight: Share = Field(0.5, description="weight of the record of breaches against the rating (assumed)")
    cut: Share = Field(0.1, description="share of gross emissions that must be abated; less is a breach")
    fading: Share = Field(0.05, description="share of a record that fades in a month without an audit (assumed)")

    def score(self, sites: Sites) -> Array:
        return (1.0 - self.breach_weight) * (1.0 - sites.rating) + self.breach_weight * sites.memory["record"]

    def blank(self, shape: tuple[int, int], regions: int) -> dict[str, Array]:
        return {"record": np.zeros(shape)}

    def remember(self, known: Known, fined: Callable[[], Array]) -> dict[str, Array]:
        faded = known.memory["record"] * (1.0 - self.fading)
        return {"record": np.where(known.audit > 0, breaches(known, self.cut), faded)}
