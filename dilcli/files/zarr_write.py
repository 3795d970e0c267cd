"""Writing Zarr stores, strip by strip: an array of Zarr format 3, channels last, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dilcli.errors import ImageFileError
from dilcli.files.guard import guarded
from dilcli.files.sniff import is_store
from dilcli.files.writing import replacing_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Literal

    import zarr
    from numpy.typing import NDArray
    from zarr.codecs import ZstdCodec

    from dilcli.files.records import Metadata, Options
    from dilcli.files.rows import StripFrame

__all__ = ["write_strips"]

#: Rows and columns of a chunk; it holds all channels, within _CHUNK_BYTES.
_CHUNK = 512
#: zstd takes no chunk of 2 GiB, and each is in memory while it is compressed.
_CHUNK_BYTES = 2**28


def _chunk_rows(frame: StripFrame, rows: int) -> Iterator[tuple[int, NDArray[Any]]]:
    """Gather strips into whole rows of chunks, so that every chunk is compressed once."""
    import numpy as np

    height = frame.shape[0]
    buffer = np.empty((rows, *frame.shape[1:]), frame.dtype)
    first = filled = 0
    for strip in frame.strips:
        rest = strip.reshape(len(strip), *frame.shape[1:])
        while len(rest):
            taken = min(len(rest), rows - filled)
            buffer[filled : filled + taken] = rest[:taken]
            filled, rest = filled + taken, rest[taken:]
            if filled == rows or first + filled == height:
                yield first, buffer[:filled]
                first, filled = first + filled, 0
    assert first == height, f"{first + filled} rows of {height} came"


def _compressors(compression: str | int | None) -> ZstdCodec | Literal["auto"] | None:
    from zarr.codecs import ZstdCodec

    if compression is None:
        return "auto"  # zarr's own choice: zstd at its default level
    return None if compression in ("none", 0) else ZstdCodec(level=int(compression))


def _created(folder: Path, frame: StripFrame, options: Options) -> zarr.Array[Any]:
    import zarr
    from zarr.storage import LocalStore

    channels = max(_CHUNK_BYTES // (_CHUNK * _CHUNK * frame.dtype.itemsize), 1)
    limits = (_CHUNK, _CHUNK, channels)[: len(frame.shape)]
    return zarr.create_array(
        LocalStore(folder),
        shape=frame.shape,
        dtype=frame.dtype,
        chunks=tuple(map(min, frame.shape, limits)),
        compressors=_compressors(options.compression),
        zarr_format=3,
        dimension_names=("y", "x", "c")[: len(frame.shape)],
        # Before 3.1.2 zarr leaves out a chunk of -0.0 as if it were the fill value 0.
        config={"write_empty_chunks": True},
    )


def write_strips(
    path: Path,
    frames: Iterable[StripFrame],
    *,
    count: int,
    alpha: bool,  # noqa: ARG001 -- a plain channel here
    metadata: Metadata,  # noqa: ARG001 -- there is no room
    options: Options,
    overwrite: bool,
    tag: str,
    threads: int,
) -> None:
    """Write the one frame as an array of Zarr format 3, as :func:`dilcli.files.write_strips` says.

    Chunks are 512 x 512 with all channels, compressed by zstd at its default level or the one that
    is asked for; "none" and 0 leave them as they are. What is overwritten must be a store.
    """
    import zarr

    assert count == 1, "check refuses more frames"
    if path.is_dir() and not is_store(path) and any(path.iterdir()):
        raise ImageFileError(f"{path}: is a folder but no Zarr store, and stays; use another name")
    doing = f"{path}: cannot write Zarr"
    with replacing_folder(path, overwrite=overwrite, tag=tag) as folder:
        for frame in frames:
            with guarded(doing):
                array = _created(folder, frame, options)
            for first, rows in _chunk_rows(frame, array.chunks[0]):
                with guarded(doing), zarr.config.set({"async.concurrency": threads}):
                    array[first : first + len(rows)] = rows
