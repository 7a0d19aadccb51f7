"""Every word that a user sees in plots, report and app: one file per language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.errors import UsageError, unknown

DEFAULT_LANGUAGE = "en"


def text(key: str, /, *, language: str = DEFAULT_LANGUAGE, **values: object) -> str:
    """The words under a dotted key with `values` filled in: `text("plots.over_time.title")`.

    Raises UsageError for a key that the language does not have, or a value that its words ask for and is
    not given.
    """
    words = _words(language)
    if key not in words:
        raise UsageError(f"{language}.toml: {unknown('text', key, words)}")
    try:
        return words[key].format(**values)
    except KeyError as missing:
        raise UsageError(f"{language}.toml, {key}: the value {missing} is not given") from None


def has_text(key: str, *, language: str = DEFAULT_LANGUAGE) -> bool:
    """Whether there are words under a key."""
    return key in _words(language)


def keys(language: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """All keys of a language, sorted."""
    return tuple(sorted(_words(language)))


@lru_cache(maxsize=8)
def _words(language: str) -> Mapping[str, str]:
    path = Path(__file__).with_name(f"{language}.toml")
    if not path.is_file():
        known = (p.stem for p in path.parent.glob("*.toml"))
        raise UsageError(unknown("language", language, known))
    return _flat(tomllib.loads(path.read_text(encoding="utf-8")), "")


def _flat(table: Mapping[str, Any], prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = str(value)
    return found
