"""Finding every kind: the modules of a folder and installed entry points; no list kept by hand."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from pydantic import BaseModel

ENTRY_POINTS = "sim.mechanisms"
"""Entry-point group by which installed packages add mechanisms, behaviours or network families."""


@cache
def kinds(package: str, base: type[BaseModel]) -> dict[str, type[Any]]:
    """Every class under `base` with a `kind`, by kind, sorted: those defined in the modules of
    `package` and those that installed packages offer."""
    found: dict[str, type[Any]] = {}
    folder = importlib.import_module(package)
    for info in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{package}.{info.name}")
        for value in vars(module).values():
            if inspect.isclass(value) and value.__module__ == module.__name__ and has_kind(value, base):
                found[kind_of(value)] = value
    for point in entry_points(group=ENTRY_POINTS):
        value = point.load()
        if inspect.isclass(value) and has_kind(value, base):
            found[kind_of(value)] = value
    return dict(sorted(found.items()))


def has_kind(value: type[Any], base: type[BaseModel]) -> bool:
    """Whether a class is a kind of `base` that a scenario can name."""
    return issubclass(value, base) and "kind" in value.model_fields


def kind_of(value: type[Any]) -> str:
    """The name a scenario gives for this class."""
    return str(value.model_fields["kind"].default)
