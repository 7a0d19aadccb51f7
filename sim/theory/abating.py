"""Plants with straight marginal abatement cost curves, as firms of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from sim.fields import Unit
from sim.scenario.schema import Scenario
from sim.theory.engine import Settled, Table, quiet, star

FirstCost = Annotated[float, Field(le=0), Unit("kCNY/t")]
"""Cost of the first tonne: below 0 where it saves energy."""
Slope = Annotated[float, Field(gt=0), Unit("kCNY/t²")]
"""By how much each further tonne costs more."""
Baseline = Annotated[float, Field(gt=0), Unit("t")]
"""Tonnes emitted without abatement, all of which can be abated."""

SAVED = 0.1
"""Share of revenue that full abatement saves of the energy bill, where first tonnes save energy."""


@dataclass(frozen=True)
class Plants:
    """Firms f1, f2, ... whose marginal cost of abating tonne t is first + slope x t, up to their baseline.

    In the engine abatement effort a costs S k a²/2 and saves S s a of the energy bill, and avoids m g a tonnes, S
    revenue, g gross emissions. With m = 1 the marginal cost is - s S/g + (S k/g²) t: what is left free, intensity g/S
    and coefficient k, is set so that it is the one asked for.
    """

    first: Sequence[float]
    slope: Sequence[float]
    baseline: Sequence[float]

    @property
    def names(self) -> list[str]:
        return [f"f{n + 1}" for n in range(len(self.baseline))]

    @property
    def saves_energy(self) -> bool:
        return any(cost < 0 for cost in self.first)

    def scenario(self, **more: Any) -> Scenario:
        """The plants as suppliers of one seller that emits nothing, with whatever else a case switches on."""
        intensity = [SAVED / -cost if self.saves_energy else 1.0 for cost in self.first]
        network = star(
            [tonnes / each for tonnes, each in zip(self.baseline, intensity, strict=True)],
            intensity_factor=intensity,
            abatement_cost_factor=[
                slope * tonnes * each for slope, tonnes, each in zip(self.slope, self.baseline, intensity, strict=True)
            ],
        )
        technology: Table = {
            "abatement_cost": 1.0,
            "emission_intensity": 1.0,
            "abatable_share": 1.0,
            "energy_cost": SAVED if self.saves_energy else 0.0,
            "energy_saving": 1.0,
        }
        return quiet({"technology": technology}, network=network, **more)

    def tonnes(self, done: Settled) -> list[float]:
        """Tonnes that each avoids."""
        return [done.abated(name) for name in self.names]

    def cost(self, done: Settled) -> float:
        """What abatement costs them together, by the books: effort, less the energy saved."""
        paid = -done.booked("effort", "energy")
        idle = done.p.traits.energy_cost * done.world.revenue
        return sum(done.of(paid - idle, name) for name in self.names)

    def made_to(self, tonnes: Sequence[float]) -> dict[str, float]:
        """The efforts that avoid these tonnes."""
        return {name: t / b for name, t, b in zip(self.names, tonnes, self.baseline, strict=True)}


def same_length(**lists: Sequence[Any]) -> None:
    """Raise ValueError unless the lists have a value for each plant, all the same number."""
    counts = {name: len(values) for name, values in lists.items()}
    if len(set(counts.values())) > 1:
        given = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise ValueError(f"{given}; allowed is one value for each firm in every list")


def all_or_none(first: Sequence[float]) -> None:
    """Raise ValueError if first tonnes save energy at some plants and not at others: the engine's saving is a share of
    the energy bill that is the same for all producers."""
    if any(cost < 0 for cost in first) and any(cost == 0 for cost in first):
        raise ValueError(f"first_cost: given {list(first)}, allowed are values all below 0, or all 0")
