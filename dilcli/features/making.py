"""One output made of its input: in memory where that fits, else strip by strip."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.existing import make_folder, refused_early, replaces
from dilcli.features.outcome import failed, planned
from dilcli.features.pictures import one_frame, picture_layout, treat_picture
from dilcli.features.recipe_words import noise_notes
from dilcli.features.streaming import here, in_memory, open_picture, stream
from dilcli.features.survey import cost_of, is_raw

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from dilcli.core.treatment import Layout
    from dilcli.features.job import Job, Spread
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Source, Task, Writing
    from dilcli.features.streaming import StripWork
    from dilcli.features.survey import Cost
    from dilcli.files import Picture, RowPicture

__all__ = ["make_output", "picture_reader"]

#: Bytes that the packages for Zarr take beside the rest of a process; measured.
_ZARR = 64 << 20


def picture_reader(job: Job) -> Callable[[Source], Picture]:
    """Read pictures whole, and keep the last one where several outputs are made of it."""
    last: tuple[Source, Picture] | None = None

    def picture_of(source: Source) -> Picture:
        nonlocal last
        if last is None or last[0] is not source:
            last = None
            limit = files.MAX_PIXELS if job.settings.max_pixels is None else job.settings.max_pixels
            picture = files.read(
                source.content,
                frames=job.settings.frames,
                max_pixels=limit,
                name=source.name,
                threads=_threads(job),
            )
            if len(job.tasks) == 1:
                return picture
            last = (source, picture)
        return last[1]

    return picture_of


def make_output(
    task: Task,
    job: Job,
    picture_of: Callable[[Source], Picture],
    standard_output: BinaryIO | None = None,
    spread: Spread | None = None,
) -> Outcome:
    """Make one output.

    Parameters
    ----------
    task : Task
        What is made.
    job, standard_output, spread
        As in `dilcli.features.job.make_outputs`.
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
    early = None if job.again and not task.error else refused_early(task, job.settings.writing)
    if early is not None or task.output is None or task.format is None:
        return early or failed(task, "no output")
    apart = task.made_apart(job)
    if apart is not None:
        return apart
    cost = cost_of((task,), job.settings.writing, job.settings.frames)
    assert cost is not None
    if _fits(cost, job):
        # Handed on and not held, so that it can be let go before the output is encoded.
        read = [picture_of(task.source)]
        if files.FORMATS[task.format].folder or _is_written_as_it_comes(task, job, read[0]):
            rows = in_memory(_still(task, read.pop()))
            return _stream(task, job, rows, here(rows, job.threads), sys.maxsize)
        return _make_whole(task, job, read.pop(), standard_output)
    _check_streams(task, job, cost)
    with open_picture(task.source, job.settings.frames, task.place, _threads(job)) as rows:
        work = here(rows, job.threads) if spread is None else spread(job, task)
        memory = job.memory - (_ZARR if "zarr" in (task.format, rows.format) else 0)
        return _stream(task, job, rows, work, memory)


def _is_written_as_it_comes(task: Task, job: Job, picture: Picture) -> bool:
    """Tell whether there is nothing to encode: samples go to the file without a copy of them."""
    raw = is_raw(task, job.settings.writing, uncompressed=picture.metadata.uncompressed)
    if not raw or task.format != "tiff" or job.again or str(task.output) == files.STDIN:
        return False
    return task.output is not None and files.is_plain(task.output)


def _fits(cost: Cost, job: Job) -> bool:
    limit = files.MAX_PIXELS if job.settings.max_pixels is None else job.settings.max_pixels
    return cost.memory <= job.memory and cost.pixels <= limit


