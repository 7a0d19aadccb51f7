"""Where firms rest with the default numbers: choices are interior and no instrument wins by its units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.worlds import EVERYBODY, QUIET, of_firm, run, scenario, tables

FIRMS = """firm_id,role,size,value_added_share,demand
maker,manufacturer,large,0.5,1000
large,supplier,large,0.5,
small,supplier,sme,0.5,
raw,supplier,large,1.0,
"""
LINKS = """supplier,customer,input_group
large,maker,a
small,maker,b
raw,large,x
raw,small,x
"""


@pytest.mark.parametrize(
    ("case", "firm", "quality", "abatement"),
    [
        ({}, "large", 0.32, 0.19),
        ({}, "small", 0.21, 0.12),
        ({"behaviours": [{"kind": "cooperative"}]}, "large", 0.94, 0.60),
        ({"cost_sharing": {"kind": "sponsor", "share": 0.4}, "programme": EVERYBODY}, "large", 0.54, 0.32),
        ({"incentives": [{"kind": "carbon_tax", "rate": 0.096}]}, "large", 0.33, 0.27),
    ],
    ids=["alone", "alone, small", "first best", "sponsored", "carbon price"],
)
def test_a_supplier_rests_where_the_magnitudes_say(
    tmp_path: Path, case: dict[str, Any], firm: str, quality: float, abatement: float
) -> None:
    world, p = run(scenario(QUIET, tables(tmp_path, FIRMS, LINKS), months=100, **case))
    assert of_firm(world, p, "quality", firm) == pytest.approx(quality, abs=0.015)
    assert of_firm(world, p, "abatement", firm) == pytest.approx(abatement, abs=0.015)


def test_failures_downstream_cost_three_percent_of_revenue_at_full_defects(tmp_path: Path) -> None:
    watched = [{"kind": "cooperative", "speed": 0.0}]
    world, p = run(scenario(QUIET, tables(tmp_path, FIRMS, LINKS), months=3, behaviours=watched))
    removed = p.scenario.technology.defect_rate * p.scenario.technology.defect_cut
    share = of_firm(world, p, "damage", "large") * removed / of_firm(world, p, "revenue", "large")
    assert share == pytest.approx(0.03, abs=0.002)
