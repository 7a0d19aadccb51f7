"""Orders that vary more and more up a supply chain."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.beginning import opening
from sim.fields import Array, Positive, Unit
from sim.phases import month
from sim.programme import programme_of
from sim.theory.base import SHARE, STANDARD_ERRORS, WIDEST, Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import line, quiet

STAGES = ("first", "second", "third")
"""Stages that order inputs, from the seller up."""

NOISE = 0.005
"""Relative standard deviation of demand: so small that orders never fall to nothing, nor beyond capacity."""

MONTHS = {"full": 400, "quick": 100}
"""Months over which variances are taken."""

WORLDS = {"full": 160, "quick": 96}
"""Replications."""


class Bullwhip(Case):
    """A firm orders its stock up to L times the mean of what was ordered of it in the last p months; demand is AR(1)
    with correlation rho.

    Orders of the first stage vary 1 + (2L/p + 2L²/p²)(1 - rho^p) times as much as demand (variance over variance). With
    forecasts from demand in the market that customers hand on, those of stage k the same with the sum of lead times,
    kL. With own forecasts they are demand put k times through the same moving sum, (1 + L/p) of last month's less L/p
    of that p months before, so that their variance follows from the correlations of demand.
    """

    name: ClassVar[str] = "bullwhip"
    title: ClassVar[str] = "Orders that vary more and more up the chain"
    source: ClassVar[str] = "Chen, Drezner, Ryan & Simchi-Levi 2000"
    formula: ClassVar[str] = (
        "Var(orders)/Var(demand) = 1 + (2L/p + 2L²/p²)(1 - rho^p), with kL for L at stage k where demand is shared"
    )
    explains: ClassVar[str] = (
        "Who expects more also stocks up for it, so orders swing more than demand, and those of its supplier more "
        "still. Longer averages calm it, longer lead times stir it; forecasts that are shared slow it down, but do "
        "not end it."
    )
    shown: ClassVar = (
        {},
        {"average": 12},
        {"lead": 2.0, "average": 8},
        {"correlation": 0.7, "average": 5},
    )
    axis: ClassVar[Axis] = Axis(
        "average",
        (2, 3, 4, 5, 6, 8, 10, 12, 15, 18),
        (
            Panel("variance ratio, shared forecasts", tuple(f"{stage}, shared" for stage in STAGES)),
            Panel("variance ratio, own forecasts", tuple(f"{stage}, own" for stage in STAGES)),
        ),
        label="months averaged over",
    )
    sampled: ClassVar[bool] = True

    lead: Positive = Field(1.0, description="L: lead time that stock covers, months; at most p")
    average: Annotated[int, Field(ge=1, le=36), Unit("months")] = Field(
        6, description="p: months over which demand is averaged"
    )
    correlation: float = Field(0.0, ge=-0.9, le=0.9, description="rho: correlation of demand with last month's")

    @model_validator(mode="after")
    def _swings_stay_small(self) -> Bullwhip:
        if self.lead > self.average:
            raise ValueError(f"lead: given {self.lead:g}, allowed is at most average ({self.average})")
        return self

    def theory(self) -> dict[str, float]:
        found = {}
        for k, stage in enumerate(STAGES, 1):
            covered = k * self.lead / self.average
            found[f"{stage}, shared"] = 1 + 2 * covered * (1 + covered) * (1 - self.correlation**self.average)
        share = self.lead / self.average
        once = np.zeros(self.average + 1)
        once[0], once[-1] = 1 + share, -share
        weights = np.ones(1)
        for stage in STAGES:
            weights = np.convolve(weights, once)
            lag = np.abs(np.subtract.outer(np.arange(len(weights)), np.arange(len(weights))))
            found[f"{stage}, own"] = float(weights @ np.power(float(self.correlation), lag) @ weights)
        return found

    def tolerance(self, quantity: str, simulated: Simulated) -> float:
        # Ratios: relative to what they are.
        error = STANDARD_ERRORS * simulated.standard_error / simulated.value
        return simulated.value * min(max(SHARE, error), WIDEST)

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        found = {}
        for forecast in ("shared", "own"):
            *orders, demand = self._variances(forecast, seed, WORLDS[effort], MONTHS[effort])
            for stage, ordered in zip(STAGES, orders, strict=True):
                ratio = ordered.mean() / demand.mean()
                error = (ordered - ratio * demand).std(ddof=1) / np.sqrt(len(demand)) / demand.mean()
                found[f"{stage}, {forecast}"] = Simulated(float(ratio), float(error))
        return found

    def _variances(self, forecast: str, seed: int, worlds: int, months: int) -> Array:
        """Variance of the orders of each stage and, last, that of demand, (stage, world); about a mean of 1."""
        settling = len(STAGES) * (self.average + 1)
        scenario = quiet(
            {"market": {"demand_noise": NOISE, "demand_memory": self.correlation}},
            network=line([8.0, 4.0, 2.0, 1.0]),
            ordering={
                "policy": "order_up_to",
                "forecast": forecast,
                "lead_months": self.lead,
                "average_months": self.average,
            },
            behaviours=[{"kind": "fixed"}],
            months=settling + months,
        )
        p = programme_of(scenario, seed, range(worlds))
        world, seller = opening(p), p.network.index("f1")
        series = []
        for t in range(scenario.months):
            world = month(world, p)
            if t >= settling:
                ordered = world.links.total(world.links.customer, world.shipped + world.missing)
                orders = [ordered[:, p.network.index(f"f{k + 1}")] for k in range(len(STAGES))]
                series.append([*orders, world.demand[:, seller]])
        return np.mean((np.array(series) - 1.0) ** 2, axis=0)
