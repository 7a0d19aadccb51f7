"""A whole sensitivity study, from its file to its indices: `python -m benchmarks.sensitivity`.

Everything that a user waits for is timed: making the cases, two worker processes that start, computing, writing the
database and the analysis.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from sim.experiments.files import load_experiment
from sim.experiments.kinds.sensitivity import Sensitivity

FILE = Path(__file__).with_name("sensitivity.toml")
WORKERS = 2
GOAL_SECONDS = 60.0


def measured() -> dict[str, Any]:
    """Run the study once, in a database of its own."""
    study = load_experiment(FILE)
    assert isinstance(study, Sensitivity)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        answer = study.run(Path(folder) / "runs.db", workers=WORKERS)
        rows = len(answer.indices)
        seconds = time.perf_counter() - start
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    assert answer.finished == answer.total
    firms, months = study.base.build_network().size, study.base.months
    return {
        "worlds": answer.total, "firms": firms, "months": months, "parameters": len(study.uncertainties.axes),
        "indices": rows, "workers": WORKERS, "seconds": seconds, "goal_seconds": GOAL_SECONDS,
        "agent_steps_per_second": answer.total * firms * months / seconds, "database_mb": size / 1e6,
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sensitivity", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    found = measured()
    if parser.parse_args().json:
        print(json.dumps(found, indent=1))
        return
    missed = "" if found["seconds"] <= GOAL_SECONDS else ", missed"
    print(
        f"sensitivity: {found['worlds']:,} worlds of {found['firms']} firms, {found['months']} months, "
        f"{found['parameters']} parameters, {found['workers']} processes, database and analysis included\n"
        f"{found['seconds']:.1f} s (goal {found['goal_seconds']:.0f} s{missed}), "
        f"{found['agent_steps_per_second']:,.0f} agent-steps/s, database {found['database_mb']:.0f} MB"
    )


if __name__ == "__main__":
    main()
