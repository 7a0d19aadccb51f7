"""What every mechanism and behaviour keeps to, whichever it is: run over all that are discovered."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.fields import describe
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.programme import Programme, programme_of
from sim.scenario.schema import KINDS, kinds_at
from sim.world import World
from tests.laws.test_isolation import BUSY
from tests.worlds import scenario

PLACES = [p for p in KINDS if p != "network"]
ALL = [(place, kind) for place in PLACES for kind in kinds_at(place)]
INCENTIVES = list(kinds_at("incentives"))


def setting(place: str, kind: str) -> dict[str, Any]:
    if place == "incentives":
        return {"incentives": [{"kind": kind}]}
    if place == "behaviours":
        return {"behaviours": [{"kind": kind}]}
    return {place: {"kind": kind}}


def begun(changes: dict[str, Any], months: int = 3, worlds: int = 2) -> tuple[World, Programme]:
    p = programme_of(scenario(BUSY, **changes), 1, range(worlds))
    world = opening(p)
    for _ in range(months):
        world = phases.month(world, p)
    return world, p


def arrays(world: World) -> dict[str, np.ndarray]:
    return {k: v for k, v in vars(world).items() if isinstance(v, np.ndarray)}


@pytest.mark.parametrize(("place", "kind"), ALL)
def test_a_month_is_finite_keeps_shapes_and_leaves_its_inputs_alone(place: str, kind: str) -> None:
    world, p = begun(setting(place, kind))
    before = {name: value.copy() for name, value in arrays(world).items()}
    after = phases.month(world, p)
    for name, value in arrays(world).items():
        assert np.array_equal(value, before[name], equal_nan=True), f"{name} was written to"
    for name, value in arrays(after).items():
        assert np.all(np.isfinite(value)), name
        assert value.shape == before[name].shape, name
    for effort in (after.quality, after.abatement, after.disclosure):
        assert 0.0 <= effort.min() <= effort.max() <= 1.0


@pytest.mark.parametrize(("place", "kind"), ALL)
def test_a_world_equals_its_row(place: str, kind: str) -> None:
    many, _ = begun(setting(place, kind), worlds=3)
    alone, _ = begun(setting(place, kind), worlds=1)
    for name in ("quality", "abatement", "disclosure", "profit", "emissions"):
        assert np.array_equal(getattr(many, name)[:1], getattr(alone, name)), name


@pytest.mark.parametrize(("place", "kind"), ALL)
def test_it_is_frozen_survives_pickling_and_refuses_what_is_out_of_bounds(place: str, kind: str) -> None:
    cls = kinds_at(place)[kind]
    made = cls()
    assert pickle.loads(pickle.dumps(made)) == made
    with pytest.raises(ValueError, match="frozen"):
        made.kind = "other"
    for row in describe(cls):
        if row["bounds"] and not row["name"].startswith("ends"):
            with pytest.raises(ValueError, match=row["name"]):
                cls(**{row["name"]: -1 if row["name"] in ("starts",) else -1.0})


@pytest.mark.parametrize(("place", "kind"), ALL)
def test_its_schema_has_units_bounds_and_descriptions(place: str, kind: str) -> None:
    for row in describe(kinds_at(place)[kind]):
        assert row["description"] or row["name"] == "kind", row
        if isinstance(row["default"], float):
            assert row["unit"], row
            assert row["bounds"], row


@pytest.mark.parametrize("kind", INCENTIVES)
def test_a_firm_is_paid_for_its_own_acts_alone(kind: str) -> None:
    """Entry (w, i) answers what firm i gets if it alone acts so: other firms' entries do not move."""
    world, p = begun(setting("incentives", kind))
    known = phases.observe(phases.shocks(world, p), p)
    force = p.incentives[0]
    base = force.weighed(known, known.acts)
    firm = 3
    for name in ("quality", "abatement", "disclosure"):
        values = {n: getattr(known.acts, n).copy() for n in ("quality", "abatement", "disclosure", "member")}
        values[name][:, firm] = 0.9
        moved = force.weighed(known, Acts(**values)) != base
        moved[:, firm] = False
        assert not moved.any(), name


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        *(("incentives", k) for k in INCENTIVES),
        ("cost_sharing", "equal"),
        ("cost_sharing", "sponsor"),
        ("benefit_sharing", "contribution"),
        ("benefit_sharing", "value_added"),
    ],
)
def test_variations_give_the_same_as_one_at_a_time(place: str, kind: str) -> None:
    """Acts with a leading axis of variations are the same sums as each variation by itself."""
    world, p = begun(setting(place, kind))
    known = phases.observe(phases.shocks(world, p), p)
    for term in p.private.terms:
        for name in ("quality", "abatement", "disclosure"):
            both = np.broadcast_to(term.payment(known, known.acts.varied(name, 0.05)), (2, *p.shape))
            for row, step in enumerate((0.05, -0.05)):
                values = {n: getattr(known.acts, n) for n in ("quality", "abatement", "disclosure", "member")}
                values[name] = values[name] + step
                one = term.payment(known, Acts(**values))
                assert np.array_equal(both[row], np.broadcast_to(one, p.shape)), (term.name, name)


