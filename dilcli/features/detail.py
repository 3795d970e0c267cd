"""Which part of a picture is worth a closer look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Detail", "checked_detail", "strongest_detail"]

Pair = tuple[int, int]
#: Top, left, rows and columns.
Detail = tuple[int, int, int, int]

#: Pixels on a side of a detail: enough to know the place again, few enough to see each; more for
#: large rates, to see steps of the lattice, and of large pictures, to see more than one edge.
_LEAST, _MOST, _STEPS, _SHARE = 24, 64, 6, 90
#: No pixel need be seen larger than with so many dots.
_LARGEST = 24
#: A detail is placed in steps of about so many on its side.
_BLOCKS = 6
#: A smaller picture is a detail already.
_SMALLEST = 16


def checked_detail(detail: Detail, shape: Pair) -> Detail:
    """Hold a detail that was asked for to the picture.

    Parameters
    ----------
    detail : (int, int, int, int)
        Top, left, rows and columns.
    shape : (int, int)
        Of the picture.

    Raises
    ------
    ArgumentError
        If it does not lie in the picture, or is empty.
    """
    top, left, rows, columns = detail
    if min(rows, columns) < 1:
        raise ArgumentError(f"a detail of {rows}x{columns} is empty; it needs a pixel at least")
    if min(top, left) < 0 or top + rows > shape[0] or left + columns > shape[1]:
        raise ArgumentError(
            f"detail {top},{left},{rows}x{columns} does not lie in the picture of "
            f"{shape[0]} x {shape[1]} pixels"
        )
    return detail


def strongest_detail(values: Sequence[NDArray[Any]], rate: Pair, room: Pair) -> Detail | None:
    """Find the detail where all of several values are strong.

    It is that of the largest product of their sums of squares, which weigh most in its middle; so
    the scales of the values do not matter. The margin of the picture, where the boundary takes
    part, is avoided if there is room.

    Parameters
    ----------
    values : sequence of ndarray of float, shape (H, W)
        At least one; finite. Those that are 0 everywhere are left out.
    rate : (int, int)
        The detail begins and ends at sampled positions, as far as the picture allows.
    room : (int, int)
        Rows and columns of dots that the detail is magnified to; it is chosen to fill them.

    Returns
    -------
    (int, int, int, int) or None
        Top, left, rows and columns; None where the picture itself is small enough.
    """
    height, width = values[0].shape
    if max(height, width) < _SMALLEST:
        return None
    columns = _side(width, rate[1], room[1])
    size = max(min(room[1] // columns, _LARGEST), 1)
    rows = max(min(room[0] // size, height // 2), 1)
    rows = (rows - 1) // rate[0] * rate[0] + 1
    step = [
        max(side // (_BLOCKS * r), 1) * r for side, r in zip((rows, columns), rate, strict=True)
    ]
    window = (-(-rows // step[0]), -(-columns // step[1]))
    energies = [_windows(_block_sums(value, step), window) for value in values]
    top, left = _highest([energy for energy in energies if energy.any()] or energies, window)
    first = min(top * step[0], (height - rows) // rate[0] * rate[0])
    return first, min(left * step[1], (width - columns) // rate[1] * rate[1]), rows, columns


def _side(count: int, rate: int, room: int) -> int:
    """Choose the side that fills its room best among those that show enough."""
    least = min(max(_LEAST, _STEPS * rate, count // _SHARE), _MOST, max(count // 2, 1))
    first = (least - 1) // rate * rate + 1
    sides = range(first, min(first + max(_LEAST // 3, rate) + 1, count + 1), rate)
    return max(sides, key=lambda side: room // side * side)


def _block_sums(values: NDArray[Any], step: list[int]) -> NDArray[np.float64]:
    import numpy as np

    scale = max(float(values.max()), -float(values.min())) or 1.0
    rows = [
        np.square(values[y : y + step[0]] / scale).sum(axis=0, dtype=np.float64)
        for y in range(0, values.shape[0], step[0])
    ]
    edges = np.arange(0, values.shape[1], step[1])
    sums: NDArray[np.float64] = np.add.reduceat(np.array(rows), edges, axis=1)
    return sums


def _windows(blocks: NDArray[np.float64], window: Pair) -> NDArray[np.float64]:
    """Weigh the blocks of each window, those in its middle most, by the block at its top left."""
    import numpy as np

    sums = blocks
    for axis, size in enumerate(window):
        # Two sums, one of the other, make a triangle of the whole width.
        for part in (size // 2 + 1, size - size // 2):
            before = np.insert(np.cumsum(sums, axis=axis), 0, 0.0, axis=axis)
            first = np.arange(max(sums.shape[axis] - part + 1, 1))
            behind = np.minimum(first + part, sums.shape[axis])
            sums = before.take(behind, axis) - before.take(first, axis)
    return sums


def _highest(energies: Sequence[NDArray[np.float64]], window: Pair) -> Pair:
    """Find the window of the largest product, away from the margin."""
    import numpy as np

    shape = energies[0].shape
    margin = [min(size, count // 4) for size, count in zip(window, shape, strict=True)]
    inner = np.ones([count - 2 * edge for count, edge in zip(shape, margin, strict=True)])
    for energy in energies:
        part = energy[margin[0] : shape[0] - margin[0], margin[1] : shape[1] - margin[1]]
        inner *= part / (part.max() or 1.0)
    top, left = np.unravel_index(np.argmax(inner), inner.shape)
    return int(top) + margin[0], int(left) + margin[1]
