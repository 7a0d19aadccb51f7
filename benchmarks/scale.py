"""How time and memory grow with the size of one world: `python -m benchmarks.scale` (`--quick`: to 100,000 firms).

The world of `million.toml`, with a part of its firms: clusters of the same kind, fewer of them. Each size runs in a
process of its own, so that its peak memory is its own. Making the network, and the rest (making the world ready, the
months, recording every outcome but the effort gap), are timed apart: by the clock, and by the processor, which others
who compute at the same time slow down less. No first-best world is run beside.
"""

# ruff: noqa: E402  (the number of threads is set before numpy is first imported)

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import argparse
import json
import re
import resource
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from sim.ensemble import run_block
from sim.scenario.files import load_data
from sim.scenario.schema import Scenario

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUICK = SIZES[:3]
MONTHS = 12
SEED = 1
MOST_SECONDS, MOST_GIGABYTES = 60.0, 4.0
"""Goals for a million firms: seconds to build, seconds to run, peak memory once the network is built."""


def scenario(firms: int, months: int = MONTHS) -> Scenario:
    """The scenario of a million firms with a part of them."""
    data = tomllib.loads(Path(__file__).with_name("million.toml").read_text(encoding="utf-8"))
    network, part = data["network"], firms / SIZES[-1]

    def some(count: int) -> int:
        return max(1, round(count * part))

    data["network"] = network | {
        **{name: some(network[name]) for name in ("clusters", "buyers", "carriers")},
        "tiers": [some(count) for count in network["tiers"]],
    }
    return load_data(data | {"months": months})


def measured(firms: int, months: int) -> dict[str, float]:
    """One size, in this process."""
    run_block(scenario(SIZES[0], 1), SEED, [0], benchmark=False)  # everything is imported
    start = time.perf_counter(), time.process_time()
    chosen = scenario(firms, months)
    network = chosen.build_network()
    built = time.perf_counter(), time.process_time()
    peak_building = peak_gigabytes()
    forget_peak()
    block = run_block(chosen, SEED, [0], benchmark=False)
    done = time.perf_counter(), time.process_time()
    return {
        "firms": network.size,
        "links": network.link_count,
        "entries": block.world.chains.count,
        "months": months,
        "build_seconds": built[0] - start[0],
        "build_processor_seconds": built[1] - start[1],
        "run_seconds": done[0] - built[0],
        "run_processor_seconds": done[1] - built[1],
        "agent_steps_per_second": network.size * months / (done[0] - built[0]),
        "peak_gb_building": peak_building,
        "peak_gb": peak_gigabytes(),
    }


def peak_gigabytes() -> float:
    """Most memory that this process has had since it began, or since `forget_peak`."""
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def forget_peak() -> None:
    """Count the peak from now on (Linux); elsewhere it includes building."""
    switch = Path("/proc/self/clear_refs")
    if switch.exists():
        switch.write_text("5")


def in_own_process(firms: int, months: int) -> dict[str, float]:
    """One size, in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.scale", "--one", str(firms), "--months", str(months)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def report(months: int, sizes: tuple[int, ...]) -> dict[str, Any]:
    """All sizes, and how their times grow."""
    found = [in_own_process(firms, months) for firms in sizes]
    last = found[-1]
    missed = []
    if last["firms"] >= SIZES[-1]:
        missed += ["building"] if last["build_seconds"] > MOST_SECONDS else []
        missed += ["running"] if last["run_seconds"] > MOST_SECONDS else []
        missed += ["memory"] if last["peak_gb"] > MOST_GIGABYTES else []
    return {"sizes": found, "goals": {"seconds": MOST_SECONDS, "gigabytes": MOST_GIGABYTES}, "missed": missed}


def shown(found: dict[str, Any]) -> str:
    """The measurements as text."""
    lines = [
        "one world, by size; s: seconds by the clock (by the processor); us: microseconds of the processor",
        f"{'firms':>10}{'links':>10}{'entries':>10}{'build s':>15}{'run s':>15}{'peak GB':>9}"
        f"{'agent-steps/s':>15}{'us/agent-step':>15}",
    ]
    for row in found["sizes"]:
        build = f"{row['build_seconds']:.2f} ({row['build_processor_seconds']:.2f})"
        ran = f"{row['run_seconds']:.2f} ({row['run_processor_seconds']:.2f})"
        each = row["run_processor_seconds"] / (row["firms"] * row["months"]) * 1e6
        lines.append(
            f"{row['firms']:>10,}{row['links']:>10,}{row['entries']:>10,}{build:>15}{ran:>15}{row['peak_gb']:>9.2f}"
            f"{row['agent_steps_per_second']:>15,.0f}{each:>15.2f}"
        )
    goals = found["goals"]
    lines.append(
        f"goals for a million firms: build {goals['seconds']:.0f} s, run {goals['seconds']:.0f} s, "
        f"{goals['gigabytes']:.0f} GB; missed: {', '.join(found['missed']) or 'none'}"
    )
    return "\n".join(lines)


def on_page(found: dict[str, Any]) -> str:
    """The measurements as a part of docs/scale.md."""
    from benchmarks.scale_page import markdown

    head = ["firms", "links", "places in chains", "building", "12 months", "peak memory", "agent-steps a second"]
    rows = [
        [
            f"{row['firms']:,}", f"{row['links']:,}", f"{row['entries']:,}", f"{row['build_seconds']:.2g} s",
            f"{row['run_seconds']:.2g} s", f"{row['peak_gb']:.2f} GB", f"{row['agent_steps_per_second']:,.0f}",
        ]
        for row in found["sizes"]
    ]  # fmt: skip
    return markdown([head, *rows])


def main() -> None:
    """Measure and print, or fill a page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--quick", action="store_true", help=f"to {QUICK[-1]:,} firms")
    parser.add_argument("--months", type=int, default=MONTHS, help=f"months of each world ({MONTHS})")
    parser.add_argument("--one", type=int, metavar="FIRMS", help="one size, in this process, as JSON")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="fill the table of a page such as docs/scale.md")
    chosen = parser.parse_args()
    if chosen.one is not None:
        print(json.dumps(measured(chosen.one, chosen.months)))
        return
    found = report(chosen.months, QUICK if chosen.quick else SIZES)
    if chosen.write is not None:
        from benchmarks.scale_page import fill

        fill(chosen.write, {"million": on_page(found)})
        return
    print(json.dumps(found, indent=1) if chosen.json else shown(found))


if __name__ == "__main__":
    main()
