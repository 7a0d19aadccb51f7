"""Interruptions of policy; and what incentives are worth, against the same world without them (`[assessment]
counterfactual = true`)."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.outcomes.base import Outcome
from sim.programme import Programme
from sim.world import World


def _interrupted(world: World, p: Programme) -> dict[str, Array]:
    if not p.scenario.risk.policy_shocks:
        return {}
    return {region: np.minimum(world.policy_left[:, n], 1.0) for n, region in enumerate(p.traits.regions)}


shocks = Outcome(
    "policy_shock_months", "months", "sum",
    "months that public policy is interrupted, by region; not told where it never is", _interrupted,
)  # fmt: skip
windfall = Outcome(
    "windfall", "kCNY", "sum",
    "support paid to firms whose green quality would be as high without the incentives",
    None, "lower",
)  # fmt: skip
windfall_share = Outcome(
    "windfall_share", "share", "mean",
    "the same as a share of all support of the month (0 in a month without)",
    None, "lower",
)  # fmt: skip
additionality = Outcome(
    "additionality", "share", "mean",
    "of the tonnes that supported firms abate beyond where they began, those they would not have abated anyway",
    None, "higher",
)  # fmt: skip
abated_in_reach = Outcome(
    "abated_in_reach", "t CO2e", "sum",
    "fall of the emissions of firms that some incentive reaches this month, against the world without incentives",
    None, "higher",
)  # fmt: skip
leakage = Outcome(
    "leakage", "t CO2e", "sum",
    "rise of the emissions of all other firms and of goods bought elsewhere, likewise; below 0 where they fall too",
    None, "lower",
)  # fmt: skip
