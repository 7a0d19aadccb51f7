"""No information sharing."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.mechanisms.regimes import Information
from sim.traits import Traits


class NoInformation(Information):
    """Nobody shares data: firms are seen with the accuracy of what own trade tells.

    Rule: shared = 0 for every firm. Source: the information asymmetry of an uncoordinated green supply
    chain; the benchmark of any sharing regime.
    """

    kind: Literal["none"] = "none"

    def shared(self, traits: Traits, member: Array) -> tuple[Array, Array]:
        nobody = np.zeros_like(member)
        return nobody, nobody
