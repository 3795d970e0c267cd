"""Jobs in the hands of a cluster's workers, and what becomes of those whose worker dies.

Each job is bound to a worker, so that it is known which jobs a worker had that died; left to
itself a scheduler would give them to others at once. A job that had a worker which died is tried
again with a worker to itself, so that another death is its own.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dilcli.features.cluster_link import DEATHS, threads_of_workers
from dilcli.features.job import make_outputs
from dilcli.features.outcome import failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distributed import Future

    from dilcli.features.cluster_link import Cluster
    from dilcli.features.job import Job
    from dilcli.features.outcome import Outcome

__all__ = ["Queue", "fault", "finished"]

#: Seconds between two looks at which workers are there.
_MOMENT = 0.2
#: Seconds to wait for the result of a task that is done.
_PATIENCE = 30


class Queue:
    """Jobs by their place: handed out in order, no more than the workers can be at.

    Parameters
    ----------
    cluster : Cluster
    jobs : mapping of int to Job
    """

    def __init__(self, cluster: Cluster, jobs: Mapping[int, Job]) -> None:
        self._cluster = cluster
        self._jobs = jobs
        self._waiting = sorted(jobs, reverse=True)
        self._running: dict[Future, tuple[int, str]] = {}
        self._deaths = Counter[int]()
        self._made: dict[int, list[Outcome]] = {}

    def outcomes(self, place: int) -> list[Outcome]:
        """Wait for the outcomes of the job at a place; meanwhile other jobs go on."""
        while place not in self._made:
            self._hand_out(threads_of_workers(self._cluster))
            for future in finished(list(self._running)):
                self._take(future)
            self._take_back(self._cluster.client.nthreads())
        return self._made.pop(place)

    def _hand_out(self, threads: Mapping[str, int]) -> None:
        """Bind jobs that wait to workers that have a thread free."""
        had = Counter(address for _, address in self._running.values())
        for place, address in self._running.values():
            if self._deaths[place]:
                had[address] = threads.get(address, 0)
        for address, count in threads.items():
            while self._waiting and had[address] < count:
                alone = self._deaths[self._waiting[-1]] > 0
                if alone and had[address]:
                    break
                had[address] += count if alone else 1
                self._submit(self._waiting.pop(), address)

    def _submit(self, place: int, address: str) -> None:
        future = self._cluster.client.submit(
            _make, self._jobs[place], pure=False, workers=[address], allow_other_workers=False
        )
        self._running[future] = (place, address)

    def _take(self, future: Future) -> None:
        """Take what is done; the result may have been lost with its worker meanwhile."""
        place, _ = self._running.pop(future)
        error = fault(future)
        if error is not None:
            self._give_up(place, error)
            return
        try:
            self._made[place] = future.result(timeout=_PATIENCE)
        except TimeoutError:
            self._waiting.insert(0, place)

    def _take_back(self, threads: Mapping[str, int]) -> None:
        """Take back the jobs of workers that are gone."""
        for future, (place, address) in list(self._running.items()):
            if address in threads or future.done():
                continue
            del self._running[future]
            future.cancel()
            self._deaths[place] += 1
            if self._deaths[place] < DEATHS:
                self._waiting.insert(0, place)
            else:
                died = f"{DEATHS} workers died while they worked on it; it is given up"
                self._give_up(place, died)

    def _give_up(self, place: int, error: BaseException | str) -> None:
        tasks = self._jobs[place].tasks
        self._made[place] = [failed(task, f"{task.source.name}: {error}") for task in tasks]


def _make(job: Job) -> list[Outcome]:
    """Make the outputs of a job; run by a worker."""
    return list(make_outputs(job))


def finished(running: Sequence[Future]) -> list[Future]:
    """Wait a moment for a task to be done; give those that are."""
    from distributed import wait

    try:
        return list(wait(running, timeout=_MOMENT, return_when="FIRST_COMPLETED").done)
    except TimeoutError:
        return []


def fault(future: Future) -> BaseException | str | None:
    """Say what went wrong with a task that has ended; an error of ours as it is."""
    from distributed import KilledWorker

    from dilcli.errors import DilcliError

    if future.status == "finished":
        return None
    error = future.exception() if future.status == "error" else None
    if isinstance(error, DilcliError):
        return error
    if error is None or isinstance(error, KilledWorker):
        return "the workers died that worked on it; it is given up"
    return f"the worker failed: {type(error).__name__}: {' '.join(str(error).split())}"
