"""Who takes part, and who reports more than it does."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from sim.fields import (
    SWITCH,
    Months,
    NonNegative,
    Share,
    above_zero,
)
from sim.parameters.base import Section


class Membership(Section):
    """Whether firms that the programme enrols take part, choose to, or have to hear of it first."""

    voluntary: bool = Field(False, description="whether enrolled firms, chain leaders apart, join and leave as it pays")
    choose_every: Months = Field(3, description="months between a firm's choices (assumed)")
    inertia: Share = Field(0.001, description="share of revenue that a change must be worth a month (assumed)")
    payback: Months = Field(12, description="months in which the cost of joining must come back (assumed)")
    innovation: Share = Field(
        0.0,
        description="p: chance a month that a firm outside hears of it by itself; where q = 0 too, all know at first",
    )
    imitation: Share = Field(
        0.0, description="q: what is added to that chance if all its partners are members; else their share of it"
    )

    @model_validator(mode="after")
    def _chance_at_most_one(self) -> Membership:
        if np.any(np.asarray(self.innovation) + np.asarray(self.imitation) > 1):
            raise ValueError("innovation and imitation must sum to at most 1")
        return self

    @property
    def spreading(self) -> bool:
        """Whether firms have to hear of it before they take part."""
        return above_zero(self.innovation) or above_zero(self.imitation)


class Reporting(Section):
    """Whether firms report more than they do."""

    overclaim: Annotated[NonNegative, SWITCH] = Field(
        0.0, description="by how much a firm that overclaims reports above its green quality, share of it"
    )
    overclaim_share: Annotated[Share, SWITCH] = Field(
        0.0, description="share of firms that overclaim, drawn for each firm"
    )
    penalty: Share = Field(0.01, description="share of a month's revenue paid when found to overclaim (assumed)")
    disbelief_months: Months = Field(
        12, description="months in which the data of a firm found to overclaim are not believed (assumed)"
    )

    @property
    def overclaiming(self) -> bool:
        """Whether any firm may overclaim."""
        return above_zero(self.overclaim * self.overclaim_share)
