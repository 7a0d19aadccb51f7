"""What partners' efforts do to each other."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from sim.fields import (
    SWITCH,
    NonNegative,
    Unit,
    above_zero,
)
from sim.parameters.base import Section


class Interaction(Section):
    """What partners' quality efforts do for each other, beside what goes through trade; all of it off at 0."""

    complementarity: Annotated[float, Unit("1"), SWITCH] = Field(
        0.0,
        description="phi: worth of a firm's effort for each unit of a partner's effort, share of its revenue; below 0 "
        "where they stand in for each other",
    )
    local_benefit: Annotated[NonNegative, SWITCH] = Field(
        0.0, description="beta: worth of a local public good, share of revenue, and what own effort for it costs"
    )
    group_return: NonNegative = Field(
        0.0, description="r: what a group gets for each unit that its members put in, shared equally by them"
    )
    group_cost: Annotated[NonNegative, SWITCH] = Field(
        0.0, description="c: what full effort puts into each group of a firm, share of its revenue; 0: no groups"
    )
    group_size: Annotated[int, Field(ge=2), Unit("count")] | None = Field(
        None,
        description="firms of a group: a firm and partners drawn at random, payments being the mean over draws; all "
        "partners if not given",
    )

    @property
    def grouped(self) -> bool:
        """Whether there are groups."""
        return above_zero(self.group_cost)

    @property
    def complementary(self) -> bool:
        """Whether partners' efforts are worth more, or less, together."""
        return bool(np.any(np.asarray(self.complementarity) != 0))

    @property
    def local(self) -> bool:
        """Whether there is a local public good."""
        return above_zero(self.local_benefit)
