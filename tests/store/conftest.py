"""Made-up runs, and a database that knows their scenario."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim.store.records import NEVER, Runs
from sim.store.store import Entry, Store

FINGERPRINT = "f" * 64


def made(*replications: int) -> Runs:
    """Runs whose numbers are hard to write down: every bit counts."""
    draws = np.random.default_rng(list(replications))
    width = len(replications)
    return Runs(
        replications=replications,
        units={"emissions": "t CO2e", "free_rider_share_by_tier:tier 1": "share"},
        monthly=draws.normal(size=(width, 2, 4)) * 10.0 ** draws.integers(-300, 300, size=(width, 2, 4)),
        entries=(("goods", "manufacturer"), ("goods", "supplier")),
        ledger=draws.normal(size=(width, 2)),
        budgets=("upgrade_grant",),
        last_paid=np.where(np.arange(width)[:, None] % 2 == 0, float(NEVER), 3.0),
        seconds=0.25,
    )


def entry(name: str = "tiny", fingerprint: str = FINGERPRINT) -> Entry:
    return Entry(name, f"title of {name}", fingerprint, '{"months": 4}', '{"name": "tiny"}', 4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "results.db") as opened:
        opened.begin("run", [entry()], seed=1, replications=5, reference="tiny")
        yield opened
