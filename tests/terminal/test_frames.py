"""Rows of frames as plain data."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from sim.terminal.frames import data_of, plain


def test_what_is_no_figure_is_none_and_the_rest_is_as_it_was() -> None:
    frame = pd.DataFrame({"name": ["a", "b", "c"], "value": [0.1, np.nan, -np.inf], "pairs": [3, 0, 1]})
    rows = data_of(frame)
    assert rows == [
        {"name": "a", "value": 0.1, "pairs": 3},
        {"name": "b", "value": None, "pairs": 0},
        {"name": "c", "value": None, "pairs": 1},
    ]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_numbers_of_arrays_become_numbers_of_python() -> None:
    assert [type(plain(value)) for value in (np.float64(0.5), np.int64(2), np.bool_(True))] == [float, int, bool]
    assert plain(np.float64("nan")) is None
