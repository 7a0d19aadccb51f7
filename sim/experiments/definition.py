"""What an experiment is: which scenarios to run, and what to make of them; in a file or in Python."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    PlainValidator,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)

from sim.errors import ScenarioError, UsageError, unknown
from sim.experiments.cases import Case
from sim.experiments.designs import LARGEST_SEED, MOST_REPLICATIONS, checked, loaded
from sim.experiments.found import Found, Part, found_in
from sim.experiments.runner import Progress, run_cases
from sim.experiments.space import Changes, Space, in_order, json_of, space_of
from sim.fields import Months
from sim.outcomes.base import outcomes as all_outcomes
from sim.scenario.files import stored
from sim.scenario.mistakes import explain
from sim.scenario.schema import Scenario
from sim.store.memory import Memory
from sim.store.records import Recorder

if TYPE_CHECKING:
    from sim.experiments.answer import Answer


def _a_scenario(given: Any) -> Scenario | str | Path:
    if isinstance(given, (Scenario, str, Path)):
        return given
    raise ValueError(f"given {given!r}, allowed is the name or path of a scenario")


Given = Annotated[Scenario | str | Path, PlainValidator(_a_scenario)]
"""A scenario, or the name of a shipped one, or the path of a file."""

MAIN = ("emissions", "green_quality", "free_rider_share", "profit", "public_cost")
"""Outcomes that tables and pictures show if the definition names none."""

Where = Literal["rows", "file", "none"]
"""Where monthly series are kept: rows of the database, a file beside it for each block of runs, or nowhere."""


class Definition(BaseModel):
    """What all kinds of experiments have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: str = Field("", description="kind of experiment")
    file: str = Field("", exclude=True, repr=False, description="name of the file it was read from, for messages")
    title: str = Field("", description="what it asks, in a few words")
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = Field(1, description="seed of all random numbers")
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = Field(10, description="worlds for each case")
    months: Months | None = Field(None, description="months to simulate, instead of the scenario's own")

    def __init__(self, **given: Any) -> None:
        """Raises UsageError, or ScenarioError for its scenarios, with one line to act on."""
        try:
            super().__init__(**_tuples(given))
        except ValidationError as error:
            place = given.get("file") or type(self).__name__
            raise UsageError(explain(error.errors(), place, type(self))) from None

    @property
    def place(self) -> str:
        """How messages call it."""
        return self.file or type(self).__name__

    @property
    def firm_months(self) -> int:
        """How much there is to compute, if nothing is there yet."""
        return 0

    def wrong(self, path: str, words: str) -> UsageError:
        """The error that says what is wrong at a place of the definition."""
        return UsageError(f"{self.place}{f', {path}' if path else ''}: {words}")

    @property
    def json_text(self) -> str:
        """The definition as JSON, as it is saved with an experiment; see `files.restored`."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False)


class Design(Definition):
    """An experiment whose cases are points: changes of one base scenario, all with the same random numbers."""

    scenario: Given = Field(description="the base: name of a shipped scenario, or path of a file")
    set: dict[str, Any] = Field(default_factory=dict, description="changes of the base, path = value")
    series: Where = Field("file", description="where monthly series are kept")
    outcomes: tuple[str, ...] = Field(MAIN, min_length=1, description="outcomes that are analysed")

    @field_serializer("scenario")
    def _by_name(self, scenario: Given) -> str:
        return name_of(scenario)

    @field_validator("outcomes")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = all_outcomes()
        for name in names:
            if name.split(":")[0] not in known:
                raise ValueError(unknown("outcome", name, known))
        return tuple(dict.fromkeys(names))

    @cached_property
    def base(self) -> Scenario:
        """The scenario that every point changes."""
        scenario = loaded(self.scenario, self.months)
        try:
            return scenario.replace(in_order(flat(self.set))) if self.set else scenario
        except ScenarioError as error:
            raise self.wrong("set", str(error)) from None

    @cached_property
    def plan(self) -> tuple[Changes, ...]:
        """What each case changes in the base, in order, worked out once."""
        return tuple(self.planned())

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The case of each point, in order."""
        return tuple(Case(self.base, in_order(point)) for point in self.plan)

    @property
    def firm_months(self) -> int:
        return self.base.build_network().size * self.base.months * len(self.plan) * self.replications

    @abstractmethod
    def planned(self) -> Sequence[Changes]:
        """What each case changes in the base, in order."""

    @abstractmethod
    def answer(self, found: Found) -> Answer:
        """What follows from the figures of the points."""

    def run(
        self,
        db: str | Path | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
        scheduler: str | None = None,
    ) -> Any:
        """Run what is not there yet, and analyse all of it.

        db: path or SQLAlchemy URL of the results database; None saves nothing. workers: processes, as many as pay off
        if not given. progress: called with runs done and runs in all. scheduler: address of a Dask scheduler whose
        workers compute instead. A world that fails is listed in the answer's `failures`; the others go on.
        """
        checked(self.replications, self.seed, workers, scheduler)
        keys = [case.fingerprint for case in self.cases]
        with self._recorder(self.cases, db) as (recorder, database, number):
            # Nothing but the figures is analysed, so memory alone keeps no monthly series.
            kept = database is not None and self.series != "none"
            run_cases(
                self.cases, self.seed, self.replications, recorder, workers=workers, scheduler=scheduler,
                progress=progress, series=kept,
            )  # fmt: skip
            found = found_in(recorder, self, self.base, self.plan, keys, database, number)
        return self.answer(found)

    def run_part(
        self,
        part: int,
        of: int,
        db: str | Path,
        workers: int | None = None,
        progress: Progress | None = None,
        scheduler: str | None = None,
    ) -> Part:
        """Run what is not there yet of every `of`-th case from the `part`-th on, counted from 1; see `run`.

        So `of` processes on as many machines share the cases of one definition, in one database or in one each. Once
        all parts are in a database, `run` finds nothing left to compute there and gives the answer.
        """
        checked(self.replications, self.seed, workers, scheduler)
        if not 1 <= part <= of:
            raise UsageError(f"part: given {part} of {of}, allowed is 1 of {of} to {of} of {of}")
        mine = self.cases[part - 1 :: of]
        keys = list(dict.fromkeys(case.fingerprint for case in mine))
        kept = self.series != "none"
        with self._recorder(self.cases, db) as (recorder, database, number):
            run_cases(
                mine, self.seed, self.replications, recorder, workers=workers, scheduler=scheduler,
                progress=progress, series=kept,
            )  # fmt: skip
            failed = recorder.failures(keys, self.seed, self.replications)
        assert database is not None
        assert number is not None
        return Part(len(keys), len(keys) * self.replications, failed, database, number)

    @contextmanager
    def _recorder(
        self, cases: Sequence[Case], db: str | Path | None
    ) -> Iterator[tuple[Recorder, str | None, int | None]]:
        """Where runs go, its name, and the number of the experiment there: memory, or a database in which it is
        noted."""
        if db is None:
            yield Memory(), None, None
            return
        from sim.store.store import Entry, Point, Store

        base = self.base
        entry = Entry(base.name, base.title, base.fingerprint, base.canonical, stored(base), base.months)
        months = [c.changes.get("months", base.months) for c in cases]
        noted = (
            Point(c.fingerprint, base.fingerprint, json_of(c.changes), m) for c, m in zip(cases, months, strict=True)
        )
        with Store(db, series=self.series) as store:
            number = store.begin(
                self.kind, [entry], self.seed, self.replications, base.name,
                definition=self.json_text, points=noted,
            )  # fmt: skip
            yield store, store.name, number


