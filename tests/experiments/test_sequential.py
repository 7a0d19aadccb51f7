"""Replications are added until intervals are narrow enough; where it stops depends on nothing but the figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sim.errors import UsageError
from sim.experiments import designs, runner
from sim.experiments.files import load_experiment
from sim.experiments.sequential import run_until
from sim.scenario.schema import Scenario
from sim.statistics.stopping import EXTRA
from sim.store.store import Store
from tests.experiments.conftest import tiny


def test_a_scenario_runs_until_its_mean_is_known(plain: Scenario) -> None:
    found = run_until(plain, "emissions", relative=0.1, at_least=5, budget=200)
    assert found.stopped is not None
    assert found.stopped.reached
    *before, last = found.stopped.looks
    assert before
    assert not any(look.narrow for look in before)
    assert found.replications == last.replications < 200
    row = found.summary.set_index("outcome").loc["emissions"]
    assert last.estimate == pytest.approx(row["mean"], rel=1e-12)
    assert last.half_width == pytest.approx((row["high"] - row["mean"]) * (1 + EXTRA / last.replications), rel=1e-9)
    assert last.half_width <= 0.1 / 1.1 * row["mean"]
    pd.testing.assert_frame_equal(found.summary, designs.run(plain, found.replications).summary, check_exact=True)


def test_scenarios_run_until_all_differences_are_known(plain: Scenario, subsidised: Scenario) -> None:
    taxed = tiny("taxed", incentives=[{"kind": "carbon_tax", "rate": 0.01}])
    found = run_until([plain, subsidised, taxed], "emissions", half_width=6e3, against="subsidised", at_least=6)
    assert found.stopped is not None
    assert found.stopped.reached
    assert found.stopped.differences
    paired = found.paired.set_index(["scenario", "outcome"])
    assert [look.scenario for look in found.stopped.last] == ["plain", "taxed"]
    for look in found.stopped.last:
        row = paired.loc[(look.scenario, "emissions")]
        assert row.against == "subsidised"
        assert look.estimate == pytest.approx(row.difference, rel=1e-9)
        assert (row.high - row.low) / 2 < look.half_width <= 6e3


def test_a_spent_budget_ends_it(plain: Scenario) -> None:
    found = run_until(plain, "profit", relative=1e-6, at_least=5, budget=9)
    assert found.stopped is not None
    assert not found.stopped.reached
    assert found.replications == 9
    assert [look.replications for look in found.stopped.looks] == [5, 8, 9]


def test_processes_databases_and_what_they_hold_change_nothing(
    plain: Scenario, subsidised: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [plain, subsidised]
    one = run_until(both, "emissions", relative=0.2, at_least=5, workers=1)
    two = run_until(both, "emissions", relative=0.2, at_least=5, workers=2, db=tmp_path / "a.db")
    assert one.stopped == two.stopped
    pd.testing.assert_frame_equal(one.paired, two.paired, check_exact=True)
    with Store(tmp_path / "a.db") as store:
        saved = store.latest()
        assert saved is not None
        assert saved.id == 1
        assert saved.replications == two.replications
    computed: list[int] = []
    whole = runner.run_block
    monkeypatch.setattr(runner, "run_block", lambda s, seed, r: computed.extend(r) or whole(s, seed, r))
    again = run_until(both, "emissions", relative=0.2, at_least=5, workers=1, db=tmp_path / "a.db")
    assert again.stopped == one.stopped
    assert computed == []
    designs.compare(both, replications=two.replications + 20, db=tmp_path / "b.db", workers=1)
    computed.clear()
    fuller = run_until(both, "emissions", relative=0.2, at_least=5, workers=1, db=tmp_path / "b.db")
    assert fuller.stopped == one.stopped
    assert fuller.replications == one.replications
    assert computed == []


def test_no_world_is_computed_twice(plain: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    whole = runner.run_block
    monkeypatch.setattr(runner, "run_block", lambda s, seed, r: computed.extend(r) or whole(s, seed, r))
    found = run_until(plain, "emissions", relative=0.1, at_least=5, workers=1)
    assert sorted(computed) == list(range(found.replications))


def test_progress_goes_on_from_look_to_look(plain: Scenario) -> None:
    told: list[tuple[int, int]] = []
    run_until(plain, "profit", relative=1e-6, at_least=5, budget=9, progress=lambda *at: told.append(at))
    assert told[0] == (0, 5)
    assert told[-1] == (9, 9)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_file_may_say_until_when(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text('months = 3\n[network]\nkind = "tiered"\nbuyers = 1\ntiers = [6, 8]\n')
    (tmp_path / "taxed.toml").write_text('extends = "tiny"\n[[incentives]]\nkind = "carbon_tax"\nrate = 0.5\n')
    common = 'until = "emissions=20%"\nreplications = 5\nbudget = 12\n'
    (tmp_path / "one.toml").write_text('kind = "run"\nscenario = "tiny"\n' + common)
    (tmp_path / "both.toml").write_text('kind = "compare"\nscenarios = ["tiny", "taxed"]\n' + common)
    one, both = (load_experiment(tmp_path / f"{name}.toml").run(workers=1) for name in ("one", "both"))
    assert one.stopped == run_until(tmp_path / "tiny.toml", "emissions", relative=0.2, at_least=5, budget=12).stopped
    assert both.stopped is not None
    assert both.stopped.differences
    for more, message in (
        ('until = "emissions"', "x.toml, until: given 'emissions', allowed is an outcome"),
        ("budget = 5", "x.toml, budget: given 5, allowed is a budget with until only"),
    ):
        (tmp_path / "x.toml").write_text('kind = "run"\nscenario = "tiny"\n' + more)
        with pytest.raises(UsageError, match=message):
            load_experiment(tmp_path / "x.toml")


@pytest.mark.parametrize(
    ("outcome", "options", "message"),
    [
        ("emisions", {"relative": 0.1}, "unknown outcome 'emisions'; did you mean 'emissions'"),
        (
            "profit_by_role:supplier",
            {"relative": 0.1},
            "plain: unknown outcome .*did you mean 'profit_by_role:suppliers'",
        ),
        ("emissions", {}, "give either half_width or relative"),
        ("emissions", {"relative": 0.1, "budget": 3}, "budget: given 3"),
        ("emissions", {"relative": 0.1, "budget": 10**400}, "budget: given 1000"),
        ("emissions", {"relative": 0.1, "at_least": 1}, "first look: given 1"),
        ("emissions", {"relative": 0.1, "workers": 0}, "workers: given 0"),
        ("emissions", {"relative": 0.1, "against": "nobody"}, "unknown scenario 'nobody'"),
    ],
)
def test_what_cannot_be_is_said(plain: Scenario, outcome: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run_until(plain, outcome, **{"at_least": 5, **options})  # type: ignore[arg-type]
