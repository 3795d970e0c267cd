"""TIFF out, strip by strip: what has come is compressed and written while the rest is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from dilcli.errors import ImageFileError
from dilcli.files import fitting, formats
from dilcli.files.tiff_write import add_exif, main_entries, page_arguments, strip_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from dilcli.files.records import Metadata
    from dilcli.files.rows import StripFrame

__all__ = ["TILE", "write_pages"]

#: Rows and columns of a tile, a multiple of 16 as the format asks. tifffile compresses what comes
#: piece by piece only as tiles. One row of tiles is held until it is full, so a low tile is
#: little memory.
TILE = 256

#: Tiles a thread that are compressed before they are written: the pool waits for each lot.
_LOT = 4


def _channels(frame: StripFrame) -> int:
    return 1 if len(frame.shape) == 2 else frame.shape[2]


def _checked(frame: StripFrame) -> Iterator[NDArray[Any]]:
    """Hand strips on as (rows, W, channels), and hold them to what the frame promises."""
    height, width = frame.shape[:2]
    rows = 0
    for strip in frame.strips:
        if strip.dtype != frame.dtype:
            raise ValueError(f"a strip of {strip.dtype} samples for a frame of {frame.dtype}")
        rows += len(strip)
        if rows <= height:
            yield strip.reshape(len(strip), width, _channels(frame))
    if rows != height:
        raise ValueError(f"strips of {rows} rows for a frame of {height} rows")


def _tile_shape(frame: StripFrame) -> tuple[int, int]:
    """Return rows and columns of a tile: no larger than a small picture needs."""
    rows, columns = (min(TILE, -(-side // 16) * 16) for side in frame.shape[:2])
    return rows, columns


def _tile_rows(frame: StripFrame) -> Iterator[NDArray[Any]]:
    """Gather strips of any height to rows of tiles (rows, W, channels), the last one lower."""
    import numpy as np

    tall, _ = _tile_shape(frame)
    held = np.empty((tall, frame.shape[1], _channels(frame)), frame.dtype)
    full = 0
    for strip in _checked(frame):
        used = 0
        while used < len(strip):
            taken = min(len(strip) - used, tall - full)
            held[full : full + taken] = strip[used : used + taken]
            full, used = full + taken, used + taken
            if full == tall:
                yield held
                full = 0
    if full:
        yield held[:full]


def _tiles(frame: StripFrame) -> Iterator[NDArray[Any]]:
    """Cut a frame to tiles, those of the border filled up with zeros."""
    import numpy as np

    tall, wide = _tile_shape(frame)
    for rows in _tile_rows(frame):
        for left in range(0, frame.shape[1], wide):
            part = rows[:, left : left + wide]
            # Threads may still compress a tile while the next row of tiles is gathered.
            tile = np.zeros((tall, wide, part.shape[2]), frame.dtype)
            tile[: part.shape[0], : part.shape[1]] = part
            yield tile[:, :, 0] if part.shape[2] == 1 else tile


def _arrangement(frame: StripFrame, packed: bool, threads: int) -> dict[str, Any]:
    """Say whether samples stand in tiles or, uncompressed, in strips: any row is read alone."""
    if not packed:
        return {"rowsperstrip": strip_rows(frame.shape, frame.dtype)}
    tile = _tile_shape(frame)
    size = math.prod(tile) * _channels(frame) * frame.dtype.itemsize
    workers = max(threads, 1)
    return {"tile": tile, "maxworkers": workers, "buffersize": _LOT * workers * size}


def _is_big(frames: Iterable[StripFrame], first: StripFrame, count: int) -> bool:
    """Say whether the samples need a BigTIFF, as far as the frames are known beforehand."""
    known = frames if isinstance(frames, Sequence) else [first] * count
    total = sum(math.prod(frame.shape) * frame.dtype.itemsize for frame in known)
    return total > formats.CLASSIC_TIFF_LIMIT


def _metadata(first: StripFrame, alpha: bool, metadata: Metadata, big: bool) -> Metadata:
    metadata = fitting.fitted("tiff", metadata, fitting.colour_count(first.shape, alpha))
    if big and metadata.exif is not None:
        raise ImageFileError(
            "a TIFF beyond 4 GiB (BigTIFF) cannot hold EXIF; use --strip-metadata, or .png"
        )
    return metadata


def write_pages(
    file: BinaryIO,
    frames: Iterable[StripFrame],
    *,
    count: int,
    alpha: bool,
    metadata: Metadata,
    compression: str | int | None = None,
    threads: int = 1,
) -> None:
    """Write a TIFF of one page a frame to an empty file that is open for reading and writing.

    A BigTIFF is made where the samples need one. Of frames that are themselves made one by one
    only the first is known then: ``count`` of its size are expected.

    Raises
    ------
    ImageFileError
        If a BigTIFF would have to hold EXIF.
    ValueError
        If frames or strips are other than promised.
    """
    import tifffile

    each = iter(frames)
    first = next(each)
    big = _is_big(frames, first, count)
    metadata = _metadata(first, alpha, metadata, big)
    _, order = main_entries(metadata.exif)
    pages = 0
    with tifffile.TiffWriter(file, bigtiff=big, byteorder=order) as writer:
        for frame in chain((first,), each):
            described = page_arguments(
                frame.shape,
                frame.dtype,
                alpha=alpha,
                metadata=metadata,
                compression=compression,
                first=pages == 0,
            )
            _write_page(writer, frame, described, threads)
            pages += 1
    if pages != count:
        raise ValueError(f"{pages} frames instead of {count}")
    add_exif(file, metadata.exif)


def _write_page(writer: Any, frame: StripFrame, described: dict[str, Any], threads: int) -> None:
    packed = described["compression"] is not None
    samples = _tiles(frame) if packed else _checked(frame)
    writer.write(
        samples,
        shape=frame.shape[:2] if _channels(frame) == 1 else frame.shape,
        dtype=frame.dtype,
        **_arrangement(frame, packed, threads),
        **described,
    )
    # Let the strips come to their end: what is too much is an error too.
    for _ in samples:
        pass
