"""The public names of the package, and the floors its modules stand on."""

from __future__ import annotations

import ast
from pathlib import Path

import sim

ROOT = Path(sim.__file__).parent

FLOORS: list[set[str]] = [
    {"errors", "fields", "text"},
    {"draws", "network", "parameters", "statistics"},
    {
        "rules",
        "traits",
        "mechanisms",
        "known",
        "discovery",
        "ledger",
        "payoff",
        "behaviours",
        "turns",
        "standing",
        "watching",
        "world",
    },
    {"scenario"},
    {
        "inforce",
        "terms",
        "programme",
        "month",
        "phases",
        "beginning",
        "outcomes",
    },
    {"agents", "model", "ensemble"},
    {"experiments", "store"},
    {"theory", "plots"},
    {"cli", "terminal"},
]
"""Imports go down these floors, or stay on one; never up."""


def floor(module: str) -> int:
    return next(n for n, names in enumerate(FLOORS) if module in names)


def imported(tree: ast.Module) -> set[str]:
    """Modules of the package that a file imports for use (imports for type checking alone do not count)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sim"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {a.name for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("sim.")}
    return found


ALLOWED_UP = {("scenario", "programme"), ("mechanisms", "known"), ("network", "families")}


def test_imports_go_down_only() -> None:
    wrong = []
    for path in ROOT.rglob("*.py"):
        own = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if own in ("__init__", "__main__"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for other in imported(tree):
            if other == own:
                continue
            if other in sim.__all__:
                other = "model"
            if floor(other) > floor(own):
                wrong.append(f"{path.relative_to(ROOT)} imports {other}")
    assert wrong == []


def test_the_store_knows_nothing_of_running() -> None:
    for path in (ROOT / "store").rglob("*.py"):
        known = imported(ast.parse(path.read_text(encoding="utf-8")))
        assert not known & {"ensemble", "experiments", "phases", "programme", "model"}, path


def test_public_names_are_these() -> None:
    assert sorted(sim.__all__) == [
        "Ablation", "Firm", "LogisticsFirm", "Manufacturer", "NetworkError", "Regulator", "Results", "RunError",
        "Scenario", "ScenarioError", "Search", "Sensitivity", "SimError", "StoreError", "Supplier", "SupplyChainModel",
        "Sweep", "UsageError", "as_model", "compare", "ema_model", "firm_panel", "link_panel", "load_data",
        "load_experiment", "load_scenario", "run", "run_until", "saved",
    ]  # fmt: skip
    for name in sim.__all__:
        assert getattr(sim, name) is not None
