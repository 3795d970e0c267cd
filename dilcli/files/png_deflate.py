"""The samples of a PNG image filtered and deflated in blocks of rows, by several threads.

Each block is deflated on its own and ends on a byte, so that the blocks one after another are one
zlib stream (RFC 1950), as pigz makes it. Filters: PNG Specification, third edition, section 9.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

__all__ = ["deflated_rows"]

#: Bytes of a block: enough for its matches, and several of them in a picture for the threads.
_LARGEST_BLOCK, _SMALLEST_BLOCK, _BLOCKS = 1 << 20, 1 << 17, 8
#: The ways to store a block are tried on some of its rows: one part of so many, and at least so
#: many bytes. What then shrinks to a sixth is a drawing or text, of which a few rows tell little,
#: and which is deflated fast: there more is tried.
_PART, _PART_OF_DRAWING, _SMALLEST_SAMPLE = 32, 8, 1 << 12
_DRAWING = 6
#: RFC 1950's largest prime below 65536.
_ADLER = 65521


def _none(above: Bytes, rows: Bytes, step: int, out: Bytes) -> None:  # noqa: ARG001
    out[...] = rows


def _sub(above: Bytes, rows: Bytes, step: int, out: Bytes) -> None:  # noqa: ARG001
    import numpy as np

    out[:, :step] = rows[:, :step]
    np.subtract(rows[:, step:], rows[:, :-step], out=out[:, step:])


def _up(above: Bytes, rows: Bytes, step: int, out: Bytes) -> None:  # noqa: ARG001
    import numpy as np

    np.subtract(rows, above, out=out)


def _average(above: Bytes, rows: Bytes, step: int, out: Bytes) -> None:
    import numpy as np

    left = np.zeros_like(rows)
    left[:, step:] = rows[:, :-step]
    # The sum of two bytes has nine bits: what both have, and half of what one has.
    mean = left & above
    left ^= above
    left >>= 1
    mean += left
    np.subtract(rows, mean, out=out)


def _paeth(above: Bytes, rows: Bytes, step: int, out: Bytes) -> None:
    import numpy as np

    left, corner = np.zeros(rows.shape, np.int16), np.zeros(rows.shape, np.int16)
    left[:, step:], corner[:, step:] = rows[:, :-step], above[:, :-step]
    up = above.astype(np.int16)
    by_left, by_up = np.abs(up - corner), np.abs(left - corner)
    by_corner = np.abs(up + left - 2 * corner)
    first = (by_left <= by_up) & (by_left <= by_corner)
    nearest = np.where(first, left, np.where(by_up <= by_corner, up, corner))
    np.subtract(rows, nearest.astype(np.uint8), out=out)


class Way(NamedTuple):
    """How rows are stored: PNG's number of a filter, what it does, and a strategy of zlib.

    ``worth`` is what a byte of it counts: less than 1 where it takes less time.
    """

    filter: int
    work: Callable[[Bytes, Bytes, int, Bytes], None]
    strategy: int
    worth: float = 1.0


#: Drawings and text repeat themselves and are best as they are; of photographs differences are
#: left, in which runs are all that is worth looking for, and even they are often not.
_PLAIN = (Way(0, _none, zlib.Z_DEFAULT_STRATEGY),)
_DIFFERENCES = (
    *_PLAIN,
    Way(2, _up, zlib.Z_DEFAULT_STRATEGY),
    Way(3, _average, zlib.Z_RLE),
)
_FAST = (*_DIFFERENCES, Way(3, _average, zlib.Z_HUFFMAN_ONLY, 0.93))
_THOROUGH = (
    *_DIFFERENCES,
    Way(1, _sub, zlib.Z_DEFAULT_STRATEGY),
    Way(3, _average, zlib.Z_FILTERED),
    Way(4, _paeth, zlib.Z_FILTERED),
    Way(4, _paeth, zlib.Z_RLE),
    Way(3, _average, zlib.Z_HUFFMAN_ONLY),
    Way(4, _paeth, zlib.Z_HUFFMAN_ONLY),
)


def _ways(level: int) -> tuple[Way, ...]:
    if not level:
        return _PLAIN
    return _FAST if level == 1 else _THOROUGH


class _Block(NamedTuple):
    packed: bytes
    check: int
    size: int


def _filtered(lines: Bytes, step: int, way: Way) -> Bytes:
    """Filter all rows but the first, which is the one above them, and name the filter in each."""
    import numpy as np

    out = np.empty((len(lines) - 1, lines.shape[1] + 1), np.uint8)
    out[:, 0] = way.filter
    way.work(lines[:-1], lines[1:], step, out[:, 1:])
    return out


def _deflated(rows: Bytes, level: int, strategy: int, *, last: bool = False) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    packed = packer.compress(rows.data)
    return packed + packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


def _sizes(lines: Bytes, step: int, level: int, part: int) -> tuple[list[int], int]:
    """Try all ways on rows from the middle; return what they make of them, and of how much."""
    rows = len(lines) - 1
    count = min(max(rows // part, _SMALLEST_SAMPLE // lines.shape[1], 1), rows)
    top = (rows - count) // 2
    sample = lines[top : top + count + 1]
    filtered = ((_filtered(sample, step, way), way.strategy) for way in _ways(level))
    return [len(_deflated(each, level, strategy)) for each, strategy in filtered], sample.size


def _best(lines: Bytes, step: int, level: int) -> Way:
    """Find the way that makes the least of a block."""
    ways = _ways(level)
    if len(ways) == 1:
        return ways[0]
    sizes, size = _sizes(lines, step, level, _PART)
    if min(sizes) * _DRAWING <= size:
        sizes, _ = _sizes(lines, step, level, _PART_OF_DRAWING)
    counted = [each * way.worth for each, way in zip(sizes, ways, strict=True)]
    return ways[counted.index(min(counted))]


def _lines(image: NDArray[Any], first: int, last: int) -> Bytes:
    """Return rows as the bytes that PNG stores, below the row above them, or zeros."""
    import numpy as np

    begin = max(first - 1, 0)
    rows = np.ascontiguousarray(image[begin:last], image.dtype.newbyteorder(">"))
    lines = rows.view(np.uint8).reshape(last - begin, -1)
    if first:
        return lines
    return np.concatenate((np.zeros((1, lines.shape[1]), np.uint8), lines))


def _joined_check(checks: Sequence[_Block]) -> int:
    """Return the Adler-32 checksum of all blocks from theirs, as zlib's ``adler32_combine``."""
    low, high = 1, 0
    for _, check, size in checks:
        a, b = check & 0xFFFF, check >> 16
        high = (high + b + size * (low - 1)) % _ADLER
        low = (low + a - 1) % _ADLER
    return high << 16 | low


