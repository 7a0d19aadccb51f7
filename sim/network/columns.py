"""Columns of network data: what rows name, as numbers; and what rows are called in messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from sim.errors import NetworkError
from sim.network.network import Column, unknown_firm

Index = npt.NDArray[np.int64]


class Places:
    """Names of the rows of a table for messages, each made when it is asked for."""

    def __init__(self, table: str) -> None:
        self._table = table

    def __getitem__(self, row: int) -> str:
        return f"{self._table} {row + 1}"


@dataclass(frozen=True, eq=False)
class Ends:
    """Positions of each link's supplier and customer, and the number of its input group."""

    supplier: Index
    customer: Index
    group: Index

    def first_alike(self) -> Index:
        """For each link the first with the same supplier, customer and input group."""
        rows = np.lexsort((self.group, self.customer, self.supplier))
        if not len(rows):
            return rows
        change = np.zeros(len(rows) - 1, dtype=bool)
        for column in (self.supplier, self.customer, self.group):
            ordered = column[rows]
            change |= ordered[1:] != ordered[:-1]
        run = np.cumsum(np.r_[False, change])
        first = np.empty(len(rows), dtype=np.int64)
        # The sort is stable: the first of a run is the first in the table.
        first[rows] = rows[np.flatnonzero(np.r_[True, change])][run]
        return first


def coded(values: Column) -> tuple[list[str], Index]:
    """The texts of a column, sorted, and the number of each row's among them."""
    rows = values.tolist()
    names = sorted({str(v) for v in set(rows)})
    code = {name: n for n, name in enumerate(names)}
    return names, np.array([code[v if type(v) is str else str(v)] for v in rows], dtype=np.int64)


def are_positions(column: Any) -> TypeGuard[Index]:
    """Whether a column names firms by their positions."""
    return isinstance(column, np.ndarray) and column.dtype.kind == "i"


def ends_of(
    names: Sequence[Any] | Column, position: Mapping[str, int], side: str, places: Sequence[str] | Places
) -> Index:
    """Positions of the firms that one side of the links names."""
    if are_positions(names):
        ends = names.astype(np.int64, copy=False)
        wrong = np.flatnonzero((ends < 0) | (ends >= len(position)))
        if len(wrong):
            n = int(wrong[0])
            raise NetworkError(f"{places[n]}, {side}: given firm {ends[n]}, allowed is 0 to {len(position) - 1}")
        return ends
    ends = np.array([position.get(str(name), -1) for name in names], dtype=np.int64)
    missing = np.flatnonzero(ends < 0)
    if len(missing):
        n = int(missing[0])
        raise NetworkError(f"{places[n]}, {side}: {unknown_firm(str(names[n]), position)}")
    return ends
