"""Environmental credit: colours that follow from a firm's public rating."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, Share, Unit
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive

Step = Annotated[float, Field(ge=1, le=10), Unit("1")]
"""A factor for each colour below blue; green has its inverse."""

BLUE = 1.0
"""Colours as steps down from green: 0 green, 1 blue, 2 yellow, 3 red. Blue changes nothing."""


class CreditRating(Incentive):
    """A firm's public rating gives it a colour; colours raise or lower its fines, how often it is audited, and the
    interest on its loans, which the bank gives or takes.

    Formula: with n = -1 green, 0 blue, 1 yellow, 2 red: fines x fine_step^n and chance of an audit x
    audit_step^n, both in the next month; interest -n x interest_step / 12 x debt x 12 S. Deciding, a firm weighs the
    mean interest at the colours that the next audit may give its acts. (It does not weigh what colours do to later
    fines and audits.)
    Source: trial measures for the environmental credit evaluation of enterprises (China, 2013); lower
    interest for green firms, as in Jiangsu (which has a fifth colour, black, and stops lending to it); steps assumed.
    """

    kind: Literal["credit_rating"] = "credit_rating"
    payer: ClassVar[str] = "bank"
    neutral: ClassVar[dict[str, Any]] = {"fine_step": 1.0, "audit_step": 1.0, "interest_step": 0.0}
    funded: ClassVar[bool] = False

    green: Share = Field(0.45, description="lowest rating of a green firm (assumed)")
    blue: Share = Field(0.25, description="lowest rating of a blue firm (assumed)")
    yellow: Share = Field(0.1, description="lowest rating of a yellow firm; below is red (assumed)")
    fine_step: Step = Field(1.5, description="factor on fines for each colour below blue; green: its inverse (assumed)")
    audit_step: Step = Field(1.5, description="factor on the chance of an audit, likewise (assumed)")
    interest_step: Share = Field(0.005, description="interest a year for each colour below blue; green: less (assumed)")
    debt: Share = Field(0.5, description="loans as a share of a year's revenue (assumed)")

    @model_validator(mode="after")
    def _in_order(self) -> CreditRating:
        if not np.all((np.asarray(self.green) >= self.blue) & (np.asarray(self.blue) >= self.yellow)):
            raise ValueError(f"green, blue, yellow must not rise, given {self.green}, {self.blue}, {self.yellow}")
        return self

    def payment(self, known: Known, acts: Acts) -> Array:
        # A year's revenue is twelve months', a month's interest a twelfth of a year's.
        return (BLUE - self._colour(known, acts)) * self.interest_step * self.debt * known.revenue

    def _colour(self, known: Known, acts: Acts) -> Array:
        """Steps down from green; their mean, when deciding."""
        bars = (self.green, self.blue, self.yellow)
        return sum((1.0 - known.rated(acts, bar) for bar in bars), np.zeros_like(known.revenue))

    def penalty_factor(self, memory: Memory) -> Array:
        return np.power(self.fine_step, memory["colour"] - BLUE)

    def audit_factor(self, memory: Memory) -> Array:
        return np.power(self.audit_step, memory["colour"] - BLUE)

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"colour": np.full(shape, BLUE)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        reached = known.memory["reached"] > 0
        return dict(known.memory) | {"colour": np.where(reached, self._colour(known, acts), BLUE)}
