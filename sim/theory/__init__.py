"""Published results that the simulator must reproduce, a small file each."""

from sim.theory.base import Axis, Case, Check, Effort, Panel, Simulated, case, cases

__all__ = ["Axis", "Case", "Check", "Effort", "Panel", "Simulated", "case", "cases"]
