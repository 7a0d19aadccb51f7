"""Who sees whose data, through which channel, and what comes of reporting more than one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.mechanisms.channels import Channels
from sim.mechanisms.information.tiered import Tiered, links_to_market
from sim.mechanisms.regimes import VERIFICATION
from sim.outcomes.base import outcomes
from sim.programme import Programme, programme_of
from sim.rules import beliefs
from sim.scenario.schema import Scenario
from sim.world import World
from tests.laws.test_isolation import BUSY, same
from tests.worlds import EVERYBODY, QUIET, SMALL, run, scenario, tables

CHANNELS = tuple(Channels.model_fields)

FIRMS = """firm_id,role,demand
m,manufacturer,100
n,manufacturer,50
a,supplier,
b,supplier,
c,supplier,
apart,supplier,
"""
LINKS = """supplier,customer,input_group
a,m,x
b,a,x
c,b,x
c,n,x
"""

FIXED: dict[str, Any] = {
    **QUIET,
    "behaviours": [{"kind": "fixed", "quality": 0.6, "abatement": 0.5, "disclosure": 0.6}],
    "information": {"kind": "platform"},
    "benefit_sharing": {"kind": "contribution"},
    "programme": EVERYBODY,
    "months": 4,
}
"""Nobody decides anything: what is left is what is seen."""


def information(given: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**given, "information": {**given["information"], **changes}}


# --- kinds ----------------------------------------------------------------------------------------------


def test_links_to_the_market_are_counted_to_the_nearest_seller(tmp_path: Path) -> None:
    network = scenario(tables(tmp_path, FIRMS, LINKS)).build_network()
    links = dict(zip(network.ids, links_to_market(network)[0], strict=True))
    assert {f: links[f] for f in "mnabc"} == {"m": 0, "n": 0, "a": 1, "b": 2, "c": 1}
    assert links["apart"] == np.inf
    assert links[network.ids[-1]] == 1, "a carrier is one link above the customers it serves"


def test_data_reach_the_chain_up_to_so_many_links_from_the_market(tmp_path: Path) -> None:
    p = programme_of(scenario(tables(tmp_path, FIRMS, LINKS)), 1, [0])
    member = np.ones(p.shape)
    member[0, p.network.index("a")] = 0.0
    near, far = Tiered(reach=1).shared(p.traits, member)
    assert np.array_equal(near, member)
    assert {f: far[0, p.network.index(f)] for f in p.network.ids[:6]} == {
        "m": 1, "n": 1, "a": 0, "b": 0, "c": 1, "apart": 0,
    }  # fmt: skip


def test_a_long_reach_is_a_platform_and_none_is_bilateral() -> None:
    for reach, kind in ((99, "platform"), (0, "bilateral")):
        table = {**BUSY["information"], "kind": "tiered", "reach": reach}
        tiered, _ = run(scenario({**BUSY, "information": table}), replications=2)
        other, _ = run(scenario({**BUSY, "information": {**BUSY["information"], "kind": kind}}), replications=2)
        same(tiered, other)
    assert not tiered.shared_far.any()


def test_public_data_reach_all_whether_members_or_not() -> None:
    some = {**BUSY, "programme": [{"name": "some", "enrols": {"tier": 1}}]}
    public, p = run(scenario({**some, "information": {**BUSY["information"], "kind": "public"}}))
    platform, _ = run(scenario(some))
    outside = public.member == 0
    assert outside.any()
    assert np.all(public.shared_near == 1.0)
    assert np.all(public.shared_far == 1.0)
    assert not platform.shared_far[outside].any()
    assert np.all(public.disclosure[outside] >= 0.3), "the mandated minimum is theirs too"
    off, _ = run(scenario({**some, "information": {"kind": "public", "applies_to": {"tier": 1}}}))
    assert not off.shared_far[:, (p.traits.tier == 2) & p.traits.producer[0]].any()


# --- channels -------------------------------------------------------------------------------------------

ALL_ACTING: dict[str, Any] = {
    **information(BUSY, rating_refresh=0.3),
    "risk": {"early_warning": 0.7, "outage_rate": 0.2},
    "quality": {"liability": 0.5},
    "relations": {"review_every": 1},
    "incentives": [{"kind": "buyer_mandate", "bar": 0.3}],
}

PATHS: dict[str, dict[str, set[str]]] = {
    "contribution_measurement": {
        "decide": {"quality", "abatement"},
        "settle": {"profit", "benefit"},
        "review": {"order_share"},
    },
    "conditional_cooperation": {"decide": {"quality", "abatement"}},
    "duplicate_inspections": {"inspect": {"intensity", "catch", "accepted", "inspection_saving", "reliance_liability"}},
    "load_factor": {"ship": {"load", "emissions", "energy_load"}},
    "early_warning": {"shocks": {"outage_left"}},
    "audit_targeting": {"inspect": {"rating"}},
    "technology_spillover": {"learn": {"experience", "abatement_cost"}},
}
"""For each channel, the phases in which alone it acts, and what it moves there."""

STEPS: dict[str, Any] = {
    "shocks": phases.shocks,
    "decide": lambda w, p: phases.decide(w, p, phases.observe(w, p)),
    "produce": phases.produce,
    "ship": phases.ship,
    "inspect": phases.inspect,
    "settle": phases.settle,
    "learn": phases.learn,
    "review": phases.review,
}


def moved(one: World, other: World) -> set[str]:
    arrays = {name for name, value in vars(one).items() if isinstance(value, np.ndarray)}
    return {name for name in arrays if not np.array_equal(getattr(one, name), getattr(other, name))}


def without(given: Scenario, *channels: str) -> Scenario:
    return given.replace({f"information.channels.{channel}": False for channel in channels})


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_that_is_off_changes_its_own_path_and_no_other(channel: str) -> None:
    given = scenario(ALL_ACTING)
    p, off = (programme_of(s, 1, range(3)) for s in (given, without(given, channel)))
    world = opening(p)
    for _ in range(4):
        world = phases.month(world, p)
    for name, step in STEPS.items():
        following = step(world, p)
        changed = moved(step(world, off), following)
        expected = PATHS[channel].get(name, set())
        assert expected <= changed if expected else not changed, (name, changed)
        if name == "inspect":
            others = set().union(*(path.get(name, set()) for other, path in PATHS.items() if other != channel))
            assert not changed & (others - expected)
        world = following


def test_all_channels_on_is_what_there_is_without_switches() -> None:
    given = scenario(BUSY)
    explicit = {channel: True for channel in CHANNELS}
    on, _ = run(scenario(information(BUSY, channels=explicit)), replications=2)
    plain, _ = run(given, replications=2)
    same(on, plain)
    off, _ = run(without(given, "load_factor"), replications=2)
    assert np.any(off.emissions != plain.emissions)


def test_all_channels_off_is_sharing_nothing_but_for_the_fee_and_the_mandate() -> None:
    base = {**ALL_ACTING, "information": {"kind": "platform", "rating_refresh": 0.3}}
    off, _ = run(without(scenario(base), *CHANNELS), replications=2)
    none, _ = run(scenario({**base, "information": {"kind": "none"}}), replications=2)
    same(off, none)


GAINS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "contribution_measurement": ("green_quality", 1, {"behaviours": [{"kind": "gradient"}]}),
    "conditional_cooperation": (
        "green_quality",
        1,
        {"behaviours": [{"kind": "conditional", "bias": 0.0}], "start": {"quality": 0.7, "abatement": 0.7}},
    ),
    "duplicate_inspections": ("duplicate_inspections", -1, {}),
    "load_factor": ("load_factor", 1, {}),
    "early_warning": ("disruption_months", -1, {}),
    "technology_spillover": (
        "green_quality",
        1,
        {"behaviours": [{"kind": "gradient"}], "technology": {"spillover": 1.0, "learning_exponent": 0.32}},
    ),
}
"""An outcome of each channel, the way sharing moves it, and a setting in which it does."""


@pytest.mark.parametrize("channel", list(GAINS))
def test_a_channel_moves_its_outcome_the_way_its_formula_says(channel: str) -> None:
    outcome, sign, setting = GAINS[channel]
    risky = {"risk": {"outage_rate": 0.1, "early_warning": 0.8}}
    given = scenario(
        {**information(FIXED, minimum_disclosure=0.8), "cost_sharing": {"kind": "sponsor"}}, risky, setting, months=12
    )

    def total(s: Scenario) -> np.ndarray:
        p = programme_of(s, 1, range(12))
        world, values = opening(p), np.zeros(12)
        for _ in range(s.months):
            world = phases.month(world, p)
            values = values + outcomes()[outcome].series(world, p)[outcome]
        return values

    gain = sign * (total(given) - total(without(given, channel)))
    assert gain.mean() > 2.2 * gain.std(ddof=1) / np.sqrt(len(gain))
    assert gain.mean() > 0


def test_ratings_follow_shared_data_and_only_where_they_reach_the_chain() -> None:
    for kind, far in (("platform", True), ("bilateral", False)):
        given = scenario(information(FIXED, kind=kind, rating_refresh=0.5, noise=0.0), months=1)
        p = programme_of(given, 1, [0])
        before = opening(p)
        after = phases.month(before, p)
        seen = beliefs.seen(np.full(p.shape, 0.55), beliefs.accuracy(0.3, 0.9, np.full(p.shape, 0.6), 1.0), 0.25, 0.0)
        expected = before.rating + 0.5 * 0.6 * (seen - before.rating) if far else before.rating
        assert after.rating == pytest.approx(expected, rel=1e-12)


def test_warned_by_partners_who_share_all_a_firm_is_not_out_at_all() -> None:
    told = information({**FIXED, "behaviours": [{"kind": "fixed", "disclosure": 1.0}]}, kind="bilateral")
    given = scenario(told, risk={"outage_rate": 1.0, "outage_months": 3, "early_warning": 1.0}, months=9)
    world, p = run(given)
    partners = world.links.partners() > 0
    assert not world.outage_left[partners].any()
    assert (world.outage_left[~partners] > 0).all(), "carriers have no partners to be warned by"
    half, _ = run(given.replace({"risk.early_warning": 0.5, "risk.outage_months": 1}))
    assert np.all(half.outage_left[partners] == 0.5)
    struck = outcomes()["disruption_months"].series(half, p)["disruption_months"]
    assert struck == pytest.approx([0.5 * (half.capacity * partners > 0).sum()])


def test_an_outage_of_half_a_month_costs_half_the_output() -> None:
    given = scenario(FIXED)
    p = programme_of(given, 1, [0])
    world = phases.shocks(opening(p), p)
    many = world.but(demand=world.demand * 100.0)
    shares = {
        left: phases.produce(many.but(outage_left=np.full(p.shape, left)), p).volume[0, p.roots[0]]
        for left in (0.0, 0.5, 1.0, 2.0)
    }
    whole = shares[0.0]
    assert [shares[x] / whole for x in (0.5, 1.0, 2.0)] == pytest.approx([0.75, 0.5, 0.5])


# --- verification and overclaiming ----------------------------------------------------------------------

OVERCLAIMING = {"overclaim": 0.5, "overclaim_share": 0.4}


@pytest.mark.parametrize("reporting", [{"overclaim": 0.5}, {"overclaim_share": 1.0}], ids=["nobody", "by nothing"])
def test_without_overclaiming_reports_are_what_they_are(reporting: dict[str, float]) -> None:
    plain, _ = run(scenario(BUSY), replications=2)
    other, _ = run(scenario(information(BUSY, verification="sensors"), reporting=reporting), replications=2)
    same(other, plain)


def test_who_shares_nothing_cannot_overclaim() -> None:
    nothing = {**BUSY, "information": {"kind": "none"}}
    plain, _ = run(scenario(nothing))
    other, _ = run(scenario({**nothing, "information": {"kind": "none", "verification": 1.0}}, reporting=OVERCLAIMING))
    same(other, plain)


def test_what_is_seen_of_a_firm_rests_on_its_report_as_far_as_its_data_add_accuracy() -> None:
    given = scenario(information(FIXED, noise=0.0), reporting={"overclaim": 0.5, "overclaim_share": 1.0})
    world, p = run(given)
    known = phases.observe(world, p)
    sharp = 0.3 + (0.9 - 0.3) * 0.6
    expected = 0.3 * 0.55 + (sharp - 0.3) * 0.55 * 1.5 + (1.0 - sharp) * 0.25
    assert known.observed(known.acts) == pytest.approx(np.full(p.shape, expected), rel=1e-12)
    assert known.seen_by_neighbours(known.acts) == pytest.approx(np.full(p.shape, expected), rel=1e-12)
    assert outcomes()["overclaiming"].series(world, p)["overclaiming"] == pytest.approx([0.5 * 0.6])


def test_matched_partners_are_seen_at_what_they_report() -> None:
    behaviours = [{"kind": "conditional", "bias": 0.0}]
    given = information({**FIXED, "behaviours": behaviours}, minimum_disclosure=1.0)
    honest, _ = run(scenario(given))
    told, _ = run(scenario(given, reporting={"overclaim": 0.5, "overclaim_share": 1.0}))
    assert told.quality.mean() > honest.quality.mean()


@pytest.mark.parametrize(("verification", "chance"), [*VERIFICATION.items(), (0.1, 0.1)])
def test_overclaimers_are_found_at_the_stated_rate(verification: str | float, chance: float) -> None:
    given = scenario(information(FIXED, verification=verification), reporting=OVERCLAIMING, months=6)
    p = programme_of(given, 1, range(40))
    world = opening(p)
    claiming = world.overclaim > 0
    share, count = claiming.mean(), claiming.sum()
    assert abs(share - 0.4) < 4 * np.sqrt(0.24 / claiming.size)
    assert count > 300
    for _ in range(given.months):
        world = phases.month(world, p)
        assert not np.any(world.exposed * ~claiming)
    trading = claiming & (world.revenue > 0)
    found = (world.overclaim[trading] == 0).mean()
    expected = 1.0 - (1.0 - chance) ** 6
    assert abs(found - expected) <= 4 * np.sqrt(expected * (1.0 - expected) / trading.sum())


def test_the_found_out_are_not_believed_for_some_months_and_then_seen_at_truth() -> None:
    reporting = {"overclaim": 0.5, "overclaim_share": 1.0, "disbelief_months": 2}
    given = scenario(information(FIXED, verification=1.0, noise=0.0), reporting=reporting)
    p = programme_of(given, 1, [0])
    world = opening(p)
    seen, exposed = [], []
    for _ in range(4):
        world = phases.month(world, p)
        known = phases.true(world, p, "measure")
        active = world.revenue[0] > 0
        assert np.ptp(known.observed(known.acts)[0, active]) < 1e-12
        seen.append(known.observed(known.acts)[0, active][0])
        exposed.append(world.exposed[0, active].mean())
    without_data = 0.3 * 0.55 + 0.7 * 0.25
    sharp = 0.3 + 0.6 * 0.6
    believed = sharp * 0.55 + (1.0 - sharp) * 0.25
    assert seen == pytest.approx([without_data, without_data, believed, believed], rel=1e-12)
    assert exposed == [1.0, 0.0, 0.0, 0.0]


def test_ratings_follow_false_reports_until_they_are_found_out() -> None:
    def rated(**changes: Any) -> np.ndarray:
        given = information(FIXED, rating_refresh=0.5, noise=0.0, **changes)
        world, _ = run(scenario(given, reporting={"overclaim": 0.5, "overclaim_share": 1.0}, months=3))
        return world.rating[world.revenue > 0]

    honest, _ = run(scenario(information(FIXED, rating_refresh=0.5, noise=0.0), months=3))
    assert np.all(rated() > honest.rating[honest.revenue > 0])
    before = opening(programme_of(scenario(FIXED), 1, [0])).rating
    assert np.all(rated(verification=1.0) == before[0, 0]), "data that nobody believes move no rating"


def test_the_first_best_counts_lorries_filled_only_where_data_fill_them() -> None:
    given = scenario({**FIXED, "behaviours": [{"kind": "cooperative"}]})
    on, _ = run(given)
    off, _ = run(without(given, "load_factor"))
    assert on.load_saving.sum() > 0
    assert not off.load_saving.any()


def premium(world: World) -> np.ndarray:
    return np.asarray(world.ledger.firm["premium"])


def test_overclaiming_raises_a_firms_premium_and_verification_ends_that() -> None:
    honest, p = run(scenario(FIXED), replications=4)
    believed, _ = run(scenario(FIXED, reporting=OVERCLAIMING), replications=4)
    supplier = np.broadcast_to(p.traits.tier[None, :] > 0, p.shape) & p.traits.producer & (honest.revenue > 0)
    claims = supplier & (believed.overclaim > 0)
    honestly = supplier & (believed.overclaim == 0)
    assert np.all(premium(believed)[claims] >= premium(honest)[claims])
    assert premium(believed)[claims].sum() > 1.05 * premium(honest)[claims].sum()
    assert premium(believed)[honestly].sum() < premium(honest)[honestly].sum()
    checked = information(FIXED, verification=1.0)
    doubted, _ = run(scenario(checked, reporting={**OVERCLAIMING, "disbelief_months": 9}), replications=4)
    assert premium(doubted)[claims].sum() < premium(honest)[claims].sum(), "who is not believed gets less"
    forgiven, _ = run(scenario(checked, reporting={**OVERCLAIMING, "disbelief_months": 2}), replications=4)
    assert np.array_equal(premium(forgiven), premium(honest))
    same(forgiven, honest)


def test_who_is_found_out_pays_the_regulator_once() -> None:
    reporting = {**OVERCLAIMING, "penalty": 0.02}
    given = scenario(information(FIXED, verification=0.5), reporting=reporting)
    p = programme_of(given, 1, range(3))
    world = opening(p)
    payments = np.zeros(p.shape)
    for month in range(5):
        world = phases.month(world, p)
        world.ledger.check(month)
        paid = world.ledger.firm["overclaim penalty"]
        assert np.array_equal(-paid, 0.02 * world.revenue * world.exposed)
        received = world.ledger.regulator["overclaim penalty"].sum(axis=1)
        assert received == pytest.approx(-paid.sum(axis=1))
        payments = payments + (paid < 0)
    assert payments.max() == 1.0
    assert payments.sum() > 0


def test_an_overclaiming_world_equals_its_row() -> None:
    given = scenario(
        information(BUSY, verification="third_party", rating_refresh=0.2),
        reporting=OVERCLAIMING,
        risk={"early_warning": 0.6, "outage_rate": 0.1},
        network=SMALL,
    )
    many, _ = run(given, replications=3)
    alone, _ = run(given)
    for name in ("quality", "disclosure", "profit", "rating", "overclaim", "disbelief", "outage_left"):
        assert np.array_equal(getattr(many, name)[:1], getattr(alone, name)), name


def test_a_chance_or_a_name_says_who_checks() -> None:
    assert Tiered(verification="third_party").checked == pytest.approx(1.0 / 12.0)
    assert Tiered(verification=0.25).checked == 0.25
    for wrong in (-0.1, 1.1, "nobody"):
        with pytest.raises(ValueError, match="verification"):
            Tiered(verification=wrong)


def test_channels_are_switched_by_path() -> None:
    p: Programme = programme_of(without(scenario(BUSY), "early_warning"), 1, [0])
    assert not p.scenario.information.channels.early_warning
