"""Scenarios as models of the EMA workbench, with the workbench."""

from __future__ import annotations

import importlib.util
import pickle
import random
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError, UsageError
from sim.experiments.ema import as_model, ema_model, identifier
from tests.experiments.conftest import tiny

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("ema_workbench"), reason="the workbench is an extra")

SUBSIDY = tiny("sub-sidised", incentives=[{"kind": "abatement_subsidy", "rate": 0.5}])
LEVERS: dict[str, Any] = {
    "incentives.0.rate": {"low": 0.0, "high": 1.0},
    "incentives.0.starts": {"low": 0, "high": 3, "whole": True},
    "information.kind": ["none", "public"],
    "assessment.counterfactual": [True, False],
}
UNCERTAIN: dict[str, Any] = {
    "technology.abatement_cost": {"low": 0.06, "high": 0.24, "log": True},
    "market.awareness": [0.5],
}
OUTCOMES = ("emissions", "public_cost")


@pytest.fixture(scope="module")
def model() -> Any:
    return ema_model(SUBSIDY, LEVERS, UNCERTAIN, OUTCOMES, replications=3)


def expected(changes: dict[str, Any]) -> dict[str, float]:
    """The means that `sim.run` shows of the same scenario."""
    summary = sim.run(SUBSIDY.replace(changes), replications=3, workers=1).summary.set_index("outcome")["mean"]
    return {name: float(summary[name]) for name in OUTCOMES}


def test_the_function_gives_what_a_run_gives() -> None:
    function = as_model(SUBSIDY, LEVERS, UNCERTAIN, OUTCOMES, replications=3)
    assert function(incentives__0__rate=0.3, information__kind="public") == expected(
        {"incentives.0.rate": 0.3, "information.kind": "public"}
    )
    assert (
        function(**{"incentives.0.rate": 0.3})
        == function(incentives__0__rate=0.3)
        == expected({"incentives.0.rate": 0.3})
    )
    assert function() == expected({})


def test_paths_alone_are_enough_and_others_are_refused() -> None:
    function = as_model(SUBSIDY, ["incentives.0.rate"], outcomes=OUTCOMES, replications=3)
    assert function(incentives__0__rate=0.3) == expected({"incentives.0.rate": 0.3})
    with pytest.raises(UsageError, match="did you mean 'incentives__0__rate'"):
        function(incentives__0__rat=0.3)
    with pytest.raises(ScenarioError, match="given -1"):
        function(incentives__0__rate=-1.0)
    with pytest.raises(UsageError, match="did you mean 'rate'"):
        as_model(SUBSIDY, ["incentives.0.rat"])
    with pytest.raises(UsageError, match="did you mean 'emissions'"):
        as_model(SUBSIDY, outcomes=["emission"])


def test_groups_of_an_outcome_have_identifiers_too() -> None:
    found = as_model(SUBSIDY, outcomes=["emissions_by_role:suppliers"], replications=2)()
    assert list(found) == ["emissions_by_role__suppliers"]
    assert next(iter(found)).isidentifier()
    assert found["emissions_by_role__suppliers"] > 0


def test_the_function_can_be_sent_to_another_process() -> None:
    function = as_model(SUBSIDY, LEVERS, outcomes=OUTCOMES, replications=3)
    assert pickle.loads(pickle.dumps(function))(incentives__0__rate=0.1) == function(incentives__0__rate=0.1)


def test_a_failing_world_gives_no_figure_and_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.experiments import runner

    once = runner.run_block

    def failing(scenario: Any, seed: int, replications: Any, *rest: Any) -> Any:
        if 1 in replications:
            raise FloatingPointError("out of bounds")
        return once(scenario, seed, replications, *rest)

    function = as_model(SUBSIDY, outcomes=OUTCOMES, replications=2)
    monkeypatch.setattr(runner, "run_block", failing)
    with pytest.warns(
        UserWarning, match="1 of 2 worlds failed, first replication 1: FloatingPointError: out of bounds"
    ):
        found = function()
    assert all(np.isnan(value) for value in found.values())