def _check_streams(task: Task, job: Job, cost: Cost) -> None:
    """Refuse a picture that is too large to be whole in memory and cannot pass in strips."""
    if job.settings.max_pixels is not None and cost.pixels > job.settings.max_pixels:
        raise ImageFileError(
            f"{task.source.name}: {cost.pixels} pixels are more than the limit of "
            f"{job.settings.max_pixels}; raise it with --max-pixels"
        )
    source = files.inspect(task.source.content, name=task.source.name)
    whole = [files.FORMATS[name] for name in (source.format, task.format or "")]
    whole = [format_ for format_ in whole if not format_.strips]
    piped = str(task.output) == files.STDIN
    if not whole and not piped:
        return
    if cost.memory <= job.memory:
        option, much = "--max-pixels", f"{cost.pixels} pixels are more than the limit of "
        much += str(files.MAX_PIXELS)
    else:
        option, much = "--memory-limit", f"it takes about {cost.memory / 1e6:.0f} MB of memory, "
        much += f"and the limit leaves {max(job.memory, 0) / 1e6:.0f} MB"
    doing = "decoded" if not files.FORMATS[source.format].strips else "encoded"
    what = f"{whole[0].title} is {doing} whole" if whole else "standard output gets it whole"
    raise ImageFileError(
        f"{task.source.name}: {much}; raise it with {option}. {what}; "
        f"TIFF, .npy and Zarr pass through strip by strip{' into a file' * piped}"
    )


def _still(task: Task, picture: Picture) -> Picture:
    return picture if task.place is None else one_frame(picture, task.place)


def _make_whole(
    task: Task, job: Job, picture: Picture, standard_output: BinaryIO | None
) -> Outcome:
    """Filter a picture in memory and write it."""
    assert task.output is not None
    assert task.format is not None
    writing, picture = job.settings.writing, _still(task, picture)
    layout = picture_layout(picture, task.recipe, writing.background)
    notes = _check(task, layout, writing, picture)
    made = treat_picture(picture, task.recipe, writing.background, threads=job.threads)
    shapes, said = [frame.shape for frame in picture.frames], (*picture.notes, *notes)
    del picture
    data = files.encode(
        made.picture,
        task.format,
        quality=writing.quality,
        compression=writing.compression,
        strip_metadata=writing.strip_metadata,
        threads=_threads(job),
    )
    if str(task.output) == files.STDIN:
        _to_standard_output(data, standard_output)
    elif not (job.again and files.holds(task.output, data)):
        make_folder(writing.folder, task.output)
        files.write(task.output, data, overwrite=replaces(writing), tag=job.settings.tag)
    return replace(
        planned(task, layout, len(shapes), (*said, *noise_notes(made.noise))),
        clipped=made.clipped,
        samples=sum(frame.size for frame in made.picture.frames),
        pixels=sum(map(_pixels, shapes)),
        noise=made.noise,
    )


def _stream(
    task: Task,
    job: Job,
    picture: RowPicture,
    work: StripWork,
    memory: int,
) -> Outcome:
    """Filter a picture strip by strip while it is read and written."""
    assert task.output is not None
    layout = picture_layout(picture, task.recipe, job.settings.writing.background)
    notes = _check(task, layout, job.settings.writing, picture)
    make_folder(job.settings.writing.folder, task.output)
    made = stream(
        task,
        job.settings.writing,
        picture,
        work,
        memory=memory,
        threads=_threads(job),
        notes=notes,
        tag=job.settings.tag,
        overwrite=replaces(job.settings.writing),
    )
    return replace(
        planned(task, layout, made.frames, (*made.notes, *noise_notes(made.noise))),
        clipped=made.clipped,
        samples=made.samples,
        pixels=made.pixels,
        noise=tuple(made.noise),
    )


def _threads(job: Job) -> int:
    from dilcli.core.threads import available_threads

    return job.threads or available_threads()


def _pixels(shape: tuple[int, ...]) -> int:
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def _check(
    task: Task, layout: Layout, writing: Writing, picture: Picture | RowPicture
) -> tuple[str, ...]:
    """Refuse, before work, what the output's format cannot hold; give notes on the rest."""
    remarks = task.recipe.remarks(picture.frames[0].shape)
    return remarks + files.check(
        task.format or "",
        shape=layout.shape,
        dtype=layout.dtype.name,
        alpha=layout.alpha,
        frames=len(picture.frames),
        metadata=picture.metadata,
        strip_metadata=writing.strip_metadata,
        quality=writing.quality,
        compression=writing.compression,
        mixed_sizes=len({f.shape for f in picture.frames}) > 1,
    )


def _to_standard_output(data: bytes, standard_output: BinaryIO | None) -> None:
    if standard_output is None:
        raise ImageFileError("there is no standard output to write to")
    standard_output.write(data)
    standard_output.flush()