class Varied(Design):
    """An experiment over levers (what somebody decides) and uncertainties (what nobody knows)."""

    levers: InstanceOf[Space] = Field(
        default_factory=lambda: Space("levers", {}), description="what somebody decides: path = list, or range"
    )
    uncertainties: InstanceOf[Space] = Field(
        default_factory=lambda: Space("uncertainties", {}),
        description="what nobody knows: path = list, or { low, high }",
    )

    @field_serializer("levers", "uncertainties")
    def _plain(self, space: Space) -> dict[str, Any]:
        return space.plain

    @field_validator("levers", "uncertainties", mode="before")
    @classmethod
    def _space(cls, given: Any, info: Any) -> Space:
        return space_of(str(info.field_name), given, info.data.get("file") or cls.__name__)

    @model_validator(mode="after")
    def _in_the_base(self) -> Varied:
        twice = [path for path in self.levers.axes if path in self.uncertainties.axes]
        if twice:
            raise self.wrong("uncertainties", f"{twice[0]!r} is a lever already")
        if not (self.levers.axes or self.uncertainties.axes):
            raise self.wrong("", "nothing varies; give [levers] or [uncertainties]")
        self.levers.check(self.base, self.uncertainties, self.place)
        self.uncertainties.check(self.base, self.levers, self.place)
        return self


def name_of(scenario: Given) -> str:
    """What a definition calls a scenario when it is saved."""
    return scenario.name if isinstance(scenario, Scenario) else str(scenario)


def _tuples(given: Mapping[str, Any]) -> dict[str, Any]:
    """Lists at the top as tuples, as strict models take them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


def flat(given: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Changes by path; a path may be written without quotes, which makes tables in tables of it."""
    found: dict[str, Any] = {}
    for key, value in given.items():
        inner = isinstance(value, Mapping)
        found |= flat(value, f"{prefix}{key}.") if inner else {f"{prefix}{key}": value}
    return found
