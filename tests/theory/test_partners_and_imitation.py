"""Theories of partners and of imitation worked out in another way, and cases held against more than they show."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from sim.errors import UsageError
from sim.theory import case
from sim.theory.complementarities import TWO_TEAMS

# --- complements ----------------------------------------------------------------------------------------

PAPER = {0.1: ((1.75, 2.92), (1.88, 3.28), (1.72, 2.79)), 0.2: ((8.33, 41.67), (9.17, 40.33), (7.78, 32.67))}
"""Centrality and intercentrality of a firm of each kind in the paper's figure 1, by phi."""


@pytest.mark.parametrize("phi", PAPER)
def test_the_papers_own_example_comes_out_and_with_it_the_key_player(phi: float) -> None:
    lost = {}
    for firm in range(1, 12):
        found = {row.quantity: row for row in case("complementarities").check(phi=phi, firm=firm)}
        assert all(row.passed for row in found.values())
        kind = 0 if firm == 1 else 1 if firm in (2, 6, 7, 11) else 2
        assert found["effort of the firm"].simulation == pytest.approx(PAPER[phi][kind][0], abs=0.005)
        assert found["lost without the firm"].simulation == pytest.approx(PAPER[phi][kind][1], abs=0.005)
        lost[firm] = found["lost without the firm"].simulation
    # Weak complements: one of the most central; strong ones: who ties the teams together.
    assert max(lost, key=lambda firm: round(lost[firm], 6)) == (1 if phi == 0.2 else 2)


def test_centrality_is_that_of_another_library() -> None:
    given_case = case("complementarities")()
    graph = nx.Graph(tuple(int(end) for end in pair.split("-")) for pair in TWO_TEAMS)
    katz = nx.katz_centrality_numpy(graph, alpha=0.2, beta=1.0, normalized=False)
    found = given_case.theory()
    assert found["effort of the firm"] == pytest.approx(katz[1])
    assert found["effort of all"] == pytest.approx(sum(katz.values()))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phi": 0.3}, "phi: given 0.3, allowed is at most 0.2225"),
        ({"firm": 12}, "firm: given 12, allowed is one of 1, 2, 3"),
        ({"links": ["1-2", "1-3"]}, "firm: given 1, without which nobody has a partner"),
        ({"links": ["1-2", "3-3"]}, "a firm is given as a partner of itself"),
        ({"links": ["1-2", "a-3"]}, "links"),
    ],
)
def test_networks_without_a_rest_point_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        case("complementarities").check(**changes)


# --- local public goods ---------------------------------------------------------------------------------


def test_the_share_of_specialists_on_a_ring_is_that_of_its_recursion() -> None:
    path = [0.0, 1.0, 1.0]
    for n in range(3, 200):
        # The first to decide on a path of n takes its two partners out of the game.
        path.append(1.0 + sum(path[max(k - 1, 0)] + path[max(n - k - 2, 0)] for k in range(n)) / n)
    share = case("local_public_good").at({"graph": "ring"}).theory()["specialists"]
    assert (1.0 + path[60 - 3]) / 60 == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("c", [0.5, 1.0, 4.0, 6.0])
def test_the_share_of_specialists_among_random_partners_is_near_that_of_as_few_firms(c: float) -> None:
    n, doing = 100, [0.0]
    for k in range(1, n + 1):
        # Whoever decides first does it; each other is left with the chance that it is no partner.
        doing.append(1.0 + float(binom.pmf(np.arange(k), k - 1, 1.0 - c / (n - 1)) @ np.array(doing)))
    share = case("local_public_good").at({"mean_partners": c}).theory()["specialists"]
    assert doing[n] / n == pytest.approx(share, abs=0.005)


# --- imitation ------------------------------------------------------------------------------------------


def test_without_feedback_the_share_follows_a_logistic_curve() -> None:
    at = case("fermi_mean_field").at({"feedback": 0.0, "start": 0.1, "gain": 1.0, "cost": 0.4, "selection": 4.0})
    speed = np.tanh(0.5 * 4.0 * 0.6)
    for time, share in zip((1, 2, 4, 8), at.theory().values(), strict=True):
        assert share == pytest.approx(1.0 / (1.0 + 9.0 * np.exp(-speed * time)), abs=1e-6)


@pytest.mark.parametrize("r", [0.0, 3.0, 14.0])
def test_the_chance_to_take_over_is_that_of_the_markov_chain(r: float) -> None:
    firms, group, beta = 8, 4, 0.2

    def payoff(cooperates: bool, others: int) -> float:
        """Mean over groups of a firm and three of the seven others, of whom so many cooperate."""
        met = np.arange(group)
        chance = hypergeom.pmf(met, firms - 1, others, group - 1)
        return float(chance @ (r * (met + cooperates) / group)) - cooperates

    up, down = np.zeros(firms + 1), np.zeros(firms + 1)
    for i in range(1, firms):
        ahead = payoff(True, i - 1) - payoff(False, i)
        mixed = i * (firms - i) / firms / (firms - 1)
        up[i], down[i] = (mixed / (1.0 + np.exp(-sign * beta * ahead)) for sign in (1.0, -1.0))
    inner = np.arange(1, firms)
    steps = np.diag(1.0 - up[inner] - down[inner]) + np.diag(up[inner[:-1]], 1) + np.diag(down[inner[1:]], -1)
    taken = np.linalg.solve(np.eye(firms - 1) - steps, np.r_[np.zeros(firms - 2), up[firms - 1]])
    assert case("fixation").at({"group_return": r}).theory()["taken over"] == pytest.approx(taken[0], rel=1e-9)


def test_where_it_makes_no_difference_any_firm_is_as_likely_to_be_followed() -> None:
    assert case("fixation").at({"selection": 0.0, "firms": 5}).theory() == {"taken over": 0.2}
    neutral = 4 * 7 / 4
    near = case("fixation").at({"group_return": neutral + 1e-9}).theory()["taken over"]
    assert near == pytest.approx(1 / 8, rel=1e-6)


own = st.floats(-0.4, 0.4)


def test_any_three_tiers_last_where_the_signs_say_so() -> None:
    @settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.floats(-0.6, 0.6), own, own, own)
    def holds(synergy: float, buyers: float, first: float, second: float) -> None:
        try:
            at = case("fermi_three_populations").at(
                {"synergy": synergy, "buyers": buyers, "first_tier": first, "second_tier": second}
            )
        except UsageError:
            assume(False)
        assert [row for row in at.checks(effort="quick") if not row.passed] == []

    holds()


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("fermi_three_populations", {"buyers": -0.3}, "at a corner the practice is worth only"),
        (
            "fermi_mean_field",
            {"start": 0.42},
            "start: given 0.42, allowed is at least 0.08 away from the threshold, 0.4,",
        ),
        ("fixation", {"group": 9}, r"group: given 9, allowed is at most firms \(8\)"),
        ("spatial_public_goods", {"group_return": 4.2}, "allowed is what is published, 4, 4.5, 5, up to 3.6"),
    ],
)
def test_what_theory_does_not_tell_is_refused(name: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        case(name).check(**changes)
