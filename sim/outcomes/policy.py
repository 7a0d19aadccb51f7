"""What incentives are worth, against the same world without them (`[assessment] counterfactual = true`)."""

from __future__ import annotations

from sim.outcomes.base import Outcome

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
