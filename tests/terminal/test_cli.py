"""Commands as a user gives them: what they print, where, and with which exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sim.ensemble import Block, run_block
from sim.errors import ScenarioError
from sim.experiments import runner
from sim.experiments.results import PAIRED
from sim.scenario.schema import Scenario
from sim.store.store import Store

ROOT = Path(__file__).resolve().parents[2]

COMPARE = ("compare", "plain.toml", "subsidised.toml", "--replications", "3", "--no-figures")


def elsewhere(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run([sys.executable, "-m", "sim.cli", *arguments], env=env, capture_output=True, text=True)


def test_compare_prints_a_table_of_means_and_one_of_differences(said: Any) -> None:
    status, out, err = said(*COMPARE)
    assert status == 0
    assert err == ""
    for words in ("free-rider", "defect", "profit", "public cost", "cost per tonne", "CO2e", "difference to plain"):
        assert words in " ".join(out.split())
    rows = [line for line in out.splitlines() if line.strip().startswith(("plain ", "subsidised "))]
    assert len(rows) == 3
    assert all("±" in row for row in rows)
    assert max(len(line) for line in out.splitlines()) <= 120
    assert "runs: results/results.db" in out
    assert Path("results/results.db").is_file()


def test_compare_json_is_one_object_of_the_promised_shape(said: Any) -> None:
    status, out, err = said(*COMPARE, "--json", "--seed", "7", "--months", "3")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert list(found) == ["seed", "replications", "months", "database", "scenarios", "paired", "policy"]
    assert (found["seed"], found["replications"], found["months"]) == (7, 3, 3)
    assert found["database"] == "results/results.db"
    assert [s["name"] for s in found["scenarios"]] == ["plain", "subsidised"]
    for scenario in found["scenarios"]:
        assert list(scenario) == ["name", "fingerprint", "outcomes"]
        assert list(scenario["outcomes"]["emissions"]) == ["mean", "low", "high", "unit"]
    assert found["scenarios"][0]["outcomes"]["cost_per_tonne"]["mean"] is None
    assert found["scenarios"][1]["outcomes"]["cost_per_tonne"]["mean"] > 0
    assert list(found["paired"][0]) == list(PAIRED)
    assert {(p["scenario"], p["against"]) for p in found["paired"] + found["policy"]} == {("subsidised", "plain")}


def test_json_has_full_precision_and_null_for_what_is_not_there(said: Any) -> None:
    from sim.experiments.designs import saved

    _, out, _ = said(*COMPARE, "--json", "--replications", "1")
    emissions = json.loads(out)["scenarios"][0]["outcomes"]["emissions"]
    summary = saved("results/results.db").summary.query("scenario == 'plain' and outcome == 'emissions'").iloc[0]
    assert emissions["mean"] == summary["mean"]
    assert emissions["low"] is emissions["high"] is None
    assert "NaN" not in out


def test_hash_seed_processes_and_other_scenarios_change_nothing() -> None:
    one = elsewhere(*COMPARE, "--json", "--workers", "1", "--db", "one.db", PYTHONHASHSEED="1")
    two = elsewhere(*COMPARE, "--json", "--workers", "2", "--db", "two.db", PYTHONHASHSEED="2")
    assert one.stderr == two.stderr == ""
    assert one.stdout.replace("one.db", "two.db") == two.stdout
    alone = elsewhere("run", "subsidised.toml", "--replications", "3", "--json", "--db", "three.db", PYTHONHASHSEED="3")
    mine = json.loads(one.stdout)["scenarios"][1]
    del mine["outcomes"]["cost_per_tonne"]
    assert json.loads(alone.stdout)["scenarios"] == [mine]


def test_run_prints_every_outcome_and_run_json_the_same_object(said: Any) -> None:
    status, out, _ = said("run", "plain.toml", "--replications", "2")
    assert status == 0
    assert "free_rider_share" in out
    status, out, _ = said("run", "plain.toml", "--replications", "2", "--json")
    found = json.loads(out)
    assert status == 0
    assert found["paired"] == []
    assert [s["name"] for s in found["scenarios"]] == ["plain"]


def test_set_changes_a_value_by_its_path(said: Any) -> None:
    def fingerprint(*changes: str) -> str:
        options = [option for change in changes for option in ("--set", change)]
        status, out, err = said("run", "subsidised.toml", "--replications", "1", "--json", *options)
        assert (status, err) == (0, "")
        return json.loads(out)["scenarios"][0]["fingerprint"]

    assert fingerprint("incentives.0.rate=0.5") == fingerprint()
    assert len({fingerprint(), fingerprint("incentives.0.rate=0.1"), fingerprint("information.kind=platform")}) == 3


def test_against_names_the_reference(said: Any) -> None:
    _, out, _ = said(*COMPARE, "--json", "--against", "subsidised")
    assert {(p["scenario"], p["against"]) for p in json.loads(out)["paired"]} == {("plain", "subsidised")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "basline"], "did you mean 'baseline'?"),
        (["run", "missing.toml"], "missing.toml: no such file"),
        (["run", "plain.toml", "--colour"], "--colour"),
        (["run", "plain.toml", "--seed", "1.5"], "'--seed': given '1.5', allowed is a whole number"),
        (["run", "plain.toml", "--replications", "two"], "'--replications': given 'two', allowed is a whole number"),
        (
            ["run", "plain.toml", "--months", "999999999"],
            "months: given 999999999, allowed is a whole number in [1, 12000]",
        ),
        (["run", "plain.toml", "--db", "new/x.db"], "database new/x.db: no such folder: new"),
        (["run", "plain.toml", "--set", "cost_sharing.kind=eqal"], "unknown kind 'eqal'; did you mean 'equal'?"),
        (
            ["compare", "plain.toml", "subsidised.toml", "--set", "incentives.0.rte=1"],
            "subsidised, incentives.0: unknown key 'rte'; did you mean 'rate'?",
        ),
        (["run", "plain.toml", "--replications", "0"], "replications: given 0"),
        (["run", "plain.toml", "--months", "0"], "months: given 0"),
        (["run", "plain.toml", "--set", "months"], "--set: given 'months'"),
        (["run", "plain.toml", "--set", "months=3 4"], "not a TOML value"),
        (["run", "plain.toml", "--set", "market.nothing=3"], "market"),
        (["run", "plain.toml", "--db", "plain.toml"], "not a database"),
        (["run", "plain.toml", "--db", "plain.toml/x/results.db"], "database plain.toml/x/results.db"),
        (["run"], "Missing argument"),
        (["compare", "plain.toml", "plain.toml"], "two scenarios are called 'plain'"),
        (["compare", "plain.toml", "--against", "plan"], "did you mean 'plain'?"),
        (["compare", "plain.toml", "--figures", "x", "--no-figures"], "exclude each other"),
        (["list", "mechanism"], "did you mean 'mechanisms'?"),
        (["plot"], "no such file"),
        (["plot", "--format", "gif"], "allowed are png, svg, pdf"),
        (["dance"], "dance"),
    ],
)
def test_bad_input_gives_status_2_and_one_clear_line(said: Any, arguments: list[str], message: str) -> None:
    status, out, err = said(*arguments)
    assert status == 2
    assert out == ""
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    assert message in err


def test_a_failed_run_gives_status_1_and_the_others_are_kept(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(scenario: Scenario, seed: int, replications: Sequence[int]) -> Block:
        if 1 in replications and scenario.incentives:
            raise ZeroDivisionError("no such world")
        return run_block(scenario, seed, replications)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "run_block", faulty)
        status, out, err = said(*COMPARE, "--json")
    assert status == 1
    assert len(json.loads(out)["scenarios"]) == 2
    assert err.count("\n") == 1
    assert "1 of 6 runs failed" in err
    assert "subsidised, replication 1: ZeroDivisionError: no such world" in err
    assert json.loads(out)["failures"] == [
        {"scenario": "subsidised", "replication": 1, "error": "ZeroDivisionError: no such world"}
    ]
    status, _, err = said(*COMPARE, "--json")
    assert (status, err) == (0, "")


def test_without_a_finished_run_there_is_no_table_and_no_picture(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(scenario: Scenario, seed: int, replications: Sequence[int]) -> Block:
        raise ZeroDivisionError("no such world")

    monkeypatch.setattr(runner, "run_block", faulty)
    status, out, err = said("run", "plain.toml", "--replications", "2", "--figures", "pictures")
    assert (status, out) == (1, "runs: results/results.db\n")
    assert err.startswith("sim: 2 of 2 runs failed; first plain, replication 0: ZeroDivisionError: no such world")
    status, out, _ = said("compare", "plain.toml", "subsidised.toml", "--replications", "2", "--json")
    assert status == 1
    assert [f["replication"] for f in json.loads(out)["failures"]] == [0, 1, 0, 1]
    assert said("plot")[::2] == (
        2,
        "sim: nothing to draw: results/results.db holds no finished run of this experiment\n",
    )


def test_an_interrupt_gives_status_130_and_says_what_is_kept(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = runner.run_task

    def interrupted(task: runner.Task) -> runner.Done:
        if task.scenario().incentives:
            raise KeyboardInterrupt
        return whole(task)

    monkeypatch.setattr(runner, "run_task", interrupted)
    status, out, err = said(*COMPARE)
    assert (status, out) == (130, "")
    assert err == (
        "sim: interrupted: 3 of 6 runs are finished and kept in results/results.db; the same command goes on from there\n"
    )
    with Store("results/results.db") as store:
        assert store.latest() is not None


def test_a_change_is_made_in_the_scenarios_that_have_its_path_and_refused_where_none_has(tmp_path: Path) -> None:
    from sim.terminal.changes import changed

    (without, with_it), notes = changed(["baseline", "shenzhen-huawei"], ["incentives.0.loss=0.1"])
    assert notes == ["--set incentives.0.loss changes shenzhen-huawei; there is no such value in baseline"]
    assert without.incentives == ()
    assert with_it.incentives[0].loss == 0.1  # type: ignore[attr-defined]
    with pytest.raises(ScenarioError, match=r"baseline, incentives: given position '7', but the list is empty"):
        changed(["baseline", "shenzhen-huawei"], ["incentives.7.loss=0.1"])


def test_compare_says_which_scenarios_a_change_did_not_concern(said: Any) -> None:
    status, out, err = said(*COMPARE, "--json", "--set", "incentives.0.rate=0.1")
    assert status == 0
    assert json.loads(out)
    assert err == "sim: --set incentives.0.rate changes subsidised; there is no such value in plain\n"


def test_changes_are_made_together(said: Any) -> None:
    changes = ("--set", "incentives.0.kind=carbon_tax", "--set", "incentives.0.rate=0.1")
    status, _, err = said("run", "subsidised.toml", "--replications", "1", *changes)
    assert (status, err) == (0, "")
    both = ("--set", "incentives.0.starts=3", "--set", "incentives.0.ends=4")
    assert said("run", "subsidised.toml", "--replications", "1", *both)[0] == 0
