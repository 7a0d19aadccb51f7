"""How fast a practice spreads among firms that copy the more successful."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, NonNegative, Positive, Unit
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import quiet, star
from sim.theory.playing import CLEAR, copying, course
from sim.theory.sampling import sampled

TIMES = (1, 2, 4, 8)
"""Looks at another firm that each has taken on average when the share is told."""

ATTEMPTS = 0.02
"""Chance that a firm looks at another in a month: small, as time passes continuously in the theory."""

FIRMS = 1000
"""Firms, many, as there is no chance in the theory."""

APART = 0.08
"""How far the share at first is from the threshold at least."""


class FermiMeanField(Case):
    """A share u of many firms follows a practice that costs c and is worth g u^k, more where more follow it. Each
    looks at another once per unit of time and copies it with chance 1/(1 + exp(-beta (its payoff - own))): u' = u (1
    - u) tanh(beta (g u^k - c)/2).

    In the engine the practice is full quality effort, worth a part of the chain's green premium by contribution; the
    premium follows the chain index, in which one firm's effort supports another's (r = 1/(1 + k)).
    """

    name: ClassVar[str] = "fermi_mean_field"
    title: ClassVar[str] = "A practice that spreads by imitation"
    source: ClassVar[str] = "Traulsen, Nowak & Pacheco 2006"
    formula: ClassVar[str] = "u' = u(1 - u) tanh(beta (g u^k - c)/2)"
    explains: ClassVar[str] = (
        "Firms that copy the more successful take up a practice that pays, and drop one that does not. Where it pays"
        " only if many follow it, it depends on how many begin: below a threshold it dies out, above it everybody "
        "follows."
    )
    shown: ClassVar = ({}, {"start": 0.25}, {"feedback": 0.0, "start": 0.1}, {"gain": 0.2, "feedback": 0.0})
    sampled: ClassVar[bool] = True
    axis: ClassVar[Axis] = Axis(
        "start", (0.1, 0.2, 0.3, 0.5, 0.6, 0.8), (Panel("share of firms that follow the practice"),)
    )

    start: Annotated[float, Field(ge=0.02, le=0.98), Unit("share")] = Field(
        0.5, description="u at first: share of firms that begin with the practice"
    )
    gain: NonNegative = Field(1.0, le=2.0, description="g: worth of the practice where all follow it, share of revenue")
    cost: Positive = Field(0.4, le=2.0, description="c: what it costs, share of revenue")
    feedback: NonNegative = Field(
        1.0, le=4.0, description="k: how its worth depends on how many follow it; 0: not at all"
    )
    selection: Positive = Field(4.0, le=20.0, description="beta: how much success counts, per share of revenue")

    @model_validator(mode="after")
    def _not_at_the_threshold(self) -> FermiMeanField:
        if self.gain > 0 and self.feedback > 0:
            threshold = (self.cost / self.gain) ** (1.0 / self.feedback)
            if abs(self.start - threshold) < APART:
                raise ValueError(
                    f"start: given {self.start:g}, allowed is at least {APART:g} away from the threshold, "
                    f"{threshold:.3g}, next to which chance decides"
                )
        return self

    def theory(self) -> dict[str, float]:
        from scipy.integrate import solve_ivp

        def speed(_: float, u: Array) -> Array:
            advantage = self.gain * np.abs(u) ** self.feedback - self.cost
            return u * (1.0 - u) * np.tanh(0.5 * self.selection * advantage)

        found = solve_ivp(speed, (0.0, TIMES[-1]), [self.start], t_eval=TIMES, rtol=1e-8, atol=1e-10)
        return dict(zip(self._names, found.y[0].tolist(), strict=True))

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        months = [round(t / ATTEMPTS) for t in TIMES]

        def draw(replications: range) -> dict[str, Array]:
            worlds = islice(course(scenario, seed, replications), months[-1] + 1)
            # In the first month nobody decides, as there is no profit to look at.
            shares = [efforts[:, :FIRMS].mean(axis=1) for _, efforts in worlds]
            return {name: shares[month] for name, month in zip(self._names, months, strict=True)}

        scenario = quiet(
            {"technology": {"quality_cost": 2.0 * self.cost}},
            # The seller's revenue is twice that of all suppliers.
            market={"premium": 0.5 * self.gain, "weakest_link": 1.0 / (1.0 + self.feedback)},
            network=star([1.0] * FIRMS),
            information=CLEAR,
            benefit_sharing={"kind": "contribution"},
            behaviours=[
                {"kind": "fixed", "role": "manufacturer"},
                *(
                    copying(self.selection, role=role, partners=0.0, attempts=ATTEMPTS)
                    for role in ("supplier", "logistics")
                ),
            ],
            start={"cooperators": [0.0, self.start]},
            update={"begins": 1},
        )
        return sampled(draw, effort, first=8 if effort == "quick" else 16, most=64)

    @property
    def _names(self) -> list[str]:
        return [f"share after {t}" for t in TIMES]
