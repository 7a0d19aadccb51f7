"""An agent-based laboratory for supply-chain quality-management collaboration."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.agents import Firm, LogisticsFirm, Manufacturer, Regulator, Supplier
    from sim.errors import NetworkError, RunError, ScenarioError, SimError, StoreError, UsageError
    from sim.experiments.designs import compare, run, saved
    from sim.experiments.link_panel import link_panel
    from sim.experiments.panel import firm_panel
    from sim.experiments.results import Results
    from sim.model import SupplyChainModel
    from sim.scenario.files import load_data, load_scenario
    from sim.scenario.schema import Scenario

__version__ = "0.1.0"

_WHERE = {
    "Firm": "sim.agents",
    "LogisticsFirm": "sim.agents",
    "Manufacturer": "sim.agents",
    "NetworkError": "sim.errors",
    "Regulator": "sim.agents",
    "Results": "sim.experiments.results",
    "RunError": "sim.errors",
    "Scenario": "sim.scenario.schema",
    "ScenarioError": "sim.errors",
    "SimError": "sim.errors",
    "StoreError": "sim.errors",
    "Supplier": "sim.agents",
    "SupplyChainModel": "sim.model",
    "UsageError": "sim.errors",
    "compare": "sim.experiments.designs",
    "firm_panel": "sim.experiments.panel",
    "link_panel": "sim.experiments.link_panel",
    "load_data": "sim.scenario.files",
    "load_scenario": "sim.scenario.files",
    "run": "sim.experiments.designs",
    "saved": "sim.experiments.designs",
}
"""Public names and the modules they come from; they are imported when first used, so that `sim --help` is quick."""

__all__ = [
    "Firm",
    "LogisticsFirm",
    "Manufacturer",
    "NetworkError",
    "Regulator",
    "Results",
    "RunError",
    "Scenario",
    "ScenarioError",
    "SimError",
    "StoreError",
    "Supplier",
    "SupplyChainModel",
    "UsageError",
    "compare",
    "firm_panel",
    "link_panel",
    "load_data",
    "load_scenario",
    "run",
    "saved",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
