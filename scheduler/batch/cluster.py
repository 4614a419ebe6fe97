"""A batch on a Dask cluster: one task a clinic, files sent along and workbooks sent back, so no folder is shared."""

from __future__ import annotations

import importlib.util
import os
import queue
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from scheduler.batch.endings import unanswered
from scheduler.batch.parcel import delivered, packed
from scheduler.batch.process import Hearing, Runner, Task
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Status
from scheduler.domain.problems import InputRefused, Problem
from scheduler.recording import versions
from scheduler.terminal import PROGRAM

if TYPE_CHECKING:
    from distributed import Client, Future

LOCAL = "local"
"""The address that means: start a cluster here, for this batch."""

RUNNING = "running"
"""What Dask calls a client that is connected."""

CONNECT_SECONDS = 15.0
PATIENCE_SECONDS = 300.0
"""So long may a cluster be without any worker: a cluster that grows on demand needs a while to start one."""

LOOK_SECONDS = 2.0
"""So often is looked which workers there are."""

HEAR_SECONDS = 0.2
RETRIES = 2
"""So often is a clinic tried again where the worker, not the clinic, is at fault. A worker that dies is Dask's own to
retry: as often as the scheduler's ``allowed-failures`` says (3)."""

AHEAD = 2
"""Clinics sent out for each that can run at once: no worker waits for its next, and a cluster sees that it may grow."""


def on_cluster(address: str, *, jobs: int = 1, patience: float = PATIENCE_SECONDS) -> Runner:
    """What solves tasks on a cluster.

    Args:
        address: of a Dask scheduler (``tcp://host:8786``, ``tls://...``), a scheduler file, or ``local``.
        jobs: how many clinics at once a local cluster takes.
        patience: seconds that the cluster may be without a worker.

    Raises:
        InputRefused: ``cluster-extra-missing``; and when it runs, ``cluster-unreachable``, ``cluster-without-workers``,
            ``cluster-too-small`` or ``worker-version``, before anything is solved.
    """
    if importlib.util.find_spec("distributed") is None:
        raise _refused(
            "cluster-extra-missing",
            "--cluster needs Dask, which is not installed",
            "pip install 'group-therapy-scheduler[cluster]'",
        )

    def run(tasks: Sequence[Task], hearing: Hearing, stop: threading.Event) -> None:
        threads = max((_threads(task) for task in tasks), default=1)
        with _connected(address, jobs, threads) as client, _guarded(client) as batch:
            _Batch(client, batch, tasks, hearing, patience).run(stop)

    return run


def _threads(task: Task) -> int:
    """Solver threads of a task; one where nobody said, since many clinics at once make better use of the cores."""
    return task.workers or 1


@contextmanager
def _connected(address: str, jobs: int, threads: int) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    from scheduler.batch.cluster_worker import RESOURCE

    with ExitStack() as opened:
        where: dict[str, Any] = {"address": address}
        if address == LOCAL:
            # In this process and without a port: every clinic has a process of its own anyway.
            where["address"] = opened.enter_context(
                LocalCluster(
                    n_workers=1,
                    threads_per_worker=jobs,
                    processes=False,
                    dashboard_address=None,
                    memory_limit=0,
                    resources={RESOURCE: jobs * threads},
                )
            )
        elif os.path.isfile(address):
            where = {"scheduler_file": address}
        try:
            _check_certificate(address)
            client = opened.enter_context(Client(**where, timeout=CONNECT_SECONDS, set_as_default=False))
        except (OSError, ValueError, RuntimeError) as error:
            raise _refused(
                "cluster-unreachable",
                f"no Dask scheduler answers at {address}: {str(error).splitlines()[0] if str(error) else 'no answer'}",
                "start one (dask scheduler) and give its address, such as tcp://host:8786; see docs/batch.md",
                address,
            ) from error
        yield client


def _check_certificate(address: str) -> None:
    """Dask itself only finds out halfway, and then takes long to give up.

    Raises:
        ValueError: if the address asks for encryption and there is no certificate to connect with, or the other way.
        OSError: if a certificate cannot be read.
    """
    from distributed import Security

    security = Security()
    if address.startswith("tls:") and security.get_connection_args("client").get("ssl_context") is None:
        raise ValueError("Dask is configured with no certificate to connect with (distributed.comm.tls)")
    if address.startswith("tcp:") and security.require_encryption:
        raise ValueError("Dask is configured to require encryption, and the address does not begin with tls://")


