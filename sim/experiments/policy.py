"""Policy figures of a comparison: what a policy brings, what it costs, and whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.results import Results

COST_PER_TONNE = "cost_per_tonne"
"""Public cost for each tonne abated, both against the reference: the outcome of a comparison as a whole."""

LEAKAGE_RATE = "leakage_rate"
"""Leakage for each tonne abated by the firms that incentives reach, both against the world without incentives."""

TONNES_ABATED = "tonnes_abated"
"""Emissions of the reference less those of the scenario."""

OF_SCENARIO = (COST_PER_TONNE, "additionality", "windfall_share", LEAKAGE_RATE)
"""Figures that the summary of a scenario has already."""

INCIDENCE = ("profit", "public_money", "support")
"""What is told by groups of firms: who gains, and who is paid."""

COLUMNS = ("scenario", "against", "figure", "group", "value", "low", "high", "unit")

Row = tuple[str, str, str, str, float, float, float, str]


def policy_frame(results: Results) -> pd.DataFrame:
    """Policy figures of every scenario but the reference: scenario, against, figure, group, value, low, high, unit.

    tonnes_abated: paired by replication. cost_per_tonne, leakage_rate: ratios of means. additionality,
    windfall_share: means; these and leakage_rate where the scenario has a world without incentives beside it.
    profit_by_..., public_money_by_..., support_by_...: paired differences for each group of firms that both
    scenarios record. group is empty where the figure is of all firms.
    """
    import pandas as pd

    summary = results.summary.set_index(["scenario", "outcome"])
    paired = results.paired.set_index(["scenario", "outcome"])
    rows = []
    for scenario in (s.name for s in results.scenarios if s.name != results.against):
        rows += list(_of_scenario(results, scenario, summary, paired))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_scenario(results: Results, scenario: str, summary: pd.DataFrame, paired: pd.DataFrame) -> Iterator[Row]:
    if (scenario, "emissions") in paired.index:
        fall: Any = paired.loc[(scenario, "emissions")]
        ends = (-fall["difference"], -fall["high"], -fall["low"])
        yield (scenario, results.against, TONNES_ABATED, "", *ends, fall["unit"])
    for figure in OF_SCENARIO:
        if (scenario, figure) in summary.index:
            row: Any = summary.loc[(scenario, figure)]
            yield (scenario, results.against, figure, "", row["mean"], row["low"], row["high"], row["unit"])
    for series in paired.loc[[scenario]].index.get_level_values("outcome") if scenario in paired.index else ():
        name, _, group = series.partition(":")
        if group and name.partition("_by_")[0] in INCIDENCE:
            found: Any = paired.loc[(scenario, series)]
            ends = (found["difference"], found["low"], found["high"])
            yield (scenario, results.against, name, group, *ends, found["unit"])
