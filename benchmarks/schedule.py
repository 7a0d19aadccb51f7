"""An experiment on a cluster, simulated task by task: `python -m benchmarks.schedule`.

Workers take tasks (blocks of worlds) that one parent packs and a scheduler hands on; results travel to the parent,
which unpacks and writes them, one after another, and then gives the next task, so that no more than a bounded number is
in flight. Workers die and their tasks are run again. What each step takes is measured (`benchmarks.constants`); what
this machine cannot measure is assumed (`benchmarks.planning`). Every task is simulated, none is computed.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.costs import Constants
from benchmarks.planning import Assumed, outcomes


def main() -> None:
    """Measure the constants unless given, simulate, print; or write the page."""
    from benchmarks import scale_page
    from benchmarks.measuring import measured

    parser = argparse.ArgumentParser(prog="python -m benchmarks.schedule", description=__doc__.splitlines()[0])
    parser.add_argument("--constants", type=Path, help="what `python -m benchmarks.constants --json` printed")
    parser.add_argument("--quick", action="store_true", help="constants in quick form, a twentieth of the tasks")
    parser.add_argument("--firms", type=int, default=200, help="firms of a world (200)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="fill the tables of a page such as docs/scale.md")
    for name, value in asdict(Assumed()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=value, help=f"assumed ({value:g})")
    chosen = parser.parse_args()
    assumed = Assumed(**{name: getattr(chosen, name) for name in asdict(Assumed())})
    found = measured(chosen.quick) if chosen.constants is None else Constants.of(_read(chosen.constants))
    size = next(s for s in found.sizes if s.firms == chosen.firms)
    rows = outcomes(found, size, assumed, 0.05 if chosen.quick else 1.0)
    if chosen.json:
        print(
            json.dumps({"constants": asdict(found), "assumed": asdict(assumed), "schedule": [asdict(r) for r in rows]})
        )
        return
    parts = scale_page.parts(found, size, assumed, rows)
    if chosen.write is None:
        print("\n\n".join(parts.values()))
    else:
        scale_page.fill(chosen.write, parts)
        scale_page.draw(rows, found, size, chosen.write.parent / "images" / "scale.png")


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