@contextmanager
def _guarded(client: Client) -> Iterator[str]:
    """A guard of this batch on every worker; when it is taken away, whatever still runs is told to end."""
    from scheduler.batch.cluster_worker import Guard

    batch = f"batch-{secrets.token_hex(4)}"
    client.register_plugin(Guard(), name=batch)
    try:
        yield batch
    finally:
        if client.status == RUNNING:
            client.unregister_worker_plugin(batch)


@dataclass(frozen=True)
class _Sent:
    """A clinic that is out: its task and what stands for its answer."""

    task: Task
    future: Future[Any]


class _Batch:
    """One batch on a cluster. Everything is heard and told in the thread that runs it."""

    def __init__(self, client: Client, batch: str, tasks: Sequence[Task], hearing: Hearing, patience: float) -> None:
        self._client = client
        self._batch = batch
        self._hearing = hearing
        self._patience = patience
        self._waiting = deque((f"{batch}-{place}", task) for place, task in enumerate(tasks))
        self._out: dict[str, _Sent] = {}
        self._begun: Counter[str] = Counter()
        self._heard: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._offers: Mapping[str, tuple[int, float]] = {}
        self._versions = versions()
        self._looked = self._staffed = time.monotonic()
        self._ever_staffed = False

    def run(self, stop: threading.Event) -> None:
        """Send the clinics out and take their answers, till all are in, or those begun when word to stop came."""
        self._client.subscribe_topic(self._batch, lambda event: self._heard.put(partial(self._told, event[1])))
        stopped = False
        try:
            self._look()
            while self._waiting or self._out:
                self._look_again()
                if stop.is_set() and not stopped and self._client.status == RUNNING:
                    stopped = True
                    self._wind_down()
                self._send()
                self._hear()
        finally:
            if self._out and self._client.status == RUNNING:
                self._client.cancel([one.future for one in self._out.values()])

    # ---- the workers ----

    def _look(self) -> None:
        from scheduler.batch.cluster_worker import offers

        self._looked = time.monotonic()
        self._offers = self._client.run_on_scheduler(offers)
        if self._offers and not self._ever_staffed:
            self._refuse_unfit()
            self._ever_staffed = True
        if self._at_once():
            self._staffed = self._looked

    def _look_again(self) -> None:
        """See now and then which workers there are; give up on a cluster that is gone, or has none for too long."""
        if self._client.status != RUNNING:
            self._give_up("the connection to the cluster was lost")
        elif time.monotonic() - self._looked >= LOOK_SECONDS:
            try:
                self._look()
            except OSError:
                self._give_up("the connection to the cluster was lost")
        if time.monotonic() - self._staffed > self._patience:
            words = f"the cluster has had no worker for a clinic for {self._patience:g} seconds"
            if not self._ever_staffed:
                raise _refused("cluster-without-workers", words, "start workers (dask worker ADDRESS)")
            self._give_up(words)

    def _refuse_unfit(self) -> None:
        """Refuse workers that would not make the same timetables, and a cluster where no clinic would ever begin."""
        found = self._client.run(versions, on_error="return")
        strange = {one: _strangeness(told, self._versions) for one, told in sorted(found.items())}
        if any(strange.values()):
            raise InputRefused(
                tuple(
                    _problem("worker-version", f"the worker {one} runs {words}", "install the same everywhere", one)
                    for one, words in strange.items()
                    if words
                )
            )
        if not self._at_once():
            wanted, most = self._wanted(), max(offered for _, offered in self._offers.values())
            raise _refused(
                "cluster-too-small",
                f"a clinic wants {wanted} solver threads, and no worker has more than {most:g}",
                f"give --workers {max(int(most), 1)}, or start workers with more threads",
            )

    def _wanted(self) -> int:
        """Solver threads that the largest clinic takes which is not answered yet."""
        left = [*(task for _, task in self._waiting), *(sent.task for sent in self._out.values())]
        return max(map(_threads, left), default=1)

    def _at_once(self) -> int:
        """How many clinics the workers take at once."""
        from scheduler.batch.cluster_worker import clinics_at_once

        wanted = self._wanted()
        return sum(clinics_at_once(*offer, wanted) for offer in self._offers.values())

    # ---- sending and hearing ----

    def _send(self) -> None:
        from scheduler.batch.cluster_worker import RESOURCE, solve_parcel

        room = AHEAD * max(self._at_once(), 1)
        while self._waiting and len(self._out) < room:
            key, task = self._waiting.popleft()
            threads = _threads(task)
            try:
                parcel = packed(task.model_copy(update={"workers": threads}))
            except InputRefused as refused:
                self._end(key, task, unanswered(task.clinic, Status.INVALID, refused.problems))
                continue
            future = self._client.submit(
                solve_parcel,
                parcel,
                self._batch,
                key,
                self._versions,
                key=key,
                resources={RESOURCE: threads},
                retries=RETRIES,
                pure=False,
            )
            self._out[key] = _Sent(task, future)
            future.add_done_callback(lambda done, key=key: self._heard.put(partial(self._came, key, done)))

    def _hear(self) -> None:
        """Wait a moment for word, and take all there is."""
        with suppress(queue.Empty):
            self._heard.get(timeout=HEAR_SECONDS)()
            while True:
                self._heard.get_nowait()()

    def _told(self, message: Mapping[str, Any]) -> None:
        sent = self._out.get(message["key"])
        if sent is None:
            return
        if "gap" in message:
            self._hearing.gap(sent.task, message["gap"])
        else:
            self._begun[message["key"]] += 1
            self._hearing.begun(sent.task)

    def _came(self, key: str, future: Future[Any]) -> None:
        sent = self._out.pop(key, None)
        if sent is not None:  # else it is of no interest any more
            self._end(key, sent.task, _result(sent.task, future))

    def _end(self, key: str, task: Task, result: ClinicResult) -> None:
        if not self._begun[key]:
            self._hearing.begun(task)
        self._hearing.ended(task, result.model_copy(update={"attempts": max(self._begun[key], 1)}))

    # ---- ending early ----

    def _wind_down(self) -> None:
        """Begin nothing more, and ask what runs for its best so far."""
        from scheduler.batch.cluster_worker import ask_to_stop

        self._waiting.clear()
        idle = [key for key in self._out if not self._begun[key]]
        self._client.cancel([self._out.pop(key).future for key in idle])
        self._client.run(ask_to_stop, self._batch, on_error="ignore")

    def _give_up(self, words: str) -> None:
        """Every clinic that is not answered failed, and the next run takes it up again."""
        left = [*((key, sent.task) for key, sent in self._out.items()), *self._waiting]
        self._out.clear()
        self._waiting.clear()
        for key, task in left:
            self._end(key, task, _lost(task, words))


