"""Versions of what computes the numbers."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np

PACKAGE = "supply-chain-lab"


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Versions of this package, Python and numpy, noted with every experiment and run."""
    try:
        package = version(PACKAGE)
    except PackageNotFoundError:
        package = "not installed"
    return {
        "package_version": package,
        "python_version": platform.python_version(),
        "numpy_version": np.__version__,
    }
