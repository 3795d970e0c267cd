"""Pictures fitted into a room: magnified by whole numbers, or reduced by the means of areas."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Span", "fitted", "ratio", "resized"]

#: No side is drawn thinner, so that a picture of few rows can be seen.
_THINNEST = 16
#: Reducing by the next whole number is crisp, but not worth a picture smaller than by this.
_WORTH = 1.25
#: Nor is reducing worth a blur for a picture larger than its room by no more than this.
_NEAR = 1.07


class Span(NamedTuple):
    """How the pixels of one axis become dots of the figure.

    Attributes
    ----------
    length : int
        Pixels.
    pixels : float
        Pixels that are drawn as one cell; 1 where nothing is reduced. The last cell may be of
        fewer.
    size : int
        Dots of a cell; 1 where nothing is magnified.
    """

    length: int
    pixels: float
    size: int

    @property
    def cells(self) -> int:
        """Cells on this axis."""
        # A quotient that is a whole number but for rounding has no cell more.
        return ceil(self.length / self.pixels - 1e-9)

    @property
    def dots(self) -> int:
        """Dots on this axis."""
        return self.cells * self.size

    def place(self, offset: float) -> int:
        """Tell at which dot an edge lies that is `offset` pixels from the first."""
        if offset == self.length:
            return self.dots
        return min(round(offset * self.size / self.pixels), self.dots)


def fitted(shape: tuple[int, int], room: tuple[int, int]) -> tuple[Span, Span]:
    """Choose how to draw pixels within so many dots.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of pixels.
    room : (int, int)
        Rows and columns of dots. Pictures of nearly this size may be a little larger, and a side
        that would be too thin to see is drawn larger than its share.

    Returns
    -------
    (Span, Span)
        Both alike, unless one side is too thin.
    """
    factor = max(n / dots for n, dots in zip(shape, room, strict=True))
    if factor <= _NEAR:
        size = max(min(dots // n for n, dots in zip(shape, room, strict=True)), 1)
        return _visible(shape[0], 1, size), _visible(shape[1], 1, size)
    whole = ceil(factor)
    pixels = whole if whole <= _WORTH * factor else factor
    return _visible(shape[0], pixels, 1), _visible(shape[1], pixels, 1)


def _visible(length: int, pixels: float, size: int) -> Span:
    span = Span(length, pixels, size)
    if span.dots >= _THINNEST:
        return span
    if length >= 2 * _THINNEST:
        return Span(length, length / _THINNEST, 1)
    return Span(length, 1, ceil(_THINNEST / length))


def ratio(spans: tuple[Span, Span]) -> str:
    """Tell in words how large pixels are drawn.

    Examples
    --------
    >>> ratio((Span(9, 1, 4), Span(7, 1, 4))), ratio((Span(90, 2.5, 1), Span(70, 2.5, 1)))
    ('magnified 4:1', 'reduced 1:2.5')
    """
    rows, columns = (_words(span) for span in spans)
    return rows if rows == columns else f"rows {rows}, columns {columns}"


def _words(span: Span) -> str:
    if span.size > 1:
        return f"magnified {span.size}:1"
    return f"reduced 1:{span.pixels:.3g}" if span.pixels > 1 else "1:1"


def resized(
    values: NDArray[Any], spans: tuple[Span, Span], spacing: tuple[int, int] = (1, 1)
) -> NDArray[np.float64]:
    """Draw pixels as dots: each as a square, or several as their mean.

    Parameters
    ----------
    values : ndarray of shape (H, W) or (H, W, C)
        What is not finite counts as 0.
    spans : (Span, Span)
        Of rows and columns.
    spacing : (int, int)
        Distance between the pixels that bear values, where all between are 0. Where such a
        lattice is reduced, each value is spread over its own cell of the lattice first: means
        stay what they are, without beats between the lattice and the dots.

    Returns
    -------
    ndarray of float64, shape (rows of dots, columns of dots, ...)
    """
    drawn = values
    if drawn.dtype.kind == "f" and not np.isfinite(drawn).all():
        drawn = np.nan_to_num(drawn, posinf=0.0, neginf=0.0)
    for axis, span in enumerate(spans):
        if span.pixels > 1:
            moved = np.moveaxis(drawn, axis, 0)
            drawn = np.moveaxis(_reduced(moved, span, spacing[axis]), 0, axis)
    for axis, span in enumerate(spans):
        drawn = drawn.repeat(span.size, axis=axis)
    return np.asarray(drawn, np.float64)


def _reduced(values: NDArray[Any], span: Span, spacing: int) -> NDArray[np.floating]:
    """Average the first axis over cells, cell by cell, so that no large array is made."""
    dtype = np.promote_types(np.float32, values.dtype)
    reduced = np.empty((span.cells, *values.shape[1:]), dtype)
    half = spacing / 2
    for cell in range(span.cells):
        low, high = cell * span.pixels, min((cell + 1) * span.pixels, span.length)
        first = max(floor(low - half), 0)
        last = min(ceil(high + half), span.length)
        centres = np.arange(first, last) + 0.5
        inside = np.minimum(centres + half, high) - np.maximum(centres - half, low)
        shares = np.maximum(inside, 0) / (spacing * (high - low))
        reduced[cell] = np.tensordot(shares.astype(dtype), values[first:last], 1)
    return reduced
