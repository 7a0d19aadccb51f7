"""What common random numbers save, against worlds that really have seeds of their own."""

from __future__ import annotations

from scipy import stats

from sim.experiments.designs import compare, run
from sim.fields import Array
from sim.scenario.schema import Scenario
from tests.experiments.conftest import tiny

BATCH, BATCHES = 5, 300
CHANCE = 1e-4
"""Probability, given to each bound, of missing by chance."""


def emissions(scenario: Scenario, seed: int) -> Array:
    """Emissions of each replication."""
    runs = run(scenario, replications=BATCH * BATCHES, seed=seed, workers=1).runs
    return runs[runs.outcome == "emissions"].sort_values("replication").value.to_numpy()


def spread(differences: Array) -> float:
    """Variance, from one experiment to the next, of the mean difference over the replications of an experiment."""
    return float(differences.reshape(BATCHES, BATCH).mean(axis=1).var(ddof=1))


def test_independent_seeds_spread_by_the_variance_ratio_more_than_common_ones() -> None:
    """(k - 1) s^2 / sigma^2 of k normal values is chi-square with k - 1 degrees of freedom. That bounds both spreads,
    each from worlds of its own, and all three variances that the ratio is made of."""
    plain, subsidised = tiny("plain"), tiny("subsidised", incentives=[{"kind": "abatement_subsidy", "rate": 0.5}])
    together = compare([plain, subsidised], replications=BATCH * BATCHES, seed=1, workers=1)
    predicted = together.paired.set_index("outcome").variance_ratio["emissions"]
    common = spread(emissions(subsidised, 2) - emissions(plain, 2))
    independent = spread(emissions(subsidised, 3) - emissions(plain, 4))

    def bounds(freedom: int) -> Array:
        return stats.chi2.ppf([CHANCE / 2, 1 - CHANCE / 2], freedom) / freedom

    of_spread, of_ratio = bounds(BATCHES - 1), bounds(BATCH * BATCHES - 1)
    widest = (of_spread[1] / of_spread[0]) * (of_ratio[1] / of_ratio[0])
    assert predicted > widest, "there is something to be saved"
    assert 1 / widest < independent / common / predicted < widest
