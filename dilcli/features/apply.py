"""The story of ``apply``: pictures read, filtered at one rate or more, written whole or not."""

from __future__ import annotations

import time
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from dilcli import files
from dilcli.errors import DilcliError, ImageFileError
from dilcli.features.outcome import failed, planned, skipped
from dilcli.features.pictures import filter_picture, frame_layout, one_frame, picture_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import DTypeLike

    from dilcli.core.recipe import Layout
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Selector, Source, Task, Writing
    from dilcli.files import Picture

__all__ = ["estimate", "make_output", "picture_reader", "run_tasks"]


def run_tasks(
    tasks: Iterable[Task],
    writing: Writing,
    *,
    frames: Selector | None = None,
    max_pixels: int | None = None,
    threads: int | None = None,
    standard_output: BinaryIO | None = None,
) -> Iterator[Outcome]:
    """Make outputs one after another; an input is decoded once for all of its outputs.

    Parameters
    ----------
    tasks : iterable of Task
        As `dilcli.features.outputs.plan_tasks` gives them.
    writing : Writing
        How outputs are written.
    frames : callable, optional
        Chooses frames by their number.
    max_pixels : int, optional
        As in `dilcli.files.read`.
    threads : int, optional
        As in `dilcli.correlate`.
    standard_output : binary file, optional
        Where ``-`` goes.

    Yields
    ------
    Outcome
        One a task, in order. What goes wrong with one input fails its outputs and no others.
    """
    picture_of = picture_reader(frames, max_pixels)
    for task in tasks:
        started = time.perf_counter()
        try:
            outcome = make_output(task, writing, picture_of, threads, standard_output)
        except DilcliError as error:
            outcome = failed(task, str(error))
        except MemoryError:
            outcome = failed(task, f"{task.source.name}: not enough memory to filter it whole")
        yield replace(outcome, seconds=time.perf_counter() - started)


def estimate(
    tasks: Iterable[Task], writing: Writing, *, frames: Selector | None = None
) -> Iterator[Outcome]:
    """Say what each task would make, from the headers of its input alone.

    Parameters
    ----------
    tasks, writing, frames
        As in `run_tasks`.

    Yields
    ------
    Outcome
        Without what only filtering can tell.
    """
    for task in tasks:
        try:
            early = _refused_early(task, writing)
            if early is not None:
                yield early
                continue
            header = files.inspect(task.source.content, name=task.source.name)
            layout = frame_layout(
                header.shape, header.dtype, task.recipe, writing.background, alpha=header.alpha
            )
            chosen = range(header.frames) if frames is None else frames(header.frames)
            count = 1 if task.place is not None else len(chosen)
            notes = _check(task, layout, count, writing, None)
            yield replace(
                planned(task, layout, count, notes),
                samples=count * prod(layout.shape),
                size=count * (_bytes(header.shape, header.dtype) + _bytes(*layout[:2])),
            )
        except DilcliError as error:
            yield failed(task, str(error))


def picture_reader(frames: Selector | None, max_pixels: int | None) -> Callable[[Source], Picture]:
    """Read pictures, and keep the last one: its outputs follow one another.

    Parameters
    ----------
    frames, max_pixels
        As in `run_tasks`.

    Returns
    -------
    callable
        From a Source to its Picture.
    """
    last: tuple[Source, Picture] | None = None

    def picture_of(source: Source) -> Picture:
        nonlocal last
        if last is None or last[0] is not source:
            last = None
            limit = files.MAX_PIXELS if max_pixels is None else max_pixels
            picture = files.read(source.content, frames=frames, max_pixels=limit, name=source.name)
            last = (source, picture)
        return last[1]

    return picture_of


def make_output(
    task: Task,
    writing: Writing,
    picture_of: Callable[[Source], Picture],
    threads: int | None,
    standard_output: BinaryIO | None,
) -> Outcome:
    """Make one output.

    Parameters
    ----------
    task, writing, threads, standard_output
        As in `run_tasks`.
    picture_of : callable
        As `picture_reader` gives it.

    Returns
    -------
    Outcome
        Without the time it took.

    Raises
    ------
    DilcliError
        If it cannot be made, unless that shows before the input is read.
    """
    early = _refused_early(task, writing)
    if early is not None or task.output is None or task.format is None:
        return early or failed(task, "no output")
    picture = picture_of(task.source)
    if task.place is not None:
        picture = one_frame(picture, task.place)
    layout = picture_layout(picture, task.recipe, writing.background)
    notes = _check(task, layout, len(picture.frames), writing, picture)
    made, clipped = filter_picture(picture, task.recipe, writing.background, threads=threads)
    data = files.encode(
        made,
        task.format,
        quality=writing.quality,
        compression=writing.compression,
        strip_metadata=writing.strip_metadata,
    )
    _write(task.output, data, writing, standard_output)
    return replace(
        planned(task, layout, len(made.frames), (*picture.notes, *notes)),
        clipped=clipped,
        samples=sum(frame.size for frame in made.frames),
    )


def _refused_early(task: Task, writing: Writing) -> Outcome | None:
    """Settle what needs no look into the input: errors found before, outputs that exist."""
    if task.error is not None or task.output is None:
        return failed(task, task.error or "no output")
    folder = task.output.parent
    # The folder that an input stands in is there if the input is, and reading will say so.
    named = writing.template is not None and writing.folder is None
    try:
        if named and not folder.is_dir():
            return failed(task, f"{task.output}: the folder {folder} does not exist")
        exists = task.output.is_file()
    except OSError as error:
        return failed(task, f"{task.output}: {error.strerror or error}")
    if writing.overwrite or not exists:
        return None
    if writing.skip_existing:
        return skipped(task)
    return failed(task, f"output exists: {task.output} (use --overwrite)")


def _check(
    task: Task, layout: Layout, frames: int, writing: Writing, picture: Picture | None
) -> tuple[str, ...]:
    """Refuse, before filtering, what the output's format cannot hold."""
    return files.check(
        task.format or "",
        shape=layout.shape,
        dtype=layout.dtype.name,
        alpha=layout.alpha,
        frames=frames,
        metadata=None if picture is None else picture.metadata,
        strip_metadata=writing.strip_metadata,
        quality=writing.quality,
        compression=writing.compression,
        mixed_sizes=picture is not None and len({f.shape for f in picture.frames}) > 1,
    )


def _write(output: Path, data: bytes, writing: Writing, standard_output: BinaryIO | None) -> None:
    if str(output) == files.STDIN:
        if standard_output is None:
            raise ImageFileError("there is no standard output to write to")
        standard_output.write(data)
        standard_output.flush()
        return
    if writing.folder is not None:
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ImageFileError(f"{output.parent}: cannot make the folder: {reason}") from error
    files.write(output, data, overwrite=writing.overwrite)


def _bytes(shape: tuple[int, ...], dtype: DTypeLike) -> int:
    import numpy as np

    return prod(shape) * np.dtype(dtype).itemsize
