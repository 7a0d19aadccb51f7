"""A figure with its interval, in the unit and with the digits in which it is read most easily."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

NOISE = 1e-9
"""An interval narrower than this share of its figure is rounding."""


@dataclass(frozen=True)
class Figure:
    """A figure with half the width of its interval, in the unit it is shown in; NaN where there is none."""

    value: float
    half: float


def scale(unit: str, largest: float, *, change: bool = False) -> tuple[float, str]:
    """Factor and name of the unit in which values, or changes, up to `largest` are read most easily."""
    money = re.fullmatch(r"k([A-Z]{3})(/t)?", unit)
    if unit == "share":
        return 100.0, "% points" if change else "%"
    if money and money[2]:
        return 1e3, f"{money[1]}/t"
    if money:
        return (1e-3, f"million {money[1]}") if largest >= 1e3 else (1.0, f"thousand {money[1]}")
    if unit == "t CO2e":
        return (1e-3, "kt CO2e") if largest >= 1e3 else (1.0, unit)
    return 1.0, unit


def decimals(figures: Sequence[Figure]) -> int:
    """Decimals that show the first digit of the narrowest interval, or four digits where there is none."""
    halves = [f.half for f in figures if f.half > NOISE * abs(f.value)]
    if halves:
        return min(max(-math.floor(math.log10(min(halves))), 0), 3)
    sizes = [abs(f.value) for f in figures if abs(f.value) > 0]
    return min(max(3 - math.floor(math.log10(max(sizes))), 0), 3) if sizes else 0


def written(figure: Figure, digits: int, *, signed: bool = False) -> str:
    """A figure with its interval as a cell of a table; what is rounded away altogether is 0."""
    if math.isnan(figure.value):
        return "-"
    value = round(figure.value, digits) + 0.0
    if value == 0 and round(figure.half, digits) == 0:
        return "0"
    text = f"{value:{'+' if signed and value else ''},.{digits}f}"
    if math.isnan(figure.half):
        return text
    return f"{text} ± {f'{figure.half:,.{digits}f}' if round(figure.half, digits) else '0'}"


def counted(count: int, what: str) -> str:
    """So many of something."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
