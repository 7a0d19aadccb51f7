"""Packaging in the plain Mesa model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.plain.agents import Acts, Firm
    from benchmarks.plain.model import PlainModel


def goes_back(model: PlainModel) -> float:
    """Tonnes of reusable packaging that go back for a tonne shipped."""
    return model.logistics.packaging * model.logistics.packaging_reuse


def packaging_used(model: PlainModel) -> float:
    """Tonnes of packaging used up for a tonne shipped, without abatement effort."""
    logistics = model.logistics
    spared = logistics.packaging_reuse * (1.0 - 1.0 / logistics.reuse_trips)
    return logistics.packaging * (1.0 - spared)


def packaging(firm: Firm, acts: Acts) -> float:
    """Tonnes of packaging that a producer uses up around what it ships."""
    if firm.role == "logistics":
        return 0.0
    return packaging_used(firm.model) * firm.volume * (1.0 - firm.model.logistics.packaging_saving * acts.abatement)
