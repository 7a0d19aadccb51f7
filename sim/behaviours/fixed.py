"""A constant."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, Mask, View
from sim.fields import Share


class Fixed(Behaviour):
    """A firm does the same every month: a free rider at 0, a saint at 1, or a control.

    Rule: efforts are the given numbers. Source: unconditional strategies; about 30 % of subjects free-ride
    unconditionally (Fischbacher, Gaechter & Fehr 2001).
    """

    kind: Literal["fixed"] = "fixed"
    quality: Share = Field(0.0, description="quality effort")
    abatement: Share = Field(0.0, description="abatement effort")
    disclosure: Share = Field(0.0, description="disclosure")

    def decide(self, view: View, firms: Mask | None) -> Efforts:
        one = np.ones_like(view.known.revenue)
        return Efforts(self.quality * one, self.abatement * one, self.disclosure * one)
