"""A run over pictures: read, treated by one recipe or more, written whole or not."""

from __future__ import annotations

import os
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from dilcli import files
from dilcli.errors import DilcliError
from dilcli.features.existing import refused_early
from dilcli.features.job import Job, make_outputs
from dilcli.features.machine import BASE, Means, default_memory
from dilcli.features.outcome import failed, planned
from dilcli.features.survey import header_layout, survey

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from numpy.typing import DTypeLike

    from dilcli.features.job import Settings
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Selector, Task, Writing
    from dilcli.features.survey import Group

__all__ = ["estimate", "run_groups", "run_tasks"]

#: What a file costs beside its pixels, and a million pixels (0.012 for JPEG, 0.05 for TIFF, 0.1 for
#: PNG), in seconds, for a guess at how long a run will take; and how long it has to take for worker
#: processes to be worth their start of 0.2 to 0.4 s. Measured by ``benchmarks/workers.py``.
_SECONDS_A_FILE = 0.003
_SECONDS_A_MEGAPIXEL = 0.03
_WORTH_A_POOL = 0.9


def run_tasks(
    tasks: Sequence[Task],
    settings: Settings,
    *,
    jobs: int | None = None,
    memory_limit: int | None = None,
    scheduler: str | None = None,
    standard_output: BinaryIO | None = None,
) -> Generator[Outcome, None, None]:
    """Make outputs; an input is decoded once for all of its outputs.

    Parameters
    ----------
    tasks : sequence of Task
        As `dilcli.features.outputs.plan_tasks` gives them.
    settings, jobs, memory_limit, scheduler, standard_output
        As in `run_groups`.

    Yields
    ------
    Outcome
        One a task, in order.
    """
    groups = survey(tasks, settings.writing, settings.frames)
    yield from run_groups(
        groups,
        settings,
        jobs=jobs,
        memory_limit=memory_limit,
        scheduler=scheduler,
        standard_output=standard_output,
    )


def run_groups(
    groups: Sequence[Group],
    settings: Settings,
    *,
    jobs: int | None = None,
    memory_limit: int | None = None,
    scheduler: str | None = None,
    standard_output: BinaryIO | None = None,
) -> Generator[Outcome, None, None]:
    """Make outputs whose inputs have been surveyed.

    Parameters
    ----------
    groups : sequence of Group
        As `dilcli.features.survey.survey` gives them.
    settings : Settings
        How outputs are made; a tag is given to them here.
    jobs : int, optional
        Processors to use: files that are worked on at a time, and threads of one that is alone.
        Default all. The results do not depend on it.
    memory_limit : int, optional
        Bytes that all processes of the run take together at most, by default half of the
        machine's. TIFF, ``.npy`` and Zarr that would take more pass through strip by strip, other
        pictures are refused.
    scheduler : str, optional
        Address of a Dask scheduler whose workers do the work, ``"local"`` to start one.
    standard_output : binary file, optional
        Where ``-`` goes.

    Yields
    ------
    Outcome
        One a task, in order. What goes wrong with one input fails its outputs and no others. To
        close the iterator early ends the work; finished outputs stay.
    """
    from dilcli.core.threads import available_threads

    means = Means(
        available_threads() if jobs is None else jobs,
        default_memory() if memory_limit is None else memory_limit,
    )
    settings = replace(settings, tag=os.urandom(4).hex())
    if scheduler is not None:
        from dilcli.features.cluster import run_on_cluster

        yield from run_on_cluster(groups, settings, means, scheduler)
    elif standard_output is None and _is_worth_a_pool(groups, means):
        from dilcli.features.workers import run_in_processes

        yield from run_in_processes(groups, settings, means)
    else:
        for group in groups:
            job = Job(group.tasks, settings, means.memory - BASE, means.cores)
            yield from make_outputs(job, standard_output)


def _is_worth_a_pool(groups: Sequence[Group], means: Means) -> bool:
    """Guess whether the work takes so long that worker processes pay for their start."""
    from dilcli.features.sharing import processes_for

    pixels = sum(group.pixels for group in groups)
    seconds = len(groups) * _SECONDS_A_FILE + pixels / 1e6 * _SECONDS_A_MEGAPIXEL
    return seconds > _WORTH_A_POOL and processes_for(groups, means) > 1


def estimate(
    tasks: Iterable[Task], writing: Writing, *, frames: Selector | None = None
) -> Iterator[Outcome]:
    """Say what each task would make, from the headers of its input alone.

    Parameters
    ----------
    tasks : iterable of Task
        As in `run_tasks`.
    writing, frames
        As in `dilcli.features.job.Settings`.

    Yields
    ------
    Outcome
        Without what only filtering can tell.
    """
    for task in tasks:
        try:
            yield refused_early(task, writing) or _estimated(task, writing, frames)
        except DilcliError as error:
            yield failed(task, str(error))


def _estimated(task: Task, writing: Writing, frames: Selector | None) -> Outcome:
    header = files.inspect(task.source.content, name=task.source.name)
    layout = header_layout(header, task, writing)
    chosen = range(header.frames) if frames is None else frames(header.frames)
    count = 1 if task.place is not None else len(chosen)
    notes = task.recipe.remarks(header.shape) + files.check(
        task.format or "",
        shape=layout.shape,
        dtype=layout.dtype.name,
        alpha=layout.alpha,
        frames=count,
        strip_metadata=writing.strip_metadata,
        quality=writing.quality,
        compression=writing.compression,
    )
    return replace(
        planned(task, layout, count, notes),
        samples=count * prod(layout.shape),
        size=count * (_bytes(header.shape, header.dtype) + _bytes(*layout[:2])),
        pixels=sum(header.pixels[i] for i in chosen),
    )


def _bytes(shape: tuple[int, ...], dtype: DTypeLike) -> int:
    import numpy as np

    return prod(shape) * np.dtype(dtype).itemsize
