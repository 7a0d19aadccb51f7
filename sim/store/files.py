"""Parquet files beside a database: monthly series of large experiments, and panels of firms and links."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from sqlalchemy import URL

from sim.errors import StoreError
from sim.fields import Array
from sim.store.records import Runs

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

KEYS = ("fingerprint", "seed", "replication", "month")
"""Columns of a series file before those of the series."""

UNFINISHED = ".tmp"

YOUNG_SECONDS = 3600.0
"""A file that nothing refers to may be one that another process has just written and not yet noted."""


class Files:
    """The files of a database. folder: where new ones are made. The database knows them by their paths from its own
    folder, so that both can be moved together; by absolute paths if it has none (a server)."""

    def __init__(self, address: URL, folder: str | Path | None = None) -> None:
        path = address.database if address.get_backend_name() == "sqlite" else None
        local = path not in (None, "", ":memory:")
        self._base = Path(str(path)).expanduser().absolute().parent if local else None
        self._own = folder is None
        if folder is not None:
            self.folder = Path(folder).expanduser().absolute() / _name(address)
        else:
            self.folder = (self._base or Path("results").absolute()) / _name(address)

    def write_series(self, fingerprints: Sequence[str], seed: int, runs: Runs) -> tuple[str, int]:
        """Write the monthly series of runs to a new file; its path as the database knows it, and its bytes."""
        return self._write(_table_of(fingerprints, seed, runs), splits=list(runs.series))

    def write_frame(self, frame: pd.DataFrame) -> tuple[str, int]:
        """Write a frame to a new file; its path as the database knows it, and its bytes."""
        import pyarrow as pa

        return self._write(pa.Table.from_pandas(frame, preserve_index=False), splits=[])

    def read_series(
        self, path: str, fingerprint: str, seed: int, replications: Sequence[int]
    ) -> tuple[list[str], Array]:
        """Names of the series in a file, and (replication, series, month) of a case."""
        import pyarrow.compute as pc

        table = self.read(path)
        table = table.filter((pc.field("fingerprint") == fingerprint) & (pc.field("seed") == seed))
        names = [name for name in table.column_names if name not in KEYS]
        there, starts = np.unique(table.column("replication").to_numpy(), return_index=True)
        first = {int(r): int(start) for r, start in zip(there, starts, strict=True)}
        gone = next((r for r in replications if r not in first), None)
        if gone is not None:
            place = f"series file {self.find(path)}"
            raise StoreError(f"{place}: holds no replication {gone} of {fingerprint[:12]}; {_PUT_BACK}")
        months = table.num_rows // len(there)
        at = np.array([first[r] for r in replications])[:, None] + np.arange(months)
        values = np.stack([table.column(name).to_numpy() for name in names])
        return names, np.ascontiguousarray(values[:, at].transpose(1, 0, 2))

    def read(self, path: str) -> pa.Table:
        """A file's table. Raises StoreError where it is not there or cannot be read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        place = self.find(path)
        try:
            with pq.ParquetFile(place) as file:
                return file.read(use_threads=False)
        except FileNotFoundError:
            raise StoreError(f"file {place}: is not there; {_PUT_BACK}") from None
        except (OSError, pa.ArrowException) as error:
            text = " ".join(str(error).split())
            raise StoreError(f"file {place}: cannot be read ({text}); {_PUT_BACK}") from None

    def find(self, path: str) -> Path:
        """Where a file is: at its path, or in the folder of new files if it was moved there."""
        place = (self._base or Path()) / path
        moved = self.folder / place.name
        return moved if not place.exists() and moved.exists() else place

    def exists(self, path: str) -> bool:
        """Whether a file is there."""
        return self.find(path).exists()

    def remove(self, paths: Iterable[str]) -> int:
        """Remove files; the bytes that this frees."""
        return _removed(self.find(path) for path in paths)

    def unknown(self, known: Iterable[str], older: float) -> list[Path]:
        """Files in the folder that the database does not know, left by something that was killed. older: seconds."""
        names = {Path(path).name for path in known}
        latest = time.time() - older
        there = sorted(self.folder.glob("*.parquet*")) if self.folder.is_dir() else []
        return [file for file in there if file.name not in names and file.stat().st_mtime <= latest]

    def remove_unknown(self, known: Iterable[str]) -> int:
        """Remove those that are not young; the bytes that this frees."""
        return _removed(self.unknown(known, YOUNG_SECONDS))

    def remove_folder(self) -> None:
        """Remove the folder of new files if nothing is left in it."""
        with suppress(OSError):
            self.folder.rmdir()

    def copy(self, file: Path) -> tuple[str, int, bool]:
        """Copy a file of another database under its own name, if it is not here; its path as the database knows it, its
        bytes, and whether it was copied."""
        place, size = self.folder / file.name, file.stat().st_size
        if place.exists() and place.stat().st_size == size:
            return self._path(place), size, False
        with file.open("rb") as content:
            self._put(place, lambda unfinished: shutil.copyfileobj(content, unfinished))
        return self._path(place), size, True

    def _write(self, table: pa.Table, splits: Sequence[str]) -> tuple[str, int]:
        import pyarrow.parquet as pq

        def write(unfinished: BinaryIO) -> None:
            pq.write_table(
                table, unfinished, compression="zstd", use_dictionary=["fingerprint"] if splits else True,
                use_byte_stream_split=list(splits), write_statistics=False,
            )  # fmt: skip

        final = self.folder / f"{uuid.uuid4().hex}.parquet"
        self._put(final, write)
        return self._path(final), final.stat().st_size

    def _put(self, final: Path, write: Callable[[BinaryIO], None]) -> None:
        """A file is whole or not there: it gets its name when all of it is on the disk."""
        unfinished = final.with_name(f"{final.name}{UNFINISHED}")
        try:
            self.folder.mkdir(parents=self._own, exist_ok=True)
            with unfinished.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(final)
            _sync(self.folder)
        except BaseException as error:
            _removed([unfinished])
            if isinstance(error, OSError):
                text = error.strerror or " ".join(str(error).split())
                raise StoreError(
                    f"files in {self.folder}: {text} (the folder must be writable and have room; "
                    "what was finished is kept)"
                ) from error
            raise

    def _path(self, file: Path) -> str:
        """Where a file is, as the database knows it."""
        beside = self._base is not None and self._base in file.parents
        return str(file.relative_to(self._base)) if beside and self._base else str(file)


