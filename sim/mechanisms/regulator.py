"""What every regulator is, and what it knows of the firms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from sim.fields import Array, Money
from sim.known import Known, Memory
from sim.mechanisms.base import Mechanism
from sim.traits import Traits


@dataclass(frozen=True, eq=False)
class Sites:
    """The firms as a regulator knows them when it plans the audits of a month.

    rating: public ratings. memory: what the regulator remembers. open: gives for each firm 1 if it can be audited,
    0 if not, times the factors that mechanisms put on its chance, (world, firm).
    """

    traits: Traits
    rating: Array
    memory: Memory
    open: Callable[[], Array]


class Regulator(Mechanism):
    """Who is audited."""

    family: ClassVar[str] = "regulation"
    limited: ClassVar[bool] = False
    """Whether the number of audits is limited, so that what raises one firm's chance lowers that of others."""

    audit_cost: Money = Field(5.0, description="cost of one audit to the regulator (assumed)")

    def audit_rate(self, sites: Sites) -> Array:
        """Probability that each firm, if it is one to which the regulator applies, is audited this month,
        (world, firm)."""
        raise TypeError(f"{type(self).__name__} must define audit_rate()")

    def drawn(self, rate: Array, luck: Array, traits: Traits, start: Callable[[str], Array]) -> Array:
        """1 for each firm that is audited, 0 for others, from the probabilities and a uniform draw for each; `start`
        has a uniform draw for a region by its name, (world, 1)."""
        return np.where(luck < rate, 1.0, 0.0)

    def blank(self, shape: tuple[int, int], regions: int) -> dict[str, Array]:
        """What it remembers before the first month, arrays (world, firm) or (world, region)."""
        return {}

    def remember(self, known: Known, fined: Callable[[], Array]) -> dict[str, Array]:
        """What it remembers after this month's settlement, from `known.memory` and the audits that took place;
        `fined()` is what firms paid the regulator because they were audited, (world, firm). Not asked of a
        regulator whose memory was blank."""
        return dict(known.memory)
