"""Sharing between direct partners."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.mechanisms.regimes import Information
from sim.traits import Traits


class Bilateral(Information):
    """A member's data reach its direct suppliers and customers, and nobody else.

    Rule: shared with neighbours = member, shared with the chain = 0. Source: dyadic information sharing
    in supply chains (Lee, So & Tang 2000).
    """

    kind: Literal["bilateral"] = "bilateral"

    def shared(self, traits: Traits, member: Array) -> tuple[Array, Array]:
        return member, np.zeros_like(member)
