"""Changes to scenarios given on the command line: `--set path=value`."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from sim.errors import UsageError
from sim.scenario.changing import how_far
from sim.scenario.files import load_scenario
from sim.scenario.schema import Scenario


def changed(
    names: Sequence[str], changes: Sequence[str] | None, allow_plugins: bool = False
) -> tuple[list[Scenario], list[str]]:
    """The scenarios with the changes of `--set`, and a sentence for each change that is not made in all of them.

    A change is made wherever its path exists (a comparison may hold scenarios without that mechanism); a path that
    exists nowhere is refused, in the words of the scenario that has most of it."""
    scenarios = [load_scenario(name, allow_plugins=allow_plugins) for name in names]
    wanted: list[dict[str, Any]] = [{} for _ in scenarios]
    notes = []
    for path, value in (change(text) for text in changes or ()):
        far = [how_far(s, path, before) for s, before in zip(scenarios, wanted, strict=True)]
        has = [n == len(path.split(".")) for n in far]
        if not any(has):
            nearest = far.index(max(far))
            scenarios[nearest].replace(wanted[nearest] | {path: value})
        for mine, concerned in zip(wanted, has, strict=True):
            if concerned:
                mine[path] = value
        if not all(has):
            made = ", ".join(s.name for s, h in zip(scenarios, has, strict=True) if h)
            left = ", ".join(s.name for s, h in zip(scenarios, has, strict=True) if not h)
            notes.append(f"--set {path} changes {made}; there is no such value in {left}")
    return [s.replace(mine) if mine else s for s, mine in zip(scenarios, wanted, strict=True)], notes


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