@dataclass(frozen=True)
class PanelFile:
    """Figures of single firms or links, in a file."""

    id: int
    kind: str
    rows: int
    bytes: int
    files: Files
    path: str

    @property
    def place(self) -> Path:
        """Where the file is."""
        return self.files.find(self.path)

    def frame(self) -> pd.DataFrame:
        """What it holds."""
        return self.files.read(self.path).to_pandas()


_PUT_BACK = "put it back, or give the command again that made it, which makes anew what is missing"


def _name(address: URL) -> str:
    """A folder for each database, told from others of the same name."""
    path = Path(str(address.database or "memory")).name
    if address.get_backend_name() == "sqlite":
        return f"{path}.series"
    where = repr((address.host, address.port, address.database, sorted(address.query.items())))
    return f"{path}-{hashlib.sha256(where.encode()).hexdigest()[:8]}.series"


def _table_of(fingerprints: Sequence[str], seed: int, runs: Runs) -> pa.Table:
    """A row for each month of each run, a column for each series."""
    import pyarrow as pa

    width, months = len(runs.replications), runs.months
    keys = [
        pa.array(fingerprints).take(pa.array(np.repeat(np.arange(width), months))),
        pa.array(np.full(width * months, seed, dtype=np.int64)),
        pa.array(np.repeat(np.array(runs.replications, dtype=np.int32), months)),
        pa.array(np.tile(np.arange(months, dtype=np.int16), width)),
    ]
    flat = runs.monthly.transpose(1, 0, 2).reshape(len(runs.series), width * months)
    return pa.Table.from_arrays([*keys, *(pa.array(row) for row in flat)], names=[*KEYS, *runs.series])


def _removed(paths: Iterable[Path]) -> int:
    freed = 0
    for path in paths:
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreError(f"file {path}: cannot be removed: {error.strerror or error}") from error
        freed += size
    return freed


def _sync(folder: Path) -> None:
    """Make the names in a folder last, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
