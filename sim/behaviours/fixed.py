"""A constant."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, View
from sim.fields import Share
from sim.network.links import Index


class Fixed(Behaviour):
    """A firm does the same every month: a free rider at 0, a saint at 1, or a control.

    Rule: efforts are the given numbers. Source: unconditional strategies; about 30 % of subjects free-ride
    unconditionally (Fischbacher, Gaechter & Fehr 2001).
    """

    kind: Literal["fixed"] = "fixed"
    quality: Share = Field(0.0, description="quality effort")
    abatement: Share = Field(0.0, description="abatement effort")
    disclosure: Share = Field(0.0, description="disclosure")

    def decide(self, view: View, cells: Index) -> Efforts:
        return Efforts(*(np.full(len(cells), x) for x in (self.quality, self.abatement, self.disclosure)))
