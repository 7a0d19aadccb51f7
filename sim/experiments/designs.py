"""Designs: one scenario, or several compared on the same random numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from sim.errors import StoreError, UsageError, unknown
from sim.experiments.cases import Case
from sim.experiments.results import Results
from sim.experiments.runner import Progress, run_cases
from sim.scenario.files import load_scenario, restored, stored
from sim.scenario.schema import Scenario
from sim.store.memory import Memory
from sim.store.records import Recorder

AnyScenario = Scenario | str | Path
"""A scenario, or the name of a shipped one, or the path of a file."""

LARGEST_SEED = 2**63 - 1
MOST_REPLICATIONS = 1_000_000


def run(
    scenario: AnyScenario,
    replications: int = 50,
    seed: int = 1,
    months: int | None = None,
    db: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    scheduler: str | None = None,
) -> Results:
    """Run a scenario `replications` times; see `compare` for the rest."""
    one = loaded(scenario, months)
    return _experiment("run", (one,), one.name, replications, seed, db, workers, progress, scheduler)


def compare(
    scenarios: Sequence[AnyScenario],
    replications: int = 50,
    seed: int = 1,
    months: int | None = None,
    db: str | Path | None = None,
    against: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    scheduler: str | None = None,
) -> Results:
    """Run scenarios on the same random numbers and compare each with a reference.

    months: instead of the scenarios' own. db: path or SQLAlchemy URL of the results database; what it holds is
    not computed again; None saves nothing. against: name of the reference, the first scenario if not given.
    workers: processes; as many as pay off if not given. progress: called with runs done and runs in all.
    scheduler: address of a Dask scheduler, tcp://host:port, whose workers compute instead.

    Numbers depend on scenario, seed and replication alone. A world that fails is listed in `failures` of the
    results. Raises UsageError, ScenarioError, NetworkError or StoreError, with one line to act on.
    """
    chosen, reference = comparable(scenarios, months, against)
    return _experiment("compare", chosen, reference, replications, seed, db, workers, progress, scheduler)


def saved(
    db: str | Path, names: Sequence[str] = (), allow_plugins: bool = False, experiment: int | None = None,
    files: str | Path | None = None,
) -> Results:  # fmt: skip
    """Results as a database holds them: of the latest experiment with scenarios of these names, or without names
    of the latest comparison, or of the run or comparison of an id. files: folder of the Parquet files, if it is not
    the database's own. With `allow_plugins` scenarios may name classes of yours, which are then imported.

    Raises StoreError if there is no such experiment, ScenarioError if it takes plug-ins that are not allowed or there.
    """
    from sim.store.store import Store

    with Store(db, create=False, files=files) as store:
        found = store.latest(names) if experiment is None else store.experiment(experiment)
        if found is None:
            known = store.scenario_names()
            strange = next((n for n in names if n not in known), None)
            if not known:
                raise StoreError(f"database {store.name}: holds no experiment yet")
            if strange is not None:
                raise StoreError(f"database {store.name}: {unknown('scenario', strange, known)}")
            raise StoreError(
                f"database {store.name}: no experiment holds all of {', '.join(names)}; compare them first"
            )
        wanted = [e for e in found.entries if not names or e.name in names]
        if names:
            wanted.sort(key=lambda e: list(names).index(e.name))
        try:
            scenarios = tuple(restored(e.text, f"database {store.name}, {e.name}", allow_plugins) for e in wanted)
        except ValidationError as error:
            raise StoreError(
                f"database {store.name}: a scenario holds what is not known here ({error.errors()[0]['msg']}); "
                "if that is an installed plug-in, install it; else run the scenario again"
            ) from None
        other = next((e for e, s in zip(wanted, scenarios, strict=True) if e.fingerprint != s.fingerprint), None)
        if other is not None:
            raise StoreError(
                f"database {store.name}: scenario {other.name!r} was stored by another version of the model, "
                "or of a plug-in, for which this one has no runs; run it again"
            )
        reference = found.reference if found.reference in [e.name for e in wanted] else wanted[0].name
        return results_of(scenarios, reference, found.replications, found.seed, store, store.name)


def loaded(scenario: AnyScenario, months: int | None = None) -> Scenario:
    """A scenario given in any of the allowed ways, with another number of months if one is given."""
    found = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    return found if months is None or months == found.months else found.replace({"months": months})


def comparable(
    scenarios: AnyScenario | Sequence[AnyScenario], months: int | None = None, against: str | None = None
) -> tuple[tuple[Scenario, ...], str]:
    """Scenarios that can be compared, and the name of the reference, the first if not given. Raises UsageError."""
    if isinstance(scenarios, (str, Path, Scenario)):
        scenarios = [scenarios]
    if not scenarios:
        raise UsageError("nothing to compare: give at least one scenario")
    chosen = tuple(loaded(s, months) for s in scenarios)
    _check_comparable(chosen)
    names = [s.name for s in chosen]
    if against is not None and against not in names:
        raise UsageError(f"against: {unknown('scenario', against, names)}")
    return chosen, against or names[0]


def checked(replications: int, seed: int, workers: int | None = None, scheduler: str | None = None) -> None:
    """Raises UsageError for what is not allowed."""
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise UsageError(f"replications: given {replications}, allowed is 1 to {MOST_REPLICATIONS}")
    if not 0 <= seed <= LARGEST_SEED:
        raise UsageError(f"seed: given {seed}, allowed is 0 to {LARGEST_SEED}")
    if workers is not None and workers < 1:
        raise UsageError(f"workers: given {workers}, allowed is at least 1")
    if workers is not None and scheduler is not None:
        raise UsageError("workers and scheduler exclude each other: a cluster has workers of its own")


def _check_comparable(scenarios: Sequence[Scenario]) -> None:
    names = [s.name for s in scenarios]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise UsageError(f"two scenarios are called {twice!r}; each needs its own name")
    for what in ("months", "currency"):
        values: dict[str, str] = {}
        for s in scenarios:
            values.setdefault(str(getattr(s, what)), s.name)
        if len(values) > 1:
            listed = ", ".join(f"{name!r} has {value}" for value, name in values.items())
            hint = "; give months for all" if what == "months" else ""
            raise UsageError(f"scenarios differ in {what} and cannot be compared: {listed}{hint}")


def _experiment(
    kind: str, scenarios: tuple[Scenario, ...], against: str, replications: int, seed: int,
    db: str | Path | None, workers: int | None, progress: Progress | None, scheduler: str | None,
) -> Results:  # fmt: skip
    checked(replications, seed, workers, scheduler)
    with recording(kind, scenarios, against, replications, seed, db) as (recorder, database, _):
        cases = [Case(scenario) for scenario in scenarios]
        run_cases(cases, seed, replications, recorder, workers=workers, scheduler=scheduler, progress=progress)
        return results_of(scenarios, against, replications, seed, recorder, database)


@contextmanager
def recording(
    kind: str, scenarios: Sequence[Scenario], against: str, replications: int, seed: int, db: str | Path | None
) -> Iterator[tuple[Recorder, str | None, Callable[[int], None]]]:
    """Where runs go, and its name: memory, or a database in which the experiment is noted; and what to call if it
    turns out to take more replications."""
    if db is None:
        yield Memory(), None, lambda _: None
        return
    from sim.store.store import Entry, Store

    entries = [Entry(s.name, s.title, s.fingerprint, s.canonical, stored(s), s.months) for s in scenarios]
    with Store(db) as store:
        number = store.begin(kind, entries, seed, replications, against)
        yield store, store.name, partial(store.grow, number)


def results_of(
    scenarios: tuple[Scenario, ...], against: str, replications: int, seed: int,
    recorder: Recorder, database: str | None,
) -> Results:  # fmt: skip
    """What a recorder holds of an experiment."""
    runs = {s.name: recorder.read(s.fingerprint, seed, replications) for s in scenarios}
    failed = recorder.failures([s.fingerprint for s in scenarios], seed, replications)
    failures = {s.name: failed.get(s.fingerprint, {}) for s in scenarios}
    return Results(scenarios, seed, replications, against, database, runs, failures)
