"""Laws of the incentives that pay for effort: subsidy of its cost, tournament, stars, and the fee on packaging."""

from __future__ import annotations

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.errors import ScenarioError
from sim.fields import Array
from sim.known import Known
from sim.programme import Programme, programme_of
from sim.rules.beliefs import LOGIT
from sim.scenario.schema import Scenario
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, run, scenario

CLEAR = {"kind": "platform", "accuracy_without": 1.0, "accuracy_with": 1.0, "noise": 0.0}
FAST = [{"kind": "gradient", "noise": 0.0, "speed": 6.0}]
HELD = [{"kind": "fixed", "quality": 0.4, "abatement": 0.3, "disclosure": 0.0}]


def before_deciding(given: Scenario, months: int) -> tuple[Known, Programme, World]:
    """What firms know on the morning after some months."""
    p = programme_of(given, 1, [0])
    world = opening(p)
    for _ in range(months):
        world = phases.month(world, p)
    world = phases.shocks(world, p)
    return phases.observe(world, p), p, world


def monthly(given: Scenario, name: str) -> list[tuple[Array, World]]:
    """What each firm received by a payment, month by month, and the world after it."""
    p = programme_of(given, 1, [0])
    world, paid = opening(p), []
    for _ in range(given.months):
        world = phases.month(world, p)
        world.ledger.check(world.month - 1)
        paid.append((world.ledger.firm[name][0], world))
    return paid


# effort_subsidy


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_with_the_share_s_of_its_cost_paid_effort_rests_at_e_over_one_minus_s(share: float) -> None:
    no_failures = {"return_cost": 0.0, "warranty_cost": 0.0}
    game = scenario(QUIET, behaviours=FAST, quality=no_failures, months=150)
    alone, _ = run(game)
    paid, _ = run(game.replace({"incentives": [{"kind": "effort_subsidy", "share": share}]}))
    for name in ("quality", "abatement"):
        free = getattr(alone, name)[0] / (1.0 - share)
        inside = (alone.revenue[0] > 0) & (free < 1.0)
        assert inside.sum() == 24
        assert getattr(paid, name)[0, inside] == pytest.approx(free[inside], abs=1e-6)


def test_an_effort_subsidy_is_its_share_of_what_effort_costs() -> None:
    for paid, world in monthly(
        scenario(QUIET, incentives=[{"kind": "effort_subsidy", "share": 0.3}], months=3), "effort_subsidy"
    ):
        assert paid == pytest.approx(-0.3 * world.ledger.firm["effort"][0])
        assert paid.sum() > 0


# tournament


def contest(**more: object) -> dict[str, object]:
    return {"incentives": [{"kind": "tournament", "prize": 0.1, "winners": 3, **more}]}


def test_a_tournament_pays_as_many_as_win_a_share_of_their_revenue() -> None:
    for paid, world in monthly(scenario(contest(), months=4), "tournament"):
        winners = np.flatnonzero(paid)
        assert len(winners) == 3
        assert paid[winners] == pytest.approx(0.1 * world.revenue[0, winners])


def test_in_a_tournament_with_fewer_contenders_than_prizes_all_win() -> None:
    given = scenario(contest(winners=50, applies_to={"role": "logistics"}), months=3)
    for paid, world in monthly(given, "tournament"):
        assert paid[-2:] == pytest.approx(0.1 * world.revenue[0, -2:])
        assert not paid[:-2].any()


def test_a_prize_and_a_star_pull_firms_of_every_size_alike() -> None:
    """In the same position, what a step of effort brings is the same share of revenue."""
    for table in (contest(), stars()):
        clear = {"information": CLEAR, "programme": EVERYBODY, "assessment": {"measurement_error": 0.1}}
        known, p, world = before_deciding(scenario(QUIET, table, clear, behaviours=HELD), 1)
        memory = world.memory[p.incentives[0].name]
        tied = {**memory, "to_beat": known.green_quality(known.acts)} if "to_beat" in memory else memory
        known.memories = {**known.memories, p.incentives[0].name: tied}
        both = p.incentives[0].weighed(known, known.acts.varied("abatement", 1e-4))
        trading = known.revenue[0] > 0
        pull = ((both[0] - both[1])[0] / 2e-4)[trading] / known.revenue[0, trading]
        assert known.revenue[0, trading].max() > 50.0 * known.revenue[0, trading].min()
        assert pull.min() > 0.0
        producers = p.traits.producer[0, trading]
        assert pull[producers] == pytest.approx(pull[producers][0], rel=1e-6)


