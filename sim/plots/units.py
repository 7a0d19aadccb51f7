"""Units as shown: thousands of tonnes and millions of money, shares in percent."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from sim.outcomes.base import outcome_of
from sim.text import has_text, text

BASE_CURRENCY = "kCNY"
"""The unit of money in which outcomes are declared; a scenario may name another."""


@dataclass(frozen=True)
class Shown:
    """How a figure is shown: multiplied by `factor`, in `unit`."""

    factor: float
    unit: str


def unit_of(series: str, currency: str = BASE_CURRENCY) -> str:
    """The unit in which a series is recorded."""
    return outcome_of(series).unit.replace(BASE_CURRENCY, currency)


def is_flow(series: str) -> bool:
    """Whether a series is an amount a month that adds up over a run."""
    return outcome_of(series).over_time == "sum"


def shown(unit: str, largest: float) -> Shown:
    """How to show values of a unit whose largest is `largest`, so that no axis counts in thousands."""
    size = abs(largest) if np.isfinite(largest) else 0.0
    if unit == "share":
        return Shown(100.0, text("plots.unit.percent"))
    money = re.fullmatch(r"k([A-Z]{3})", unit)
    if money:
        return _step(size, ("thousand", "million", "billion"), currency=money[1])
    if unit.startswith("t "):
        return _step(size, ("tonnes", "kilotonnes", "megatonnes"), of=unit[2:].replace("CO2", "CO₂"))
    return Shown(1.0, unit.replace("CO2", "CO₂"))


def outcome_title(series: str) -> str:
    """An outcome's name in words."""
    key = f"plots.outcome.{series}"
    name = series.replace("_", " ")
    return text(key) if has_text(key) else name[:1].upper() + name[1:]


def axis_unit(series: str, scale: Shown, *, monthly: bool) -> str:
    """The unit for an axis: of what a share is a share, and `a month` for a flow drawn month by month."""
    if has_text(f"plots.of.{series}") and scale.unit == text("plots.unit.percent"):
        return text(f"plots.of.{series}")
    return text("plots.unit.per_month", unit=scale.unit) if monthly and is_flow(series) else scale.unit


def _step(size: float, names: tuple[str, ...], **values: str) -> Shown:
    step = 0 if size < 1e3 else 1 if size < 1e6 else 2
    return Shown(10.0 ** (-3 * step), text(f"plots.unit.{names[step]}", **values))
