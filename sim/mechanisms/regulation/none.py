"""No audits."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.mechanisms.base import Regulator
from sim.traits import Traits


class NoAudits(Regulator):
    """Nobody is audited. Source: the benchmark of any regulation."""

    kind: Literal["none"] = "none"

    def audit_rate(self, traits: Traits, rating: Array) -> Array:
        return np.zeros_like(rating)
