"""Everybody bears the own cost."""

from __future__ import annotations

from typing import Literal

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.sharing_rules import CostSharing


class NoCostSharing(CostSharing):
    """Each firm bears the whole cost of its own efforts. Source: the benchmark of any sharing rule."""

    kind: Literal["none"] = "none"

    def payment(self, known: Known, acts: Acts) -> Array | None:
        return None
