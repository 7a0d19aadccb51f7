"""The cases of an experiment, and the blocks of worlds that they are computed in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import ceil
from typing import Any, NamedTuple

from sim.ensemble import worlds_per_block
from sim.errors import SimError
from sim.scenario.schema import Scenario, canonical_json, fingerprint_of
from sim.scenario.varied import keeps_skeleton, skeleton, varied


@dataclass(frozen=True, eq=False)
class Case:
    """One scenario of an experiment: a base, and values changed in it by path.

    Large experiments have a hundred thousand of them, so the scenario is made when it is asked for and not kept, and
    what tells it from others is worked out without it where only numbers are changed. `scenario` raises ScenarioError
    for a change that the base does not allow; the others may do so.
    """

    base: Scenario
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scenario(self) -> Scenario:
        """The base with the changes made."""
        return self.base.replace(self.changes) if self.changes else self.base

    @property
    def fingerprint(self) -> str:
        """Hash of everything that can move a number, see `Scenario.fingerprint`."""
        return self._told_by[0]

    @property
    def skeleton(self) -> str:
        """What cases must have in common to be computed together."""
        return self._told_by[1]

    @cached_property
    def _told_by(self) -> tuple[str, str]:
        known = _ground(_Itself(self.base))
        if all(known.counts_alone(path, value) for path, value in self.changes.items()):
            return known.fingerprint(self.changes), known.skeleton
        scenario = self.scenario
        return scenario.fingerprint, skeleton(scenario)

    def __getstate__(self) -> dict[str, Any]:
        return {"base": self.base, "changes": self.changes}


class _Itself:
    """A scenario as a key: itself and no other, however alike."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def __hash__(self) -> int:
        return id(self.scenario)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.scenario is self.scenario


class _Ground:
    """What the cases of one base have in common: its canonical form, in which the numbers of a case are exchanged."""

    def __init__(self, base: Scenario) -> None:
        self._base, self._canonical = base, base.canonical
        self.skeleton = skeleton(base)

    def counts_alone(self, path: str, value: Any) -> bool:
        """Whether this value at this path changes one number of the canonical form, and not the skeleton."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and keeps_skeleton(self._base, path, float(value))

    def fingerprint(self, changes: Mapping[str, Any]) -> str:
        """The fingerprint of the base with these numbers."""
        if not changes:
            return self._base.fingerprint
        data = json.loads(self._canonical)
        for path, value in changes.items():
            *parts, name = path.split(".")
            here = data
            for part in parts:
                here = here[int(part) if isinstance(here, list) else part]
            here[name] = float(value)
        return fingerprint_of(canonical_json(data))


@lru_cache(maxsize=32)
def _ground(base: _Itself) -> _Ground:
    return _Ground(base.scenario)


class RunKey(NamedTuple):
    """One run that is asked for: a case, by its fingerprint, and a replication."""

    fingerprint: str
    replication: int


@dataclass(frozen=True, eq=False)
class Task:
    """Worlds that are computed together, of cases with one skeleton. series: whether the monthly series are wanted, or
    only what follows from them."""

    cases: Mapping[str, Case]
    seed: int
    worlds: tuple[RunKey, ...]
    series: bool = True

    def scenario(self) -> Scenario:
        """The scenarios of all worlds as one, see `varied`; a row for each world."""
        scenarios = {key: case.scenario for key, case in self.cases.items()}
        return varied([scenarios[world.fingerprint] for world in self.worlds])

    def alone(self, row: int) -> Task:
        """The task of one of the worlds."""
        world = self.worlds[row]
        return replace(self, cases={world.fingerprint: self.cases[world.fingerprint]}, worlds=(world,))


def tasks_of(
    cases: Mapping[str, Case], blocks: Iterable[tuple[RunKey, ...]], seed: int, series: bool = True
) -> Iterator[Task]:
    """The task of each block of worlds."""
    for worlds in blocks:
        yield Task({w.fingerprint: cases[w.fingerprint] for w in worlds}, seed, worlds, series)


def blocks_of(
    cases: Mapping[str, Case], missing: Mapping[str, Sequence[int]], workers: int
) -> list[tuple[RunKey, ...]]:
    """Worlds that are missing, in blocks of even size, small enough for the processor's cache and many enough for all
    workers. Cases of one skeleton share blocks.

    Cases that cannot be made are left to fail when they are run. Raises what is wrong with the first if none can be.
    """
    alike: dict[str, list[RunKey]] = {}
    for key, replications in missing.items():
        if replications:
            alike.setdefault(cases[key].skeleton, []).extend(RunKey(key, r) for r in replications)
    extents = [_extent(cases, [world.fingerprint for world in worlds]) for worlds in alike.values()]
    wrong = [extent for extent in extents if isinstance(extent, SimError)]
    if wrong and len(wrong) == len(extents) and all(missing.get(key) for key in cases):
        raise wrong[0]
    fair = ceil(sum(len(worlds) for worlds in alike.values()) / workers)
    blocks = []
    for worlds, extent in zip(alike.values(), extents, strict=True):
        size = 1 if isinstance(extent, SimError) else extent.firms
        most = max(1, min(worlds_per_block(size), fair))
        blocks += list(_evenly(worlds, ceil(len(worlds) / most)))
    return blocks


def firm_months(cases: Mapping[str, Case], missing: Mapping[str, Sequence[int]]) -> int:
    """Firm-months of the worlds that are missing. Cases of one skeleton have one network and last as long."""
    alike: dict[str, dict[str, int]] = {}
    for key, replications in missing.items():
        if replications:
            alike.setdefault(cases[key].skeleton, {})[key] = len(replications)
    work = 0
    for worlds in alike.values():
        extent = _extent(cases, worlds)
        work += 0 if isinstance(extent, SimError) else sum(worlds.values()) * extent.months * extent.firms
    return work


class _Extent(NamedTuple):
    months: int
    firms: int


def _extent(cases: Mapping[str, Case], alike: Iterable[str]) -> _Extent | SimError:
    """How long cases of one skeleton last and how many firms they have, from the first that can be made; what is wrong
    with the first if none can."""
    wrong: SimError | None = None
    for key in dict.fromkeys(alike):
        try:
            scenario = cases[key].scenario
            return _Extent(scenario.months, scenario.build_network().size)
        except SimError as error:
            wrong = wrong or error
    assert wrong is not None
    return wrong


def _evenly(worlds: Sequence[RunKey], parts: int) -> Iterator[tuple[RunKey, ...]]:
    least, more = divmod(len(worlds), parts)
    start = 0
    for n in range(parts):
        end = start + least + (n < more)
        yield tuple(worlds[start:end])
        start = end
