"""The results database: whole runs at a time, written by as many processes as there are, and read back exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, insert, select

from sim.errors import StoreError
from sim.scenario.schema import MODEL_VERSION
from sim.store import catalogue, housekeeping, naming, reading, summary, tables, writing
from sim.store.bulk import chunks
from sim.store.catalogue import Asked, Entry, Point, Saved
from sim.store.database import address_of, connected, emptied, explained, shown
from sim.store.database import writing as for_writing
from sim.store.files import Files, PanelFile
from sim.store.housekeeping import Freed, Listed, Size
from sim.store.naming import Places
from sim.store.records import Failure, Figures, Runs, joined
from sim.store.tables import FILE, NONE
from sim.store.writing import Lot

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Entry", "Point", "Saved", "Store"]


class Store:
    """A results database, by path or SQLAlchemy URL; a `records.Recorder`.

    model_version: version of the model whose runs are kept and looked for; runs of other versions stay apart.
    create: make the database if there is none. series: where monthly series of new runs go: `rows` of the database, a
    Parquet `file` beside it for each block of runs written, or `none` (their figures over time are kept anyway).
    files: folder for the Parquet files, instead of the database's own. Every trouble is a StoreError of one line.
    """

    def __init__(
        self, database: str | Path, model_version: str = MODEL_VERSION, *, create: bool = True,
        series: Literal["rows", "file", "none"] = "rows", files: str | Path | None = None,
    ) -> None:  # fmt: skip
        self._address = address_of(database)
        self._engine = connected(self._address, create=create)
        self.model_version = model_version
        self._series = series
        self.files = Files(self._address, files)

    @property
    def name(self) -> str:
        """Where it is, as messages show it."""
        return shown(self._address)

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with, at one moment of the database."""
        with explained(self._address), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction to write in, with no other beside it: all of it is kept, or nothing."""
        with explained(self._address), for_writing(self._engine).begin() as connection:
            yield connection

    @contextmanager
    def adding(self) -> Iterator[Connection]:
        """The same to add runs; others may add runs at the same time, where the database lets them."""
        with explained(self._address), for_writing(self._engine, alone=False).begin() as connection:
            yield connection

    # --- experiments ----------------------------------------------------------------------------------

    def begin(
        self, kind: str, entries: Sequence[Entry], seed: int, replications: int, reference: str, *,
        definition: str | None = None, points: Iterable[Point] = (),
    ) -> int:  # fmt: skip
        """Note an experiment and its cases before anything runs; its id. One with a definition that is given again,
        with the same cases, goes on under the id that it has."""
        asked = Asked(kind, tuple(entries), seed, replications, reference, definition, tuple(points))
        with self.writing() as connection:
            return catalogue.note(connection, asked)

    def add_points(self, experiment: int, points: Iterable[Point]) -> None:
        """Note further points of an experiment that finds them as it goes."""
        with self.writing() as connection:
            catalogue.add_points(connection, experiment, tuple(points))

    def grow(self, experiment: int, replications: int) -> None:
        """Note that an experiment takes more replications than it was begun with."""
        with self.writing() as connection:
            catalogue.grow(connection, experiment, replications)

    def latest(self, names: Sequence[str] = ()) -> Saved | None:
        """The latest run or comparison that holds scenarios of all these names, see `catalogue.latest`."""
        with self.reading() as connection:
            found = catalogue.latest(connection, names)
            return None if found is None else catalogue.saved(connection, found)

    def experiment(self, number: int) -> Saved:
        """An experiment by its id. Raises StoreError if there is none."""
        with self.reading() as connection:
            return self._saved(connection, number)

    def points(self, experiment: int) -> list[Point]:
        """The points of an experiment, in order."""
        with self.reading() as connection:
            return catalogue.points_of(connection, experiment)

    def scenario_names(self) -> list[str]:
        """Names of the scenarios of all experiments."""
        with self.reading() as connection:
            return sorted(set(connection.scalars(select(tables.ExperimentScenario.name))))

    def outcome_names(self) -> list[str]:
        """Names of the series that any run has, in order."""
        with self.reading() as connection:
            return sorted(connection.scalars(select(tables.Outcome.name)))

    # --- runs -----------------------------------------------------------------------------------------

    def missing(
        self, fingerprints: Sequence[str], seed: int, replications: int, series: bool = True
    ) -> dict[str, list[int]]:
        """Which of replications 0 to `replications` - 1 of each case are not finished yet, failed ones among them;
        with `series` also those whose monthly series are not there."""
        with self.reading() as connection:
            known = writing.finished(connection, self._lot(seed), fingerprints, range(replications))
        bare = writing.bare(known, self.files) if series else set()
        return {
            key: [r for r in range(replications) if (key, r) not in known or (key, r) in bare]
            for key in dict.fromkeys(fingerprints)
        }

    def write(self, fingerprints: Sequence[str], seed: int, runs: Runs) -> None:
        """Keep finished runs in one transaction. Those that another process finished meanwhile are left as they are
        (they are the same), but get their monthly series if they have none."""
        if not runs.replications:
            return
        runs = runs if self._series != NONE else runs.without_series()
        lot, file = self._lot(seed), None
        if runs.months and self._series == FILE:
            with self.reading() as connection:
                if not writing.wanted(connection, lot, self.files, fingerprints, runs).rows:
                    return
            file = self.files.write_series(fingerprints, seed, runs)
        places = self.places(runs.units, runs.entries)
        with self.adding() as connection:
            wanted = writing.wanted(connection, lot, self.files, fingerprints, runs)
            used = bool(wanted.rows) and writing.put_runs(connection, lot, fingerprints, runs, places, wanted, file)
        if file is not None and not used:
            self.files.remove([file[0]])

    def places(self, units: Mapping[str, str], entries: Sequence[tuple[str, str]]) -> Places:
        """Where the tables have series and entries of the ledger; new ones are noted."""
        with self.reading() as connection:
            found = naming.places_of(connection, list(units), entries)
        if found is None:
            with self.writing() as connection:
                found = naming.note_names(connection, units, entries)
        return found

    def write_failure(self, fingerprint: str, seed: int, failure: Failure) -> None:
        """Keep that a run failed; it will be tried again by the next command that asks for it."""
        with self.adding() as connection:
            writing.put_failure(connection, self._lot(seed), fingerprint, failure)

    def failures(self, fingerprints: Sequence[str], seed: int, replications: int) -> dict[str, dict[int, str]]:
        """Tracebacks of the replications under `replications` that failed, by case."""
        with self.reading() as connection:
            return reading.failures(connection, self._lot(seed), fingerprints, replications)

    def read(self, fingerprint: str, seed: int, replications: int) -> Runs:
        """What is finished of replications 0 to `replications` - 1 of a case and kept with its monthly series, in
        order; names in order."""
        parts = []
        with self.reading() as connection:
            kept = reading.kept_runs(connection, self._lot(seed), fingerprint, replications)
            for path in dict.fromkeys(path for *_, path in kept):
                runs = [(i, r) for i, r, _, where in kept if where == path]
                ids = {i: n for n, (i, _) in enumerate(runs)}
                numbers = [r for _, r in runs]
                if path:
                    units, monthly = reading.series_in(connection, self.files, path, fingerprint, seed, numbers)
                else:
                    units, monthly = reading.series_of(connection, ids)
                parts.append(reading.with_books(connection, ids, numbers, units, monthly))
        return joined(parts)

    def figures(
        self, fingerprints: Sequence[str], seed: int, replications: int, names: Sequence[str] | None = None
    ) -> Figures:
        """Series over whole runs of each case: those named, or all in the order of their names."""
        with self.reading() as connection:
            return reading.figures(connection, self._lot(seed), fingerprints, replications, names)

    def summary(
        self,
        cases: int | Sequence[str],
        outcomes: Sequence[str],
        seed: int | None = None,
        replications: int | None = None,
    ) -> pd.DataFrame:
        """Means over replications, worked out by the database: position, outcome, unit, runs, mean, deviation, low,
        high. cases: id of an experiment, or fingerprints, for which seed and replications must be given."""
        with self.reading() as connection:
            if isinstance(cases, int):
                found = self._saved(connection, cases)
                seed, replications = seed if seed is not None else found.seed, replications or found.replications
                chosen = summary.cases_of(connection, cases)
            else:
                if seed is None or replications is None:
                    raise StoreError("summary: give seed and replications with fingerprints")
                chosen = summary.cases_given(cases)
            return summary.summary(connection, self._lot(seed), chosen, replications, outcomes)

    # --- panels, and what the database holds ------------------------------------------------------------

    def add_panel(self, experiment: int, kind: str, frame: pd.DataFrame) -> Path:
        """Keep figures of single firms or links (kind `firms` or `links`) of an experiment as a Parquet file; where."""
        with self.reading() as connection:
            self._saved(connection, experiment)
        path, size = self.files.write_frame(frame)
        values = {"experiment_id": experiment, "kind": kind, "path": path, "rows": len(frame), "bytes": size}
        with self.writing() as connection:
            connection.execute(insert(tables.Panel).values(values))
        return self.files.find(path)

    def panels(self, experiment: int) -> list[PanelFile]:
        """The panels of an experiment, in the order in which they were made."""
        panel = tables.Panel
        with self.reading() as connection:
            self._saved(connection, experiment)
            rows = connection.execute(select(panel).where(panel.experiment_id == experiment).order_by(panel.id)).all()
        return [PanelFile(row.id, row.kind, row.rows, row.bytes, self.files, row.path) for row in rows]

    def listed(self) -> list[Listed]:
        """All experiments with the state of their runs."""
        with self.reading() as connection:
            return housekeeping.listed(connection, self.model_version)

    def size(self) -> Size:
        """What the database and its files take, and the files that nothing refers to."""
        with self.reading() as connection:
            return housekeeping.size(connection, self.files)

    def delete(self, experiment: int) -> Freed:
        """Remove an experiment, and the runs, scenarios and files that no other one uses."""
        with self.writing() as connection:
            self._saved(connection, experiment)
            panels = housekeeping.forget(connection, experiment)
        return self._freed(self.files.remove(panels))

    def tidy(self) -> Freed:
        """Remove runs that no experiment asks for and files that nothing refers to, which a command that was killed
        may have left."""
        return self._freed(0)

    def _freed(self, file_bytes: int) -> Freed:
        with self.reading() as connection:
            before = housekeeping.database_bytes(connection)
            runs = housekeeping.unused_runs(connection)
        # In parts, so that other writers have their turn. What a kill leaves is removed the next time.
        for part in chunks(runs):
            with self.writing() as connection:
                housekeeping.remove_runs(connection, part)
        with self.writing() as connection:
            paths = housekeeping.remove_unused(connection)
            known = housekeeping.known_files(connection)
        file_bytes += self.files.remove(paths) + self.files.remove_unknown(known)
        self.files.remove_folder()
        with explained(self._address):
            emptied(self._engine)
        with self.reading() as connection:
            after = housekeeping.database_bytes(connection)
        return Freed(len(runs), max(before - after, 0), file_bytes)

    def _saved(self, connection: Connection, number: int) -> Saved:
        found = catalogue.saved(connection, number)
        if found is None:
            ids = catalogue.numbers(connection)
            allowed = f"allowed are {', '.join(map(str, ids))}" if ids else "it holds none yet"
            raise StoreError(f"database {self.name}: no experiment {number}; {allowed}")
        return found

    def _lot(self, seed: int) -> Lot:
        return Lot(seed, self.model_version)
