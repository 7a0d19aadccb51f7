"""How worlds begin."""

from __future__ import annotations

import numpy as np
import pytest

from sim.beginning import opening
from sim.errors import ScenarioError
from sim.programme import programme_of
from tests.worlds import QUIET, SMALL, scenario


def begun(share: float | list[float], worlds: int = 3) -> tuple[np.ndarray, dict[str, slice]]:
    start = {"cooperators": share, "spread": 0.1}
    p = programme_of(scenario(QUIET, network=SMALL, start=start), 1, range(worlds))
    return opening(p).quality, p.groups


def test_a_share_of_each_group_begins_with_full_effort_and_the_others_with_none() -> None:
    quality, groups = begun(0.25)
    assert set(np.unique(quality)) == {0.0, 1.0}
    # Two buyers, 8 and 12 suppliers, 2 carriers; halves are rounded up.
    assert [quality[:, where].sum(axis=1).tolist() for where in groups.values()] == [[1] * 3, [2] * 3, [3] * 3, [1] * 3]
    assert len(np.unique(quality[:, groups["tier 2"]], axis=0)) > 1


def test_a_list_has_a_share_for_manufacturers_each_tier_and_carriers() -> None:
    quality, groups = begun([0.5, 1.0, 0.25])
    assert list(groups) == ["manufacturers", "tier 1", "tier 2", "carriers"]
    assert [quality[0, where].sum() for where in groups.values()] == [1, 8, 3, 0]


def test_exactly_one_of_many_can_be_asked_for() -> None:
    quality, groups = begun([0.0, 0.0, 1.0 / 12.0], worlds=40)
    assert np.array_equal(quality.sum(axis=1), np.ones(40))
    assert len(np.unique(quality.argmax(axis=1))) > 8
    assert set(quality.argmax(axis=1)) <= set(range(*groups["tier 2"].indices(99)))


def test_the_other_efforts_begin_around_their_means_all_the_same() -> None:
    usual = {"cooperators": 0.5, "spread": 0.1}
    p = programme_of(scenario(QUIET, network=SMALL, start=usual), 1, [0])
    q = programme_of(scenario(QUIET, network=SMALL, start={"spread": 0.1}), 1, [0])
    assert np.array_equal(opening(p).abatement, opening(q).abatement)
    assert np.array_equal(opening(p).disclosure, opening(q).disclosure)


@pytest.mark.parametrize("share", [1.5, [0.5, -0.1]])
def test_a_share_of_cooperators_is_one(share: object) -> None:
    with pytest.raises(ScenarioError, match="cooperators"):
        scenario(start={"cooperators": share})
