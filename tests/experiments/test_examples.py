"""The experiments that ship with the project: valid as they are, and each runs, in small form."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sim.experiments.files import load_experiment, shipped
from sim.terminal import answers

SMALLER: dict[str, dict[str, Any]] = {
    "sweep": {"sampling": {"uncertainties": {"method": "sobol", "points": 2}}},
    "sobol": {"points": 2},
    "morris": {"trajectories": 2},
    "ablation": {"mechanisms": ["information", "buyer_mandate"]},
    "search": {"trials": 2, "batch": 2, "confirm": 2, "finalists": 1},
}
"""What is changed for a small form, by kind or method."""


def small(name: str) -> Any:
    whole = load_experiment(name)
    form = getattr(whole, "method", whole.kind)
    replications = 2 if whole.kind == "search" else 1
    return load_experiment(name, months=1, replications=replications, **SMALLER.get(form, {}))


def test_there_is_one_of_each_design() -> None:
    kinds = {load_experiment(name).kind for name in shipped()}
    assert {"sweep", "sensitivity", "ablation"} <= kinds


@pytest.mark.parametrize("name", shipped())
def test_each_runs_and_records_all_that_it_asks_for(name: str, tmp_path: Path) -> None:
    answer = small(name).run(db=tmp_path / "a.db", workers=1)
    assert answer.absent == ()
    assert answer.finished == answer.total > 0
    assert len(answers.text(answer).splitlines()) > 5
    assert answers.data(answer)["scenario"] == answer.found.base.name


@pytest.mark.parametrize("name", shipped())
def test_each_says_what_it_asks(name: str) -> None:
    assert load_experiment(name).title


PAGE = (Path(__file__).parents[2] / "docs" / "experiments.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL))
def test_the_files_on_the_page_are_experiments(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    assert load_experiment(tmp_path / "x.toml").firm_months > 0


def test_the_python_on_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    for code in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(compile(code, "experiments.md", "exec", dont_inherit=True), {"__name__": "page"})
    assert "regret" in capsys.readouterr().out
