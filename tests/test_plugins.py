"""Adding a mechanism as an outsider: the page that says how is followed, by file and by installed package."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "extending.md"
RUN = ("--replications", "3", "--months", "6")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that the page tells its reader to save."""
    text = PAGE.read_text(encoding="utf-8")
    saved = re.findall(r"[Ss]ave this as `([\w.]+)`.*?```\w+\n(.*?)```", text, flags=re.DOTALL)
    assert [name for name, _ in saved] == ["quality_bonus.py", "bonus.toml"]
    for name, body in saved:
        (tmp_path / name).write_text(body, encoding="utf-8")
    return tmp_path


def sim(folder: Path, *words: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(path)} if path else dict(os.environ)
    return subprocess.run(
        [sys.executable, "-m", "sim.cli", *words], cwd=folder, capture_output=True, text=True, env=env
    )


def quality(done: subprocess.CompletedProcess[str]) -> dict[str, float]:
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["scenarios"]
    return {s["name"]: s["outcomes"]["quality_effort:suppliers"]["mean"] for s in found}


def test_a_file_beside_the_scenario_is_a_mechanism_once_it_is_allowed(folder: Path) -> None:
    refused = sim(folder, "check", "bonus.toml")
    assert refused.returncode == 2
    assert "allowed only with --allow-plugins" in refused.stderr
    checked = sim(folder, "check", "bonus.toml", "--allow-plugins")
    assert checked.returncode == 0, checked.stderr
    assert "quality_bonus" in checked.stdout
    compared = sim(
        folder, "compare", "baseline", "bonus.toml", "--allow-plugins", "--json", "--figures", "pictures", *RUN
    )
    means = quality(compared)
    assert means["bonus"] > means["baseline"] + 0.02
    assert (folder / "pictures" / "over_time.png").stat().st_size > 10_000


def test_what_a_plug_in_gave_is_drawn_again_once_it_is_allowed_there_too(folder: Path) -> None:
    assert sim(folder, "compare", "baseline", "bonus.toml", "--allow-plugins", "--no-figures", *RUN).returncode == 0
    refused = sim(folder, "plot")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "'quality_bonus:QualityBonus' names code of yours; allowed only with --allow-plugins" in refused.stderr
    drawn = sim(folder, "plot", "--allow-plugins", "--figures", "again")
    assert drawn.returncode == 0, drawn.stderr
    assert (folder / "again" / "over_time.png").stat().st_size > 10_000
    file = folder / "quality_bonus.py"
    file.write_text(file.read_text(encoding="utf-8").replace("self.rate *", "1.0 * self.rate *"), encoding="utf-8")
    other = sim(folder, "plot", "--allow-plugins")
    assert (other.returncode, other.stderr.count("\n")) == (2, 1)
    assert "another version of the model, or of a plug-in" in other.stderr
    file.unlink()
    gone = sim(folder, "plot", "--allow-plugins")
    assert (gone.returncode, gone.stderr.count("\n")) == (2, 1)
    assert "No module named 'quality_bonus'" in gone.stderr


def test_processes_of_their_own_know_the_plug_in_too(folder: Path) -> None:
    alone = sim(folder, "run", "bonus.toml", "--allow-plugins", "--json", "--workers", "1", "--db", "one.db", *RUN)
    shared = sim(folder, "run", "bonus.toml", "--allow-plugins", "--json", "--workers", "2", "--db", "two.db", *RUN)
    assert quality(alone) == quality(shared)


def test_an_edited_plug_in_is_another_scenario(folder: Path) -> None:
    def fingerprint() -> str:
        done = sim(folder, "check", "bonus.toml", "--allow-plugins", "--json")
        return str(json.loads(done.stdout)[0]["fingerprint"])

    before = fingerprint()
    assert fingerprint() == before
    file = folder / "quality_bonus.py"
    file.write_text(file.read_text(encoding="utf-8").replace("self.rate *", "1.0 * self.rate *"), encoding="utf-8")
    assert fingerprint() != before


def test_an_installed_package_offers_its_mechanism_by_entry_point(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = tmp_path_factory.mktemp("site")
    (folder / "quality_bonus.py").rename(site / "quality_bonus.py")
    info = site / "quality_bonus-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: quality-bonus\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sim.mechanisms]\nquality_bonus = quality_bonus:QualityBonus\n")
    listed = sim(folder, "list", "mechanisms", path=site)
    assert "Pay a firm a share of its revenue for quality effort above a floor." in listed.stdout
    assert "piece-rate incentives (Lazear 2000)" in listed.stdout
    scenario = folder / "bonus.toml"
    scenario.write_text(scenario.read_text().replace("quality_bonus:QualityBonus", "quality_bonus"))
    done = sim(folder, "compare", "baseline", "bonus.toml", "--json", *RUN, path=site)
    means = quality(done)
    assert means["bonus"] > means["baseline"] + 0.02
    unknown = sim(folder, "check", "bonus.toml")
    assert "unknown kind 'quality_bonus'" in unknown.stderr


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("nowhere:Bonus", "plug-in 'nowhere:Bonus': No module named 'nowhere'"),
        ("quality_bonus:Bonus", "plug-in 'quality_bonus:Bonus': module 'quality_bonus' has no attribute 'Bonus'"),
        ("json:dumps", "allowed is a mechanism class with a kind"),
    ],
)
def test_a_plug_in_that_is_not_there_is_one_clear_line(folder: Path, named: str, message: str) -> None:
    scenario = folder / "bonus.toml"
    scenario.write_text(scenario.read_text().replace("quality_bonus:QualityBonus", named))
    done = sim(folder, "check", "bonus.toml", "--allow-plugins")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
