"""Planes in their files, whose rows are read when they are wanted."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.starlet_source import colour_shape, decoded_bytes, open_frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dilcli.features.machine import Means
    from dilcli.features.starlet_planes import PlaneFiles
    from dilcli.features.starlet_sidecar import Sidecar
    from dilcli.files import FrameRows, Metadata, RowPicture

__all__ = ["Stored", "StoredFrame", "open_planes"]


class StoredFrame(NamedTuple):
    """A frame whose planes are in files.

    Attributes
    ----------
    planes : tuple of FrameRows
        w1 to the residual, in the samples that they are stored in.
    alpha : FrameRows or None
    shape : tuple of int
        Of each plane: (N,), (H, W) or (H, W, C).
    """

    planes: tuple[FrameRows, ...]
    alpha: FrameRows | None
    shape: tuple[int, ...]


class Stored(NamedTuple):
    """The planes of a picture in their files.

    Attributes
    ----------
    frames : tuple of StoredFrame
    metadata : Metadata
        Of the residual's file, or the stack's.
    held : int
        Bytes of the planes that are in memory.
    """

    frames: tuple[StoredFrame, ...]
    metadata: Metadata
    held: int


@contextmanager
def open_planes(found: PlaneFiles, means: Means) -> Iterator[Stored]:
    """Open the files of planes, and hold them to their record.

    Parameters
    ----------
    found : PlaneFiles
    means : Means

    Yields
    ------
    Stored

    Raises
    ------
    ArgumentError
        If a single plane is all there is.
    ImageFileError
        If a file cannot be read, or holds other samples than its record says.
    """
    paths = [*found.planes, *filter(None, [found.alpha])]
    headers = [files.inspect(path) for path in paths]
    sizes = [decoded_bytes(header, range(header.frames)) for header in headers]
    with ExitStack() as stack:
        pictures, held = [], 0
        for path, header, size in zip(paths, headers, sizes, strict=True):
            share = means.memory * size // sum(sizes)
            every = range(header.frames)
            opened = open_frames(path, header, every, str(path), memory=share, threads=means.cores)
            picture, bytes_ = stack.enter_context(opened)
            pictures.append(picture)
            held += bytes_
        alpha = pictures.pop() if found.alpha is not None else None
        yield Stored(_frames(found, pictures, alpha), pictures[-1].metadata, held)


def _frames(
    found: PlaneFiles, pictures: Sequence[RowPicture], alpha: RowPicture | None
) -> tuple[StoredFrame, ...]:
    planes = _by_frame(found, pictures)
    sidecar = found.sidecar
    if sidecar is None:
        _check_alike(found, planes)
        shapes = [each[0].shape for each in planes]
    else:
        transparent = sidecar.alpha is not None
        shapes = [
            colour_shape(sidecar.shape_of(frame), alpha=transparent) for frame in range(len(planes))
        ]
        for frame, shape in zip(planes, shapes, strict=True):
            for number, plane in enumerate(frame):
                _check_recorded(plane, _path_of(found, number), sidecar, shape)
    opacities = _alphas(found, alpha, shapes)
    return tuple(map(StoredFrame, planes, opacities, shapes))


def _path_of(found: PlaneFiles, number: int) -> Path:
    return found.planes[min(number, len(found.planes) - 1)]


def _by_frame(found: PlaneFiles, pictures: Sequence[RowPicture]) -> list[tuple[FrameRows, ...]]:
    """Give the planes of each frame."""
    counts, sidecar = [len(picture.frames) for picture in pictures], found.sidecar
    if len(pictures) > 1:
        wanted = counts[0] if sidecar is None else sidecar.frames
        for path, count in zip(found.planes, counts, strict=True):
            if count != wanted:
                raise ImageFileError(f"{path}: has {count} pages; want {wanted}, one for a frame")
        return list(zip(*(picture.frames for picture in pictures), strict=True))
    pages = pictures[0].frames
    frames, size = (1, len(pages)) if sidecar is None else (sidecar.frames, sidecar.levels + 1)
    if len(pages) != frames * size:
        each = f", w1 to c{size - 1}" + (f" of {frames} frames" if frames > 1 else "")
        raise ImageFileError(
            f"{found.planes[0]}: has {len(pages)} pages; want {frames * size}{each}"
        )
    return [pages[at : at + size] for at in range(0, len(pages), size)]


def _check_recorded(plane: FrameRows, path: Path, sidecar: Sidecar, shape: tuple[int, ...]) -> None:
    """Refuse a plane of other samples. Formats may drop an axis of one channel."""
    integers = sidecar.samples == "uint16"
    if plane.dtype.name != "uint16" if integers else plane.dtype.kind != "f":
        want = "uint16" if integers else "floats"
        raise ImageFileError(f"{path}: holds {plane.dtype}, and its record says {want}")
    if shape not in (plane.shape, (*plane.shape, 1)):
        got, want = (" x ".join(map(str, sides)) for sides in (plane.shape, shape))
        raise ImageFileError(f"{path}: is {got}, and its record says {want}")


def _check_alike(found: PlaneFiles, frames: Sequence[Sequence[FrameRows]]) -> None:
    if len(frames[0]) < 2:
        raise ArgumentError(f"{found.planes[0]}: is one plane; give w1, w2, ... and the residual")
    for frame in frames:
        for number, plane in enumerate(frame):
            path = _path_of(found, number)
            if plane.dtype.kind != "f":
                raise ImageFileError(
                    f"{path}: holds {plane.dtype}; without the record beside the residual "
                    "planes must be floats"
                )
            if plane.shape != frame[0].shape:
                raise ImageFileError(f"{path}: differs in shape from {found.planes[0]}")


def _alphas(
    found: PlaneFiles, alpha: RowPicture | None, shapes: Sequence[tuple[int, ...]]
) -> list[FrameRows | None]:
    """Give the alpha of each frame."""
    if alpha is None:
        return [None] * len(shapes)
    if len(alpha.frames) != len(shapes):
        raise ImageFileError(f"{found.alpha}: has {len(alpha.frames)} pages; want {len(shapes)}")
    for rows, shape in zip(alpha.frames, shapes, strict=True):
        dtype = rows.dtype.name if found.sidecar is None else found.sidecar.dtype
        if rows.shape != shape[:2] or rows.dtype.name != dtype:
            got = " x ".join(map(str, rows.shape))
            raise ImageFileError(
                f"{found.alpha}: is {got} {rows.dtype} and no alpha of the picture"
            )
    return list(alpha.frames)
