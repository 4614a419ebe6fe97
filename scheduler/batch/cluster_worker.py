"""What runs on a Dask worker. Imported only where Dask is (`scheduler.batch.cluster`)."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from distributed import Scheduler, Worker, WorkerPlugin, get_worker

from scheduler.batch.fingerprint import DECIDING
from scheduler.batch.memory import MEGABYTE
from scheduler.batch.parcel import Answer, Parcel, solved
from scheduler.batch.process import Task
from scheduler.batch.sizing import Machine, Wanted, sizes_for, this_machine
from scheduler.recording import versions

RESOURCE = "solver-threads"
"""What a worker offers and a clinic takes, so that the searches on one machine do not fight for its cores."""


class Guard(WorkerPlugin):
    """On every worker while a batch lasts, also on one that joins later: offers its threads, carries word to stop."""

    def __init__(self) -> None:
        self.stop: threading.Event | None = None
        self.kill: threading.Event | None = None

    async def setup(self, worker: Worker) -> None:
        """Offer as many solver threads as the worker has threads, unless it was started with an offer of its own."""
        # Not before: events do not travel.
        self.stop, self.kill = threading.Event(), threading.Event()
        if RESOURCE not in worker.state.total_resources:
            await worker.set_resources(**{RESOURCE: float(worker.state.nthreads)})

    def teardown(self, worker: Worker) -> None:
        """The batch is over, or the worker closes: nobody waits for what still runs."""
        if self.kill is not None:
            self.kill.set()


def solve_parcel(parcel: Parcel, batch: str, key: str, wanted: Mapping[str, str]) -> Answer:
    """Solve one clinic on this worker, telling the batch when it begins and how it goes.

    Raises:
        RuntimeError: if this worker runs other versions than the batch, or is itself in trouble. It names the kind of
            error and no more: Dask logs it, and the words of an error may quote what somebody's file says.
    """
    worker = get_worker()
    if strange := unlike(versions(), wanted):
        raise RuntimeError(f"the worker {worker.address} runs {strange}")
    guard = worker.plugins.get(batch)
    stop, kill = (guard.stop, guard.kill) if isinstance(guard, Guard) else (None, None)
    worker.log_event(batch, {"key": key, "begun": True})
    try:
        # In the worker's own folder: Dask clears away what a killed worker leaves there.
        with tempfile.TemporaryDirectory(dir=worker.local_directory, prefix="clinic-") as folder:
            return solved(
                parcel.with_task(_sized(parcel.task, worker)),
                Path(folder),
                lambda gap: worker.log_event(batch, {"key": key, "gap": gap}),
                stop,
                kill,
            )
    except Exception as error:
        raise RuntimeError(f"{type(error).__name__} on the worker {worker.address}") from None


def _sized(task: Task, worker: Worker) -> Task:
    """The task with a limit of memory that fits this worker, where nobody gave one."""
    if task.memory_mb is not None:
        return task
    threads = task.workers or 1
    at_once = clinics_at_once(worker.state.nthreads, worker.state.total_resources.get(RESOURCE, 1), threads)
    limit = worker.memory_manager.memory_limit
    machine = this_machine()
    if limit:
        machine = Machine(cores=machine.cores, memory_mb=int(limit) // MEGABYTE)
    wanted = Wanted(jobs=max(at_once, 1), workers=threads)
    return task.model_copy(update={"memory_mb": sizes_for(1, wanted, machine).memory_mb})


def clinics_at_once(nthreads: int, offered: float, threads: int) -> int:
    """How many clinics of so many solver threads a worker takes at once."""
    return min(nthreads, int(offered // threads))


def ask_to_stop(batch: str, dask_worker: Worker) -> None:
    """Let what runs on this worker end with the best so far."""
    guard = dask_worker.plugins.get(batch)
    if isinstance(guard, Guard) and guard.stop is not None:
        guard.stop.set()


def offers(dask_scheduler: Scheduler) -> dict[str, tuple[int, float]]:
    """Threads and offered solver threads of every worker, by address. Runs on the Dask scheduler."""
    return {
        address: (state.nthreads, float(state.resources.get(RESOURCE, 0)))
        for address, state in dask_scheduler.workers.items()
    }


def unlike(found: Mapping[str, Any], wanted: Mapping[str, str]) -> str:
    """What decides a timetable and differs, in words; "" where nothing does."""
    return ", ".join(
        f"{name} {found.get(name)} and not {wanted[name]}" for name in DECIDING if found.get(name) != wanted[name]
    )
