"""The picture that planes give, written whole where it fits into memory, else strip by strip."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.starlet_joining import join, joining_plan
from dilcli.features.starlet_source import collected
from dilcli.features.starlet_strips import cut_together, room_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.features.machine import Means
    from dilcli.features.starlet_joining import Joining
    from dilcli.features.starlet_planes import PlaneFiles
    from dilcli.features.starlet_stored import StoredFrame
    from dilcli.features.starlet_strips import Room
    from dilcli.files import Metadata

__all__ = ["Joined", "WrittenPicture", "write_joined"]

#: How many times a picture is there that is encoded whole, and the share of memory it may take.
_ENCODED, _SHARE = 3, 2


class Joined(NamedTuple):
    """Frames that are put together to a picture.

    Attributes
    ----------
    frames : tuple of StoredFrame
    found : PlaneFiles
        Where they are from.
    how : Joining
    means : Means
        Threads, and bytes of memory beside what is held of the planes.
    """

    frames: tuple[StoredFrame, ...]
    found: PlaneFiles
    how: Joining
    means: Means


class WrittenPicture(NamedTuple):
    """What was written: shape and samples of the first frame; samples without alpha of all."""

    shape: tuple[int, ...]
    dtype: str
    clipped: int
    samples: int
    notes: tuple[str, ...]


def write_joined(
    joined: Joined, output: Path, format_: str, metadata: Metadata, *, overwrite: bool
) -> WrittenPicture:
    """Put frames together and write them.

    Parameters
    ----------
    joined : Joined
    output : Path
    format_ : str
    metadata : Metadata
    overwrite : bool

    Returns
    -------
    WrittenPicture

    Raises
    ------
    ImageFileError
        If they cannot be written, or do not fit into memory.
    """
    dtype = _dtype(joined)
    shapes = [_shape(frame) for frame in joined.frames]
    alpha = joined.frames[0].alpha is not None and not metadata.associated_alpha
    notes = files.check(
        format_,
        shape=shapes[0],
        dtype=dtype.name,
        alpha=alpha,
        frames=len(shapes),
        metadata=metadata,
        mixed_sizes=len(set(shapes)) > 1,
    )
    room = room_of(joined.means, str(joined.found.planes[-1]))
    size = sum(map(prod, shapes)) * dtype.itemsize
    whole = size * _ENCODED <= room.memory // _SHARE
    clipped: list[int] = []
    room = room._replace(memory=room.memory - size * _ENCODED * whole)
    frames = [
        files.StripFrame(shape, dtype, _strips(frame, joined.how, room, shape, clipped))
        for frame, shape in zip(joined.frames, shapes, strict=True)
    ]
    if whole:
        pixels = tuple(map(collected, frames))
        picture = files.Picture(pixels, alpha=alpha, format=format_, metadata=metadata)
        files.write(output, files.encode(picture, format_), overwrite=overwrite)
    else:
        _check_strips(output, format_, size, room)
        files.write_strips(
            output,
            format_,
            frames,
            count=len(frames),
            alpha=alpha,
            metadata=metadata,
            overwrite=overwrite,
            threads=joined.means.cores,
        )
    samples = sum(prod(frame.shape) for frame in joined.frames)
    return WrittenPicture(shapes[0], dtype.name, sum(clipped), samples, notes)


def _dtype(joined: Joined) -> np.dtype[Any]:
    """Give the samples of the output, which alpha must have as well."""
    from dilcli.core.response import output_dtype

    how = joined.how
    dtype = output_dtype(how.source, how.depth)
    for frame in joined.frames:
        if frame.alpha is not None and output_dtype(frame.alpha.dtype, how.depth) != dtype:
            raise ImageFileError(f"{joined.found.alpha}: is no alpha of these planes")
    return dtype


def _shape(frame: StoredFrame) -> tuple[int, ...]:
    if frame.alpha is None:
        return frame.shape
    return (*frame.shape[:2], (frame.shape[2] if len(frame.shape) == 3 else 1) + 1)


def _strips(
    frame: StoredFrame, how: Joining, room: Room, shape: tuple[int, ...], clipped: list[int]
) -> Iterator[NDArray[Any]]:
    from dilcli.core.response import output_dtype

    plan = joining_plan(frame, how.sidecar)
    written = prod(shape[2:]) * output_dtype(how.source, how.depth).itemsize
    strips = cut_together(plan, frame.planes, room, written=written)
    for samples, count in join(frame, plan, strips, how):
        clipped.append(count)
        yield samples.reshape(-1, *shape[1:])


def _check_strips(output: Path, format_: str, size: int, room: Room) -> None:
    kind = files.FORMATS[format_]
    if kind.strips:
        return
    lacking = size * _ENCODED * _SHARE - room.memory
    raise ImageFileError(
        f"{output}: {kind.title} is encoded whole, which --memory-limit has no room for; "
        f"raise it by {lacking / 1e6 + 1:.0f} MB, or name a .tif or .npy"
    )