def test_better_firms_to_which_the_contest_does_not_apply_take_no_prize_away() -> None:
    better = [
        {"kind": "fixed", "quality": 0.9, "abatement": 0.9, "role": "supplier"},
        {"kind": "fixed", "quality": 0.9, "abatement": 0.9, "role": "manufacturer"},
        {"kind": "fixed", "quality": 0.1, "abatement": 0.1, "role": "logistics"},
    ]
    among_carriers = contest(winners=1, applies_to={"role": "logistics"})
    given = scenario(QUIET, among_carriers, behaviours=better, information=CLEAR, programme=EVERYBODY, months=3)
    for paid, _ in monthly(given, "tournament"):
        assert np.count_nonzero(paid[-2:]) == 1
        assert not paid[:-2].any()


def test_the_best_win_where_all_is_seen_and_measured_well() -> None:
    given = scenario(contest(), information=CLEAR, programme=EVERYBODY, assessment={"measurement_error": 1e-9})
    for paid, world in monthly(given.replace({"months": 3}), "tournament"):
        theta = 0.5 * (world.quality + world.abatement)[0]
        trading = np.where(world.revenue[0] > 0, theta, -1.0)
        assert set(np.flatnonzero(paid)) == set(np.argsort(trading)[-3:])


def test_the_pull_of_a_tournament_at_a_tie_is_prize_over_k_times_the_density_of_the_error() -> None:
    """Lazear & Rosen: the marginal gain is the prize times the density of luck at 0."""
    error = 0.2
    given = scenario(QUIET, contest(), information=CLEAR, programme=EVERYBODY, assessment={"measurement_error": error})
    known, p, world = before_deciding(given, 1)
    force = p.incentives[0]
    tied = {**world.memory["tournament"], "to_beat": known.green_quality(known.acts)}
    known.memories = {**known.memories, "tournament": tied}
    theta = known.green_quality(known.acts)
    both = force.weighed(known, known.acts.varied_green_quality(theta, 1e-4))
    assert (both[0] - both[1]) / 2e-4 == pytest.approx(0.1 * known.revenue * LOGIT / (4.0 * error), rel=1e-6)
    assert force.weighed(known, known.acts) == pytest.approx(0.05 * known.revenue)


def test_a_winner_measures_itself_against_the_best_loser_and_a_loser_against_the_worst_winner() -> None:
    given = scenario(contest(), information=CLEAR, programme=EVERYBODY, assessment={"measurement_error": 1e-9})
    world, _ = run(given.replace({"months": 2}))
    theta = np.where(world.revenue[0] > 0, 0.5 * (world.quality + world.abatement)[0], -1.0)
    best = np.argsort(-theta)
    to_beat = world.memory["tournament"]["to_beat"][0]
    assert to_beat[best[:3]] == pytest.approx(theta[best[3]], abs=1e-7)
    assert to_beat[best[3:]] == pytest.approx(theta[best[2]], abs=1e-7)


def test_a_tournament_raises_effort_and_less_so_where_luck_decides() -> None:
    efforts = []
    for prize, error in ((0.0, 0.05), (0.3, 2.0), (0.3, 0.2)):
        given = scenario(
            QUIET, contest(prize=prize), information=CLEAR, programme=EVERYBODY, assessment={"measurement_error": error}
        )
        world, _ = run(given.replace({"months": 12}))
        efforts.append(world.quality[world.revenue > 0].mean())
    assert efforts[0] < efforts[1] < efforts[2]


# star_index


def stars(**more: object) -> dict[str, object]:
    table = {"kind": "star_index", "award": 0.1, "every": 4, "thresholds": [0.1, 0.25, 0.5], **more}
    return {"incentives": [table], "information": CLEAR, "programme": EVERYBODY}


SHARP = {"assessment": {"measurement_error": 1e-9}}


def test_stars_are_counted_by_thresholds_and_each_gets_its_award_at_the_assessment() -> None:
    given = scenario(QUIET, stars(), SHARP, behaviours=HELD, months=8)
    for month, (paid, world) in enumerate(monthly(given, "star_index")):
        if month % 4 < 3:
            assert not paid.any()
            continue
        trading = world.revenue[0] > 0
        assert world.memory["star_index"]["stars"][0] == pytest.approx(2.0 * trading)
        assert paid == pytest.approx(0.2 * world.revenue[0])


