"""Everybody bears the own losses."""

from __future__ import annotations

from typing import Literal

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import RiskSharing


class NoRiskSharing(RiskSharing):
    """Each firm bears the whole loss by its own outages and incidents. Source: the benchmark of any sharing rule."""

    kind: Literal["none"] = "none"

    def payment(self, known: Known, acts: Acts) -> Array | None:
        return None
