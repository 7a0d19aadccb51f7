"""Ablation: what each mechanism of a scenario does, alone and together with others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from sim.errors import unknown
from sim.experiments.answer import Answer
from sim.experiments.definition import Design
from sim.experiments.found import Found
from sim.experiments.space import Changes
from sim.programme import book_names
from sim.scenario.schema import Scenario
from sim.statistics import paired
from sim.statistics.factorial import on_average, others_off, shares, things
from sim.statistics.paired import Estimate

if TYPE_CHECKING:
    import pandas as pd

MOST = 10
"""Mechanisms that can be switched together: 1024 combinations."""

NEUTRAL = {
    "information": "none",
    "cost_sharing": "none",
    "benefit_sharing": "retain",
    "risk_sharing": "none",
    "regulator": "none",
}
"""The kind that does nothing, by the place of a mechanism."""

TOGETHER = " x "
"""Between the names of mechanisms that act together."""


class Ablation(Design):
    """Run all combinations of some mechanisms, each on or off, on the same random numbers. Off is the kind that does
    nothing, or without the incentive. Who takes part stays as it is."""

    kind: Literal["ablation"] = "ablation"
    mechanisms: tuple[str, ...] = Field(
        (),
        description="places (information, incentives.0) or names of incentives in the books; all that are on if not "
        "given",
    )

    @model_validator(mode="after")
    def _switches(self) -> Ablation:
        places = self.places
        if len(places) > MOST:
            many = f"{len(places)} mechanisms have {2 ** len(places)} combinations"
            raise self.wrong("mechanisms", f"{many}, allowed are {MOST} mechanisms at most; name fewer")
        if not places:
            raise self.wrong("mechanisms", "none is on in the scenario; there is nothing to switch off")
        twice = next((p for n, p in enumerate(places) if p in places[:n]), None)
        if twice is not None:
            raise self.wrong("mechanisms", f"{twice!r} is named twice")
        return self

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The mechanisms as places of the base."""
        there = dict(switches(self.base))
        if not self.mechanisms:
            return tuple(there)
        by_name = {name: place for place, name in there.items()}
        for given in self.mechanisms:
            if given not in there and given not in by_name:
                if given in NEUTRAL:
                    raise self.wrong("mechanisms", f"{given} does nothing in {self.base.name}; leave it out")
                known = dict.fromkeys([*there, *by_name])
                raise self.wrong("mechanisms", unknown("mechanism", given, known))
        return tuple(by_name.get(given, given) for given in self.mechanisms)

    @property
    def names(self) -> tuple[str, ...]:
        """The mechanisms as tables call them."""
        there = dict(switches(self.base))
        return tuple(there[place] for place in self.places)

    def planned(self) -> Sequence[Changes]:
        return [self._off(n) for n in range(2 ** len(self.places))]

    def _off(self, combination: int) -> dict[str, Any]:
        """What is changed where only the mechanisms of a combination are on."""
        on = set(things(combination))
        off = [place for n, place in enumerate(self.places) if n not in on]
        changes: dict[str, Any] = {place: {"kind": NEUTRAL[place]} for place in off if place in NEUTRAL}
        gone = {int(place.split(".")[1]) for place in off if place not in NEUTRAL}
        if gone:
            kept = [i.model_dump(mode="json") for n, i in enumerate(self.base.incentives) if n not in gone]
            changes["incentives"] = kept
        if changes and self.base.replace(changes).phases != self.base.phases:
            changes["programme"] = [phase.model_dump(mode="json") for phase in self.base.phases]
        return changes

    def answer(self, found: Found) -> AblationAnswer:
        return AblationAnswer(self, found)


@dataclass(frozen=True, eq=False)
class AblationAnswer(Answer):
    """What came of an ablation. All differences are paired by replication."""

    definition: Ablation

    @cached_property
    def combinations(self) -> pd.DataFrame:
        """Which mechanisms are on at each point: point, a column of true and false for each, label."""
        import pandas as pd

        names = self.definition.names
        points = np.arange(2 ** len(names))
        columns: dict[str, Any] = {"point": points}
        columns |= {name: (points >> n & 1) > 0 for n, name in enumerate(names)}
        return pd.DataFrame(columns | {"label": [self._called(int(p)) or "all off" for p in points]})

    @cached_property
    def effects(self) -> pd.DataFrame:
        """What mechanisms do, alone (order 1) and only together (higher orders), with 95 % intervals: mechanisms (names
        joined by ` x `), order, others (off: all other mechanisms are; average: over all their settings), outcome,
        value, low, high, unit."""
        import pandas as pd

        rows = []
        for outcome in self.outcomes:
            values = self.values(outcome)
            for others, effect in (("off", others_off), ("average", on_average)):
                found = paired.mean(effect(values).T)
                rows += [
                    (self._called(s), s.bit_count(), others, outcome, *_at(found, s), self.unit(outcome))
                    for s in sorted(range(1, len(values)), key=lambda s: (s.bit_count(), list(things(s))))
                ]
        columns = ["mechanisms", "order", "others", "outcome", "value", "low", "high", "unit"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def attribution(self) -> pd.DataFrame:
        """The difference between all on and all off, and what each mechanism contributes to it (Shapley values, which
        sum to it), with 95 % intervals: mechanism (`all` for the difference), outcome, value, low, high, unit."""
        import pandas as pd

        rows = []
        for outcome in self.outcomes:
            values = self.values(outcome)
            of_each = shares(values)
            parts = paired.mean(of_each.T)
            # Of the same replications as the parts, which take all combinations: else they do not sum to it.
            there = np.isfinite(of_each).all(axis=0)
            whole = paired.mean(np.where(there, values[-1] - values[0], np.nan)[:, None])
            unit = self.unit(outcome)
            rows += [(name, outcome, *_at(parts, n), unit) for n, name in enumerate(self.definition.names)]
            rows.append(("all", outcome, *_at(whole, 0), unit))
        return pd.DataFrame(rows, columns=["mechanism", "outcome", "value", "low", "high", "unit"])

    def _called(self, combination: int) -> str:
        return TOGETHER.join(self.definition.names[n] for n in things(combination))


def switches(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The mechanisms that are on in a scenario: place, and name in tables."""
    for place, neutral in NEUTRAL.items():
        if getattr(scenario, place).kind != neutral:
            yield place, place
    for n, name in enumerate(book_names(scenario.incentives)):
        yield f"incentives.{n}", name


def _at(found: Estimate, n: int) -> tuple[float, float, float]:
    return float(found.value[n]), float(found.low[n]), float(found.high[n])
