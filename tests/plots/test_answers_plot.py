"""Pictures of experiments: what is in them, and that nothing overlaps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim.errors import UsageError
from sim.experiments.definition import Design
from sim.experiments.found import Found
from sim.experiments.kinds.ablation import Ablation
from sim.experiments.kinds.sensitivity import Sensitivity
from sim.experiments.kinds.sweep import Sweep
from sim.outcomes.base import outcome_of
from sim.plots.answers import answer_figures, draw_answer
from sim.scenario.files import load_data
from sim.scenario.schema import Scenario
from sim.store.records import Figures
from tests.plots.inspecting import legends_over_data, outside, overlapping, panels, words

INCENTIVES = [{"kind": "abatement_subsidy", "rate": 0.1}, {"kind": "carbon_tax", "rate": 0.1, "label": "tax"}]


def scenario() -> Scenario:
    network = {"kind": "tiered", "buyers": 1, "tiers": [3]}
    return load_data({"name": "a small chain", "network": network, "incentives": INCENTIVES})


def answered(design: Design, model: Callable[[dict[str, Any]], float], replications: int = 3) -> Any:
    """An answer with made-up figures: every outcome follows from the point, with some noise."""
    noise = np.random.default_rng(1).normal(size=(1, replications, len(design.outcomes)))
    level = np.array([model(dict(point)) for point in design.plan])[:, None, None]
    size = np.array([2e5, 0.3, 0.1, 3e4, 500.0][: len(design.outcomes)])
    units = {name: outcome_of(name).unit for name in design.outcomes}
    return design.answer(Found(design.base, design.plan, Figures(units, size * (level + 0.05 * noise)), {}))


def sweep(**more: Any) -> Any:
    levers = {"incentives.0.rate": {"low": 0.0, "high": 0.3, "steps": 5}, "information.kind": ["none", "platform"]}
    definition = Sweep(scenario=scenario(), replications=3, levers=levers, **more)
    return answered(definition, lambda p: 1.0 - p["incentives.0.rate"] + 0.1 * (p["information.kind"] == "none"))


def sensitivity(method: str) -> Any:
    axes = ("technology.abatement_cost", "market.premium", "technology.heterogeneity", "market.demand_noise")
    definition = Sensitivity(
        scenario=scenario(), replications=3, method=method,
        uncertainties={path: {"low": 0.05, "high": 0.2} for path in axes},
    )  # fmt: skip
    return answered(definition, lambda p: 8.0 * p[axes[0]] - 3.0 * p[axes[1]] + 20.0 * p[axes[2]] * p[axes[1]])


def ablation() -> Any:
    definition = Ablation(scenario=scenario(), replications=3)
    return answered(definition, lambda p: 1.0 - 0.2 * (len(p.get("incentives", "xx")) == 2))


ALL: dict[str, Callable[[], Any]] = {
    "sweep": sweep,
    "sweep over what is uncertain": lambda: sweep(
        uncertainties={"market.premium": [0.05, 0.1, 0.15]}, sampling={"uncertainties": {"method": "grid"}}
    ),
    "sobol": lambda: sensitivity("sobol"),
    "morris": lambda: sensitivity("morris"),
    "ablation": ablation,
}


def drawn(answer: Any) -> Figure:
    ((_, figure),) = answer_figures(answer)
    return figure


@pytest.mark.parametrize("made", ALL.values(), ids=ALL)
def test_every_outcome_has_a_panel_and_nothing_overlaps(made: Callable[[], Any]) -> None:
    figure = drawn(made())
    assert list(panels(figure)) == [
        "Emissions", "Green quality", "Free-rider share", "Profit of all firms", "Net public cost",
    ]  # fmt: skip
    assert overlapping(figure) == []
    assert outside(figure) == []
    assert legends_over_data(figure) == []
    assert "a small chain" in words(figure)


def test_a_sweep_has_a_line_for_each_setting_of_the_other_levers() -> None:
    answer = sweep()
    axes = panels(drawn(answer))["Emissions"]
    lines = {line.get_label(): line for line in axes.lines}
    assert list(lines) == ["information.kind=none", "information.kind=platform"]
    means = answer.summary.query("outcome == 'emissions'")["mean"].to_numpy()
    assert lines["information.kind=none"].get_xdata() == pytest.approx([0.0, 0.075, 0.15, 0.225, 0.3])
    assert np.asarray(lines["information.kind=platform"].get_ydata()) == pytest.approx(means[1::2] / 1e3)


def test_parameters_stand_by_their_weight_with_the_ends_of_their_intervals() -> None:
    answer = sensitivity("sobol")
    axes = panels(drawn(answer))["Emissions"]
    names = [label.get_text() for label in axes.get_yticklabels()]
    frame = answer.indices.query("outcome == 'emissions' and index == 'ST'").set_index("parameter")["value"]
    assert names == list(frame.sort_values(ascending=False, kind="stable").index)
    assert [bar.get_width() for bar in axes.patches[: len(names)]] == pytest.approx(frame[names].tolist())


def test_an_elementary_effect_on_a_share_is_in_percentage_points() -> None:
    seen = panels(drawn(sensitivity("morris")))
    assert seen["Green quality"].get_xlabel() == "percentage points"
    assert seen["Emissions"].get_xlabel() == "kt CO₂e"


def test_effects_of_mechanisms_and_the_whole_are_where_they_belong() -> None:
    answer = ablation()
    axes = panels(drawn(answer))["Emissions"]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[:3] == ["regulator", "abatement_subsidy", "tax"]
    assert names[-1] == "all on less all off"
    off, average, whole = (line for line in axes.lines if len(line.get_xdata()) in (1, len(names) - 1))
    frame = answer.effects.query("outcome == 'emissions' and others == 'off'").set_index("mechanisms")["value"]
    rows = [name.replace(" × ", " x ") for name in names[:-1]]
    assert np.asarray(off.get_xdata()) == pytest.approx(frame[rows].to_numpy() / 1e3)
    assert len(average.get_xdata()) == len(rows)
    assert float(np.asarray(whole.get_xdata())[0]) == pytest.approx(-40.0)


def test_pairs_of_mechanisms_that_are_not_drawn_are_counted() -> None:
    labels = [{"kind": "carbon_tax", "rate": 0.1, "label": f"tax {n}"} for n in range(6)]
    taxed = load_data({"name": "taxed", "network": {"kind": "tiered", "buyers": 1, "tiers": [3]}, "incentives": labels})
    names = [f"tax {n}" for n in range(6)]
    figure = drawn(answered(Ablation(scenario=taxed, replications=2, mechanisms=names), lambda _: 1.0, 2))
    assert "Drawn are the 8 of 15 pairs that do most." in " ".join(words(figure).split())
    assert "pairs that do most" not in words(drawn(ablation()))


def test_what_cannot_be_drawn_is_left_out(tmp_path: Path) -> None:
    words_only = Sweep(scenario=scenario(), levers={"information.kind": ["none", "platform"]}, replications=2)
    assert draw_answer(answered(words_only, lambda _: 1.0, 2), tmp_path) == []
    nothing = Figures(dict.fromkeys(words_only.outcomes, ""), np.full((2, 2, 5), np.nan))
    assert draw_answer(words_only.answer(Found(words_only.base, words_only.plan, nothing, {})), tmp_path) == []
    with pytest.raises(UsageError, match="unknown format 'gif'"):
        draw_answer(sweep(), tmp_path, "gif")


def test_the_same_answer_gives_the_same_file(tmp_path: Path) -> None:
    files = []
    for n in (1, 2):
        (tmp_path / str(n)).mkdir()
        files.append(draw_answer(sweep(), tmp_path / str(n))[0])
    assert files[0].name == "sweep.png"
    assert files[0].read_bytes() == files[1].read_bytes()
