"""Inputs spread over a Dask cluster: files one a task, pictures too large for a worker by strips.

The workers read and write in folders that they share with this machine. Needs the extra
``cluster``.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError, DilcliError, ImageFileError
from dilcli.features.cluster_link import connected, threads_of_workers
from dilcli.features.cluster_queue import Queue, fault, finished
from dilcli.features.existing import refused_early, replaces
from dilcli.features.job import Job, make_outputs
from dilcli.features.streaming import frame_plan, open_picture
from dilcli.features.strips import carry_out
from dilcli.features.workers import sweep

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from dilcli.core.treatment import Frame, Treatment
    from dilcli.features.cluster_link import Cluster
    from dilcli.features.job import Settings, Spread
    from dilcli.features.machine import Means
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Selector, Source, Task
    from dilcli.features.streaming import StripWork
    from dilcli.features.strips import Strip
    from dilcli.features.survey import Group

__all__ = ["run_on_cluster"]

#: A picture that has the cluster to itself is spread over it by strips from so many pixels on.
_LARGE = 100_000_000


class _Part(NamedTuple):
    """Which rows of which frame a worker filters, and how."""

    source: Source
    frames: Selector | None
    place: int | None
    frame: int
    recipe: Treatment


def run_on_cluster(
    groups: Sequence[Group], settings: Settings, means: Means, scheduler: str
) -> Generator[Outcome, None, None]:
    """Make outputs on the workers of a Dask cluster.

    Parameters
    ----------
    groups : sequence of Group
        As `dilcli.features.survey.survey` gives them.
    settings : Settings
        Of the run.
    means, scheduler
        As in `dilcli.features.cluster_link.connected`.

    Yields
    ------
    Outcome
        One a task, in order.

    Raises
    ------
    ArgumentError
        If the packages are missing, or an input or output is not a file.
    DilcliError
        As `dilcli.features.cluster_link.connected`, or if all workers are gone.
    """
    _check(groups)
    try:
        with connected(scheduler, means) as cluster:
            jobs = [_job(group.tasks, settings, cluster.memory) for group in groups]
            yield from _run(cluster, groups, jobs)
    finally:
        # What workers left that were killed, here or elsewhere.
        sweep(groups, settings.tag)


def _check(groups: Sequence[Group]) -> None:
    if find_spec("distributed") is None:
        raise ArgumentError("--scheduler needs: pip install 'dilcli[cluster]'")
    for task in (task for group in groups for task in group.tasks):
        if task.source.data is not None or str(task.output) == files.STDIN:
            raise ArgumentError(
                "--scheduler works on files in folders that its workers share; "
                "- and pipes are for this machine alone"
            )


def _job(tasks: Sequence[Task], settings: Settings, memory: int) -> Job:
    """Make a job that may be tried again when its worker is lost.

    Outputs that exist are seen here, before the first try; so one that is there later is known to
    be from a try that was lost.
    """
    if replaces(settings.writing):
        return Job(_absolute(tasks), settings, memory, 1)
    refused = [refused_early(task, settings.writing) for task in tasks]
    checked = [
        task if early is None else replace(task, error=early.error)
        for task, early in zip(tasks, refused, strict=True)
    ]
    return Job(_absolute(checked), settings, memory, 1, again=True)


def _absolute(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Name inputs and outputs so that they are found from everywhere."""
    source = replace(tasks[0].source, path=str(Path(tasks[0].source.name).absolute()))
    return tuple(task.absolute(source) for task in tasks)


def _run(cluster: Cluster, groups: Sequence[Group], jobs: Sequence[Job]) -> Iterator[Outcome]:
    """Hand jobs to workers and give outcomes in order."""
    large = [_is_large(group, len(groups), cluster) for group in groups]
    queue = Queue(cluster, {place: job for place, job in enumerate(jobs) if not large[place]})
    for place, job in enumerate(jobs):
        if large[place]:
            here = replace(job, threads=None)
            outcomes: Iterable[Outcome] = make_outputs(here, spread=_spread(cluster))
        else:
            outcomes = queue.outcomes(place)
        yield from _as_named(cluster, outcomes, groups[place])


def _is_large(group: Group, count: int, cluster: Cluster) -> bool:
    """Whether a picture is filtered strip by strip by all workers."""
    if group.cost is None:
        return False
    alone = count < sum(threads_of_workers(cluster).values()) and group.cost.pixels > _LARGE
    return group.cost.memory > cluster.memory or alone


def _as_named(cluster: Cluster, outcomes: Iterable[Outcome], group: Group) -> Iterator[Outcome]:
    """Name outputs as they were named here; without a scheduler no failure is a picture's own."""
    for outcome, task in zip(outcomes, group.tasks, strict=True):
        if outcome.error:
            cluster.check()
        yield replace(outcome, output=None if task.output is None else str(task.output))


def _spread(cluster: Cluster) -> Spread:
    """Have the strips of a picture filtered by workers."""

    def of_task(job: Job, task: Task) -> StripWork:
        def work(
            place: int,
            plan: Frame,  # noqa: ARG001 - a worker lays it out anew
            order: Any,
            strips: Sequence[Strip],
        ) -> Iterator[Any]:
            part = _Part(task.source, job.settings.frames, task.place, place, task.recipe)
            waiting, running = list(strips)[::-1], list[Any]()
            while waiting or running:
                # One more than they work on, so that none waits for the writer.
                while waiting and len(running) <= sum(threads_of_workers(cluster).values()):
                    strip = waiting.pop()
                    running.append(
                        cluster.client.submit(_make_strip, part, order, strip, pure=False)
                    )
                first = running.pop(0)
                while not finished([first]):
                    threads_of_workers(cluster)
                error = fault(first)
                if isinstance(error, DilcliError):
                    raise error
                if error is not None:
                    raise ImageFileError(f"{task.source.name}: {error}")
                yield first.result()

        return work

    return of_task


def _make_strip(part: _Part, order: Any, strip: Strip) -> Any:
    """Carry out an order on a strip of a frame; run by a worker."""
    with open_picture(part.source, part.frames, part.place, 1) as picture:
        plan = frame_plan(picture, part.frame, part.recipe)
        return carry_out(picture.frames[part.frame], plan, order, strip, 1)
