"""Small samples of lines and colours with their meanings, and the scale of a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.draw.captions import line_height, text_width, write
from dilcli.draw.colours import HOLE, PAPER, SOFT, heat_colours
from dilcli.draw.lines import frame, hatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dilcli.draw.colours import Colour

__all__ = ["Entry", "colour_key", "legend"]

_SWATCH = 14
_KEY_WIDTH = 12


class Entry(NamedTuple):
    """One colour or line of a figure and what it means.

    Attributes
    ----------
    text : str
    colour : tuple of int, optional
        None for a text without a sample, and for hatching.
    line : int
        Width of a frame; 0 for a filled sample.
    dash : int
        As for `dilcli.draw.lines.frame`.
    hatched : bool
        A sample that `dilcli.draw.lines.hatch` fills.
    """

    text: str
    colour: Colour | None = None
    line: int = 0
    dash: int = 0
    hatched: bool = False


def legend(entries: Sequence[Entry], width: int, *, size: int = 12) -> NDArray[np.uint8]:
    """Set entries one after another, on as many lines as they need.

    Parameters
    ----------
    entries : sequence of Entry
    width, size : int
        In pixels, of the picture and of its letters.

    Returns
    -------
    ndarray of uint8, shape (H, `width`, 3)
    """
    step = line_height(size) + 4
    places, row, column = [], 0, 0
    for entry in entries:
        sample = _SWATCH + 6 if entry.colour or entry.hatched else 0
        long = sample + text_width(entry.text, size)
        if column and column + long > width:
            row, column = row + 1, 0
        places.append((row * step, column, sample))
        column += long + 18
    canvas = np.full((step * (row + 1 if entries else 0), width, 3), PAPER, np.uint8)
    for entry, (top, left, sample) in zip(entries, places, strict=True):
        if sample:
            _sample(canvas, (top + (line_height(size) - _SWATCH) // 2, left), entry)
        write(canvas, entry.text, (top, left + sample), size=size, colour=SOFT)
    return canvas


def _sample(canvas: NDArray[np.uint8], at: tuple[int, int], entry: Entry) -> None:
    top, left = at
    bottom, right = top + _SWATCH, left + _SWATCH
    sample = canvas[top:bottom, left:right]
    if entry.hatched:
        sample[...] = HOLE
        hatch(sample, np.ones(sample.shape[:2], bool))
    elif entry.colour is not None and entry.line:
        inner = (top + entry.line, left + entry.line, bottom - entry.line, right - entry.line)
        frame(canvas, inner, entry.colour, width=entry.line, dash=entry.dash)
    elif entry.colour is not None:
        sample[...] = entry.colour


def colour_key(height: int, *, low: str, high: str, size: int = 12) -> NDArray[np.uint8]:
    """Draw the scale of `dilcli.draw.colours.heat_colours`, the largest value above.

    Parameters
    ----------
    height : int
        Of the scale in pixels.
    low, high : str
        What its ends mean.
    size : int
        Of the letters.

    Returns
    -------
    ndarray of uint8, shape (`height`, W, 3)
    """
    width = _KEY_WIDTH + 6 + max(text_width(text, size) for text in (low, high))
    canvas = np.full((height, width, 3), PAPER, np.uint8)
    canvas[:, :_KEY_WIDTH] = heat_colours(np.linspace(1, 0, height))[:, None]
    write(canvas, high, (0, _KEY_WIDTH + 6), size=size, colour=SOFT)
    write(canvas, low, (height - line_height(size), _KEY_WIDTH + 6), size=size, colour=SOFT)
    return canvas
