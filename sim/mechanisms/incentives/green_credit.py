"""Cheaper loans for investment in abatement."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Months, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class GreenCredit(Incentive):
    """A bank lends for abatement below its usual rate of interest and bears the difference.

    Formula: discount x interest / 12 x L, L the loans outstanding: L' = L (1 - 1/term) + financed x S k_a a^2/2,
    so a loan is paid back by the share 1/term a month. A firm weighs a new loan at its discount until it is paid
    back (undiscounted), term months' worth. The bank pays the firm; a budget limits what it gives up.
    Source: green loans with discounted interest (guidelines of the People's Bank of China on green finance, 2016;
    carbon emission reduction facility, 2021).
    """

    kind: Literal["green_credit"] = "green_credit"
    payer: ClassVar[str] = "bank"
    neutral: ClassVar[dict[str, Any]] = {"discount": 0.0}

    discount: Share = Field(0.3, description="share of the interest that the bank forgoes (assumed)")
    interest: Share = Field(0.04, description="usual interest a year on loans to firms (assumed)")
    financed: Share = Field(0.6, description="share of the cost of abatement that is financed by loans (assumed)")
    term: Months = Field(60, description="months in which all but a third of a loan is paid back (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return self._relief * (self._kept(known) + self._lent(known, acts))

    def prospect(self, known: Known, acts: Acts) -> Array:
        """The discount of today's loan in later months, as long as the programme lasts."""
        kept = 1.0 - 1.0 / self.term
        left = np.inf if self.ends is None else self.ends - known.month
        months = self.term * (1.0 - kept**left) - 1.0
        later: Array = months * self._relief * self._lent(known, acts) * known.memory["funded"]
        return later

    @property
    def _relief(self) -> float:
        """Discount of a month for each unit of loans."""
        return self.discount * self.interest / 12.0

    def _kept(self, known: Known) -> Array:
        return known.memory["loans"] * (1.0 - 1.0 / self.term)

    def _lent(self, known: Known, acts: Acts) -> Array:
        """New loans of the month."""
        return (0.5 * self.financed) * known.revenue * known.abatement_cost * acts.abatement * acts.abatement

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"loans": np.zeros(shape)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        lent = self._lent(known, acts) * known.memory["reached"]
        return dict(known.memory) | {"loans": self._kept(known) + lent}
