"""NumPy's ``.npy``: arrays (N,), (H, W) and (H, W, C) with any C; never alpha, never frames.

Format: numpy.lib.format, versions 1.0 to 3.0.
"""

from __future__ import annotations

import io
import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from dilcli.files.formats import FORMATS
from dilcli.files.records import Decoded, Header, Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.files.records import Options, Picture, Source
    from dilcli.files.rows import RowPicture, StripFrame

__all__ = ["decode", "encode", "inspect", "open_rows", "write_strips"]

_WIDENED = "bool widened to 0 and 255"


def _promise(source: Source) -> tuple[tuple[int, ...], np.dtype[Any], bool, int]:
    """Read shape, stored dtype, order and start, and hold them against the file's length."""
    import numpy as np

    with source.open() as file:
        version = np.lib.format.read_magic(file)
        reader = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if reader is None:
            raise source.error(f".npy version {version[0]}.{version[1]} is not read; 1.0 and 2.0")
        shape, fortran, dtype = reader(file)
        start = file.tell()
        room = source.size() - start
    samples = dtype.newbyteorder("=").name
    if dtype.hasobject or samples not in (*FORMATS["npy"].samples, "bool"):
        raise source.error(f"an array of {dtype} is not read; integers, floats and bool are")
    if not 1 <= len(shape) <= 3 or 0 in shape:
        raise source.error(f"an array of shape {shape} is no picture; use (N,), (H, W), (H, W, C)")
    if math.prod(shape) * dtype.itemsize > room:
        raise source.error(f"the file is cut off: {room} bytes for an array of shape {shape}")
    return shape, dtype, fortran, start


def inspect(source: Source) -> Header:
    """Read the header of an ``.npy`` file."""
    shape, dtype, _, _ = _promise(source)
    samples = "uint8" if dtype.kind == "b" else dtype.newbyteorder("=").name
    pixels = math.prod(shape[:2])
    return Header("npy", shape, samples, alpha=False, frames=1, pixels=(pixels,))


def _native(array: NDArray[Any]) -> NDArray[Any]:
    """Make other byte orders native, and bool 0 and 255."""
    import numpy as np

    if array.dtype.kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:  # noqa: ARG001 -- one array only
    """Read the array; other byte orders are made native, bool becomes 0 and 255."""
    import numpy as np

    _promise(source)
    with source.open() as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
    notes = (_WIDENED,) if array.dtype.kind == "b" else ()
    return Decoded((_native(array),), Metadata(), notes, alpha=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The rows of an array in an open file, its samples from ``start`` on."""

    file: BinaryIO
    start: int
    shape: tuple[int, ...]
    stored: np.dtype[Any]
    together: int = 1

    @property
    def dtype(self) -> np.dtype[Any]:
        import numpy as np

        return np.dtype(np.uint8) if self.stored.kind == "b" else self.stored.newbyteorder("=")

    def read(self, first: int, last: int) -> NDArray[Any]:
        """Return rows ``[first, last)`` as (rows, W, C)."""
        import numpy as np

        height, width, *channels = self.shape
        if not 0 <= first <= last <= height:
            raise ValueError(f"there are no rows {first} to {last}, only 0 to {height}")
        rows = np.empty((last - first, width, *(channels or (1,))), self.stored)
        self.file.seek(self.start + first * math.prod(self.shape[1:]) * self.stored.itemsize)
        target = rows.reshape(-1).view(np.uint8)
        if self.file.readinto(target) != rows.nbytes:  # type: ignore[attr-defined]
            raise ValueError("the file is cut off")
        return _native(rows)


@contextmanager
def open_rows(
    source: Source,
    indices: tuple[int, ...],  # noqa: ARG001 -- one array only
    threads: int,  # noqa: ARG001 -- nothing is decoded
) -> Iterator[RowPicture]:
    """Open an array (H, W) or (H, W, C) whose rows follow one another in the file."""
    from dilcli.files.rows import RowPicture

    shape, dtype, fortran, start = _promise(source)
    if len(shape) == 1:
        raise source.error(
            "a one-dimensional array is read whole, not strip by strip; raise --memory-limit"
        )
    if fortran:
        raise source.error(
            "an array in Fortran order is read whole, not strip by strip; raise --memory-limit"
        )
    notes = (_WIDENED,) if dtype.kind == "b" else ()
    with source.open() as file:
        rows = _Rows(file, start, shape, dtype)
        yield RowPicture((rows,), alpha=False, format="npy", notes=notes)


def encode(picture: Picture, options: Options) -> bytes:  # noqa: ARG001 -- nothing to choose
    """Return the array as an ``.npy`` file."""
    import numpy as np

    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, picture.frames[0], allow_pickle=False)
    return buffer.getvalue()


def _write(file: BinaryIO, frame: StripFrame) -> None:
    import numpy as np

    described = {
        "descr": np.lib.format.dtype_to_descr(frame.dtype),
        "fortran_order": False,
        "shape": frame.shape,
    }
    np.lib.format.write_array_header_1_0(file, described)
    rows = 0
    for strip in frame.strips:
        if strip.dtype != frame.dtype or strip[0].size != math.prod(frame.shape[1:]):
            raise ValueError(f"a strip of other samples than the frame's: {strip.dtype}")
        rows += len(strip)
        file.write(np.ascontiguousarray(strip, frame.dtype).reshape(-1).view(np.uint8).data)
    if rows != frame.shape[0]:
        raise ValueError(f"strips of {rows} rows for a frame of {frame.shape[0]} rows")


def write_strips(
    path: Path,
    frames: Iterable[StripFrame],
    *,
    count: int,
    alpha: bool,  # noqa: ARG001 -- a plain channel
    metadata: Metadata,  # noqa: ARG001 -- no room for it
    options: Options,  # noqa: ARG001 -- nothing to choose
    overwrite: bool,
    tag: str,
    threads: int,  # noqa: ARG001 -- nothing is compressed
) -> None:
    """Write the header of an ``.npy`` file, and rows as they come."""
    from dilcli.files.writing import replacing

    if count != 1:
        raise ValueError(f"an .npy file holds one array, not {count} frames")
    with replacing(path, overwrite=overwrite, tag=tag) as file:
        for frame in frames:
            _write(file, frame)
