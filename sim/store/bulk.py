"""Many rows at once: arrays to rows and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, Table, insert

from sim.fields import Array
from sim.store import tables


def insert_rows(connection: Connection, model: type[tables.Base], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples in the order of the table's columns. The driver gets them as they are: a block of
    runs is some fifty thousand rows, on which the ORM would spend more time than the simulation."""
    table = model.__table__
    assert isinstance(table, Table)
    statement = insert(table)
    compiled = statement.compile(dialect=connection.dialect)
    if not (values := list(rows)):
        return
    if compiled.positional:
        connection.exec_driver_sql(str(compiled), values)
    else:
        names = [c.name for c in table.columns]
        connection.execute(statement, [dict(zip(names, v, strict=True)) for v in values])


def monthly_rows(runs: list[int], outcomes: list[int], values: Array) -> Iterator[tuple[int, int, int, float]]:
    """(run, outcome, month, value) for each number of (run, outcome, month)."""
    width, series, months = values.shape
    return zip(
        np.repeat(runs, series * months).tolist(),
        np.tile(np.repeat(outcomes, months), width).tolist(),
        np.tile(np.arange(months), width * series).tolist(),
        values.ravel().tolist(),
        strict=True,
    )


def named_rows(runs: list[int], names: Sequence[tuple[str, ...]], values: Array) -> Iterator[tuple[Any, ...]]:
    """(run, *name, value) for each number of (run, name) that is there."""
    for run, row in zip(runs, values.tolist(), strict=True):
        for name, value in zip(names, row, strict=True):
            if value == value:
                yield (run, *name, value)


def numbers(connection: Connection, query: Select[*tuple[Any, ...]]) -> Array:
    """The rows of a query of numbers as an array, (row, column)."""
    width = len(query.selected_columns)
    flat = np.fromiter(chain.from_iterable(connection.execute(query)), dtype=np.float64)
    return flat.reshape(-1, width)


def pivot(rows: Sequence[tuple[int, Any, float]], height: int) -> tuple[tuple[Any, ...], Array]:
    """(row, name, value) as names in order and an array (row, name), NaN where there is none."""
    names = {name: n for n, name in enumerate(sorted({name for _, name, _ in rows}))}
    values = np.full((height, len(names)), np.nan)
    for row, name, value in rows:
        values[row, names[name]] = value
    return tuple(names), values
