"""An agent-based laboratory for supply-chain quality-management collaboration."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.agents import Firm, LogisticsFirm, Manufacturer, Regulator, Supplier
    from sim.errors import NetworkError, RunError, ScenarioError, SimError, StoreError, UsageError
    from sim.experiments.designs import compare, run, saved
    from sim.experiments.ema import as_model, ema_model
    from sim.experiments.files import load_experiment
    from sim.experiments.kinds.ablation import Ablation
    from sim.experiments.kinds.sensitivity import Sensitivity
    from sim.experiments.kinds.sweep import Sweep
    from sim.experiments.panels.firms import firm_panel
    from sim.experiments.panels.links import link_panel
    from sim.experiments.results import Results
    from sim.experiments.search.search import Search
    from sim.experiments.sequential import run_until
    from sim.model import SupplyChainModel
    from sim.scenario.files import load_data, load_scenario
    from sim.scenario.schema import Scenario

__version__ = "0.1.0"

_WHERE = {
    "Ablation": "sim.experiments.kinds.ablation",
    "Firm": "sim.agents",
    "LogisticsFirm": "sim.agents",
    "Manufacturer": "sim.agents",
    "NetworkError": "sim.errors",
    "Regulator": "sim.agents",
    "Results": "sim.experiments.results",
    "RunError": "sim.errors",
    "Scenario": "sim.scenario.schema",
    "ScenarioError": "sim.errors",
    "Search": "sim.experiments.search.search",
    "Sensitivity": "sim.experiments.kinds.sensitivity",
    "SimError": "sim.errors",
    "StoreError": "sim.errors",
    "Supplier": "sim.agents",
    "SupplyChainModel": "sim.model",
    "Sweep": "sim.experiments.kinds.sweep",
    "UsageError": "sim.errors",
    "as_model": "sim.experiments.ema",
    "compare": "sim.experiments.designs",
    "ema_model": "sim.experiments.ema",
    "firm_panel": "sim.experiments.panels.firms",
    "link_panel": "sim.experiments.panels.links",
    "load_data": "sim.scenario.files",
    "load_experiment": "sim.experiments.files",
    "load_scenario": "sim.scenario.files",
    "run": "sim.experiments.designs",
    "run_until": "sim.experiments.sequential",
    "saved": "sim.experiments.designs",
}
"""Public names and the modules they come from; they are imported when first used, so that `sim --help` is quick."""

__all__ = [
    "Ablation",
    "Firm",
    "LogisticsFirm",
    "Manufacturer",
    "NetworkError",
    "Regulator",
    "Results",
    "RunError",
    "Scenario",
    "ScenarioError",
    "Search",
    "Sensitivity",
    "SimError",
    "StoreError",
    "Supplier",
    "SupplyChainModel",
    "Sweep",
    "UsageError",
    "as_model",
    "compare",
    "ema_model",
    "firm_panel",
    "link_panel",
    "load_data",
    "load_experiment",
    "load_scenario",
    "run",
    "run_until",
    "saved",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
