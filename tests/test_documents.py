"""What the documents show works: code, scenario files and commands."""

from __future__ import annotations

import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.mechanisms.base import Incentive
from sim.scenario.files import load_scenario

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def files_of_readme(folder: Path) -> None:
    """The scenario files that the README tells its reader to save."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, body in re.findall(r"[Ss]ave this as `([\w.-]+)`.*?```toml\n(.*?)```", text, flags=re.DOTALL):
        (folder / name).write_text(body, encoding="utf-8")


def test_the_python_of_the_readme_runs() -> None:
    for code in blocks(ROOT / "README.md", "python"):
        exec(compile(code, "README.md", "exec", dont_inherit=True), {"__name__": "readme"})


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    files_of_readme(tmp_path)
    lines = [line for block in blocks(ROOT / "README.md", "sh") for line in block.splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("sim ")]
    assert len(commands) >= 7
    for command in commands:
        words = [
            "2" if before == "--replications" else word for before, word in zip(["", *command], command, strict=False)
        ]
        if words[1] == "compare":
            words += ["--months", "6", "--no-figures"]
        done = subprocess.run(
            [sys.executable, "-m", "sim.cli", *words[1:]], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, (words, done.stderr)
        assert done.stdout.strip(), words


def test_the_mechanism_of_the_contributing_page_is_a_mechanism(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = blocks(ROOT / "CONTRIBUTING.md", "python")
    (tmp_path / "quality_bonus.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    bonus = importlib.import_module("quality_bonus").QualityBonus
    assert issubclass(bonus, Incentive)
    known = SimpleNamespace(revenue=np.array([[100.0, 200.0]]))
    acts = SimpleNamespace(quality=np.array([[0.5, 1.0]]))
    assert bonus(rate=0.02).payment(known, acts).tolist() == [[1.0, 4.0]]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_scenario_files_in_the_documents_load(page: Path, tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("firm_id,role\nm,manufacturer\na,supplier\n", encoding="utf-8")
    (tmp_path / "links.csv").write_text("supplier,customer\na,m\n", encoding="utf-8")
    for n, text in enumerate(blocks(page, "toml")):
        if ("extends" in text or "[network]" in text) and ":QualityBonus" not in text:
            path = tmp_path / f"example-{n}.toml"
            path.write_text(text, encoding="utf-8")
            load_scenario(path)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_between_the_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
