"""Straight lines in pictures: frames about something, marks of rulers, hatching of nothing."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np

from dilcli.draw.colours import PAPER, SOFT, blend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.draw.colours import Colour

__all__ = ["frame", "hatch", "ruler_marks"]

Box = tuple[int, int, int, int]


def frame(
    canvas: NDArray[np.uint8],
    box: Box,
    colour: Colour,
    *,
    width: int = 2,
    dash: int = 0,
) -> None:
    """Draw a frame just outside a box; what does not fit is cut off.

    Parameters
    ----------
    canvas : ndarray of uint8, shape (H, W, 3)
        Written to.
    box : (int, int, int, int)
        Top, left, bottom and right; the last two are the first row and column behind the box.
    colour : tuple of int
    width : int
    dash : int
        Length of dashes and of the gaps between them; 0 draws a whole line.
    """
    top, left, bottom, right = box
    height, across = canvas.shape[:2]
    rows, columns = np.arange(height)[:, None], np.arange(across)[None, :]
    outer = (
        (rows >= top - width)
        & (rows < bottom + width)
        & (columns >= left - width)
        & (columns < right + width)
    )
    inner = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    line = outer & ~inner
    if dash:
        upright = (rows >= top) & (rows < bottom)
        along = np.where(upright, rows - top, columns - left)
        line &= along // dash % 2 == 0
    canvas[line] = colour


def hatch(canvas: NDArray[np.uint8], where: NDArray[np.bool_]) -> None:
    """Hatch a part of a picture: gray on what is light, white on what is dark.

    Parameters
    ----------
    canvas : ndarray of uint8, shape (H, W, 3)
        Written to.
    where : ndarray of bool, shape (H, W)
    """
    rows, columns = np.nonzero(where)
    strokes = (rows + columns) % 8 == 0
    rows, columns = rows[strokes], columns[strokes]
    ground = canvas[rows, columns]
    light = ground.mean(axis=1, keepdims=True) > 160
    canvas[rows, columns] = blend(ground, np.where(light, SOFT, PAPER), np.full(len(rows), 0.35))


def ruler_marks(reach: float, most: int = 3) -> list[int]:
    """Choose round offsets from a centre to mark on a ruler.

    Parameters
    ----------
    reach : float
        Largest offset.
    most : int
        Marks on one side of the centre.

    Returns
    -------
    list of int
        From the least to the largest, evenly spaced, 0 among them.

    Examples
    --------
    >>> ruler_marks(105.5)
    [-100, -50, 0, 50, 100]
    """
    step = 1
    while reach // step > most:
        decade = 10 ** floor(log10(step))
        step = {1: 2, 2: 5, 5: 10}[step // decade] * decade
    count = int(reach // step)
    return [number * step for number in range(-count, count + 1)]
