"""Rows of frames, for tables and as plain data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, by column."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def data_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain data: None where there is no figure."""
    return [{key: plain(value) for key, value in row.items()} for row in rows_of(frame)]


def plain(value: Any) -> Any:
    """A value as JSON has it: None where a figure is not finite."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
