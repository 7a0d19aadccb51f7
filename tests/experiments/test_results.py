"""Frames have the promised columns, and figures that follow from the monthly values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.errors import UsageError
from sim.experiments.designs import compare, run
from sim.experiments.results import Results
from sim.scenario.schema import Scenario
from sim.statistics.paired import holm
from sim.store.records import Failure
from tests.experiments.conftest import tiny

REPLICATIONS = 4


@pytest.fixture(scope="module")
def results() -> Results:
    subsidised = tiny(
        "subsidised",
        incentives=[{"kind": "abatement_subsidy", "rate": 0.5}, {"kind": "upgrade_grant", "budget": 1.0}],
        information={"kind": "platform"},
        programme=[{"name": "all", "starts": 0}],
    )
    return compare([tiny("plain"), subsidised], replications=REPLICATIONS)


def test_frames_have_the_promised_columns(results: Results) -> None:
    columns = {
        "monthly": "scenario replication month outcome value",
        "runs": "scenario replication outcome value",
        "summary": "scenario outcome mean low high unit",
        "paired": "scenario against outcome difference low high unit pairs p p_holm variance_ratio "
        "equivalent_replications",
        "ledger": "scenario replication payment account amount",
        "last_paid": "scenario replication payment month",
        "failures": "scenario replication traceback",
    }
    for name, expected in columns.items():
        assert " ".join(getattr(results, name).columns) == expected


def test_monthly_has_every_value_once(results: Results) -> None:
    frame = results.monthly
    assert not frame.duplicated(["scenario", "replication", "month", "outcome"]).any()
    counts = frame.groupby(["scenario", "outcome"]).size()
    assert (counts == REPLICATIONS * results.months).all()


def test_a_runs_figure_is_the_sum_mean_or_last_of_its_months(results: Results) -> None:
    values = results.monthly.groupby(["scenario", "replication", "outcome"]).value.agg(["sum", "mean"])
    runs = results.runs.set_index(["scenario", "replication", "outcome"]).value
    for outcome, how in (("emissions", "sum"), ("trust", "mean")):
        expected = values.xs(outcome, level="outcome")[how]
        found = runs.xs(outcome, level="outcome")
        assert found.sort_index().tolist() == pytest.approx(expected.sort_index().tolist(), rel=1e-12)


def test_the_summary_is_the_mean_over_replications(results: Results) -> None:
    profit = results.runs[(results.runs.scenario == "plain") & (results.runs.outcome == "profit")].value
    row = results.summary.query("scenario == 'plain' and outcome == 'profit'").iloc[0]
    low, high = stats.t.interval(0.95, REPLICATIONS - 1, loc=profit.mean(), scale=stats.sem(profit))
    assert [row["mean"], row["low"], row["high"]] == pytest.approx([profit.mean(), low, high], rel=1e-9)
    assert row["unit"] == "kCNY"


def test_differences_turn_round_with_the_reference(results: Results) -> None:
    there = results.paired.set_index("outcome")
    back = results.paired_against("subsidised").set_index("outcome")
    assert (there.against == "plain").all()
    assert (back.against == "subsidised").all()
    assert there.difference.loc["emissions"] == -back.difference.loc["emissions"] < 0
    assert there.low.loc["emissions"] == -back.high.loc["emissions"]
    with pytest.raises(UsageError, match="did you mean 'plain'"):
        results.paired_against("plane")


def test_the_family_of_holms_correction_is_the_frame_asked_for(results: Results) -> None:
    everything = results.paired
    assert everything.p_holm.tolist() == pytest.approx(holm(everything.p.to_numpy()).tolist(), nan_ok=True)
    assert (everything.p_holm.dropna() >= everything.p.dropna()).all()
    few = results.paired_against("plain", ["profit", "emissions"])
    assert sorted(few.outcome) == ["emissions", "profit"]
    smaller, larger = sorted(few.p)
    assert sorted(few.p_holm) == pytest.approx([2 * smaller, max(2 * smaller, larger)])
    assert few.set_index("outcome").low["profit"] == everything.set_index("outcome").low["profit"]
    alone = results.paired_against("plain", ["profit"], simultaneous=True)
    assert alone[["low", "high"]].equals(few[few.outcome == "profit"][["low", "high"]].reset_index(drop=True))
    with pytest.raises(UsageError, match="unknown outcome 'profits'; did you mean 'profit'"):
        results.paired_against("plain", ["profits"])


def test_simultaneous_intervals_are_those_at_bonferronis_level(results: Results) -> None:
    wide = results.paired_against("plain", ["profit", "emissions"], simultaneous=True).set_index("outcome")
    runs = results.runs.set_index(["scenario", "outcome", "replication"]).value
    for outcome in ("profit", "emissions"):
        apart = (runs["subsidised"][outcome], runs["plain"][outcome])
        interval = stats.ttest_rel(*apart).confidence_interval(1 - 0.05 / 2)
        assert [wide.low[outcome], wide.high[outcome]] == pytest.approx([interval.low, interval.high], rel=1e-9)


def test_common_random_numbers_make_differences_sharper(results: Results) -> None:
    assert results.paired.set_index("outcome").variance_ratio["emissions"] > 2


def test_cost_per_tonne_is_public_cost_over_abatement_against_the_reference(results: Results) -> None:
    means = results.summary.set_index(["scenario", "outcome"])["mean"]
    cost = means["subsidised", "public_cost"] - means["plain", "public_cost"]
    tonnes = means["plain", "emissions"] - means["subsidised", "emissions"]
    found = results.summary.set_index(["scenario", "outcome"]).loc[("subsidised", "cost_per_tonne")]
    assert found["mean"] == pytest.approx(cost / tonnes, rel=1e-9)
    assert found["low"] < found["mean"] < found["high"]
    assert found["unit"] == "kCNY/t"
    assert np.isnan(means["plain", "cost_per_tonne"])


def test_a_single_scenario_has_no_differences_and_no_cost_per_tonne(plain: Scenario) -> None:
    found = run(plain, replications=2)
    assert found.paired.empty
    assert "cost_per_tonne" not in set(found.summary.outcome)


def test_one_replication_has_no_intervals(plain: Scenario, subsidised: Scenario) -> None:
    found = compare([plain, subsidised], replications=1)
    assert found.summary.query("outcome == 'emissions'")["mean"].notna().all()
    assert found.summary[["low", "high"]].isna().all(axis=None)
    assert found.paired[["low", "high", "p", "p_holm", "variance_ratio"]].isna().all(axis=None)


def test_money_is_in_the_scenarios_currency() -> None:
    found = run(tiny("abroad", currency="kEUR"), replications=1)
    assert set(found.summary.query("outcome == 'profit'").unit) == {"kEUR"}


def test_the_books_sum_to_zero_over_accounts(results: Results) -> None:
    totals = results.ledger.groupby(["scenario", "replication", "payment"]).amount.agg(["sum", lambda x: x.abs().sum()])
    assert (totals["sum"].abs() <= 1e-9 * totals.iloc[:, 1]).all()


def test_an_exhausted_budget_shows_when_it_last_paid(results: Results) -> None:
    paid = results.last_paid
    assert set(paid.scenario) == {"subsidised"}
    assert set(paid.payment) == {"upgrade_grant"}
    assert len(paid) == REPLICATIONS


def test_failed_replications_are_listed_and_do_not_count(
    plain: Scenario, subsidised: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.experiments import runner

    whole = runner.run_task

    def failing(task: runner.Task) -> runner.Done:
        if all(world.fingerprint == plain.fingerprint for world in task.worlds):
            return whole(task)
        return runner.Done((), None, tuple((w, Failure(w.replication, "Traceback: broken")) for w in task.worlds))

    monkeypatch.setattr(runner, "run_task", failing)
    found = compare([plain, subsidised], replications=2, workers=1)
    assert found.failures.replication.tolist() == [0, 1]
    assert set(found.failures.scenario) == {"subsidised"}
    assert set(found.runs.scenario) == {"plain"}
    assert found.paired.empty
    assert found.summary.set_index(["scenario", "outcome"])["mean"].isna()["subsidised", "cost_per_tonne"]
