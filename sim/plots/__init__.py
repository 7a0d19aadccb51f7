"""Figures: frame in, matplotlib figure out; no window, no global state, the same file every time."""

from sim.plots.drawing import draw_all, figures, save
from sim.plots.free_riding_by_tier import free_riding_by_tier
from sim.plots.over_time import over_time, programme_marks
from sim.plots.paired_differences import paired_differences
from sim.plots.results import Results, Run, run_of
from sim.plots.supply_network import see, supply_network

__all__ = [
    "Results",
    "Run",
    "draw_all",
    "figures",
    "free_riding_by_tier",
    "over_time",
    "paired_differences",
    "programme_marks",
    "run_of",
    "save",
    "see",
    "supply_network",
]
