"""Words in figures, in the font that comes with Pillow."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dilcli.draw.colours import INK, PAPER, blend

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PIL.ImageFont import FreeTypeFont, ImageFont

    from dilcli.draw.colours import Colour

__all__ = ["caption", "line_height", "percent", "text_mask", "text_width", "wrapped", "write"]

#: Pillow's font has no more than the letters of ASCII, nor has its fallback of fixed size.
_SPELLED = str.maketrans({"×": "x", "σ": "sigma", "−": "-", "–": "-", "—": "-", "’": "'"})


def text_mask(text: str, size: int) -> NDArray[np.float64]:
    """Set one line of text.

    Parameters
    ----------
    text : str
        Letters that the font does not have are spelled by others, or as ``?``.
    size : int
        Height of the letters in pixels. Without FreeType there is one size, whatever is asked.

    Returns
    -------
    ndarray of float64, shape (H, W)
        From 0, paper, to 1, ink; `line_height` high, with the base line always in one place.
    """
    from PIL import Image, ImageDraw

    image = Image.new("L", (max(text_width(text, size), 1), line_height(size)))
    ImageDraw.Draw(image).text((0, 0), _plain(text), fill=255, font=_font(size))
    return np.asarray(image, np.float64) / 255


def text_width(text: str, size: int) -> int:
    """Tell how many pixels wide a line of text is."""
    return int(np.ceil(_font(size).getlength(_plain(text))))


def line_height(size: int) -> int:
    """Tell how many pixels are from one line of text to the next."""
    return max(round(size * 1.35), 12)


def wrapped(text: str, size: int, width: int) -> list[str]:
    """Break a text into lines that fit, at spaces, or in words that are too long for a line."""
    lines, line = [], ""
    for word in text.split():
        rest = word
        if line and text_width(f"{line} {rest}", size) <= width:
            line = f"{line} {rest}"
            continue
        if line:
            lines.append(line)
        while len(rest) > 1 and text_width(rest, size) > width:
            fitting = next(
                n
                for n in range(len(rest) - 1, 0, -1)
                if n == 1 or text_width(rest[:n], size) <= width
            )
            lines.append(rest[:fitting])
            rest = rest[fitting:]
        line = rest
    return [*lines, line] if line else lines


def write(
    canvas: NDArray[np.uint8],
    text: str,
    at: tuple[int, int],
    *,
    size: int = 13,
    colour: Colour = INK,
    anchor: float = 0.0,
) -> None:
    """Write one line of text into a picture; what does not fit is cut off.

    Parameters
    ----------
    canvas : ndarray of uint8, shape (H, W, 3)
        Written to.
    text : str
    at : (int, int)
        Row of its top, column of its anchor.
    size : int
    colour : tuple of int
    anchor : float
        0 for a text that begins at the column, 1 for one that ends there, 0.5 for the middle.
    """
    mask = text_mask(text, size)
    top, left = at[0], at[1] - round(anchor * mask.shape[1])
    mask = mask[max(-top, 0) :, max(-left, 0) :]
    place = canvas[max(top, 0) :, max(left, 0) :][: mask.shape[0], : mask.shape[1]]
    place[...] = blend(place, colour, mask[: place.shape[0], : place.shape[1]])


def caption(
    lines: Iterable[str],
    width: int,
    *,
    size: int = 13,
    colour: Colour = INK,
    ground: Colour = PAPER,
) -> NDArray[np.uint8]:
    """Set paragraphs of text, broken to fit a width.

    Parameters
    ----------
    lines : iterable of str
        One a paragraph.
    width, size : int
        In pixels.
    colour, ground : tuple of int

    Returns
    -------
    ndarray of uint8, shape (H, `width`, 3)
    """
    broken = [part for line in lines for part in wrapped(line, size, width)]
    step = line_height(size)
    canvas = np.full((step * len(broken), width, 3), ground, np.uint8)
    for number, line in enumerate(broken):
        write(canvas, line, (number * step, 0), size=size, colour=colour)
    return canvas


def percent(part: float, whole: float) -> str:
    """Write a share as percent; 100% and 0% are said only of all and of nothing.

    Examples
    --------
    >>> percent(49, 169), percent(99999, 100000)
    ('28.99%', '99.99%')
    """
    share = 100 * part / whole
    if 0 < part < whole:
        share = min(max(share, 0.01), 99.99)
    return f"{share:.4g}%"


def _plain(text: str) -> str:
    spelled = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    kept = (letter for letter in spelled if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" or letter == "·" else "?" for letter in kept)


@lru_cache(maxsize=16)
def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    try:
        return ImageFont.load_default(size)
    except ImportError:
        return ImageFont.load_default()
