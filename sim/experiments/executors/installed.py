"""What a process computes with: the same to the bit where all of this is the same."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from typing import NamedTuple


class Installed(NamedTuple):
    """Versions, and a checksum of elementary functions."""

    package: str
    model: str
    python: str
    numpy: str
    scipy: str
    arithmetic: str

    def difference(self, other: Installed) -> str:
        """The first thing in which another process differs, in words; empty if in nothing."""
        for name, here, there in zip(self._fields, self, other, strict=True):
            if here == there:
                continue
            if name == "arithmetic":
                return (
                    "its processor rounds exp, log or others differently (NPY_DISABLE_CPU_FEATURES, set alike "
                    "everywhere, has numpy leave out what only some processors can)"
                )
            what = {"package": "supply-chain-lab", "model": "version of the model", "python": "Python"}.get(name, name)
            return f"{what} {there}, here {here}"
        return ""


@lru_cache(maxsize=1)
def installed() -> Installed:
    """What this process computes with."""
    import numpy
    import scipy

    import sim
    from sim.scenario.schema import MODEL_VERSION

    python = ".".join(platform.python_version_tuple()[:2])
    return Installed(sim.__version__, MODEL_VERSION, python, numpy.__version__, scipy.__version__, _arithmetic())


def _arithmetic() -> str:
    """Numpy computes these in other ways on other processors, and the last bit may differ."""
    import numpy as np
    from scipy.special import ndtr

    x = np.linspace(1e-3, 30.0, 4099)
    values = (
        *(f(x) for f in (np.exp, np.expm1, np.log, np.sqrt, np.sin, np.cos, np.tanh, ndtr)),
        np.power(x, 0.3),
        np.add.reduce(x),
    )
    return hashlib.blake2b(b"".join(np.asarray(v).tobytes() for v in values), digest_size=8).hexdigest()
