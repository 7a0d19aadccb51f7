"""Laws of a collaboration that spreads by contact: who hears of it when, and what that changes."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.plain.model import run_plain
from sim.beginning import opening
from sim.ensemble import run_block
from sim.errors import ScenarioError
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, SMALL, scenario

FIRMS = 12


def network(pairs: list[tuple[int, int]]) -> dict[str, Any]:
    """Firms that deal with each other, and one apart that sells to the market."""
    firms = [{"id": f"f{k:02d}", "role": "supplier"} for k in range(FIRMS)]
    links = [
        {"supplier": f"f{i:02d}", "customer": f"f{j:02d}", "input_group": f"{i}", "units_per_unit": 0.01}
        for i, j in pairs
    ]
    return {
        "kind": "listed",
        "firms": [{"id": "seller", "demand": 1.0, "role": "manufacturer"}, *firms],
        "links": links,
    }


def shares(pairs: list[tuple[int, int]], p: float, q: float, months: int, worlds: int) -> np.ndarray:
    """Share of the firms that are members after the months, in each world."""
    spread = {"innovation": p, "imitation": q}
    given = scenario(
        QUIET, network=network(pairs), membership=spread, programme=EVERYBODY, behaviours=[{"kind": "fixed"}]
    )
    programme = programme_of(given, 1, range(worlds))
    world = opening(programme)
    for _ in range(months + 1):
        world = month(world, programme)
    return world.member[:, programme.traits.supplier].mean(axis=1)


def expected_among_all(p: float, q: float, months: int) -> float:
    """Where all deal with all: from the chances of each number of members, month by month."""
    chance = np.zeros(FIRMS + 1)
    chance[0] = 1.0
    step = np.zeros((FIRMS + 1, FIRMS + 1))
    for inside in range(FIRMS + 1):
        out = FIRMS - inside
        step[inside, inside:] = binom.pmf(np.arange(out + 1), out, p + q * min(inside / (FIRMS - 1), 1.0))
    for _ in range(months):
        chance = chance @ step
    return float(chance @ np.arange(FIRMS + 1) / FIRMS)


def expected_in_a_ring(p: float, q: float, months: int) -> float:
    """In a ring of so many that none hears from both sides of the same member: the chances that one firm, and that two or
    more in a row, have not heard (Fibich & Gibori 2010, in steps)."""
    one, row = 1.0, 1.0
    for t in range(months):
        alone = (1 - p) ** t
        inside = (1 - p - q) * one + q * row * alone**2
        row *= (((1 - p) * alone + (1 - p - q / 2) * (1 - alone)) / (1 - p)) ** 2
        one = inside
    return 1.0 - one


RING = [(k, (k + 1) % FIRMS) if k < FIRMS - 1 else (0, FIRMS - 1) for k in range(FIRMS)]


@pytest.mark.parametrize(("p", "q"), [(0.05, 0.4), (0.1, 0.0), (0.2, 0.8)])
@pytest.mark.parametrize("all_linked", [True, False])
def test_as_many_hear_of_it_as_the_chances_say(p: float, q: float, all_linked: bool) -> None:
    months = 5  # in which nothing goes round the ring
    pairs = list(combinations(range(FIRMS), 2)) if all_linked else RING
    found = shares(pairs, p, q, months, worlds=1500)
    expected = (expected_among_all if all_linked else expected_in_a_ring)(p, q, months)
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / np.sqrt(1500))


def worlds(months: int, **changes: Any) -> tuple[list[World], Programme]:
    given = scenario(QUIET, **{"programme": EVERYBODY, "months": months, **changes})
    p = programme_of(given, 1, [0])
    seen = [opening(p)]
    for _ in range(months):
        seen.append(month(seen[-1], p))
    return seen[1:], p


def test_who_joins_by_imitation_alone_has_a_partner_inside_and_stays() -> None:
    seen, p = worlds(12, membership={"imitation": 0.6})
    assert np.array_equal(np.flatnonzero(seen[0].member[0]), p.roots)
    links = seen[0].links
    for before, after in pairwise(seen):
        assert np.all(after.member >= before.member)
        inside = links.total(links.supplier, links.at(links.customer, before.member))
        inside = inside + links.total(links.customer, links.at(links.supplier, before.member))
        assert np.all(inside[after.member > before.member] > 0)
    joined = seen[-1].member.sum()
    assert p.roots.size < joined
    carriers = p.traits.logistics
    assert not seen[-1].member[0, carriers].any()  # a carrier is nobody's partner


def test_all_join_at_once_where_all_hear_by_themselves_and_nobody_outside_a_phase() -> None:
    seen, _ = worlds(2, membership={"innovation": 1.0})
    assert seen[1].member.all()
    some = [{"name": "suppliers", "enrols": {"role": "supplier", "tier": 1}}]
    late = [{"name": "all", "starts": 3}]
    seen, p = worlds(3, membership={"innovation": 1.0}, programme=some)
    tiers = p.traits.tier[p.traits.supplier]
    assert np.array_equal(seen[-1].member[0, p.traits.supplier], (tiers == 1).astype(float))
    seen, p = worlds(5, membership={"innovation": 1.0}, programme=late)
    assert [int(w.member.sum()) for w in seen] == [0, 0, 0, len(p.roots), p.shape[1]]


def test_who_has_heard_may_choose_to_stay_outside() -> None:
    fee = {"kind": "platform", "monthly_cost": 1e4}
    seen, p = worlds(6, membership={"innovation": 1.0, "voluntary": True, "choose_every": 2}, information=fee)
    assert np.array_equal(np.flatnonzero(seen[-1].member[0]), p.roots)
    assert seen[-1].heard.all()


def test_who_has_heard_and_stays_outside_tells_nobody() -> None:
    fee = {"kind": "platform", "monthly_cost": 1e4}
    seen, p = worlds(12, membership={"imitation": 1.0, "voluntary": True, "choose_every": 1}, information=fee)
    told = np.zeros(p.shape)
    links = seen[0].links
    for mine, theirs in ((links.supplier, links.customer), (links.customer, links.supplier)):
        told.ravel()[mine[np.isin(theirs, p.roots)]] = 1.0
    told.ravel()[p.roots] = 1.0
    assert p.roots.size < told.sum() < p.shape[1]
    assert np.all(seen[-1].heard <= told)


def test_what_spreads_draws_from_a_stream_of_its_own() -> None:
    """At a chance of 1 from the start all goes as if nothing had to spread, but for the first month."""
    fixed = {
        "behaviours": [{"kind": "fixed", "quality": 0.4}],
        "risk": {"outage_rate": 0.1},
        "market": {"demand_noise": 0.2},
    }
    (spread, _), (whole, _) = worlds(4, membership={"innovation": 1.0}, **fixed), worlds(4, **fixed)
    for name in ("volume", "outage_left", "demand"):
        assert np.array_equal(getattr(spread[-1], name), getattr(whole[-1], name)), name


def test_the_plain_model_hears_of_it_at_the_same_time() -> None:
    given = scenario(
        network={**SMALL, "regions": ["east", "west"]},
        membership={"innovation": 0.05, "imitation": 0.4, "voluntary": True},
        information={"kind": "platform"},
        benefit_sharing={"kind": "value_added"},
        programme=EVERYBODY,
        months=14,
    )
    ours, plain = run_block(given, 3, [1]).monthly, run_plain(given, 3, 1)
    assert ours["membership"][:, 0].tolist() == plain["membership"]
    assert len(set(plain["membership"])) > 5
    assert ours["profit"][:, 0] == pytest.approx(np.array(plain["profit"]), rel=1e-9)


def test_chances_of_more_than_one_are_refused() -> None:
    with pytest.raises(ScenarioError, match="sum to at most 1"):
        scenario(membership={"innovation": 0.7, "imitation": 0.4})
