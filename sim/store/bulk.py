"""Many rows at once: arrays to rows and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import Connection, Select, Table, insert
from sqlalchemy.exc import OperationalError

from sim.fields import Array
from sim.store import tables

Name = TypeVar("Name", str, int)

MOST_NAMED = 5_000
"""Values named in one query; SQLite takes some 30,000."""


def insert_rows(connection: Connection, model: type[tables.Base], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples in the order of the table's columns. The driver gets them as they are: a block of
    runs is some fifty thousand rows, on which the ORM would spend more time than the simulation."""
    table = model.__table__
    assert isinstance(table, Table)
    statement = insert(table)
    compiled = statement.compile(dialect=connection.dialect)
    if not (values := list(rows)):
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, values)
    elif compiled.positional:
        connection.exec_driver_sql(str(compiled), values)
    else:
        names = [c.name for c in table.columns]
        connection.execute(statement, [dict(zip(names, v, strict=True)) for v in values])


def _copy(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    """PostgreSQL takes many rows several times faster by COPY."""
    import psycopg

    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    try:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise OperationalError("COPY", None, error) from error


def monthly_rows(runs: list[int], outcomes: list[int], values: Array) -> Iterator[tuple[int, int, int, float]]:
    """(run, outcome, month, value) for each number of (run, outcome, month) that is there."""
    at, series, months = np.nonzero(~np.isnan(values))
    return zip(
        np.array(runs)[at].tolist(),
        np.array(outcomes)[series].tolist(),
        months.tolist(),
        values[at, series, months].tolist(),
        strict=True,
    )


def figure_rows(runs: list[int], outcomes: list[int], values: Array) -> Iterator[tuple[int, int, float]]:
    """(outcome, run, value) for each number of (run, outcome) that is there, in the order of the table's key."""
    order = np.argsort(outcomes, kind="stable")
    series, at = np.nonzero(~np.isnan(values.T[order]))
    return zip(
        np.array(outcomes)[order][series].tolist(),
        np.array(runs)[at].tolist(),
        values.T[order][series, at].tolist(),
        strict=True,
    )


def cell_rows(runs: list[int], columns: list[int], values: Array) -> Iterator[tuple[int, int, float]]:
    """(run, column, value) for each number of (run, column) that is there."""
    at, column = np.nonzero(~np.isnan(values))
    return zip(
        np.array(runs)[at].tolist(), np.array(columns)[column].tolist(), values[at, column].tolist(), strict=True
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


def chunks(values: Sequence[Name]) -> Iterator[Sequence[Name]]:
    """Parts small enough to be named in one query."""
    distinct = list(dict.fromkeys(values))
    return (distinct[n : n + MOST_NAMED] for n in range(0, len(distinct), MOST_NAMED))