def test_ranges_and_lists_become_parameters_of_their_kind(model: Any) -> None:
    kinds = {p.name: type(p).__name__ for p in (*model.levers, *model.uncertainties, *model.constants)}
    assert kinds == {
        "incentives__0__rate": "RealParameter",
        "incentives__0__starts": "IntegerParameter",
        "information__kind": "CategoricalParameter",
        "assessment__counterfactual": "BooleanParameter",
        "technology__abatement_cost": "RealParameter",
        "market__awareness": "Constant",
    }
    assert all(name.isidentifier() for name in kinds)
    rate, cost = model.levers["incentives__0__rate"], model.uncertainties["technology__abatement_cost"]
    assert (rate.lower_bound, rate.upper_bound) == (0.0, 1.0)
    assert cost.dist.ppf([0.0, 0.5, 1.0]) == pytest.approx([0.06, 0.12, 0.24])
    assert {o.name: o.kind for o in model.outcomes} == {"emissions": -1, "public_cost": -1}
    assert model.name == "subsidised"


def test_experiments_of_the_workbench_give_what_runs_give(model: Any) -> None:
    from ema_workbench import SequentialEvaluator

    with SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=2, policies=2)
    assert len(experiments) == 4
    paths = {identifier(path): path for path in (*LEVERS, *UNCERTAIN)}
    kinds = {
        "incentives.0.starts": int,
        "information.kind": str,
        "assessment.counterfactual": lambda v: str(v) == "True",
    }
    for n, row in experiments.iterrows():
        given = {path: kinds.get(path, float)(row[name]) for name, path in paths.items() if name in row}
        figures = expected(given | {"market.awareness": 0.5})
        assert {name: float(values[n]) for name, values in outcomes.items()} == figures


@pytest.mark.parametrize("sampler", ["LHS", "MC", "SOBOL"])
def test_samplers_of_the_workbench_work(sampler: str) -> None:
    """The dearer abatement is, the more is emitted, at whatever points."""
    from ema_workbench import Samplers, SequentialEvaluator, perform_experiments

    ranges = {"technology.abatement_cost": {"low": 0.06, "high": 0.24}}
    model = ema_model(SUBSIDY, uncertainties=ranges, outcomes=["emissions"], replications=1)
    found, outcomes = perform_experiments(
        model, scenarios=4, evaluator=SequentialEvaluator(model), uncertainty_sampling=Samplers[sampler]
    )
    costs = found["technology__abatement_cost"].to_numpy()
    assert len(set(costs)) >= 4
    assert costs.min() >= 0.06
    assert costs.max() <= 0.24
    in_order = outcomes["emissions"][np.argsort(costs)]
    assert (np.diff(in_order)[np.diff(np.sort(costs)) > 0] > 0).all()


def test_optimisation_of_the_workbench_works() -> None:
    """On its front, what costs the public more emits less."""
    pytest.importorskip("platypus")
    from ema_workbench import SequentialEvaluator

    model = ema_model(SUBSIDY, {"incentives.0.rate": {"low": 0.0, "high": 1.0}}, outcomes=OUTCOMES, replications=1)
    with SequentialEvaluator(model) as evaluator:
        found = evaluator.optimize(nfe=30, searchover="levers", epsilons=[1.0, 1.0], population_size=10)
    ordered = found.sort_values("incentives__0__rate")
    assert len(ordered) > 3
    assert (ordered["public_cost"].diff().dropna() > 0).all()
    assert (ordered["emissions"].diff().dropna() < 0).all()


def test_whole_numbers_on_a_logarithmic_scale_are_refused_rather_than_drawn_evenly() -> None:
    with pytest.raises(UsageError, match="incentives.0.starts: whole numbers on a logarithmic scale"):
        ema_model(SUBSIDY, {"incentives.0.starts": {"low": 1, "high": 3, "whole": True, "log": True}})


def test_robust_optimisation_of_the_workbench_works() -> None:
    """Over what is uncertain the public pays least, on average and at worst, at the lowest rate."""
    pytest.importorskip("platypus")
    from ema_workbench import ScalarOutcome, SequentialEvaluator

    model = ema_model(
        SUBSIDY, {"incentives.0.rate": [0.1, 0.5, 0.9]}, {"technology.abatement_cost": [0.06, 0.12, 0.24]},
        outcomes=["public_cost"], replications=1,
    )  # fmt: skip
    robust = [
        ScalarOutcome(name, kind=ScalarOutcome.MINIMIZE, variable_name="public_cost", function=function)
        for name, function in (("mean", np.mean), ("worst", np.max))
    ]
    random.seed(1)
    with SequentialEvaluator(model) as evaluator:
        found = evaluator.robust_optimize(robust, scenarios=3, nfe=12, epsilons=[1.0, 1.0], population_size=6)
    assert {category.value for category in found["incentives__0__rate"]} == {0.1}
