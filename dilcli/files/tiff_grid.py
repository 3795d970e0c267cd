"""The strips or tiles of a TIFF page as a grid of rows, decoded some at a time.

Uncompressed strips are read by the row, whatever their size. All other samples are decoded by
whole strips or tiles, each by the route that its compression asks for.
"""

from __future__ import annotations

import importlib.util
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from dilcli.files import tiff_segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray
    from tifffile import TiffPage

__all__ = ["decode_into", "rows_together", "segment_count", "stored_shape", "stored_type"]

#: What tifffile unpacks with the standard library alone: none, Deflate, PackBits, LZMA.
_PLAIN_CODECS = frozenset({1, 8, 32946, 32773, 34925})
_SEPARATE = 2


def stored_type(page: TiffPage) -> np.dtype[Any]:
    """Return the type of decoded samples before their meaning is applied; native byte order."""
    import numpy as np

    return np.dtype(np.uint8 if page.bitspersample < 8 or page.dtype is None else page.dtype)


def stored_shape(page: TiffPage) -> tuple[int, int, int]:
    """Return (H, W, channels) as they are stored, planes joined, no orientation applied."""
    return page.imagelength, page.imagewidth, page.samplesperpixel


def _planes(page: TiffPage) -> int:
    return page.samplesperpixel if page.planarconfig == _SEPARATE else 1


def segment_count(page: TiffPage) -> int:
    """Return how many strips or tiles a page has in all its planes."""
    _, _, across, down = tiff_segments.geometry(page)
    return _planes(page) * across * down


def _rows_alone(page: TiffPage) -> bool:
    """Say whether any row can be read without decoding others."""
    plain = int(page.compression) == 1 and page.fillorder == 1 and page.predictor in (1, 2, 3)
    # An offset of 0 stands for a strip that was never written: the route of segments fills it.
    return plain and not page.is_tiled and all(page.dataoffsets)


def rows_together(page: TiffPage) -> int:
    """Return how many rows are decoded at once, on a grid that starts at the first stored row."""
    return 1 if _rows_alone(page) else tiff_segments.geometry(page)[1]


def decode_into(page: TiffPage, first: int, last: int, out: NDArray[Any], threads: int = 1) -> None:
    """Decode stored rows ``[first, last)``.

    Parameters
    ----------
    page
        One that :func:`dilcli.files.tiff_pages.layout` accepts.
    first, last
        Multiples of :func:`rows_together`; ``last`` may be the page's height.
    out
        Receives (rows, W, channels) samples of :func:`stored_type`.
    threads
        How many may decode at a time.

    Raises
    ------
    ValueError
        If strips or tiles are missing, damaged, or of a compression that is not known here.
    """
    if first >= last:
        return
    if _rows_alone(page):
        _read_rows(page, first, last, out)
        return
    rows = tiff_segments.geometry(page)[1]
    begin, end = first // rows, -(-last // rows)
    codec = int(page.compression)
    integers = page.dtype is not None and page.dtype.kind in "iu"
    plain = codec in _PLAIN_CODECS and page.bitspersample >= 8 and page.fillorder == 1
    if plain and (page.predictor == 1 or (page.predictor == 2 and integers)):
        _decode_segments(page, begin, end, out, threads)
    elif codec in tiff_segments.BYTE_CODECS and page.predictor in (1, 2, 3):
        _join(tiff_segments.decode_bytes(page, begin, end), out)
    elif codec in tiff_segments.PICTURE_CODECS and page.planarconfig == 1:
        _join(tiff_segments.decode_picture(page, begin, end), out)
    elif importlib.util.find_spec("imagecodecs") is None:
        name = getattr(page.compression, "name", codec)
        raise ValueError(f"TIFF compression {name} needs: pip install dilcli[codecs]")
    else:
        _decode_segments(page, begin, end, out, threads)


def _join(planes: NDArray[Any], out: NDArray[Any]) -> None:
    """Make planes (planes, rows, W, channels) channels."""
    channels = planes.shape[-1]
    for number, plane in enumerate(planes):
        out[..., number * channels : (number + 1) * channels] = plane


