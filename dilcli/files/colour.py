"""Colours by name or number."""

from __future__ import annotations

from dilcli.errors import ArgumentError

__all__ = ["parse_colour"]


def parse_colour(text: str) -> tuple[int, int, int]:
    """Read a colour.

    Parameters
    ----------
    text : str
        A CSS name, ``#rgb``, ``#rrggbb``, ``rgb(r, g, b)`` or ``hsl(h, s%, l%)``.

    Returns
    -------
    tuple of int
        Red, green and blue from 0 to 255.

    Raises
    ------
    ArgumentError
        If the text is none of these, or says a transparency.
    """
    from PIL import ImageColor

    colour: tuple[int, ...]
    try:
        colour = ImageColor.getrgb(text)
    except ValueError:
        colour = ()
    if not colour or max(colour) > 255:
        raise ArgumentError(f"{text!r} is not a colour such as white, #fff or #ffffff")
    if len(colour) != 3:
        raise ArgumentError(f"{text!r} is transparent; a background is a plain colour")
    red, green, blue = colour
    return red, green, blue
