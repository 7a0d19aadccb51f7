"""A deposit that is returned to those who comply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Months, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.among import months_left
from sim.mechanisms.base import Incentive


class PerformanceBond(Incentive):
    """A firm leaves a deposit with the bank and has it back, without interest, if it meets the emission standard.

    A period is `every` months long. A firm pays B = deposit x its revenue in the first month in which it is reached.
    In the last month its emissions of the period are held against what the standard allows, a share 1 - cut of its
    gross emissions of the period, with the error of measurement. It gets B if they are within it, (1 - forfeit) B
    if not, and the regulator of its region gets forfeit x B; then a new period begins. No audit is needed. The last
    period ends with the mechanism; who is not reached when it ends leaves its deposit until it is. While policy is
    interrupted deposits are placed and returned all the same, as the bank holds them; of what is forfeited then the
    firm keeps the share that is suspended.
    Formula weighed in the months before: -forfeit x B x P(breach, if it goes on so) / months left, which makes a
    month's effort count alike in every month of the period. Money.
    Source: deposit-refund and performance bonds (Bohm & Russell 1985; Perrings 1989).
    """

    kind: Literal["performance_bond"] = "performance_bond"
    neutral: ClassVar[dict[str, Any]] = {"deposit": 0.0}
    funded: ClassVar[bool] = False
    payer: ClassVar[str] = "bank"
    supports: ClassVar[bool] = False
    promises: ClassVar[bool] = True

    deposit: Share = Field(0.1, description="deposit as a share of the month's revenue when it is paid (assumed)")
    forfeit: Share = Field(1.0, description="share of the deposit that a firm in breach loses (assumed)")
    cut: Share = Field(0.1, description="share of gross emissions that must be abated")
    every: Months = Field(12, description="length of a period")

    def payment(self, known: Known, acts: Acts) -> Array:
        bond = self._bond(known)
        placed = bond - known.memory["held"]
        return bond - placed if self._left(known) == 1 else -placed

    def transfers(self, known: Known, acts: Acts) -> Mapping[str, Array]:
        return {"regulator": -self._forfeited(known, acts)} if self._left(known) == 1 else {}

    def prospect(self, known: Known, acts: Acts) -> Array:
        expected = self._forfeited(known, acts) / self._left(known)
        return -expected if self._left(known) > 1 else np.zeros_like(expected)

    def _left(self, known: Known) -> int:
        """Months to the end of the period, this one counted."""
        return months_left(self, self.every, known.month)

    def _bond(self, known: Known) -> Array:
        """What the bank holds of each firm, or is to get from it."""
        held = known.memory["held"]
        return np.where(held > 0, held, self.deposit * known.revenue)

    def _forfeited(self, known: Known, acts: Acts) -> Array:
        """What is lost at the end of the period (in expectation, when deciding) if the firm goes on so."""
        left = self._left(known)
        gross = known.memory["gross"] + left * known.gross
        active = gross > 0
        emitted = known.memory["emitted"] + left * known.emissions(acts)
        breach = known.exceeds(emitted / np.where(active, gross, 1.0), 1.0 - self.cut) * active
        return self.forfeit * self._bond(known) * breach

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {name: np.zeros(shape) for name in ("held", "emitted", "gross")}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        memory, there = known.memory, known.memory["reached"] > 0
        on = float(self._left(known) > 1)
        after = {
            "held": on * self._bond(known),
            "emitted": on * (memory["emitted"] + known.emissions(acts)),
            "gross": on * (memory["gross"] + known.gross),
        }
        return dict(memory) | {name: np.where(there, value, memory[name]) for name, value in after.items()}
