"""One scenario, or several compared, as experiments that a file can define; see `designs.run` and `designs.compare`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_serializer, field_validator, model_validator

from sim.errors import ScenarioError, UsageError
from sim.experiments import designs
from sim.experiments.definition import Definition, Given, flat, name_of
from sim.experiments.results import Results
from sim.experiments.runner import Progress
from sim.experiments.sequential import run_until
from sim.experiments.space import in_order
from sim.scenario.schema import Scenario
from sim.statistics.stopping import BUDGET, Aim, aim_of


class Replicated(Definition):
    """What is run as often as it is said, or until an interval is narrow enough."""

    until: str | None = Field(None, description="OUTCOME=WIDTH: add replications until its interval is this narrow")
    budget: int | None = Field(None, description="with until: most worlds for each scenario, 1000 by default")

    @field_validator("until")
    @classmethod
    def _aim(cls, given: str | None) -> str | None:
        try:
            if given is not None:
                aim_of(given)
        except UsageError as error:
            raise ValueError(str(error).removeprefix("until: ")) from None
        return given

    @model_validator(mode="after")
    def _with_until(self) -> Replicated:
        if self.until is None and self.budget is not None:
            raise self.wrong("budget", f"given {self.budget}, allowed is a budget with until only")
        return self

    @property
    @abstractmethod
    def chosen(self) -> tuple[Scenario, ...]:
        """The scenarios with all changes made."""

    @property
    def firm_months(self) -> int:
        return sum(s.build_network().size * s.months for s in self.chosen) * self.replications

    def run(
        self,
        db: str | Path | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
        scheduler: str | None = None,
    ) -> Results:
        """Run what is not there yet; see `designs.compare`, and `run_until` where there is an interval to reach."""
        where = {"db": db, "workers": workers, "progress": progress, "scheduler": scheduler}
        return self._at_once(**where) if self.until is None else self._sequential(aim_of(self.until), **where)

    @abstractmethod
    def _at_once(self, **where: Any) -> Results:
        """As many replications as are asked for."""

    @abstractmethod
    def _sequential(self, aim: Aim, **where: Any) -> Results:
        """As many replications as the interval takes."""

    def _stopping(self, aim: Aim) -> dict[str, Any]:
        """What `run_until` takes of the definition."""
        budget = BUDGET if self.budget is None else self.budget
        width = {"half_width": aim.half_width, "relative": aim.relative}
        return {"outcome": aim.outcome, **width, "at_least": self.replications, "budget": budget, "seed": self.seed}


class Single(Replicated):
    """One scenario."""

    kind: Literal["run"] = "run"
    scenario: Given = Field(description="name of a shipped scenario, or path of a file")
    set: dict[str, Any] = Field(default_factory=dict, description="changes of it, path = value")
    replications: int = Field(50, ge=1, le=designs.MOST_REPLICATIONS, description="worlds")

    @field_serializer("scenario")
    def _by_name(self, scenario: Given) -> str:
        return name_of(scenario)

    @property
    def chosen(self) -> tuple[Scenario, ...]:
        """The scenario with all changes made."""
        return _changed((self.scenario,), self.set, self)

    def _at_once(self, **where: Any) -> Results:
        return designs.run(self.chosen[0], self.replications, self.seed, **where)

    def _sequential(self, aim: Aim, **where: Any) -> Results:
        return run_until(self.chosen[0], **self._stopping(aim), **where)


class Comparison(Replicated):
    """Scenarios run on the same random numbers, each compared with a reference."""

    kind: Literal["compare"] = "compare"
    scenarios: tuple[Given, ...] = Field(min_length=1, description="names of shipped scenarios, or paths of files")
    against: str | None = Field(None, description="scenario to compare with; the first if not given")
    set: dict[str, Any] = Field(default_factory=dict, description="changes of all of them, path = value")
    replications: int = Field(50, ge=1, le=designs.MOST_REPLICATIONS, description="worlds for each scenario")

    @field_serializer("scenarios")
    def _by_name(self, scenarios: tuple[Given, ...]) -> list[str]:
        return [name_of(s) for s in scenarios]

    @property
    def chosen(self) -> tuple[Scenario, ...]:
        """The scenarios with all changes made."""
        return _changed(self.scenarios, self.set, self)

    def _at_once(self, **where: Any) -> Results:
        return designs.compare(self.chosen, self.replications, self.seed, against=self.against, **where)

    def _sequential(self, aim: Aim, **where: Any) -> Results:
        return run_until(self.chosen, against=self.against, **self._stopping(aim), **where)


def _changed(given: Sequence[Given], changes: dict[str, Any], of: Definition) -> tuple[Scenario, ...]:
    scenarios = [designs.loaded(s, of.months) for s in given]
    try:
        return tuple(s.replace(in_order(flat(changes))) if changes else s for s in scenarios)
    except ScenarioError as error:
        raise of.wrong("set", str(error)) from None
