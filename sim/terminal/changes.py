"""Changes to scenarios given on the command line: `--set path=value`."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from sim.errors import UsageError
from sim.scenario.files import has_path, load_scenario
from sim.scenario.schema import Scenario


def changed(names: Sequence[str], changes: Sequence[str] | None) -> list[Scenario]:
    """The scenarios with the changes of `--set`. A change is made wherever its path exists (a comparison may hold
    scenarios without that mechanism); a path that exists nowhere is refused."""
    by_path = dict(change(text) for text in changes or ())
    scenarios = [load_scenario(name) for name in names]
    for path, value in by_path.items():
        concerned = [has_path(s, path) for s in scenarios]
        if not any(concerned):
            scenarios[0].replace({path: value})
        scenarios = [s.replace({path: value}) if c else s for s, c in zip(scenarios, concerned, strict=True)]
    return scenarios


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
