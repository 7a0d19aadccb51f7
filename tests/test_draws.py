"""Random numbers: what they depend on, and that they are good enough."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from sim.draws import Draws, slots
from sim.errors import UsageError

NAMES = [f"firm-{n}" for n in range(2000)]


def draws(seed: int = 1, replications: int = 3, names: list[str] = NAMES) -> Draws:
    return Draws(seed, range(replications), slots(names))


def test_a_draw_does_not_depend_on_other_firms_worlds_or_streams() -> None:
    all_of_them = draws().uniform("outage", 7)
    assert np.array_equal(draws(replications=1).uniform("outage", 7), all_of_them[:1])
    assert np.array_equal(draws(names=NAMES[500:600]).uniform("outage", 7), all_of_them[:, 500:600])
    other = draws()
    other.normals("gradient", 7)
    other.uniform("outage", 6)
    assert np.array_equal(other.uniform("outage", 7), all_of_them)


def test_drawing_at_cells_gives_the_same_numbers() -> None:
    cells = np.array([0, 5, 2000, 5999])
    d = draws()
    assert np.array_equal(d.uniform("audit", 3, cells), d.uniform("audit", 3).ravel()[cells])
    for some, every in zip(d.normals("audit", 3, cells), d.normals("audit", 3), strict=True):
        assert np.array_equal(some, every.ravel()[cells])


@pytest.mark.parametrize(
    "cells", [None, np.array([3, 2000, 7999, 2]), np.arange(7999, 0, -1)], ids=["all", "few", "many"]
)
def test_worlds_of_one_replication_draw_what_each_draws_alone(cells: np.ndarray | None) -> None:
    replications = [4, 0, 4, 4]
    together = Draws(1, replications, slots(NAMES))
    for name in ("uniform", "normal", "logistic"):
        rows = [getattr(Draws(1, [r], slots(NAMES)), name)("audit", 3) for r in replications]
        every = np.concatenate(rows)
        assert np.array_equal(
            getattr(together, name)("audit", 3, cells), every if cells is None else every.ravel()[cells]
        ), name
    assert np.array_equal(
        together.uniform_of("north", "start", 2)[[0, 2]], together.uniform_of("north", "start", 2)[[3, 3]]
    )
    assert np.array_equal(
        together.uniform_of("north", "start", 2)[1:2], Draws(1, [0], slots(NAMES)).uniform_of("north", "start", 2)
    )


def test_every_part_of_the_key_matters() -> None:
    base = draws().uniform("audit", 3)
    for other in (draws(seed=2).uniform("audit", 3), draws().uniform("audit", 4), draws().uniform("audits", 3)):
        assert not np.any(other == base)
    assert not np.any(base[0] == base[1])


def test_uniforms_are_uniform_and_normals_normal() -> None:
    u = np.concatenate([draws().uniform("a", t).ravel() for t in range(-5, 30)])
    assert 0.0 <= u.min() <= u.max() < 1.0
    assert stats.kstest(u, "uniform").pvalue > 0.001
    x, y = (
        np.concatenate(z)
        for z in zip(*(tuple(a.ravel() for a in draws().normals("a", t)) for t in range(30)), strict=True)
    )
    for z in (x, y):
        assert stats.kstest(z, "norm").pvalue > 0.001
        assert stats.kurtosis(z) == pytest.approx(0.0, abs=0.05)
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.01
    assert abs(np.corrcoef(np.abs(x), np.abs(y))[0, 1]) < 0.01


def test_neighbouring_slots_months_replications_seeds_and_streams_are_uncorrelated() -> None:
    many = 100
    by_month = np.array([draws(replications=1).uniform("a", t)[0] for t in range(many)])
    by_seed = np.array([draws(seed=s, replications=1).uniform("a", 0)[0] for s in range(many)])
    by_replication = draws(replications=many).uniform("a", 0)
    by_stream = np.array([draws(replications=1).uniform(f"s{k}", 0)[0] for k in range(many)])
    for x in (by_month, by_seed, by_replication, by_stream):
        limit = 4.5 / np.sqrt(x.size)
        assert abs(np.corrcoef(x[1:].ravel(), x[:-1].ravel())[0, 1]) < limit
        assert abs(np.corrcoef(x[:, 1:].ravel(), x[:, :-1].ravel())[0, 1]) < limit
        bits = (x * 2**16).astype(int) & 1
        assert abs(bits.mean() - 0.5) < limit
        assert abs(stats.zscore(x.mean(axis=0)).std() - 1) < 1e-9
        assert x.mean(axis=1).std() == pytest.approx(np.sqrt(1 / 12 / x.shape[1]), rel=0.3)


def test_draws_do_not_depend_on_pythons_hash_seed() -> None:
    code = "from sim.draws import Draws, slots; print(Draws(1, [0], slots(['a'])).uniform('x', 0)[0, 0].hex())"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(found) == 1


@pytest.mark.parametrize(("seed", "replications"), [(-1, [0]), (1, [-2])])
def test_negative_seeds_and_replications_are_refused(seed: int, replications: list[int]) -> None:
    with pytest.raises(UsageError, match="at least 0"):
        Draws(seed, replications, slots(["a"]))


def test_logistic_errors_have_mean_zero_and_standard_deviation_one() -> None:
    x = np.concatenate([draws().logistic("a", t).ravel() for t in range(30)])
    assert x.mean() == pytest.approx(0.0, abs=0.01)
    assert x.std() == pytest.approx(1.0, abs=0.01)
    assert stats.kstest(x, stats.logistic(scale=np.sqrt(3) / np.pi).cdf).pvalue > 0.001
