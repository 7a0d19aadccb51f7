"""Words and units: every key is there, used, and its values are filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.errors import UsageError
from sim.plots.units import Shown, axis_unit, shown
from sim.text import has_text, keys, text

PLOTS = Path(__file__).resolve().parents[2] / "sim" / "plots"


def test_values_are_filled_in() -> None:
    assert text("plots.over_time.ends", name="tier 2") == "tier 2 ends"


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean 'plots\.axis\.month'"):
        text("plots.axis.moth")


def test_a_missing_value_is_named() -> None:
    with pytest.raises(UsageError, match="'name' is not given"):
        text("plots.over_time.ends")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown language 'xx'"):
        text("plots.axis.month", language="xx")


def test_every_key_that_the_plots_ask_for_exists() -> None:
    asked = {
        key
        for file in PLOTS.glob("*.py")
        for key in re.findall(r'text\(\s*"(plots\.[\w.]+)"', file.read_text(encoding="utf-8"))
    }
    assert len(asked) > 15
    assert [k for k in sorted(asked) if not has_text(k)] == []
    assert set(asked) <= set(keys())


@pytest.mark.parametrize(
    ("unit", "largest", "expected"),
    [
        ("t CO2e", 950.0, Shown(1.0, "t CO₂e")),
        ("t CO2e", 98_000.0, Shown(1e-3, "kt CO₂e")),
        ("t CO2e", -3.5e6, Shown(1e-6, "Mt CO₂e")),
        ("kCNY", 66.0, Shown(1.0, "thousand CNY")),
        ("kCNY", 52_000.0, Shown(1e-3, "million CNY")),
        ("kEUR", 2e6, Shown(1e-6, "billion EUR")),
        ("share", 0.3, Shown(100.0, "%")),
        ("lots", 2e4, Shown(1.0, "lots")),
        ("kCNY", float("nan"), Shown(1.0, "thousand CNY")),
    ],
)
def test_figures_are_shown_in_readable_units(unit: str, largest: float, expected: Shown) -> None:
    found = shown(unit, largest)
    assert found.unit == expected.unit
    assert found.factor == pytest.approx(expected.factor)


def test_amounts_are_a_month_in_monthly_figures_and_shares_are_of_something() -> None:
    assert axis_unit("emissions", shown("t CO2e", 1e4), monthly=True) == "kt CO₂e a month"
    assert axis_unit("emissions", shown("t CO2e", 1e4), monthly=False) == "kt CO₂e"
    assert axis_unit("green_quality", shown("share", 1.0), monthly=True) == "% of full effort"
    assert axis_unit("trust", shown("share", 1.0), monthly=True) == "%"
