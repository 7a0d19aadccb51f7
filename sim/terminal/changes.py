"""Changes to scenarios given on the command line: `--set path=value`."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from sim.errors import UsageError
from sim.scenario.files import load_scenario
from sim.scenario.schema import Scenario


def changed(names: Sequence[str], changes: Sequence[str] | None) -> list[Scenario]:
    """The scenarios with the changes of `--set`."""
    by_path = dict(change(text) for text in changes or ())
    scenarios = [load_scenario(name) for name in names]
    return [s.replace(by_path) for s in scenarios] if by_path else scenarios


def change(text: str) -> tuple[str, Any]:
    """`path=value` as path and value; a single word needs no quotes."""
    path, equals, value = text.partition("=")
    path, value = path.strip(), value.strip()
    if not (path and equals and value):
        raise UsageError(f"--set: given {text!r}, allowed is PATH=VALUE, e.g. incentives.0.rate=0.1")
    try:
        return path, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        if value.replace("_", "").replace("-", "").isalnum() and value[0].isalpha():
            return path, value
        raise UsageError(f"--set {path}: given {value!r}, which is not a TOML value") from None
