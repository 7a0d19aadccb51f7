"""`sim experiment`: what it prints, what it keeps, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.experiments import runner

SWEEP = """
kind = "sweep"
title = "Is a higher rate worth it?"
scenario = "subsidised"
replications = 2
objective = "emissions"
[levers]
incentives.0.rate = { low = 0.0, high = 0.4, steps = 3 }
[uncertainties]
market.premium = [0.05, 0.1]
"""
SENSITIVITY = """
kind = "sensitivity"
scenario = "subsidised"
replications = 1
points = 4
outcomes = ["emissions", "shipped_defect_rate", "windfall"]
[uncertainties]
incentives.0.rate = { low = 0.0, high = 0.4 }
market.premium = { low = 0.05, high = 0.15 }
"""
ABLATION = """
kind = "ablation"
scenario = "subsidised"
replications = 3
mechanisms = ["abatement_subsidy", "regulator"]
"""


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    comparison = 'kind = "compare"\nscenarios = ["plain", "subsidised"]\n'
    texts = {"sweep": SWEEP, "sensitivity": SENSITIVITY, "ablation": ABLATION, "comparison": comparison}
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text)


def test_a_sweep_shows_each_lever_and_the_one_of_least_regret(said: Any) -> None:
    status, out, err = said("experiment", "sweep.toml")
    assert (status, err) == (0, "")
    assert "Is a higher rate worth it?" in out
    assert "sweep of subsidised: 6 points, 2 replications, 4 months, seed 1" in out
    assert "incentives.0.rate=0.2" in out
    assert "least regret in emissions: incentives.0.rate=0.4" in out
    assert "runs: results/results.db (experiment 1)" in out
    assert max(len(line) for line in out.splitlines()) <= 120


def test_a_sensitivity_shows_parameters_by_weight_and_says_what_is_not_recorded(said: Any) -> None:
    status, out, err = said("experiment", "sensitivity.toml")
    assert (status, err) == (0, "")
    words = " ".join(out.split())
    assert "emissions ST S1" in words
    assert "not recorded in this scenario: windfall" in words


def test_morris_is_shown_in_the_units_of_the_outcome(said: Any, folder: Path) -> None:
    (folder / "morris.toml").write_text(SENSITIVITY.replace("points = 4", 'method = "morris"\ntrajectories = 4'))
    _, out, _ = said("experiment", "morris.toml")
    assert "mu_star" in out
    assert out.count("% points") == 3
    assert "kt CO2e" in out


def test_an_ablation_counts_the_sets_of_mechanisms_that_it_does_not_show(said: Any, folder: Path) -> None:
    taxes = "".join(f'[[incentives]]\nkind = "carbon_tax"\nrate = 0.01\nlabel = "tax {n}"\n' for n in range(4))
    (folder / "taxed.toml").write_text('extends = "plain"\n' + taxes)
    all_of_them = 'kind = "ablation"\nscenario = "taxed"\nreplications = 2\noutcomes = ["emissions"]\nmechanisms = '
    (folder / "four.toml").write_text(all_of_them + '["tax 0", "tax 1", "tax 2", "tax 3"]\n')
    (folder / "one.toml").write_text(all_of_them + '["tax 0"]\n')
    assert (
        "effects of 3 and more mechanisms together (5 sets of them) are in --json" in said("experiment", "four.toml")[1]
    )
    assert "in --json" not in said("experiment", "one.toml")[1]


def test_an_ablation_shows_effects_interactions_and_contributions(said: Any) -> None:
    status, out, err = said("experiment", "ablation.toml")
    assert (status, err) == (0, "")
    assert out.count("regulator x abatement_subsidy") + out.count("abatement_subsidy x regulator") >= 2
    assert "Shapley" in out
    assert "% points" in out


@pytest.mark.parametrize(
    ("file", "frames"),
    [("sweep", ["by_lever"]), ("sensitivity", ["indices"]), ("ablation", ["effects", "attribution"])],
)
def test_json_is_one_object_and_the_same_on_resuming(
    said: Any, file: str, frames: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, err = said("experiment", f"{file}.toml", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert list(found) == [
        "kind", "scenario", "seed", "replications", "months", "points", "runs", "database", "experiment", *frames,
    ]  # fmt: skip
    assert found["kind"] == file
    assert found["runs"]["finished"] == found["runs"]["asked"]
    assert all(found[frame] for frame in frames)
    assert "NaN" not in out
    monkeypatch.setattr(runner, "run_block", lambda *_: pytest.fail("computed again"))
    assert said("experiment", f"{file}.toml", "--json") == (0, out, "")


def test_shipped_experiments_are_listed_with_what_they_ask(said: Any) -> None:
    status, out, _ = said("list", "experiments")
    assert status == 0
    assert "pilot-ablation What each pillar of the pilot does, alone and together" in " ".join(out.split())


@pytest.mark.parametrize("file", ["sweep", "sensitivity", "ablation"])
def test_results_show_the_same_answer_again_without_the_file(said: Any, folder: Path, file: str) -> None:
    _, first, _ = said("experiment", f"{file}.toml", "--json")
    (folder / f"{file}.toml").unlink()
    assert said("results", "show", "1", "--json") == (0, first, "")


def test_options_take_the_place_of_what_the_file_says(said: Any) -> None:
    options = ("--seed", "5", "--replications", "1", "--months", "2", "--db", "other.db", "--workers", "1")
    _, out, _ = said("experiment", "sweep.toml", "--json", *options)
    found = json.loads(out)
    assert (found["seed"], found["replications"], found["months"], found["database"]) == (5, 1, 2, "other.db")


def test_runs_and_comparisons_look_like_their_commands(said: Any, folder: Path) -> None:
    (folder / "both.toml").write_text('kind = "compare"\nscenarios = ["plain", "subsidised"]\nreplications = 3\n')
    status, out, _ = said("experiment", "both.toml")
    assert status == 0
    assert out == said("compare", "plain.toml", "subsidised.toml", "--replications", "3", "--no-figures")[1]


def test_a_failing_world_gives_status_1_and_the_others_are_kept(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = runner.run_block

    def failing(scenario: Any, seed: int, replications: Any, **more: Any) -> Any:
        if 1 in replications:
            raise RuntimeError("a broken world")
        return whole(scenario, seed, replications, **more)

    monkeypatch.setattr(runner, "run_block", failing)
    status, out, err = said("experiment", "sweep.toml", "--workers", "1")
    assert status == 1
    assert "6 of 12 runs failed, the others are kept; first point 0, replication 1: RuntimeError: a broken world" in err
    assert "6 of 12 runs are missing" in out
    monkeypatch.setattr(runner, "run_block", whole)
    assert said("experiment", "sweep.toml", "--workers", "1")[0] == 0


def test_an_interrupt_says_what_is_kept_and_the_same_command_goes_on(
    said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, blocks = runner.run_task, []

    def interrupted(task: Any) -> Any:
        blocks.append(task)
        if len(blocks) > 1:
            raise KeyboardInterrupt
        return whole(task)

    monkeypatch.setattr(runner, "blocks_of", lambda cases, missing, _: [
        tuple(runner.RunKey(key, r) for r in replications) for key, replications in missing.items() if replications
    ])  # fmt: skip
    monkeypatch.setattr(runner, "run_task", interrupted)
    status, out, err = said("experiment", "sweep.toml", "--workers", "1")
    assert (status, out) == (130, "")
    assert "2 of 12 runs are finished and kept in results/results.db; the same command goes on from there" in err
    monkeypatch.setattr(runner, "run_task", whole)
    assert said("experiment", "sweep.toml", "--workers", "1")[0] == 0


def test_parts_say_what_they_did_and_the_whole_is_the_answer(said: Any) -> None:
    status, out, err = said("experiment", "sweep.toml", "--part", "1/2")
    assert (status, err) == (0, "")
    assert out.startswith(
        "part 1 of 2: 6 of 6 runs of 3 points are finished\nruns: results/results.db (experiment 1)\n"
    )
    status, out, _ = said("experiment", "sweep.toml", "--part", "2/2", "--json")
    assert json.loads(out) == {
        "part": 2, "of": 2, "points": 3, "runs": {"finished": 6, "asked": 6}, "database": "results/results.db",
        "experiment": 1,
    }  # fmt: skip
    status, out, err = said("experiment", "sweep.toml")
    assert (status, err) == (0, "")
    assert "sweep of subsidised: 6 points" in out
    assert "missing" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sweep.toml", "--part", "3/2"], "--part: given '3/2', allowed is N/M with N from 1 to M"),
        (["comparison.toml", "--part", "1/2"], "'compare', which has no points to share out"),
        (["swep.toml"], "swep.toml: no such file; did you mean 'sweep.toml'?"),
        (["plain.toml"], "plain.toml, kind: missing; allowed are"),
        (["sweep.toml", "--replications", "0"], "sweep.toml, replications: given 0"),
        (["sweep.toml", "--workers", "0"], "workers: given 0"),
        (["sweep.toml", "--db", "new/x.db"], "no such folder: new"),
    ],
)
def test_bad_input_gives_status_2_and_one_clear_line(said: Any, arguments: list[str], message: str) -> None:
    status, out, err = said("experiment", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
