"""Experiments in the tables: what was asked for. Each function works within a transaction of its caller."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from sim.store.bulk import chunks, insert_rows
from sim.store.tables import Experiment, ExperimentPoint, ExperimentScenario, Scenario
from sim.store.versions import versions
from sim.store.writing import now

NAMED = ("run", "compare")
"""Kinds of experiments whose cases are scenarios with names."""

PANELS = ("firms", "links")
"""Kinds of experiments that leave no runs but a panel: figures of single firms or links."""


@dataclass(frozen=True)
class Entry:
    """A scenario of an experiment. canonical: what can move a number; text: all of it, so it can be read back."""

    name: str
    title: str
    fingerprint: str
    canonical: str
    text: str
    months: int


@dataclass(frozen=True)
class Point:
    """A case of a large experiment. base: fingerprint of the scenario it is made from, an entry of the experiment;
    changes: JSON of path and value."""

    fingerprint: str
    base: str
    changes: str
    months: int


@dataclass(frozen=True)
class Saved:
    """An experiment as the database holds it."""

    id: int
    kind: str
    seed: int
    replications: int
    reference: str
    entries: tuple[Entry, ...]
    name: str = ""
    created: datetime | None = None
    months: int = 0
    definition: str | None = None


@dataclass(frozen=True)
class Asked:
    """What a new experiment asks for."""

    kind: str
    entries: tuple[Entry, ...]
    seed: int
    replications: int
    reference: str
    definition: str | None
    points: tuple[Point, ...]


def note(connection: Connection, asked: Asked) -> int:
    """Note an experiment and its cases; its id. One that has a definition and is asked for again goes on as it was."""
    again = _same(connection, asked)
    if again is not None:
        return again
    note_scenarios(connection, asked.entries, asked.points)
    names = ", ".join(e.name for e in asked.entries)
    months = asked.entries[0].months if asked.entries else asked.points[0].months if asked.points else 0
    values = {
        "name": f"{asked.kind} {names}".strip(), "kind": asked.kind, "created": now(), "seed": asked.seed,
        "replications": asked.replications, "months": months, "reference": asked.reference,
        "definition": asked.definition,
    }  # fmt: skip
    made = connection.execute(insert(Experiment).values(values | versions()))
    assert made.inserted_primary_key is not None
    experiment = int(made.inserted_primary_key[0])
    rows = ((experiment, n, e.name, e.title, e.fingerprint, e.text) for n, e in enumerate(asked.entries))
    insert_rows(connection, ExperimentScenario, rows)
    insert_rows(connection, ExperimentPoint, ((experiment, n, p.fingerprint) for n, p in enumerate(asked.points)))
    return experiment


def note_scenarios(connection: Connection, entries: Sequence[Entry], points: Sequence[Point]) -> None:
    """Note scenarios that the database does not have yet."""
    rows: dict[str, tuple[str | int | None, ...]]
    rows = {p.fingerprint: (p.fingerprint, None, p.months, p.base, p.changes) for p in points}
    rows |= {e.fingerprint: (e.fingerprint, e.canonical, e.months, None, None) for e in entries}
    known: set[str] = set()
    for part in chunks(list(rows)):
        known |= set(connection.scalars(select(Scenario.fingerprint).where(Scenario.fingerprint.in_(part))))
    insert_rows(connection, Scenario, (row for key, row in rows.items() if key not in known))


def add_points(connection: Connection, experiment: int, points: Sequence[Point]) -> None:
    """Note further points of an experiment, after those that it has."""
    note_scenarios(connection, (), points)
    known = fingerprints_of_points(connection, experiment)
    there = set(known)
    new = [key for key in dict.fromkeys(p.fingerprint for p in points) if key not in there]
    insert_rows(connection, ExperimentPoint, ((experiment, len(known) + n, key) for n, key in enumerate(new)))


def grow(connection: Connection, experiment: int, replications: int) -> None:
    """Note that an experiment takes more replications than it was begun with."""
    connection.execute(update(Experiment).where(Experiment.id == experiment).values(replications=replications))


def fingerprints_of_points(connection: Connection, experiment: int) -> list[str]:
    """The cases of an experiment that are points, in order."""
    point = ExperimentPoint
    query = select(point.fingerprint).where(point.experiment_id == experiment).order_by(point.position)
    return list(connection.scalars(query))


def points_of(connection: Connection, experiment: int) -> list[Point]:
    """The points of an experiment, in order. The canonical text stands in for one that was stored as a whole."""
    point, scenario = ExperimentPoint, Scenario
    query = (
        select(scenario.fingerprint, scenario.base, scenario.changes, scenario.months)
        .join(point, point.fingerprint == scenario.fingerprint)
        .where(point.experiment_id == experiment)
        .order_by(point.position)
    )
    return [Point(f, base or f, changes or "{}", months) for f, base, changes, months in connection.execute(query)]


def entries_of(connection: Connection, experiment: int) -> tuple[Entry, ...]:
    """The named scenarios of an experiment, in order."""
    member = ExperimentScenario
    query = (
        select(member, Scenario.canonical, Scenario.months)
        .join(Scenario, Scenario.fingerprint == member.fingerprint)
        .where(member.experiment_id == experiment)
        .order_by(member.position)
    )
    return tuple(
        Entry(p.name, p.title, p.fingerprint, p.canonical or "", p.text, p.months) for p in connection.execute(query)
    )


def latest(connection: Connection, names: Sequence[str]) -> int | None:
    """The latest run or comparison that holds scenarios of all these names; without names the latest comparison, or
    the latest run if nothing was compared. None if there is none."""
    member = ExperimentScenario
    query = select(Experiment.id).where(Experiment.kind.in_(NAMED)).order_by(Experiment.id.desc()).limit(1)
    for name in names:
        query = query.where(Experiment.id.in_(select(member.experiment_id).where(member.name == name)))
    compared = None if names else connection.scalar(query.where(Experiment.kind == "compare"))
    return compared or connection.scalar(query)


def saved(connection: Connection, experiment: int) -> Saved | None:
    """An experiment; None if there is none of this id."""
    found: Row | None = connection.execute(select(Experiment).where(Experiment.id == experiment)).one_or_none()
    if found is None:
        return None
    return Saved(
        found.id, found.kind, found.seed, found.replications, found.reference, entries_of(connection, experiment),
        found.name, found.created, found.months, found.definition,
    )  # fmt: skip


def numbers(connection: Connection) -> list[int]:
    """Ids of all experiments."""
    return list(connection.scalars(select(Experiment.id).order_by(Experiment.id)))


def _same(connection: Connection, asked: Asked) -> int | None:
    """The experiment that asked for the same before."""
    if asked.definition is None:
        return None
    of = Experiment
    query = (
        select(of.id)
        .where(of.kind == asked.kind, of.definition == asked.definition, of.seed == asked.seed)
        .where(of.replications == asked.replications, of.reference == asked.reference)
        .order_by(of.id.desc())
    )
    cases = _keys(asked.entries), [p.fingerprint for p in asked.points]
    for experiment in connection.scalars(query).all():
        points = fingerprints_of_points(connection, experiment)[: len(asked.points)]
        if (_keys(entries_of(connection, experiment)), points) == cases:
            return int(experiment)
    return None


def _keys(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    return [(e.name, e.fingerprint) for e in entries]