@pytest.mark.parametrize("kind", INCENTIVES)
def test_what_a_term_is_not_seen_to_read_does_not_move_it(kind: str) -> None:
    world, p = begun(setting("incentives", kind))
    known: Known = phases.observe(phases.shocks(world, p), p)
    for term, reads in zip(p.private.terms, p.private.reads(known), strict=True):
        if "green_quality" in reads:
            reads = reads | {"quality", "abatement"}
        for name in {"quality", "abatement", "disclosure"} - reads:
            varied = term.payment(known, known.acts.varied(name, 0.2))
            assert np.ndim(varied) == 2 or np.array_equal(varied[0], varied[1]), (term.name, name)


SMALL_FIRMS_ONLY = {"applies_to": {"role": "supplier", "tier": 1}}


@pytest.mark.parametrize(
    "mechanism",
    [
        {"cost_sharing": {"kind": "sponsor", "share": 0.5}},
        {"cost_sharing": {"kind": "equal"}},
        {"benefit_sharing": {"kind": "value_added"}},
        {"information": {"kind": "platform", "minimum_disclosure": 0.9}},
        {"regulator": {"kind": "fixed", "rate": 0.5, "audit_cost": 3.0}},
    ],
    ids=lambda m: "-".join([*m, next(iter(m.values()))["kind"]]),
)
def test_a_mechanism_reaches_the_firms_that_it_applies_to_and_no_others(mechanism: dict[str, Any]) -> None:
    ((place, table),) = mechanism.items()
    base = {"incentives": [], "information": {"kind": "none"}, "cost_sharing": {"kind": "none"}, "months": 4}
    base |= {"benefit_sharing": {"kind": "retain"}}
    everybody, p = begun({**base, place: table})
    some, _ = begun({**base, place: {**table, **SMALL_FIRMS_ONLY}})
    inside = (p.traits.tier == 1) & p.traits.producer[0] & (p.network.firms["role"] == 0)
    outside = (p.traits.tier == 2) & p.traits.producer[0]
    touched = {
        "cost_sharing": lambda w: np.abs(w.ledger.firm.get("cost sharing", np.zeros(p.shape))),
        "benefit_sharing": lambda w: w.ledger.firm["premium"],
        "information": lambda w: w.shared_near,
        "regulator": lambda w: w.audited,
    }[place]
    assert touched(everybody)[:, outside].sum() > 0
    assert touched(some)[:, outside].sum() == 0
    assert touched(some)[:, inside].sum() > 0


def test_information_cannot_be_restricted_by_what_it_decides() -> None:
    with pytest.raises(ValueError, match="applies_to: who shares is told by fixed attributes"):
        kinds_at("information")["platform"](applies_to={"member": True})


@pytest.mark.parametrize("kind", [k for k in INCENTIVES if not kinds_at("incentives")[k].funded])
def test_an_incentive_that_pays_nothing_out_refuses_a_budget(kind: str) -> None:
    with pytest.raises(ValueError, match="pays out nothing of its own"):
        kinds_at("incentives")[kind](budget=10.0)


@pytest.mark.parametrize("kind", [k for k in INCENTIVES if kinds_at("incentives")[k].funded])
def test_an_incentive_without_a_budget_left_is_as_good_as_none(kind: str) -> None:
    spent, p = begun({"incentives": [{"kind": kind, "budget": 0.0}]}, months=8)
    none, _ = begun({"incentives": []}, months=8)
    assert np.abs(spent.ledger.firm.get(p.incentives[0].name, np.zeros(1))).max() == 0.0
    assert np.array_equal(spent.quality_cost, none.quality_cost)
    assert np.array_equal(spent.demand, none.demand)
