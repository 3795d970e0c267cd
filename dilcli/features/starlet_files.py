"""The files of planes that are made together: written at once, or one after another."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.features.starlet_source import collected, colour_shape
from dilcli.features.starlet_spool import Spool
from dilcli.features.starlet_writers import Writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.features.starlet_targets import Targets
    from dilcli.files import Metadata

    Put = Callable[[int, int, NDArray[Any]], None]

__all__ = ["Page", "PlaneFile", "PlaneWriting", "at_once", "plane_files", "written"]

#: Files that are open at the same time, and threads: each plane has one of both.
_MOST_AT_ONCE = 64


class Page(NamedTuple):
    """A plane of a frame as it is stored; the plane after the residual is alpha."""

    frame: int
    plane: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class PlaneFile(NamedTuple):
    """A file, and its pages in order."""

    path: Path
    pages: tuple[Page, ...]


class PlaneWriting(NamedTuple):
    """How the files of planes are written.

    Attributes
    ----------
    format : str
    metadata : Metadata
    overwrite : bool
    threads : int
        Threads that compress a file which is written alone.
    memory : int
        Bytes for pages that are laid aside; more of them go to the disk.
    tag : str
        As in `dilcli.files.write`.
    """

    format: str
    metadata: Metadata
    overwrite: bool
    threads: int
    memory: int
    tag: str = ""


def plane_files(
    targets: Targets,
    shapes: Sequence[tuple[int, ...]],
    source: np.dtype[Any],
    *,
    stack: bool,
) -> list[PlaneFile]:
    """List the files of planes and their pages.

    Parameters
    ----------
    targets : Targets
    shapes : sequence of tuple of int
        Of every frame, alpha included.
    source : dtype
        Of the frames, and so of alpha.
    stack : bool
        Whether all planes are pages of one file: those of a frame before those of the next.

    Returns
    -------
    list of PlaneFile
        w1 to the residual, or the stack; then alpha, if there is any.
    """
    import numpy as np

    samples, planes = np.dtype(targets.samples), range(targets.levels + 1)
    alpha = targets.alpha is not None
    colours = [colour_shape(shape, alpha=alpha) for shape in shapes]
    pages = [[Page(f, p, shape, samples) for p in planes] for f, shape in enumerate(colours)]
    if stack:
        found = [PlaneFile(targets.planes[0], tuple(page for frame in pages for page in frame))]
    else:
        found = [PlaneFile(targets.planes[p], tuple(frame[p] for frame in pages)) for p in planes]
    if targets.alpha is not None:
        opacity = (Page(f, len(planes), shape[:2], source) for f, shape in enumerate(shapes))
        found.append(PlaneFile(targets.alpha, tuple(opacity)))
    return found


def at_once(targets: Sequence[PlaneFile], format_: str) -> bool:
    """Tell whether files are written while their planes are made.

    Formats that are encoded whole are not, nor files with pages of several planes, which come at
    the same time and are written one after another.
    """
    several = any(len({page.plane for page in target.pages}) > 1 for target in targets)
    return files.FORMATS[format_].strips and len(targets) <= _MOST_AT_ONCE and not several


@contextmanager
def written(targets: Sequence[PlaneFile], writing: PlaneWriting) -> Iterator[Put]:
    """Write files from the strips of all their pages.

    Parameters
    ----------
    targets : sequence of PlaneFile
        Frame after frame, a page of each plane.
    writing : PlaneWriting

    Yields
    ------
    callable
        Takes the frame, the plane and the next rows of that page, (rows, W, C), which it keeps.
        Frames come in order.

    Raises
    ------
    ImageFileError
        If a file cannot be written; then, as where the block raises, none appears that was not
        whole before. What is written at once appears when all strips are there.
    """
    if at_once(targets, writing.format):
        line = {target.pages[0].plane: number for number, target in enumerate(targets)}
        alone = writing._replace(threads=1)
        with Writers([partial(_write_line, target, alone) for target in targets]) as writers:

            def hand_out(frame: int, plane: int, strip: NDArray[Any]) -> None:
                shape = targets[line[plane]].pages[frame].shape
                writers.put(line[plane], strip.reshape(-1, *shape[1:]))

            yield hand_out
        return
    pages = [page for target in targets for page in target.pages]
    places = {(page.frame, page.plane): number for number, page in enumerate(pages)}
    kinds = [(page.shape, page.dtype) for page in pages]
    with Spool(kinds, targets[0].path.parent, writing.memory) as spool:
        yield lambda frame, plane, strip: spool.put(places[frame, plane], strip)
        for target in targets:
            strips = [spool.strips(places[page.frame, page.plane]) for page in target.pages]
            _write(target, writing, strips)


def _write_line(target: PlaneFile, writing: PlaneWriting, strips: Iterator[NDArray[Any]]) -> None:
    """Write a file whose pages come in one line."""

    def of_page(number: int) -> Iterator[NDArray[Any]]:
        rows = target.pages[number].shape[0]
        for strip in strips:
            yield strip
            rows -= len(strip)
            # The last page goes on to the end of the line, which is where the file may appear.
            if rows <= 0 and number + 1 < len(target.pages):
                return

    _write(target, writing, [of_page(number) for number in range(len(target.pages))])


def _write(
    target: PlaneFile, writing: PlaneWriting, pages: Sequence[Iterable[NDArray[Any]]]
) -> None:
    frames = [
        files.StripFrame(page.shape, page.dtype, strips)
        for page, strips in zip(target.pages, pages, strict=True)
    ]
    # Deflating floats takes long and saves little.
    plain = writing.format == "tiff" and frames[0].dtype.kind == "f"
    compression = "none" if plain else None
    if files.FORMATS[writing.format].strips:
        files.write_strips(
            target.path,
            writing.format,
            frames,
            count=len(frames),
            metadata=writing.metadata,
            compression=compression,
            overwrite=writing.overwrite,
            tag=writing.tag,
            threads=writing.threads,
        )
        return
    whole = tuple(map(collected, frames))
    picture = files.Picture(whole, alpha=False, format=writing.format, metadata=writing.metadata)
    data = files.encode(picture, writing.format, compression=compression)
    files.write(target.path, data, overwrite=writing.overwrite, tag=writing.tag)
