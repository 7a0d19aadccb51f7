"""Finding every kind: the modules of a folder, installed entry points, and plug-ins a user allows; no list kept by
hand."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.errors import ScenarioError

ENTRY_POINTS = "sim.mechanisms"
"""Entry-point group by which installed packages add mechanisms, behaviours or network families."""

_plugins: dict[str, type[Any]] = {}


@cache
def kinds(package: str, base: type[BaseModel]) -> dict[str, type[Any]]:
    """Every class under `base` with a `kind`, by kind, sorted: those defined in the modules of `package`, those that
    installed packages offer, and the plug-ins that were allowed."""
    found: dict[str, type[Any]] = {}
    folder = importlib.import_module(package)
    for info in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{package}.{info.name}")
        for value in vars(module).values():
            if inspect.isclass(value) and value.__module__ == module.__name__ and has_kind(value, base):
                found[kind_of(value)] = value
    offered = [point.load() for point in entry_points(group=ENTRY_POINTS)]
    for value in (*offered, *_plugins.values()):
        if inspect.isclass(value) and has_kind(value, base):
            found[kind_of(value)] = value
    return dict(sorted(found.items()))


def has_kind(value: type[Any], base: type[BaseModel]) -> bool:
    """Whether a class is a kind of `base` that a scenario can name."""
    return issubclass(value, base) and "kind" in value.model_fields


def kind_of(value: type[Any]) -> str:
    """The name a scenario gives for this class."""
    return str(value.model_fields["kind"].default)


def plug_in(name: str) -> str:
    """Import the class that `package.module:Class` names and make it a kind; its kind. The working folder counts as a
    place to import from. Raises ScenarioError if there is no such class."""
    if name in _plugins:
        return kind_of(_plugins[name])
    module_name, _, class_name = name.partition(":")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        value = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise ScenarioError(f"plug-in {name!r}: {error}") from None
    if not (inspect.isclass(value) and issubclass(value, BaseModel) and "kind" in value.model_fields):
        raise ScenarioError(f"plug-in {name!r}: given {value!r}, allowed is a mechanism class with a kind")
    _plugins[name] = value
    kinds.cache_clear()
    return kind_of(value)


def plug_in_name(value: type[Any]) -> str | None:
    """The `package.module:Class` by which a class was plugged in; None for other kinds."""
    return next((name for name, plugged in _plugins.items() if plugged is value), None)


def source_of(value: type[Any]) -> str | None:
    """Fingerprint of the source of a kind from outside this package; None for its own kinds."""
    if value.__module__.split(".")[0] == __name__.split(".")[0]:
        return None
    return hashlib.sha256(inspect.getsource(inspect.getmodule(value) or value).encode()).hexdigest()
