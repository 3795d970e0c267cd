"""NumPy's ``.npy``: arrays (N,), (H, W) and (H, W, C) with any C; never alpha, never frames.

Format: numpy.lib.format, versions 1.0 to 3.0.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from dilcli.files.formats import FORMATS
from dilcli.files.records import Decoded, Header, Metadata

if TYPE_CHECKING:
    import numpy as np

    from dilcli.files.records import Options, Picture, Source

__all__ = ["decode", "encode", "inspect"]


def _promise(source: Source) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    """Read shape, stored dtype and order, and hold the promise against the file's length."""
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
        room = source.size() - file.tell()
    samples = dtype.newbyteorder("=").name
    if dtype.hasobject or samples not in (*FORMATS["npy"].samples, "bool"):
        raise source.error(f"an array of {dtype} is not read; integers, floats and bool are")
    if not 1 <= len(shape) <= 3 or 0 in shape:
        raise source.error(f"an array of shape {shape} is no picture; use (N,), (H, W), (H, W, C)")
    if math.prod(shape) * dtype.itemsize > room:
        raise source.error(f"the file is cut off: {room} bytes for an array of shape {shape}")
    return shape, dtype, fortran


def inspect(source: Source) -> Header:
    """Read the header of an ``.npy`` file."""
    shape, dtype, _ = _promise(source)
    samples = "uint8" if dtype.kind == "b" else dtype.newbyteorder("=").name
    pixels = math.prod(shape[:2])
    return Header("npy", shape, samples, alpha=False, frames=1, pixels=(pixels,))


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:  # noqa: ARG001 -- one array only
    """Read the array; other byte orders are made native, bool becomes 0 and 255."""
    import numpy as np

    _promise(source)
    with source.open() as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
    if array.dtype.kind == "b":
        widened = array.astype(np.uint8) * np.uint8(255)
        return Decoded((widened,), Metadata(), ("bool widened to 0 and 255",), alpha=False)
    native = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
    return Decoded((native,), Metadata(), (), alpha=False)


def encode(picture: Picture, options: Options) -> bytes:  # noqa: ARG001 -- nothing to choose
    """Return the array as an ``.npy`` file."""
    import numpy as np

    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, picture.frames[0], allow_pickle=False)
    return buffer.getvalue()
