"""The scale of signed values: a bar from the least to the largest, with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.draw.captions import line_height, text_width, write
from dilcli.draw.colours import PAPER, SOFT, signed_colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["scale_bar"]

_HEIGHT = 14
_TICK = 4
_MARKS = (-1.0, -0.5, 0.0, 0.5, 1.0)
_GAP = 10


def scale_bar(
    meanings: Sequence[tuple[str, float]], width: int, *, size: int = 12
) -> NDArray[np.uint8]:
    """Draw the scale of `dilcli.draw.colours.signed_colours`.

    Parameters
    ----------
    meanings : sequence of (str, float)
        What is drawn in these colours, and the value of the right end; each has a line of numbers.
    width : int
        Of the bar in dots.
    size : int
        Of the letters.

    Returns
    -------
    ndarray of uint8, shape (height, width with the words, 3)
    """
    step = line_height(size)
    right = max(text_width(_number(limit), size) for _, limit in meanings) // 2 + 1
    left = max(text_width(words, size) for words, _ in meanings) + _GAP + right
    canvas = np.full(
        (_HEIGHT + _TICK + 1 + step * len(meanings), left + width + right, 3), PAPER, np.uint8
    )
    canvas[:_HEIGHT, left : left + width] = signed_colours(np.linspace(-1, 1, width))
    places = [left + round((mark + 1) / 2 * (width - 1)) for mark in _MARKS]
    for place in places:
        canvas[_HEIGHT : _HEIGHT + _TICK, place] = SOFT
    for line, (words, limit) in enumerate(meanings):
        top = _HEIGHT + _TICK + 1 + line * step
        write(canvas, words, (top, 0), size=size, colour=SOFT)
        for mark, place in zip(_MARKS, places, strict=True):
            number = _number(mark * limit)
            write(canvas, number, (top, place), size=size, colour=SOFT, anchor=0.5)
    return canvas


def _number(value: float) -> str:
    if not value:
        return "0"
    if 1e-4 <= abs(value) < 1e6:
        return np.format_float_positional(value, precision=3, fractional=False, trim="-", sign=True)
    return f"{value:+.3g}"
