"""What agent-steps, runs and tasks cost in seconds, bytes and rows: `python -m benchmarks.constants`.

`benchmarks.schedule` goes from these to experiments on a cluster. Agent-steps are firms x months asked for; the warm-up
is computed too and not counted. Everything is timed through the package's own functions, on the blocks of a sweep of
the Shenzhen pilot, in worlds of several sizes. Seconds are medians.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from benchmarks.costs import MONTHS, table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.constants", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--no-dask", action="store_true", help="leave out what a Dask scheduler costs")
    chosen = parser.parse_args()
    from benchmarks.measuring import measured

    found = measured(chosen.quick, not chosen.no_dask)
    if chosen.json:
        print(json.dumps(asdict(found), indent=1))
        return
    print(f"{found.machine}; {found.measured}; {MONTHS} months; blocks of a sweep of the Shenzhen pilot\n")
    for row in table(found):
        print(f"{row[0]:68}" + "".join(f"{value:>16}" for value in row[1:]))


if __name__ == "__main__":
    main()
