"""Inputs spread over worker processes of this machine, one at a time each.

Processes and not threads, since they are as fast for PNG and TIFF and faster for JPEG, much of
which holds Python's lock (``benchmarks/README.md``). Each worker has a pipe of its own, so that one
that is killed costs the input it was at, by name, and nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dilcli import files
from dilcli.features.job import Job, make_outputs
from dilcli.features.machine import BASE, keep_memory
from dilcli.features.outcome import failed
from dilcli.features.sharing import processes_for, sized_job

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

    from dilcli.features.job import Settings
    from dilcli.features.machine import Means
    from dilcli.features.outcome import Outcome
    from dilcli.features.survey import Group

__all__ = ["run_in_processes", "sweep"]

#: What a worker says beside outcomes.
_BEGUN, _DONE = "begun", "done"
#: Seconds that a worker has to end after it was told to.
_PATIENCE = 0.5


@dataclass(slots=True)
class _Worker:
    """A process, our end of its pipe, and what it is at.

    `place` is the place of its job among all, `need` the bytes that the job takes, `begun` whether
    it has taken the job up, `made` how many of its outputs have been reported.
    """

    process: BaseProcess
    pipe: Connection
    place: int | None = None
    need: int = 0
    begun: bool = False
    made: int = 0


@dataclass(slots=True)
class _Run:
    """Jobs that wait, workers, and outcomes by the place of their job.

    Jobs of `again` have been handed to a process that died before it took them up. `told` jobs
    have had all of their outcomes told; `lost` says whether a process died.
    """

    waiting: deque[tuple[int, Job, int]]
    jobs: dict[int, Job]
    workers: list[_Worker] = field(default_factory=list)
    outcomes: dict[int, list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    again: set[int] = field(default_factory=set)
    told: int = 0
    lost: bool = False


def _context() -> BaseContext:
    # A server process imports what workers need once, and forks them; it has no thread of ours.
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(
            ["dilcli.features.job", "dilcli.core.filtering", "PIL.Image"]
        )
        return context
    return multiprocessing.get_context("spawn")


def _work(pipe: Connection) -> None:
    """Make outputs until there is nothing more to make; run by a worker process."""
    # Ctrl-C reaches every process of the terminal; the one that was started decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_memory()
    while (job := _received(pipe)) is not None:
        said: Iterable[Any] = chain([_BEGUN], make_outputs(job), [_DONE])
        for each in said:
            try:
                pipe.send(each)
            except OSError:  # nobody listens any more
                return


def _received(pipe: Connection) -> Job | None:
    """Wait for a job; None when there are no more, or nobody who would give one."""
    try:
        job: Job = pipe.recv()
    except (EOFError, OSError):
        return None
    return job


def _start(context: BaseContext) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)  # type: ignore[attr-defined]
    process.start()
    theirs.close()
    return _Worker(process, ours)


def run_in_processes(
    groups: Sequence[Group], settings: Settings, means: Means
) -> Generator[Outcome, None, None]:
    """Make the outputs of many inputs, one input a process at a time.

    Parameters
    ----------
    groups : sequence of Group
        As `dilcli.features.survey.survey` gives them.
    settings : Settings
        Of the run.
    means : Means
        Processes to use at most, which are the threads of one that has the machine to itself, and
        bytes that all take together: inputs wait until there is room.

    Yields
    ------
    Outcome
        One a task, in order. After an interrupt those that are finished come first.
    """
    count = max(processes_for(groups, means), 1)
    budget = means.memory - BASE * (count + 1)
    jobs = [sized_job(group, settings, means.cores, count, budget) for group in groups]
    run = _Run(
        deque((place, job, need) for place, (job, need) in enumerate(jobs)),
        {place: job for place, (job, _) in enumerate(jobs)},
    )
    context = _context()
    told = 0
    try:
        run.workers = [_start(context) for _ in range(count)]
        for place in range(len(groups)):
            told = 0
            while True:
                made = run.outcomes[place]
                yield from made[told:]
                told = len(made)
                if told == len(run.jobs[place].tasks):
                    break
                _hand_out(run, budget)
                _listen(run, context)
            run.outcomes[place] = []
            run.told += 1
    except KeyboardInterrupt:
        for worker in run.workers:
            if worker.place is not None:
                _take(run, worker, context)
        for place in range(run.told, len(groups)):
            yield from run.outcomes[place][told if place == run.told else 0 :]
        raise
    finally:
        _end(run)
        if run.lost or run.told < len(groups):
            sweep(groups, settings.tag)


def _hand_out(run: _Run, budget: int) -> None:
    """Give jobs to workers that have none, in order, while there is memory for them."""
    for worker in run.workers:
        if worker.place is not None or not run.waiting:
            continue
        place, job, need = run.waiting[0]
        taken = [each.need for each in run.workers if each.place is not None]
        if taken and sum(taken) + need > budget:
            return
        run.waiting.popleft()
        worker.place, worker.need, worker.made, worker.begun = place, need, 0, False
        with suppress(OSError):  # a process that is dead will be found so
            worker.pipe.send(job)


def _listen(run: _Run, context: BaseContext) -> None:
    """Wait until a worker says something or dies, and take note of it."""
    busy = [worker for worker in run.workers if worker.place is not None]
    ready = wait([w.pipe for w in busy] + [w.process.sentinel for w in busy])
    for worker in busy:
        if worker.pipe in ready or worker.process.sentinel in ready:
            _take(run, worker, context)


def _take(run: _Run, worker: _Worker, context: BaseContext) -> None:
    place = worker.place
    assert place is not None
    try:
        while worker.pipe.poll():
            said = worker.pipe.recv()
            if said == _DONE:
                worker.place = None
                return
            if said == _BEGUN:
                worker.begun = True
            else:
                run.outcomes[place].append(said)
                worker.made += 1
    except (EOFError, OSError):
        pass
    else:
        if worker.process.is_alive():
            return
    worker.process.join()
    reason = _death(worker.process.exitcode)
    job = run.jobs[place]
    lost = job.tasks[worker.made :]
    if not worker.begun and place not in run.again:  # it died while it had nothing to do
        run.again.add(place)
        run.waiting.appendleft((place, job, worker.need))
        lost = ()
    run.outcomes[place] += [failed(task, f"{task.source.name}: {reason}") for task in lost]
    run.lost = True
    worker.pipe.close()
    run.workers[run.workers.index(worker)] = _start(context)


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        perhaps = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
        return f"the process that worked on it was killed ({name}{perhaps})"
    return f"the process that worked on it ended (exit code {code})"


def _end(run: _Run) -> None:
    """End all workers: those that wait by the end of their pipe, the others at once."""
    for worker in run.workers:
        worker.pipe.close()
        if worker.place is not None:
            worker.process.terminate()
    for worker in run.workers:
        worker.process.join(_PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


def sweep(groups: Sequence[Group], tag: str) -> None:
    """Remove the temporary files that processes of a run left which were killed."""
    outputs = [task.output for group in groups for task in group.tasks]
    for folder in {os.path.realpath(output.parent) for output in outputs if output is not None}:
        files.remove_temporary(Path(folder), tag)
