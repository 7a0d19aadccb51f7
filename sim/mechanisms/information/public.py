"""Open disclosure."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.fields import Array
from sim.mechanisms.regimes import Information
from sim.traits import Traits


class Public(Information):
    """What any firm discloses is open to all, members of the collaboration or not.

    Formula: shared with neighbours = shared with the chain = 1 for every firm that it applies to; the mandated
    minimum and the fee are theirs too. Source: public disclosure programmes and pollutant registers (Tietenberg
    1998; Konar & Cohen 1997).
    """

    kind: Literal["public"] = "public"

    def shared(self, traits: Traits, member: Array) -> tuple[Array, Array]:
        everybody = np.ones_like(member)
        return everybody, everybody
