"""The tables of firms and of links from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sim import firm_panel, link_panel


def test_the_table_of_firms_is_written(said: Any) -> None:
    status, out, err = said("firms", "subsidised.toml", "--replications", "2", "--seed", "4", "--out", "firms.csv")
    assert (status, err) == (0, "")
    table = pd.read_csv("firms.csv")
    assert out.strip() == f"firms.csv: {len(table)} rows, {len(table.columns)} columns"
    expected = firm_panel("subsidised.toml", seed=4, replications=2)
    assert list(table.columns) == list(expected.columns)
    assert table["profit"].tolist() == expected["profit"].tolist()
    assert table["firm"].tolist() == expected["firm"].tolist()


def test_columns_months_and_changes_are_obeyed(said: Any) -> None:
    options = ("--column", "support", "--column", "role", "--months", "2", "--set", "incentives.0.rate=0.0")
    status, _, _ = said("firms", "subsidised.toml", "--out", "few.csv", *options)
    table = pd.read_csv("few.csv")
    assert status == 0
    assert list(table.columns) == ["replication", "month", "firm", "role", "support"]
    assert table["month"].max() == 1
    assert not table["support"].any()


def test_the_table_of_links_has_the_columns_asked_for(said: Any) -> None:
    options = ("--column", "trust", "--column", "carrier", "--months", "2")
    assert said("links", "plain.toml", "--out", "few.csv", *options)[0] == 0
    table = pd.read_csv("few.csv")
    assert list(table.columns) == ["replication", "month", "supplier", "customer", "input_group", "carrier", "trust"]
    everything = link_panel("plain.toml", months=2)
    assert table["trust"].tolist() == everything["trust"].tolist()
    assessed = ("--set", "relations.assessed=true", "--column", "score")
    assert said("links", "plain.toml", "--out", "scored.csv", *assessed)[0] == 0
    assert list(pd.read_csv("scored.csv").columns)[5:] == ["score"]


def test_a_column_of_links_that_is_not_there_is_named(said: Any) -> None:
    for column, words in (("trsut", "did you mean 'trust'"), ("score", "set relations.assessed to true")):
        status, _, err = said("links", "plain.toml", "--out", "links.csv", "--column", column)
        assert (status, err.count("\n")) == (2, 1)
        assert words in err


def test_bad_input_is_one_line(said: Any) -> None:
    for options, words in (
        (("--out", "nowhere/firms.csv"), "nowhere is not a folder"),
        (("--out", "firms.csv", "--column", "prophet"), "did you mean 'profit'"),
        (("--out", "firms.csv", "--replications", "0"), "replications: given 0"),
    ):
        status, out, err = said("firms", "plain.toml", *options)
        assert (status, out) == (2, "")
        assert err.count("\n") == 1
        assert words in err
    assert not Path("firms.csv").exists()
