"""Experiments in files: the same as in Python, checked, saved and analysed again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.errors import ScenarioError, StoreError, UsageError
from sim.experiments import runner
from sim.experiments.cases import Case
from sim.experiments.definition import Design
from sim.experiments.files import KINDS, analysed, load_experiment
from sim.experiments.kinds.ablation import Ablation
from sim.experiments.kinds.sensitivity import Sensitivity
from sim.experiments.kinds.sweep import Sweep
from sim.store.store import Store

TINY = 'months = 4\n[network]\nkind = "tiered"\nbuyers = 1\ntiers = [6, 8]\n[information]\nkind = "platform"\n'

FILES = {
    "sweep": """
        kind = "sweep"
        scenario = "tiny"
        seed = 3
        replications = 2
        objective = "profit"
        [levers]
        information.kind = ["none", "platform"]
        [uncertainties]
        "market.premium" = { low = 0.01, high = 0.1, log = true }
        [sampling]
        uncertainties = { method = "sobol", points = 4 }
        """,
    "sensitivity": """
        kind = "sensitivity"
        scenario = "tiny.toml"
        replications = 1
        points = 4
        outcomes = ["emissions"]
        [uncertainties]
        market.premium = { low = 0.01, high = 0.1 }
        months = { low = 2, high = 4, whole = true }
        """,
    "ablation": """
        kind = "ablation"
        scenario = "tiny"
        replications = 2
        mechanisms = ["information", "regulator"]
        [set]
        market.premium = 0.05
        """,
}

IN_PYTHON: dict[str, Any] = {
    "sweep": lambda scenario: Sweep(
        scenario=scenario, seed=3, replications=2, objective="profit", levers={"information.kind": ["none", "platform"]},
        uncertainties={"market.premium": {"low": 0.01, "high": 0.1, "log": True}},
        sampling={"uncertainties": {"method": "sobol", "points": 4}},
    ),
    "sensitivity": lambda scenario: Sensitivity(
        scenario=scenario, replications=1, points=4, outcomes=["emissions"],
        uncertainties={"market.premium": {"low": 0.01, "high": 0.1}, "months": {"low": 2, "high": 4, "whole": True}},
    ),
    "ablation": lambda scenario: Ablation(
        scenario=scenario, replications=2, mechanisms=["information", "regulator"], set={"market.premium": 0.05}
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny.toml").write_text(TINY)
    for name, text in FILES.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


def fingerprints(design: Design) -> list[str]:
    return [Case(design.base, changes).fingerprint for changes in design.plan]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_and_python_define_the_same(folder: Path, kind: str) -> None:
    from_file, in_python = load_experiment(folder / f"{kind}.toml"), IN_PYTHON[kind](folder / "tiny.toml")
    assert type(from_file) is type(in_python) is KINDS[kind]
    assert fingerprints(from_file) == fingerprints(in_python)
    assert (from_file.seed, from_file.replications) == (in_python.seed, in_python.replications)


@pytest.mark.parametrize("kind", FILES)
def test_a_saved_experiment_is_analysed_without_running_anything(
    folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = load_experiment(folder / f"{kind}.toml").run(db=folder / "a.db", workers=1)
    (folder / "tiny.toml").unlink()
    monkeypatch.setattr(runner, "run_block", lambda *_: pytest.fail("computed again"))
    with Store(folder / "a.db", create=False) as store:
        again = analysed(store, answer.found.experiment)
    assert type(again) is type(answer)
    for frame in ("points", "figures", "summary"):
        pd.testing.assert_frame_equal(getattr(answer, frame), getattr(again, frame), check_exact=True)
    assert again.definition.model_dump(exclude={"scenario", "set", "months"}) == answer.definition.model_dump(
        exclude={"scenario", "set", "months"}
    )


def test_what_is_missing_of_an_interrupted_experiment_is_not_made_up(folder: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    definition = load_experiment(folder / "sweep.toml", replications=3)
    with pytest.raises(KeyboardInterrupt):
        definition.run(db=folder / "a.db", workers=2, progress=interrupt)
    with Store(folder / "a.db", create=False) as store:
        partial = analysed(store, 1)
    assert 0 < partial.finished < partial.total == 24
    assert partial.figures.groupby("outcome").size().eq(partial.finished).all()


def test_an_experiment_goes_on_under_its_number_and_a_changed_one_gets_another(folder: Path) -> None:
    numbers = [
        load_experiment(folder / "sweep.toml", **changes).run(db=folder / "a.db", workers=1).found.experiment
        for changes in ({}, {}, {"seed": 4})
    ]
    assert numbers == [1, 1, 2]


def test_another_base_with_the_same_worlds_is_analysed_as_its_own(folder: Path) -> None:
    """Worlds are shared between experiments, though each reaches them by changes of its own base."""
    (folder / "other.toml").write_text('extends = "tiny"\n[market]\npremium = 0.02\n')
    answers = [
        Sweep(scenario=folder / name, replications=1, levers={"market.premium": [0.02, 0.05]}).run(
            db=folder / "a.db", workers=1
        )
        for name in ("tiny.toml", "other.toml")
    ]
    with Store(folder / "a.db", create=False) as store:
        for answer in answers:
            again = analysed(store, answer.found.experiment)
            pd.testing.assert_frame_equal(answer.by_lever, again.by_lever, check_exact=True)


def test_points_of_another_version_are_not_taken_for_those_planned(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_experiment(folder / "sweep.toml").run(db=folder / "a.db", workers=1)
    planned = Sweep.planned
    monkeypatch.setattr(Sweep, "planned", lambda self: list(reversed(planned(self))))
    with Store(folder / "a.db", create=False) as store, pytest.raises(StoreError, match="another version of a library"):
        analysed(store, 1)


def test_experiments_that_cannot_be_analysed_are_said(folder: Path) -> None:
    from sim.experiments.designs import run

    run(folder / "tiny.toml", replications=1, db=folder / "a.db", workers=1)
    with Store(folder / "a.db", create=False) as store:
        with pytest.raises(StoreError, match="no experiment 7"):
            analysed(store, 7)
        with pytest.raises(StoreError, match="experiment 1: a run, which has no definition"):
            analysed(store, 1)


def test_single_runs_and_comparisons_are_defined_by_files_too(folder: Path) -> None:
    (folder / "one.toml").write_text('kind = "run"\nscenario = "tiny"\nreplications = 2\n[set]\nmarket.premium = 0.2\n')
    (folder / "both.toml").write_text(
        'kind = "compare"\nscenarios = ["tiny", "other.toml"]\nreplications = 2\nagainst = "other"\nmonths = 3\n'
    )
    (folder / "other.toml").write_text('extends = "tiny"\n[information]\nkind = "none"\n')
    one, both = (load_experiment(folder / f"{name}.toml").run(workers=1) for name in ("one", "both"))
    assert one.scenarios[0].market.premium == 0.2
    assert ([s.name for s in both.scenarios], both.against, both.months) == (["tiny", "other"], "other", 3)
    assert set(both.paired["scenario"]) == {"tiny"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.toml, kind: missing; allowed are run, compare, sweep"),
        ('kind = "swep"', "x.toml, kind: unknown kind 'swep'; did you mean 'sweep'"),
        ('kind = ["sweep"]', "x.toml, kind: given .'sweep'., allowed are run"),
        ('kind = "sweep"', "x.toml, scenario: missing"),
        (
            'kind = "sweep"\nscenario = "tiny"\n[levers]\nmarket.premium = [2020-01-01]',
            "x.toml, levers.*market.premium.*given datetime.date",
        ),
        (
            'kind = "sweep"\nscenario = "tiny"\n[levers]\nmarket.premium = { low = 0, high = 1, steps = 2_000_000_000 }',
            "x.toml, levers.*steps: given 2000000000",
        ),
        (
            'kind = "sensitivity"\nmethod = "morris"\nlevels = 1_000_000_000_000\nscenario = "tiny"\n'
            "[levers]\nmarket.premium = { low = 0, high = 1 }",
            "x.toml, levels: given 1000000000000",
        ),
        ('kind = "sweep"\nscenario = "tny"', "x.toml, scenario: unknown scenario 'tny'"),
        ('kind = "sweep"\nscenario = 3', "x.toml, scenario: given 3"),
        (
            'kind = "sweep"\nscenario = "tiny"\nreplicatons = 3',
            "x.toml, replicatons: unknown key .* did you mean 'repl",
        ),
        (
            'kind = "sweep"\nscenario = "tiny"\n[levers]\nmarket.premum = [1.0]',
            "x.toml, levers.*did you mean 'premium'",
        ),
        ('kind = "sweep', "x.toml: not valid TOML"),
        ('kind = "ablation"\nscenario = "tiny"\nmechanisms = ["tax"]', "x.toml, mechanisms: unknown mechanism 'tax'"),
        ('kind = "compare"\nscenarios = []', "x.toml, scenarios: given .*length 1 or more"),
    ],
)
def test_mistakes_in_a_file_are_said_with_their_place(folder: Path, text: str, message: str) -> None:
    (folder / "x.toml").write_text(text)
    with pytest.raises(UsageError, match=message):
        load_experiment(folder / "x.toml")


def test_a_missing_file_is_said_with_the_nearest_name(folder: Path) -> None:
    with pytest.raises(UsageError, match="swep.toml: no such file; did you mean 'sweep.toml'"):
        load_experiment(folder / "swep.toml")


def test_a_file_alone_never_imports_code(folder: Path) -> None:
    (folder / "tiny.toml").write_text(TINY + '[[incentives]]\nkind = "some.module:Class"\n')
    with pytest.raises((UsageError, ScenarioError), match="only with --allow-plugins"):
        load_experiment(folder / "sweep.toml")