def _runs(
    page: TiffPage, plane: int, first: int, last: int, size: int
) -> Iterator[tuple[int, int]]:
    """Yield where rows of ``size`` bytes follow one another: an offset, and how many."""
    height = page.imagelength
    if page.is_contiguous:
        yield page.dataoffsets[0] + (plane * height + first) * size, last - first
        return
    _, rows, _, down = tiff_segments.geometry(page)
    if len(page.dataoffsets) != segment_count(page):
        raise ValueError("strips are missing")
    for strip in range(first // rows, -(-last // rows)):
        begin, end = max(first, strip * rows), min(last, (strip + 1) * rows)
        offset = page.dataoffsets[plane * down + strip]
        yield offset + (begin - strip * rows) * size, end - begin


def _read_rows(page: TiffPage, first: int, last: int, out: NDArray[Any]) -> None:
    """Read rows of uncompressed strips, and no byte that is not theirs."""
    import numpy as np

    width, planes = page.imagewidth, _planes(page)
    channels = page.samplesperpixel // planes
    size = -(-width * channels * page.bitspersample // 8)
    plain = out.flags.c_contiguous and page.bitspersample >= 8 and page.predictor == 1
    native = np.dtype(out.dtype).newbyteorder(page.parent.byteorder).isnative
    direct = plain and planes == 1 and native
    for plane in range(planes):
        data = out.reshape(-1).view(np.uint8) if direct else np.empty((last - first) * size, "u1")
        _fill(page, _runs(page, plane, first, last, size), size, data)
        if not direct:
            lines = data.reshape(last - first, size)
            samples = tiff_segments.unpacked_samples(page, lines, width, channels)
            out[..., plane * channels : (plane + 1) * channels] = samples


def _fill(
    page: TiffPage, runs: Iterator[tuple[int, int]], size: int, data: NDArray[np.uint8]
) -> None:
    file, at = page.parent.filehandle, 0
    for offset, rows in runs:
        part = data[at : at + rows * size]
        at += rows * size
        file.seek(offset)
        if file.readinto(part) != len(part):  # type: ignore[arg-type]
            raise ValueError("a strip is missing or cut off")


def _decode_segments(page: TiffPage, begin: int, end: int, out: NDArray[Any], threads: int) -> None:
    """Decode rows of segments by tifffile, several segments at a time."""
    _, _, across, down = tiff_segments.geometry(page)
    planes = _planes(page)
    if len(page.dataoffsets) < segment_count(page):
        raise ValueError("strips or tiles are missing")
    page.decode  # noqa: B018 -- made once, before threads share it
    numbers = [
        (plane * down + row) * across + column
        for plane in range(planes)
        for row in range(begin, end)
        for column in range(across)
    ]
    decode = partial(_decode_segment, page, begin, out, threading.Lock())
    if threads < 2 or len(numbers) < 2:
        for number in numbers:
            decode(number)
        return
    with ThreadPoolExecutor(min(threads, len(numbers))) as pool:
        for _ in pool.map(decode, numbers):
            pass


def _decode_segment(
    page: TiffPage, begin: int, out: NDArray[Any], lock: threading.Lock, number: int
) -> None:
    """Decode one strip or tile to its place; what was never written is the page's "no data"."""
    offset, size = page.dataoffsets[number], page.databytecounts[number]
    with lock:
        page.parent.filehandle.seek(offset)
        data = page.parent.filehandle.read(size) if offset and size else None
    if data is not None and not data:
        raise ValueError("a strip or tile is missing or cut off")
    tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
    decoded, (plane, _, y, x, _), shape = page.decode(data, number, **tables)
    top = y - begin * tiff_segments.geometry(page)[1]
    channels = shape[3]
    area = out[top : top + shape[1], x : x + shape[2], plane * channels : (plane + 1) * channels]
    area[...] = page.nodata if decoded is None else decoded[0, : area.shape[0], : area.shape[1]]
