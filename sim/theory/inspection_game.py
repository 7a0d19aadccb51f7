"""The inspection game between firms and a regulator."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.beginning import opening
from sim.fields import Array, Positive
from sim.phases import month
from sim.programme import programme_of
from sim.scenario.schema import Scenario
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import quiet, star
from sim.theory.sampling import sampled

FIRMS = 40
"""Firms that may violate, all alike; so many that some are inspected in nearly every month."""

MONTHS = {"full": 800, "quick": 320}
"""Months of play."""

COMING_TO_REST = 150
"""First months, left out of the averages."""

MOST = 20.0
"""By how many times a fine may exceed the gain, and the harm half as many times the cost, so that firms and regulator
swing about the equilibrium by little enough."""


NEAREST = 0.8
"""Share of the harm that the cost may be at most, and of the fine the gain: where both are nearer to 1, play comes to
rest in more months than there are (`quick`, both at 0.85: 0.90 of the firms violate, not 0.85)."""


class InspectionGame(Case):
    """A firm that violates gains g, and pays a fine F if it is inspected; an inspection costs the regulator k and
    saves a harm h if it finds a violation.

    Only mixed strategies are an equilibrium: each is indifferent. Firms violate k/h of the time, whatever the fine;
    the regulator inspects g/F of them. A regulator that keeps the fines makes them violate k/(h + F) of the time.
    In the engine firms meet a standard or not, as pays that month, and a region's rate of inspection rises while
    inspections bring in more than they cost; what is compared are averages over months.
    """

    name: ClassVar[str] = "inspection_game"
    title: ClassVar[str] = "Does a higher fine deter where inspectors reckon too?"
    source: ClassVar[str] = "Dresher 1962; Tsebelis 1990; Avenhaus, von Stengel & Zamir 2002"
    formula: ClassVar[str] = "violations k/h, or k/(h + F) if fines are kept; inspections g/F"
    explains: ClassVar[str] = (
        "A higher fine makes firms comply for a while, so inspections pay less and are cut, until firms violate as "
        "often as before: what falls is inspection. It is otherwise where the regulator keeps the fines."
    )
    shown: ClassVar = ({}, {"fine": 8.0}, {"harm": 8.0, "cost": 3.6, "gain": 3.0})
    axis: ClassVar[Axis] = Axis(
        "fine",
        (1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0),
        (
            Panel("share that violates", ("violations", "violations if fines are kept")),
            Panel("share inspected", ("inspections",)),
        ),
        label="fine of an inspected violator",
    )
    sampled: ClassVar[bool] = True

    gain: Positive = Field(1.0, description="g: what a violation saves a firm a month, money")
    fine: Positive = Field(4.0, description="F: fine of an inspected violator, money; at least g/0.8")
    cost: Positive = Field(5.0, description="k: cost of an inspection, money")
    harm: Positive = Field(
        20.0, description="h: harm avoided by an inspection that finds a violation, money; from k/0.8"
    )

    @model_validator(mode="after")
    def _mixed(self) -> InspectionGame:
        if self.gain > NEAREST * self.fine:
            raise ValueError(
                f"gain: given {self.gain:g}, allowed is at most {NEAREST:g} x fine ({NEAREST * self.fine:g})"
            )
        if self.cost > NEAREST * self.harm:
            raise ValueError(
                f"cost: given {self.cost:g}, allowed is at most {NEAREST:g} x harm ({NEAREST * self.harm:g})"
            )
        if self.fine > MOST * self.gain:
            raise ValueError(f"fine: given {self.fine:g}, allowed is at most {MOST:g} x gain ({MOST * self.gain:g})")
        if self.harm > 0.5 * MOST * self.cost:
            raise ValueError(
                f"harm: given {self.harm:g}, allowed is at most {MOST / 2:g} x cost ({MOST / 2 * self.cost:g})"
            )
        return self

    def theory(self) -> dict[str, float]:
        return {
            "violations": self.cost / self.harm,
            "inspections": self.gain / self.fine,
            "violations if fines are kept": self.cost / (self.harm + self.fine),
        }

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        months = MONTHS[effort]
        away = sampled(lambda some: self._averages(0.0, months, seed, some), effort)
        kept = sampled(lambda some: self._averages(1.0, months, seed, some), effort)
        return {**away, "violations if fines are kept": kept["violations"]}

    def _averages(self, kept: float, months: int, seed: int, replications: range) -> dict[str, Array]:
        """Shares of the firms that violate and that are inspected, averaged over the months, in each replication."""
        p = programme_of(self._scenario(kept, months), seed, replications)
        world, suppliers = opening(p), p.traits.supplier
        violations, inspections = [], []
        for t in range(months):
            world = month(world, p)
            if t >= COMING_TO_REST:
                violations.append(1.0 - world.abatement[:, suppliers].mean(axis=1))
                inspections.append(world.audited[:, suppliers].mean(axis=1))
        return {"violations": np.mean(violations, axis=0), "inspections": np.mean(inspections, axis=0)}

    def _scenario(self, kept: float, months: int) -> Scenario:
        """kept: weight that the regulator gives to the fines."""
        return quiet(
            # Full abatement costs half of revenue, and half of it is what the standard asks: firms do all or nothing.
            {"technology": {"abatement_cost": 1.0, "abatable_share": 1.0, "emission_intensity": 1.0}},
            network=star([2.0 * self.gain] * FIRMS, intensity_factor=[1.0] * FIRMS),
            incentives=[{"kind": "standard_and_fine", "form": "flat", "fine": self.fine, "cut": 0.5}],
            assessment={"measurement_error": 0.01},
            behaviours=[{"kind": "best_reply", "levels": 2}],
            regulator={
                "kind": "best_reply",
                "applies_to": {"role": "supplier"},
                "audit_cost": self.cost,
                "harm": self.harm,
                "fine_weight": kept,
                "cut": 0.5,
                "learning": 0.05,
                "speed": 0.02,
                "least": 0.02,
                "most": 1.0,
                "rate": 0.5,
            },
            months=months,
        )
