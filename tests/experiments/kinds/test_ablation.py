"""An ablation: what is switched off and what stays, and what its effects say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.errors import UsageError
from sim.experiments.designs import compare
from sim.experiments.kinds.ablation import Ablation, AblationAnswer
from sim.scenario.schema import Scenario
from sim.store.records import Figures
from tests.experiments.conftest import tiny


def rich() -> Scenario:
    return tiny(
        "rich",
        information={"kind": "platform"},
        cost_sharing={"kind": "sponsor"},
        incentives=[
            {"kind": "abatement_subsidy", "rate": 0.3},
            {"kind": "carbon_tax", "rate": 0.1, "label": "tax"},
        ],
    )


@pytest.fixture(scope="module")
def answer() -> AblationAnswer:
    found: AblationAnswer = Ablation(
        scenario=rich(), mechanisms=["information", "cost_sharing", "incentives.0", "tax"], replications=3
    ).run(workers=1)
    return found


def scenarios(definition: Ablation) -> list[Scenario]:
    return [definition.base.replace(changes) for changes in definition.plan]


def test_every_combination_is_run_once(answer: AblationAnswer) -> None:
    made = scenarios(answer.definition)
    assert len(made) == 16
    assert len({s.fingerprint for s in made}) == 16
    for n, scenario in enumerate(made):
        assert (scenario.information.kind == "platform") == bool(n & 1)
        assert (scenario.cost_sharing.kind == "sponsor") == bool(n & 2)
        assert [i.kind for i in scenario.incentives] == ["abatement_subsidy"] * bool(n & 4) + ["carbon_tax"] * bool(
            n & 8
        )


def test_all_on_is_the_scenario_itself_and_who_takes_part_never_changes(answer: AblationAnswer) -> None:
    made = scenarios(answer.definition)
    assert made[-1].fingerprint == rich().fingerprint
    assert {s.phases for s in made} == {rich().phases}


def test_what_is_not_named_stays(answer: AblationAnswer) -> None:
    assert all(s.regulator == rich().regulator for s in scenarios(answer.definition))
    some = Ablation(scenario=rich(), mechanisms=["tax"])
    assert [len(s.incentives) for s in scenarios(some)] == [1, 2]
    assert all(s.information.kind == "platform" for s in scenarios(some))


def test_without_names_everything_that_is_on_is_switched() -> None:
    definition = Ablation(scenario=rich())
    assert definition.places == ("information", "cost_sharing", "regulator", "incentives.0", "incentives.1")
    assert definition.names == ("information", "cost_sharing", "regulator", "abatement_subsidy", "tax")


def test_effects_with_all_others_off_are_paired_differences(answer: AblationAnswer) -> None:
    made = scenarios(answer.definition)
    named = [made[n].model_copy(update={"name": name}) for n, name in ((0, "off"), (4, "subsidy"))]
    expected = compare(named, replications=3, workers=1).paired.set_index("outcome")
    mine = answer.effects.query("mechanisms == 'abatement_subsidy' and others == 'off'").set_index("outcome")
    for outcome in answer.outcomes:
        for column, there in (("value", "difference"), ("low", "low"), ("high", "high"), ("unit", "unit")):
            assert mine.loc[outcome, column] == pytest.approx(expected.loc[outcome, there]), outcome


def test_effects_and_contributions_sum_to_the_whole(answer: AblationAnswer) -> None:
    for outcome in answer.outcomes:
        values = answer.values(outcome)
        whole = float((values[-1] - values[0]).mean())
        effects = answer.effects.query(f"others == 'off' and outcome == '{outcome}'")
        parts = answer.attribution.query(f"outcome == '{outcome}'").set_index("mechanism")["value"]
        assert len(effects) == 15
        assert effects["value"].sum() == pytest.approx(whole, abs=1e-6 * np.abs(values).max())
        assert parts["all"] == pytest.approx(whole)
        assert parts.drop("all").sum() == pytest.approx(whole, abs=1e-6 * np.abs(values).max())


def test_contributions_sum_to_the_whole_also_where_a_world_is_missing(answer: AblationAnswer) -> None:
    values = answer.found.figures.values.copy()
    values[5, 1] = np.nan
    figures = Figures(answer.found.figures.units, values)
    found = answer.definition.answer(replace(answer.found, figures=figures, finished=None))
    for outcome in found.outcomes:
        rows = found.attribution.query(f"outcome == '{outcome}'").set_index("mechanism")["value"]
        whole = values[-1, [0, 2]] - values[0, [0, 2]]
        assert rows["all"] == pytest.approx(whole[:, list(figures.units).index(outcome)].mean())
        assert rows.drop("all").sum() == pytest.approx(rows["all"], abs=1e-6 * np.nanmax(np.abs(values)))


def test_names_say_what_acts_together(answer: AblationAnswer) -> None:
    effects = answer.effects.query("others == 'average' and outcome == 'emissions'")
    assert effects["mechanisms"].tolist()[:5] == [
        "information", "cost_sharing", "abatement_subsidy", "tax", "information x cost_sharing",
    ]  # fmt: skip
    assert effects["order"].tolist() == [1] * 4 + [2] * 6 + [3] * 4 + [4]
    labels = answer.combinations["label"].tolist()
    assert (labels[0], labels[5]) == ("all off", "information x abatement_subsidy")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["informatio"], "unknown mechanism 'informatio'; did you mean 'information'"),
        (["incentives.2"], "unknown mechanism 'incentives.2'"),
        (["risk_sharing"], "risk_sharing does nothing in rich; leave it out"),
        (["tax", "incentives.1"], "'incentives.1' is named twice"),
    ],
)
def test_what_cannot_be_switched_is_said(given: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=f"Ablation, .*{message}"):
        Ablation(scenario=rich(), mechanisms=given)


def test_too_many_mechanisms_are_refused() -> None:
    incentives: list[dict[str, Any]] = [{"kind": "carbon_tax", "rate": 0.01}] * 10
    with pytest.raises(UsageError, match="11 mechanisms have 2048 combinations, allowed are 10"):
        Ablation(scenario=tiny("many", incentives=incentives))


def test_a_scenario_without_mechanisms_has_nothing_to_switch() -> None:
    with pytest.raises(UsageError, match="mechanisms: none is on"):
        Ablation(scenario=tiny("none", regulator={"kind": "none"}))
