"""The story of ``apply``: pictures read, filtered at one rate or more, written whole or not."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any, Literal

from dilcli import files
from dilcli.errors import DilcliError, ImageFileError
from dilcli.features.outputs import Source, Writing, plan_tasks
from dilcli.features.pictures import filter_picture, frame_layout, one_frame, picture_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import DTypeLike

    from dilcli.core.kernels import Kernel
    from dilcli.core.recipe import Layout, Recipe
    from dilcli.features.outputs import Selector, Task
    from dilcli.files import Picture

__all__ = ["Outcome", "apply_file", "estimate", "run_tasks"]

Step = int | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one output.

    Attributes
    ----------
    input, output : str or None
        Paths, ``-`` for standard input and output; None where there is no output.
    status : {"ok", "skipped", "failed"}
        And in `error`, why it failed.
    recipe : Recipe
        How it was made.
    response : str or None
        How responses became samples, never ``"auto"``.
    shape, dtype, frames
        Of the output: of one frame, of its samples, and how many.
    clipped : int or None
        Samples that were outside the range.
    samples, size : int
        Samples of all frames; bytes that they and the decoded input take.
    seconds : float or None
        Spent on this output, its share of reading included.
    notes : tuple of str
        What is worth saying beside that.
    """

    input: str
    output: str | None
    status: Literal["ok", "skipped", "failed"]
    recipe: Recipe
    error: str | None = None
    response: str | None = None
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    frames: int | None = None
    clipped: int | None = None
    samples: int = 0
    size: int = 0
    seconds: float | None = None
    notes: tuple[str, ...] = ()


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
        As `plan_tasks` gives them.
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
    picture_of = _reader(frames, max_pixels)
    for task in tasks:
        started = time.perf_counter()
        try:
            outcome = _made(task, writing, picture_of, threads, standard_output)
        except DilcliError as error:
            outcome = _failed(task, str(error))
        except MemoryError:
            outcome = _failed(task, f"{task.source.name}: not enough memory to filter it whole")
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
                _outcome(task, layout, count, notes),
                samples=count * prod(layout.shape),
                size=count * (_bytes(header.shape, header.dtype) + _bytes(*layout[:2])),
            )
        except DilcliError as error:
            yield _failed(task, str(error))


def apply_file(
    source: str | Path,
    output: str | Path,
    kernel: Kernel | str,
    *,
    dilation: Step | list[Step] = 1,
    stride: Step = 1,
    boundary: str = "reflect",
    overwrite: bool = False,
    threads: int | None = None,
    **settings: Any,
) -> Outcome:
    """Filter one picture file into another, as ``dilcli apply`` does.

    Parameters
    ----------
    source, output : path
        The output's extension says its format.
    kernel : Kernel or str
        A kernel, or the text of one as ``-k`` takes it.
    dilation : int, (int, int), or a list of them, default 1
        Distance between taps in pixels, (rows, columns); several rates with ``combine``.
    stride : int or (int, int), default 1
        Distance between outputs in pixels.
    boundary : str, default "reflect"
        A boundary or an alias of one.
    overwrite : bool, default False
        Whether an output that exists is replaced.
    threads : int, optional
        As in `dilcli.correlate`.
    **settings
        Further fields of `dilcli.core.recipe.Recipe`: ``response``, ``depth``, ``alpha``, ...

    Returns
    -------
    Outcome

    Raises
    ------
    DilcliError
        If the output was not written: an `ImageFileError` where a file is the cause, a
        `KernelError` where the kernel is, else an `ArgumentError`.
    """
    from dilcli.core.boundary import boundary_name
    from dilcli.core.recipe import Recipe, check_recipe
    from dilcli.features.kernel_spec import load_kernel

    recipe = Recipe(
        load_kernel(kernel) if isinstance(kernel, str) else kernel,
        tuple(map(_pair, dilation if isinstance(dilation, list) else [dilation])),
        boundary=boundary_name(boundary),
        stride=_pair(stride),
        **settings,
    )
    check_recipe(recipe)
    literal = str(output).replace("{", "{{").replace("}", "}}")
    writing = Writing(template=literal, overwrite=overwrite)
    started = time.perf_counter()
    (task,) = plan_tasks([Source(str(source))], [recipe], writing)
    outcome = _made(task, writing, _reader(None, None), threads, None)
    if outcome.error is not None:
        raise ImageFileError(outcome.error)
    return replace(outcome, seconds=time.perf_counter() - started)


def _pair(step: Step) -> tuple[int, int]:
    return (step, step) if isinstance(step, int) else step


def _reader(frames: Selector | None, max_pixels: int | None) -> Callable[[Source], Picture]:
    """Read pictures, and keep the last one: its outputs follow one another."""
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


def _made(
    task: Task,
    writing: Writing,
    picture_of: Callable[[Source], Picture],
    threads: int | None,
    standard_output: BinaryIO | None,
) -> Outcome:
    early = _refused_early(task, writing)
    if early is not None or task.output is None or task.format is None:
        return early or _failed(task, "no output")
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
        _outcome(task, layout, len(made.frames), (*picture.notes, *notes)),
        clipped=clipped,
        samples=sum(frame.size for frame in made.frames),
    )


def _refused_early(task: Task, writing: Writing) -> Outcome | None:
    """Settle what needs no look into the input: errors found before, outputs that exist."""
    if task.error is not None or task.output is None:
        return _failed(task, task.error or "no output")
    folder = task.output.parent
    # The folder that an input stands in is there if the input is, and reading will say so.
    named = writing.template is not None and writing.folder is None
    try:
        if named and not folder.is_dir():
            return _failed(task, f"{task.output}: the folder {folder} does not exist")
        exists = task.output.is_file()
    except OSError as error:
        return _failed(task, f"{task.output}: {error.strerror or error}")
    if writing.overwrite or not exists:
        return None
    if writing.skip_existing:
        return Outcome(task.source.name, str(task.output), "skipped", task.recipe)
    return _failed(task, f"output exists: {task.output} (use --overwrite)")


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


def _outcome(task: Task, layout: Layout, frames: int, notes: Sequence[str]) -> Outcome:
    return Outcome(
        input=task.source.name,
        output=str(task.output),
        status="ok",
        recipe=task.recipe,
        response=layout.response,
        shape=layout.shape,
        dtype=layout.dtype.name,
        frames=frames,
        notes=tuple(notes),
    )


def _failed(task: Task, error: str) -> Outcome:
    output = None if task.output is None else str(task.output)
    return Outcome(task.source.name, output, "failed", task.recipe, error)
