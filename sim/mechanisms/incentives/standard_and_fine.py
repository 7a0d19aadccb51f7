"""An emission standard, enforced by fines."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Money, MoneyPerTonne, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive

DAYS = 30.0
"""Days in a month, for fines counted by day."""


class StandardAndFine(Incentive):
    """A firm audited and found emitting more than the standard allows is fined.

    The standard asks that a share `cut` of gross emissions be abated; an audit measures the emission ratio
    with an error, so a firm just inside may be fined and one just outside may pass.
    Formula, with v = 1 when found in breach (its probability, when deciding) and p the audit:
    `flat` -p v fine; `proportional` -p v rate_per_tonne x max(0, emissions - limit);
    `escalating` -max(p, open) v fine x 30 days, where a case once opened stays open, without
    another audit, until the firm meets the standard (consecutive daily fines). All times the factor on
    fines of a credit rating, if there is one.
    Source: Becker 1968; daily fines: environmental protection law of China of 2014, article 59.
    """

    kind: Literal["standard_and_fine"] = "standard_and_fine"
    neutral: ClassVar[dict[str, Any]] = {"fine": 0.0, "rate_per_tonne": 0.0}
    funded: ClassVar[bool] = False

    cut: Share = Field(0.1, description="share of gross emissions that must be abated")
    form: Literal["flat", "proportional", "escalating"] = Field("flat", description="how the fine is counted")
    fine: Money = Field(50.0, description="flat: each breach found; escalating: each day of breach")
    rate_per_tonne: MoneyPerTonne = Field(0.3, description="proportional: fine for each tonne over the limit")

    def payment(self, known: Known, acts: Acts) -> Array:
        found = self._found(known, acts)
        if self.form == "flat":
            return -known.audit * found * self.fine * known.penalty
        if self.form == "proportional":
            over = np.maximum(known.emissions(acts) - (1.0 - self.cut) * known.gross, 0.0)
            return -known.audit * found * self.rate_per_tonne * over * known.penalty
        return -np.maximum(known.audit, known.memory["open"]) * found * self.fine * DAYS * known.penalty

    def _found(self, known: Known, acts: Acts) -> Array:
        """Whether an audit finds a breach (its probability, when deciding)."""
        active = known.gross > 0
        ratio = known.emissions(acts) / np.where(active, known.gross, 1.0)
        return known.exceeds(ratio, 1.0 - self.cut) * active

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"open": np.zeros(shape)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        over = known.emissions(acts) > (1.0 - self.cut) * known.gross
        opened = known.audit * self._found(known, acts) * known.memory["reached"]
        case = np.maximum(opened, known.memory["open"])
        return dict(known.memory) | {"open": np.where(over, case, 0.0)}
