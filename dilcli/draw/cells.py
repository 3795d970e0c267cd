"""Pixels as cells of a figure: several drawn as one, or each drawn large."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Scale", "fitting_scale", "magnified", "means"]

#: What the longer side of a panel is about, in pixels of the figure; it is between two thirds and
#: four thirds of it.
_SIDE = 600


class Scale(NamedTuple):
    """How pixels become cells, and cells are drawn.

    Attributes
    ----------
    pixels : int
        Pixels on each side of one cell; 1 where every pixel is drawn.
    size : int
        Dots of the figure on each side of one cell; 1 where cells are reduced.
    """

    pixels: int
    size: int

    def place(self, offset: float) -> int:
        """Tell where in the figure an edge lies that is `offset` pixels from the first."""
        return round(offset * self.size / self.pixels)

    def box(self, edges: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
        """Tell where the edges of a box lie."""
        top, left, bottom, right = edges
        return self.place(top), self.place(left), self.place(bottom), self.place(right)


def fitting_scale(longest: int, side: int = _SIDE) -> Scale:
    """Choose how to draw a panel whose longer side has so many pixels.

    Parameters
    ----------
    longest : int
        Pixels.
    side : int
        Dots that the longer side should about have.

    Examples
    --------
    >>> fitting_scale(13), fitting_scale(1027)
    (Scale(pixels=1, size=46), Scale(pixels=2, size=1))
    """
    most = side * 4 // 3
    if longest > most:
        return Scale(-(-longest // most), 1)
    return Scale(1, max(1, round(side / longest)))


def means(values: NDArray[Any], pixels: int) -> NDArray[np.float64]:
    """Average the pixels of each cell; the last cell of a row or column may have fewer of them.

    Parameters
    ----------
    values : ndarray of shape (H, W)
    pixels : int
        On each side of a cell.

    Returns
    -------
    ndarray of float64, shape (ceil(H / pixels), ceil(W / pixels))
    """
    averages = np.asarray(values, np.float64)
    for axis in (0, 1):
        edges = np.arange(0, values.shape[axis], pixels)
        counts = np.diff(edges, append=values.shape[axis])
        averages = np.add.reduceat(averages, edges, axis=axis)
        averages /= counts[:, None] if axis == 0 else counts
    return averages


def magnified(cells: NDArray[Any], size: int, gap: int = 0) -> NDArray[Any]:
    """Draw every cell as a square.

    Parameters
    ----------
    cells : ndarray of shape (H, W) or (H, W, C)
    size : int
        Of a square.
    gap : int
        Dots at the right and lower edge of a square that are left 255.

    Returns
    -------
    ndarray of shape (H * `size`, W * `size`, ...), of the same type
    """
    drawn = cells.repeat(size, axis=0).repeat(size, axis=1)
    for dot in range(gap):
        drawn[size - 1 - dot :: size] = 255
        drawn[:, size - 1 - dot :: size] = 255
    return drawn
