"""Weights of the plain kernels that smooth, blur and sharpen. Sizes are (rows, columns)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dilcli.errors import KernelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.kernel_text import Rows

__all__ = [
    "b3",
    "binomial",
    "box",
    "checked_size",
    "disk",
    "emboss",
    "identity",
    "linear",
    "motion",
    "outer",
    "sharpen",
]

Size = tuple[int, int]

#: More taps are a slip of the keyboard; as many smoothing taps are better had by dilation.
_MAX_SIDE = 4096
_MAX_WEIGHTS = 2**20


def checked_size(rows: int, columns: int) -> Size:
    """Give the size back if it is sensible.

    Raises
    ------
    KernelError
        Above 4096 taps on an axis, or 1048576 in all.
    """
    if max(rows, columns) > _MAX_SIDE or rows * columns > _MAX_WEIGHTS:
        raise KernelError(
            f"{rows} x {columns} taps are too many (at most {_MAX_SIDE} an axis and {_MAX_WEIGHTS} "
            f"in all); use a smaller kernel, or a dilation"
        )
    return rows, columns


def outer(column: Sequence[float], row: Sequence[float]) -> Rows:
    """Multiply a column by a row: the separable kernel, each product rounded once."""
    checked_size(len(column), len(row))
    return tuple(tuple(y * x for x in row) for y in column)


def identity(size: Size) -> Rows:
    """Image unchanged: one weight of 1 at the origin.

    Size is rows x columns; the origin is at ``size // 2``.

    Source: the neutral element of correlation.
    """
    rows, columns = checked_size(*size)
    centre = rows // 2, columns // 2
    return tuple(tuple(float((y, x) == centre) for x in range(columns)) for y in range(rows))


def box(size: Size) -> Rows:
    """Mean of the window: every weight 1 / (rows * columns).

    Source: the moving average; McDonnell, Box-filtering techniques, CGIP 17, 1981.
    """
    rows, columns = checked_size(*size)
    return ((1.0 / (rows * columns),) * columns,) * rows


def binomial(size: Size) -> Rows:
    """Pascal's triangle on each axis: exact, nearly Gaussian.

    C(n - 1, i) / 2^(n - 1) on each axis, sum 1, variance (n - 1) / 4. Size 3 is ``1 2 1 / 4``,
    size 5 is ``1 4 6 4 1 / 16``.

    Source: Burt & Adelson, The Laplacian pyramid, IEEE Trans. Comm. 31, 1983 (a = 3/8).
    """
    checked_size(*size)
    column, row = ([math.comb(n - 1, i) for i in range(n)] for n in size)
    whole = 2 ** (sum(size) - 2)
    return tuple(tuple(y * x / whole for x in row) for y in column)


def b3() -> Rows:
    """Cubic B-spline, 1 4 6 4 1 / 16 on each axis.

    The scaling kernel of the starlet transform.

    Source: Starck, Fadili & Murtagh, The undecimated wavelet decomposition and its
    reconstruction, IEEE Trans. Image Process. 16, 2007.
    """
    return binomial((5, 5))


def linear() -> Rows:
    """Linear B-spline, 1 2 1 / 4 on each axis.

    The triangle scaling kernel of à trous transforms.

    Source: Shensa, The discrete wavelet transform: wedding the à trous and Mallat algorithms,
    IEEE Trans. Signal Process. 40, 1992.
    """
    return binomial((3, 3))


def disk(radius: float) -> Rows:
    """Mean of a disk: a lens out of focus.

    Equal weights where y² + x² <= radius², 2 * floor(radius) + 1 taps an axis, sum 1.

    Source: the footprint of ``skimage.morphology.disk``, divided by its area.
    """
    reach = int(radius)
    checked_size(2 * reach + 1, 2 * reach + 1)
    span = range(-reach, reach + 1)
    inside = [[y * y + x * x <= radius * radius for x in span] for y in span]
    weight = 1.0 / sum(map(sum, inside))
    return tuple(tuple(weight if lit else 0.0 for lit in row) for row in inside)


def motion(length: int, angle: float) -> Rows:
    """Mean along a line: a moving camera.

    `length` points one pixel apart on a straight line through the pixel, shared out bilinearly;
    sum 1. The angle is in degrees, counter-clockwise as seen on the screen; 0 is horizontal.

    Source: the linear motion blur of Gonzalez & Woods, Digital Image Processing, ch. 5.
    """
    # Rounded so that a right angle's cosine of 6e-17 does not open a column of its own.
    down = round(-math.sin(math.radians(angle)), 12)
    right = round(math.cos(math.radians(angle)), 12)
    half = (length - 1) / 2
    reach_y, reach_x = math.ceil(abs(down) * half), math.ceil(abs(right) * half)
    height, width = checked_size(2 * reach_y + 1, 2 * reach_x + 1)
    rows = [[0.0] * width for _ in range(height)]
    for n in range(length):
        step = n - half
        for y, share_y in _shares(step * down + reach_y):
            for x, share_x in _shares(step * right + reach_x):
                rows[y][x] += share_y * share_x / length
    return tuple(tuple(row) for row in rows)


def _shares(place: float) -> list[tuple[int, float]]:
    """Split a point between its two neighbours on the grid, leaving out a share of 0."""
    low = math.floor(place)
    part = place - low
    return [(low, 1.0 - part), (low + 1, part)] if part else [(low, 1.0)]


def sharpen(amount: float) -> Rows:
    """Image minus its Laplacian.

    Centre 1 + 4 amount, four neighbours -amount; sum 1.

    Source: Gonzalez & Woods, Digital Image Processing, ch. 3 (Laplacian sharpening).
    """
    side = -amount
    return ((0.0, side, 0.0), (side, 1.0 + 4.0 * amount, side), (0.0, side, 0.0))


def emboss(strength: float) -> Rows:
    """Image plus its slope to the lower right.

    The slope is Sobel's operator turned by 45 degrees, ``-2 -1 0; -1 0 1; 0 1 2``, times
    `strength`: what rises to the lower right looks lit; sum 1.

    Source: Robinson, Edge detection by compass gradient masks, CGIP 6, 1977, for the slope.
    """
    slope = ((-2.0, -1.0, 0.0), (-1.0, 0.0, 1.0), (0.0, 1.0, 2.0))
    return tuple(
        tuple(strength * w + float(y == x == 1) for x, w in enumerate(row))
        for y, row in enumerate(slope)
    )
