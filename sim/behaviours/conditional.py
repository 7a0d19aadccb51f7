"""Conditional cooperation."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, View
from sim.fields import Array, NonNegative, Share
from sim.network.links import Index


class Conditional(Behaviour):
    """A firm moves toward what it believes its partners contribute, less its own bias.

    Formula: x + speed (max(0, match x mean seen effort of suppliers and customers - bias) - x); a firm
    without partners stays. Source: Fischbacher, Gaechter & Fehr 2001 (about half of subjects match, with a
    bias in their own favour).
    """

    kind: Literal["conditional"] = "conditional"
    speed: Share = Field(0.25, description="share of the gap closed in a month (assumed)")
    match: NonNegative = Field(1.0, description="effort for each unit of effort seen of partners")
    bias: NonNegative = Field(0.02, description="effort held back in own favour (assumed)")

    def decide(self, view: View, cells: Index) -> Efforts:
        now = view.at(view.now(), cells)
        has_partners = view.neighbours.count[cells] > 0

        def toward(mine: Array, theirs: Array) -> Array:
            target = np.maximum(self.match * view.partners_mean(theirs, cells) - self.bias, 0.0)
            return np.where(has_partners, mine + self.speed * (target - mine), mine)

        return Efforts(*(toward(mine, theirs) for mine, theirs in zip(now, view.seen(), strict=True)))
