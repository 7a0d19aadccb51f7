"""Commands as a user gives them, in a folder with two small scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.cli import status_of

TINY = 'title = "A tiny one"\nmonths = 4\n[network]\nkind = "tiered"\nbuyers = 1\ntiers = [6, 8]\n'
SUBSIDY = '[[incentives]]\nkind = "abatement_subsidy"\nrate = 0.5\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in a folder with two small scenarios."""
    (tmp_path / "plain.toml").write_text(TINY)
    (tmp_path / "subsidised.toml").write_text('extends = "plain"\n' + SUBSIDY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command in this process: exit status, standard output, standard error."""

    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = status_of(arguments)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command