def _result(task: Task, future: Future[Any]) -> ClinicResult:
    """What became of a clinic whose future is done in whatever way; its workbook is in place."""
    from distributed.scheduler import KilledWorker

    try:
        return delivered(task, future.result())
    except InputRefused as refused:
        return unanswered(task.clinic, Status.INVALID, refused.problems)
    except KilledWorker:
        return _lost(task, "the worker died, time and again, while this clinic was solved")
    except (CancelledError, OSError) as error:
        return _lost(task, f"the cluster lost this clinic: {type(error).__name__}")
    except Exception as error:
        problem = _problem(Ending.FAULT.value, f"{type(error).__name__}: {error}", "see the log of the Dask worker")
        return unanswered(task.clinic, Ending.FAULT, (problem,))


def _lost(task: Task, words: str) -> ClinicResult:
    problem = _problem(Ending.CRASHED.value, words, "run the same again: what is answered is not solved twice")
    return unanswered(task.clinic, Ending.CRASHED, (problem,))


def _strangeness(told: Any, wanted: Mapping[str, str]) -> str:
    """What a worker runs instead of what is wanted; "" where it is the same."""
    from scheduler.batch.cluster_worker import unlike

    if isinstance(told, dict):
        return unlike(told, wanted)
    return f"no {PROGRAM} that answers ({type(told).__name__}: {told})"


def _problem(code: str, message: str, hint: str, value: str = "") -> Problem:
    return Problem(code=code, message=message, hint=hint, value=value)


def _refused(code: str, message: str, hint: str, value: str = "") -> InputRefused:
    return InputRefused((_problem(code, message, hint, value),))