def test_the_score_is_the_weighted_mean_of_its_three_parts() -> None:
    given = scenario(QUIET, stars(), behaviours=HELD, information={"kind": "none", "prior": 0.8})
    known, p, _ = before_deciding(given, 1)
    index = p.scenario.incentives[0]
    score = index.score(known, known.acts)[0, p.traits.supplier]  # type: ignore[attr-defined]
    seen = 0.3 * 0.3 + 0.7 * 0.8
    trading = known.revenue[0, p.traits.supplier] > 0
    assert score[trading] == pytest.approx(0.5 * seen + 0.25 * 0.3 + 0.25 * 0.3)


def test_a_months_effort_is_weighed_alike_in_every_month_of_the_period() -> None:
    """The sum over the period of what a steady firm sees a month's effort bring is the slope of the award."""
    held = {"behaviours": HELD, "start": {"abatement": 0.3}}
    given = scenario(QUIET, stars(thresholds=[0.3]), held, assessment={"measurement_error": 0.1})
    slopes = []
    for months in range(4):
        known, p, _ = before_deciding(given, months)
        both = p.incentives[0].weighed(known, known.acts.varied("abatement", 1e-4))
        trading = np.maximum(known.revenue, 1e-9)
        slopes.append(((both[0] - both[1]) / 2e-4 / trading)[0, p.traits.supplier])
    assert slopes[0].max() == pytest.approx(0.1 * LOGIT / (4.0 * 0.1) / 4.0, rel=1e-4)
    for later in slopes[1:]:
        assert later == pytest.approx(slopes[0], rel=1e-6)


def test_when_the_index_ends_early_its_last_month_is_an_assessment() -> None:
    given = scenario(QUIET, stars(ends=6), SHARP, behaviours=HELD, months=8)
    paid = [p.sum() for p, _ in monthly(given.replace({"months": 6}), "star_index")]
    assert [m for m, x in enumerate(paid) if x > 0] == [3, 5]


def test_nobody_counts_on_awards_once_the_budget_is_spent() -> None:
    known, p, world = before_deciding(scenario(QUIET, stars(budget=5.0), behaviours=HELD), 9)
    assert not world.memory["star_index"]["funded"].any()
    assert not p.incentives[0].weighed(known, known.acts).any()


def test_stars_raise_abatement() -> None:
    plain, p = run(scenario(QUIET, stars(award=0.0), months=12))
    awarded, _ = run(scenario(QUIET, stars(award=0.5), months=12))
    assert awarded.abatement[0, p.traits.supplier].mean() > plain.abatement[0, p.traits.supplier].mean() + 0.01


def test_thresholds_must_rise_and_one_part_must_count() -> None:
    with pytest.raises(ScenarioError, match="thresholds must rise"):
        scenario(stars(thresholds=[0.3, 0.2]))
    with pytest.raises(ScenarioError, match="one of the weights"):
        scenario(stars(environment=0.0, energy=0.0, carbon=0.0))


# packaging_fee


def test_full_abatement_effort_saves_a_fifth_of_the_packaging_fee() -> None:
    fees = []
    for abatement in (0.0, 1.0):
        held = [{"kind": "fixed", "abatement": abatement}]
        ((fee, world),) = monthly(
            scenario(QUIET, behaviours=held, months=1, incentives=[{"kind": "packaging_fee", "rate": 3.0}]),
            "packaging_fee",
        )
        fees.append(fee)
    assert fees[0] == pytest.approx(-3.0 * 0.05 * world.volume[0])
    assert fees[1] == pytest.approx(0.8 * fees[0])
    assert fees[0].sum() < 0


def test_a_packaging_fee_raises_abatement_of_producers_and_leaves_carriers_alone() -> None:
    plain, p = run(scenario(QUIET, months=12))
    charged, _ = run(scenario(QUIET, incentives=[{"kind": "packaging_fee", "rate": 20.0}], months=12))
    trading = plain.revenue[0] > 0
    producers = trading & p.traits.producer[0]
    assert np.all(charged.abatement[0, producers] > plain.abatement[0, producers])
    assert np.array_equal(charged.abatement[0, p.traits.logistics], plain.abatement[0, p.traits.logistics])
