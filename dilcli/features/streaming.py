"""One output made strip by strip, for pictures that do not fit into memory, and for Zarr."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from dilcli import files
from dilcli.features.pictures import frame_layout, over_background, picture_layout, treats_alpha
from dilcli.features.strips import carry_out, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.noise_found import NoiseFound
    from dilcli.core.treatment import Frame, Layout, Treatment
    from dilcli.features.outputs import Selector, Source, Task, Writing
    from dilcli.features.strips import Strip
    from dilcli.files import Picture, RowPicture, StripFrame

__all__ = [
    "Streamed",
    "StripWork",
    "frame_plan",
    "here",
    "in_memory",
    "open_picture",
    "stream",
]


class StripWork(Protocol):
    """Where strips are treated: here, or by others."""

    def __call__(
        self, place: int, plan: Frame, order: Any, strips: Sequence[Strip]
    ) -> Iterator[Any]:
        """Carry out an order on strips of a frame, and give the answers in order.

        They are what `dilcli.features.strips.carry_out` gives.
        """
        ...


@dataclass(slots=True)
class Streamed:
    """What became of an output while it was written.

    Attributes
    ----------
    layout : Layout
        Of the first frame.
    frames, samples, clipped, pixels : int
        How many frames, samples of the output, clipped ones, and pixels of the input.
    notes : tuple of str
        What is worth saying beside that.
    noise : list of NoiseFound
        What was found of noise, one a frame; none where it was not looked for.
    """

    layout: Layout
    frames: int
    notes: tuple[str, ...]
    samples: int = 0
    clipped: int = 0
    pixels: int = 0
    noise: list[NoiseFound] = field(default_factory=list)


class _ArrayRows:
    """The rows of a frame that is in memory."""

    together = 1

    def __init__(self, frame: NDArray[Any]) -> None:
        self._pixels = frame.reshape(1, -1, 1) if frame.ndim == 1 else frame
        self.shape: tuple[int, ...] = frame.shape
        self.dtype: np.dtype[Any] = frame.dtype

    def read(self, first: int, last: int) -> NDArray[Any]:
        rows = self._pixels[first:last]
        return rows if rows.ndim == 3 else rows[..., None]


def in_memory(picture: Picture) -> RowPicture:
    """Show a decoded picture as one whose rows can be read."""
    rows = tuple(_ArrayRows(frame) for frame in picture.frames)
    return files.RowPicture(rows, picture.alpha, picture.format, picture.metadata, picture.notes)


@contextmanager
def open_picture(
    source: Source, frames: Selector | None, place: int | None, threads: int
) -> Iterator[RowPicture]:
    """Open a picture for reading strip by strip; `place` leaves one of its frames."""
    opened = files.open_rows(source.content, frames=frames, name=source.name, threads=threads)
    with opened as picture:
        yield picture if place is None else _still(picture, place)


def _still(picture: RowPicture, place: int) -> RowPicture:
    metadata = replace(picture.metadata, durations=(), loop=None)
    return replace(picture, frames=(picture.frames[place],), metadata=metadata)


def frame_plan(picture: RowPicture, place: int, recipe: Treatment) -> Frame:
    """Lay out a recipe for one frame of a picture."""
    frame, associated = picture.frames[place], picture.metadata.associated_alpha
    treated = treats_alpha(picture.alpha, associated, recipe)
    return recipe.lay_out(frame.shape, frame.dtype, alpha=treated)


def here(picture: RowPicture, threads: int | None) -> StripWork:
    """Treat the strips of a picture in this process, one after another."""

    def work(place: int, plan: Frame, order: Any, strips: Sequence[Strip]) -> Iterator[Any]:
        for strip in strips:
            yield carry_out(picture.frames[place], plan, order, strip, threads)

    return work


def stream(
    task: Task,
    writing: Writing,
    picture: RowPicture,
    work: StripWork,
    *,
    memory: int,
    threads: int,
    notes: tuple[str, ...],
    tag: str = "",
    overwrite: bool = False,
) -> Streamed:
    """Make one output strip by strip.

    Parameters
    ----------
    task, writing
        What is made, in a format that is written by strips.
    picture : RowPicture
        The input, of the frames that are wanted.
    work : StripWork
        Where strips are filtered.
    memory, threads : int
        Bytes there are beside what the process takes anyway; threads that compress, too.
    notes : tuple of str
        What was said of the output before.
    tag : str
        As in `dilcli.files.write`.
    overwrite : bool
        Whether an output that exists is replaced.

    Returns
    -------
    Streamed

    Raises
    ------
    DilcliError
        If it cannot be made; what was there before is still there.
    """
    assert task.output is not None
    assert task.format is not None
    recipe, background = task.recipe, writing.background
    layout = picture_layout(picture, recipe, background)
    made = Streamed(layout, len(picture.frames), (*picture.notes, *notes))
    associated = picture.metadata.associated_alpha
    first = frame_plan(picture, 0, recipe)
    treated = treats_alpha(picture.alpha, associated, recipe)
    kept = first.layout.alpha or (associated and not treated)

    def strips_of(place: int) -> StripFrame:
        frame = picture.frames[place]
        plan = frame_plan(picture, place, recipe)
        strips = cut(plan, frame, memory, threads, task.source.name)
        shape = frame_layout(
            frame.shape,
            frame.dtype.name,
            recipe,
            background,
            alpha=picture.alpha,
            associated=associated,
        ).shape
        made.pixels += plan.shape[0] * plan.shape[1]
        return files.StripFrame(shape, plan.layout.dtype, filled(place, plan, strips, shape))

    def filled(
        place: int, plan: Frame, strips: Sequence[Strip], shape: tuple[int, ...]
    ) -> Iterator[NDArray[Any]]:
        order, counts = plan.settle(lambda order: work(place, plan, order, strips)), None
        for samples, clipped, some in work(place, plan, order, strips):
            made.clipped += clipped
            counts = some if counts is None else counts + some
            if background is not None and kept:
                flat = over_background(samples, background, plan.source, associated=associated)
            else:
                flat = samples
            made.samples += flat.size
            yield flat.reshape(len(flat), *shape[1:])
        found = plan.noise(order, counts)
        made.noise += [] if found is None else [found]

    files.write_strips(
        task.output,
        task.format,
        [strips_of(place) for place in range(len(picture.frames))],
        count=len(picture.frames),
        alpha=layout.alpha,
        metadata=replace(
            picture.metadata, associated_alpha=kept and associated and background is None
        ),
        compression=writing.compression,
        strip_metadata=writing.strip_metadata,
        overwrite=overwrite,
        tag=tag,
        threads=threads,
    )
    return made