def deflated_rows(image: NDArray[Any], level: int, threads: int = 1) -> list[bytes]:
    """Compress the samples of a PNG image that is not interlaced.

    What comes out does not depend on the number of threads.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, C)
        Samples of uint8 or uint16, any memory layout.
    level : int
        zlib's, 0 to 9.
    threads : int, optional
        How many blocks are worked on at a time.

    Returns
    -------
    list of bytes
        Pieces of one zlib stream.
    """
    height, row = image.shape[0], max(image[:1].nbytes, 1)
    step = row // image.shape[1]
    wanted = min(max(height * row // _BLOCKS, _SMALLEST_BLOCK), _LARGEST_BLOCK)
    rows = max(wanted // row, 1)

    def work(first: int) -> _Block:
        last = min(first + rows, height)
        lines = _lines(image, first, last)
        way = _best(lines, step, level)
        filtered = _filtered(lines, step, way)
        packed = _deflated(filtered, level, way.strategy, last=last == height)
        return _Block(packed, zlib.adler32(filtered.data), filtered.size)

    blocks = _all_of(work, range(0, height, rows), threads)
    # A window of 32 KiB, and how much was tried: 0 for the fastest to 3 for the most.
    head = 0x7800 | (0 if level < 2 else 1 if level < 6 else 2 if level == 6 else 3) << 6
    head += 31 - head % 31
    pieces = [block.packed for block in blocks]
    pieces[0] = head.to_bytes(2) + pieces[0]
    pieces[-1] += _joined_check(blocks).to_bytes(4)
    return pieces


def _all_of(work: Callable[[int], _Block], starts: Sequence[int], threads: int) -> list[_Block]:
    if min(threads, len(starts)) < 2:
        return [work(start) for start in starts]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(threads, len(starts))) as pool:
        waiting = [pool.submit(work, start) for start in starts]
        try:
            return [each.result() for each in waiting]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
