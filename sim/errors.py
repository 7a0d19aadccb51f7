"""The one error tree. Every message says where, what was given and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SimError(Exception):
    """Anything this package refuses or fails at, in words a user can act on."""


class ScenarioError(SimError):
    """A scenario file or a scenario change that does not describe a valid scenario."""


class NetworkError(SimError):
    """Supply-network data that cannot be given a meaning; the file and row are named."""


class StoreError(SimError):
    """The results database cannot be read or written."""


class RunError(SimError):
    """A simulated world failed, or its books did not balance."""


class UsageError(SimError):
    """A call or command asks for something that cannot be done."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None when nothing is close."""
    by_lower = {k.lower(): k for k in known}
    found = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None


MOST = 50
"""Known names that a message lists beside the nearest one."""


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """One sentence for an unknown name: what is known, and the nearest known name. Of very many it only says how many,
    if one of them is near."""
    known = sorted(known)
    guess = nearest(name, known)
    hint = f"; did you mean {guess!r}?" if guess else ""
    if guess and len(known) > MOST:
        return f"unknown {what} {name!r}{hint} (known: {len(known)} names)"
    return f"unknown {what} {name!r}{hint} (known: {', '.join(known) or 'none'})"


def reason(traceback: str) -> str:
    """What went wrong: the last line of a traceback; empty where there is none."""
    lines = traceback.strip().splitlines()
    return lines[-1] if lines else ""
