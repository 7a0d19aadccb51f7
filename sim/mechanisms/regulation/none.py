"""No audits."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.mechanisms.regulator import Regulator, Sites


class NoAudits(Regulator):
    """Nobody is audited. Source: the benchmark of any regulation."""

    kind: Literal["none"] = "none"

    def audit_rate(self, sites: Sites) -> Array:
        return np.zeros_like(sites.rating)
