"""Laws of the payoff game: zero stakes, equal shares, monotone subsidies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.ensemble import run_block
from tests.worlds import EVERYBODY, NO_STAKES, QUIET, SMALL, run, scenario, tables


def test_without_incentive_and_without_benefit_nobody_makes_an_effort() -> None:
    world, _ = run(scenario(QUIET, NO_STAKES, market={"premium": 0.0}, months=200))
    trading = world.revenue > 0
    assert trading.sum() == 22
    assert world.quality[trading].max() < 1e-9
    assert world.abatement[trading].max() < 1e-9


def star(n: int) -> tuple[str, str]:
    """A manufacturer and n - 1 suppliers that all put the same value into the product."""
    price = 40.0 * (n - 1)
    firms = "firm_id,role,price,value_added_share,demand\n" + f"m,manufacturer,{price},{10 / price},1000\n"
    firms += "".join(f"s{k},supplier,20,0.5,\n" for k in range(n - 1))
    links = "supplier,customer,input_group,units_per_unit\n" + "".join(f"s{k},m,g{k},1\n" for k in range(n - 1))
    return firms, links


def line(n: int) -> tuple[str, str]:
    """Each firm supplies the next; the last one sells; all put the same value into the product."""
    firms = "firm_id,role,price,value_added_share,demand\n"
    prices = [20.0 * 2.0**k for k in range(n)]
    for k, price in enumerate(prices):
        role, demand = ("manufacturer", "1000") if k == n - 1 else ("supplier", "")
        firms += f"f{k},{role},{price},{8 / price},{demand}\n"
    return firms, "supplier,customer,units_per_unit\n" + "".join(f"f{k},f{k + 1},1\n" for k in range(n - 1))


@pytest.mark.parametrize("shape", [star, line])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_with_equal_shares_in_a_chain_of_n_equal_firms_the_best_reply_is_the_first_best_over_n(
    tmp_path: Path, shape: object, n: int
) -> None:
    network = tables(tmp_path, *shape(n))  # type: ignore[operator]
    game = scenario(
        QUIET,
        NO_STAKES,
        network,
        market={"premium": 0.05},
        benefit_sharing={"kind": "value_added"},
        programme=EVERYBODY,
        behaviours=[{"kind": "gradient", "noise": 0.0, "speed": 6.0}],
        months=120,
    )
    alone, _ = run(game)
    together, _ = run(game.replace({"behaviours": [{"kind": "cooperative", "speed": 6.0}]}))
    firms = slice(0, n)
    assert np.all(together.quality[0, firms] < 1.0)
    assert np.all(together.quality[0, firms] > 0.01)
    assert alone.quality[0, firms] * n == pytest.approx(together.quality[0, firms], abs=1e-6)
    assert alone.abatement[0, firms] * n == pytest.approx(together.abatement[0, firms], abs=1e-6)
    assert alone.chains.count == n + 1


def test_a_higher_subsidy_never_lowers_mean_abatement() -> None:
    means = []
    for rate in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4):
        block = run_block(
            scenario(network=SMALL, incentives=[{"kind": "abatement_subsidy", "rate": rate}], months=24),
            1,
            range(4),
            benchmark=False,
        )
        means.append(block.world.abatement.mean(axis=1))
    steps = np.diff(np.array(means), axis=0)
    assert np.all(steps >= 0.0)
    assert np.all(steps.sum(axis=0) > 0.05)


def test_contribution_sharing_pulls_harder_where_contributions_are_seen_better() -> None:
    efforts = []
    for accuracy in (0.3, 0.6, 1.0):
        world, p = run(
            scenario(
                QUIET,
                network=SMALL,
                benefit_sharing={"kind": "contribution"},
                information={"kind": "platform", "accuracy_with": accuracy, "minimum_disclosure": 1.0},
                programme=EVERYBODY,
                months=60,
            )
        )
        efforts.append(world.abatement[0, p.traits.supplier].mean())
    assert efforts[0] < efforts[1] < efforts[2]
