"""How cases are checked: tolerances, verdicts, replications, mistakes in words."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import Field

from sim.errors import UsageError
from sim.fields import Share
from sim.theory import Axis, Case, Check, Panel, Simulated, case
from sim.theory.choosing import best_choice
from sim.theory.running import along_axis, at_hand, checked, drawing, in_order
from sim.theory.sampling import sampled


class Coin(Case):
    """A coin that falls on heads with a chance p."""

    name: ClassVar[str] = "coin"
    axis: ClassVar[Axis] = Axis("chance", (0.2, 0.8), (Panel("heads"),))
    sampled: ClassVar[bool] = True
    chance: Share = Field(0.5, description="p: chance of heads")
    bias: float = Field(0.0, description="what the simulation adds to it")

    def theory(self) -> dict[str, float]:
        return {"heads": self.chance}

    def simulate(self, seed: int, effort: Any) -> dict[str, Simulated]:
        def draw(replications: range) -> dict[str, np.ndarray]:
            luck = np.array([np.random.default_rng([seed, r]).random(50).mean() for r in replications])
            return {"heads": luck - 0.5 + self.chance + self.bias}

        return sampled(draw, effort)


def row(theory: float, simulation: float, tolerance: float = 0.1) -> Check:
    return Check("c", "q", {}, theory, simulation, 0.0, tolerance)


def test_a_result_passes_within_its_tolerance_and_not_beyond() -> None:
    assert row(1.0, 1.05).passed
    assert not row(1.0, 1.15).passed
    assert not row(1.0, 0.85).passed
    assert not row(1.0, float("nan")).passed


def test_the_tolerance_of_a_sampled_share_follows_its_standard_error_within_limits() -> None:
    coin = Coin()
    assert coin.tolerance("heads", Simulated(0.5, 0.001)) == 0.02
    assert coin.tolerance("heads", Simulated(0.5, 0.01)) == pytest.approx(0.03)
    assert coin.tolerance("heads", Simulated(0.5, 0.4)) == 0.05


def test_an_exact_result_is_held_to_a_millionth_of_its_natural_size() -> None:
    (price, cost, _) = case("emissions_trading").check()
    assert price.tolerance < 1e-5 * price.theory
    assert cost.tolerance < 1e-4 * cost.theory
    assert all(r.tolerance == 1e-6 for r in case("quality_cost_share").check())


def test_a_sampled_result_is_noticed_if_it_is_off() -> None:
    (fair,), (loaded,) = Coin.check(), Coin.check(bias=0.06)
    assert fair.passed
    assert 0.0 < fair.standard_error < 0.01
    assert not loaded.passed


def test_replications_grow_until_the_standard_error_allows_a_verdict() -> None:
    asked: list[range] = []

    def draw(scatter: float) -> Any:
        def each(replications: range) -> dict[str, np.ndarray]:
            asked.append(replications)
            return {"x": np.array([scatter * (-1.0) ** r for r in replications])}

        return each

    assert sampled(draw(0.001), "full")["x"].value == 0.0
    assert asked == [range(16)]
    asked.clear()
    found = sampled(draw(0.08), "full")
    # 3 x 0.08 / sqrt(n) comes below 0.02 from n = 144.
    assert asked == [range(16), range(16, 32), range(32, 64), range(64, 128), range(128, 256)]
    assert 3 * found["x"].standard_error < 0.02
    asked.clear()
    sampled(draw(0.08), "quick")
    assert asked[-1] == range(16, 32)
    asked.clear()
    sampled(draw(9.0), "full", most=100)
    assert asked[-1].stop == 100


@pytest.mark.parametrize("best", [1.0, 1.3, 7.7, 20.0])
def test_the_best_of_many_contracts_is_found(best: float) -> None:
    choices = np.geomspace(1.0, 20.0, 8).tolist()
    assert best_choice(lambda x: 5.0 - (x - best) ** 2, choices) == pytest.approx(best, abs=1e-9)


def test_a_contract_next_to_which_profit_breaks_is_found() -> None:
    found = best_choice(lambda x: -((min(x, 5.15) - 5.0) ** 2) - 3.0 * max(x - 5.15, 0.0), [1.0, 3.0, 6.0, 9.0])
    assert found == pytest.approx(5.0, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("tems", {}, "unknown case 'tems'; did you mean 'teams'?"),
        ("teams", {"fims": 3}, "teams: unknown parameter 'fims'; did you mean 'firms'? (known: benefit, cost, firms)"),
        ("teams", {"firms": 0}, "teams, firms: given 0, allowed is a whole number in [1, 200] (count)"),
        ("teams", {"firms": 2.5}, "teams, firms: given 2.5, allowed is a whole number"),
        ("carbon_price", {"slope": [0.1, -1.0]}, "carbon_price, slope.1: given -1.0, allowed is a number in (0, inf)"),
        (
            "carbon_price",
            {"slope": 0.1},
            "carbon_price, slope: given 0.1, allowed is a list, each a number in (0, inf)",
        ),
        ("carbon_price", {"slope": [0.1]}, "carbon_price, first_cost has 3, slope has 1"),
        ("carbon_price", {"first_cost": [0.0, -0.1, 0.0]}, "allowed are values all below 0, or all 0"),
        ("shapley_airport", {"needs": [1.0]}, "needs: given 1 values, allowed is a list of at least 2 values"),
        ("shapley_airport", {"needs": [3.0, 2.0]}, "needs: given 2 after 3, allowed is a list that rises"),
        ("quality_cost_share", {"loss": 9.0}, "cost: given 2, allowed is at least loss (9)"),
        ("emissions_trading", {"abated": 999.0}, "abated: given 999, allowed is a number in (0, 180) (t)"),
        ("inspection_game", {"cost": 19.0}, "inspection_game, cost: given 19, allowed is at most 0.8 x harm (16)"),
        ("inspection_game", {"fine": 1.1}, "inspection_game, gain: given 1, allowed is at most 0.8 x fine (0.88)"),
        ("leader_sponsor", {"leader_benefit": 1e6}, "leader_benefit: given 1e+06, allowed is at most 900"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(name: str, parameters: Any, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        case(name).check(**parameters)
    assert words in str(caught.value)


def test_all_cases_are_at_hand_as_shown_and_one_with_changes() -> None:
    everything = at_hand(None, {})
    assert {c.name for c in everything} > {"teams", "carbon_price"}
    assert len(at_hand("teams", {})) == len(case("teams").shown)
    (mine,) = at_hand("teams", {"firms": 7})
    assert mine.firms == 7  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="parameters belong to a case"):
        at_hand(None, {"firms": 7})


def test_rows_come_in_the_order_of_the_cases_whatever_the_processes() -> None:
    given = [case("teams")(), case("learning_curve")(), case("teams").at({"firms": 3})]
    counted: list[tuple[int, int]] = []
    alone = checked(given, processes=1, progress=lambda done, total: counted.append((done, total)))
    assert counted == [(1, 3), (2, 3), (3, 3)]
    assert [part[0].case for part in alone] == ["teams", "learning_curve", "teams"]
    assert checked(given, processes=2) == alone


def test_values_that_the_other_parameters_do_not_allow_are_left_out_of_a_plot() -> None:
    small = case("emissions_trading").at({"baseline": (20.0, 20.0, 20.0), "abated": 15.0})
    assert [x for x, _ in along_axis(small)] == [15.0, 20.0]


def test_a_value_of_the_users_own_is_a_point_of_the_plot() -> None:
    assert [x for x, _ in along_axis(case("teams").at({"firms": 7}))] == [1, 2, 3, 4, 6, 7, 8, 10, 14, 20]
    assert [x for x, _ in along_axis(case("teams").at({"firms": 6}))] == [1, 2, 3, 4, 6, 8, 10, 14, 20]
    river = case("river_sharing").at({"costs": (1.0, 2.0, 5.0)})
    assert [x for x, _ in along_axis(river)] == [0.0, 2.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0]


def test_rows_are_there_as_soon_as_they_and_all_before_them_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(workers: int, scheduler: str | None) -> Any:
        class Backwards:
            def run(self, function: Any, tasks: Any) -> Any:
                for n in (1, 0, 2):
                    ended.append(n)
                    yield function(tasks[n])

        return Backwards()

    ended: list[int] = []
    monkeypatch.setattr("sim.theory.running.executor_of", late)
    rows = in_order([case("teams")(), case("learning_curve")(), case("teams").at({"firms": 3})])
    assert (next(rows)[0].case, ended) == ("teams", [1, 0])
    assert (next(rows)[0].case, ended) == ("learning_curve", [1, 0])
    assert (next(rows)[0].parameters["firms"], ended) == (3, [1, 0, 2])


def test_a_drawing_has_theory_between_the_points_and_only_there() -> None:
    given = case("teams")()
    points = [(n, given.along(n).checks()) for n in (1, 4)]
    seen = drawing(given, points)
    assert sorted(set(seen.theory["x"])) == [1, 2, 3, 4]
    assert list(seen.simulation.columns) == ["quantity", "x", "value", "standard_error"]
    effort = seen.theory.query("quantity == 'effort'")["value"].tolist()
    assert effort == pytest.approx([0.5, 0.25, 0.5 / 3, 0.125])
    river = case("river_sharing")()
    assert river.along(2.0).costs == (6.0, 3.0, 2.0)  # type: ignore[attr-defined]
