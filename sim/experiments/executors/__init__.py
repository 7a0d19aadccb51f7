"""Where tasks are run: here one after another, in worker processes, or on a Dask cluster. One interface: results as
they come, the same to the bit everywhere."""

from sim.experiments.executors.base import Executor, Lost
from sim.experiments.executors.cluster import Cluster
from sim.experiments.executors.processes import Processes, processors
from sim.experiments.executors.serial import Serial

__all__ = ["Cluster", "Executor", "Lost", "Processes", "Serial", "executor_of", "processors"]


def executor_of(workers: int, scheduler: str | None = None) -> Executor:
    """The executor for a number of workers, of which one works here; or for the address of a Dask scheduler."""
    if scheduler is not None:
        return Cluster(scheduler)
    return Serial() if workers == 1 else Processes(workers)
