"""A receptive field as a figure: its taps as cells, their weights as colours, its box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.draw.captions import line_height, percent, write
from dilcli.draw.cells import Scale, fitting_scale, magnified, means
from dilcli.draw.colours import BOX, HOLE, INK, PAPER, SOFT, TAP, blend, heat_colours
from dilcli.draw.figures import figure
from dilcli.draw.legends import Entry, colour_key
from dilcli.draw.lines import frame, ruler_marks
from dilcli.draw.profiles import profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["field_figure", "spread"]

#: Top, left, bottom and right.
Box = tuple[int, int, int, int]

#: For the numbers of the ruler on the left, and for the key of the colours on the right.
_RULER, _KEY = 44, 60
_GAP = 10
_SMALL = 12
#: Height of the curves beside a panel, and of that which is most of a 1-D network's figure.
_CURVE, _TALL_CURVE = 56, 240
#: Height of the cells below the curve of a 1-D network.
_STRIP = 32


def field_figure(
    taps: NDArray[np.bool_],
    heat: NDArray[np.float64] | None,
    *,
    title: str,
    facts: Sequence[str] = (),
) -> NDArray[np.uint8]:
    """Draw a receptive field.

    Parameters
    ----------
    taps : ndarray of bool, shape (H, W)
        The pixels that are seen in the box; one row alone is drawn as a curve.
    heat : ndarray of float64, shape (H, W), optional
        How much each of them weighs; without it all are drawn alike.
    title : str
    facts : sequence of str
        Paragraphs below the title.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    scale = fitting_scale(max(taps.shape))
    panel = _panel(taps, heat, scale)
    height, width = panel.shape[:2]
    curve = 0 if heat is None else _CURVE if len(taps) > 1 else _TALL_CURVE
    right = curve + _GAP + _KEY if heat is not None and len(taps) > 1 else _GAP
    below = 8 + 2 * line_height(_SMALL)
    body = np.full((curve + 2 + height + below, _RULER + width + right, 3), PAPER, np.uint8)
    box = (curve + 2, _RULER, curve + 2 + height, _RULER + width)
    _paste(body, panel, *box[:2])
    frame(body, box, BOX)
    _rulers(body, box, taps.shape, scale)
    if heat is not None:
        _curves(body, heat, scale, box, curve)
    return figure(body, title=title, facts=facts, entries=_entries(taps, heat, scale))


def spread(heat: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Measure mean and standard deviation of the position on each axis, in pixels.

    Parameters
    ----------
    heat : ndarray of float64, shape (H, W)
        Weights of a sum of 1.

    Returns
    -------
    ((float, float), (float, float))
        For rows and columns; the middle of the first pixel is at 0.5.
    """
    found = []
    for axis in (0, 1):
        weights = heat.sum(axis=1 - axis)
        at = np.arange(len(weights)) + 0.5
        mean = float(weights @ at)
        found.append((mean, float(np.sqrt(weights @ (at - mean) ** 2))))
    return tuple(found)


def _panel(
    taps: NDArray[np.bool_], heat: NDArray[np.float64] | None, scale: Scale
) -> NDArray[np.uint8]:
    panel = magnified(_coloured(taps, heat, scale), scale.size, _gap(scale))
    if len(taps) == 1:
        return np.repeat(panel[:1], _STRIP, axis=0)
    box = _four_sigma_box(heat, scale)
    if box is not None:
        frame(panel, box, INK, width=1, dash=5)
    return panel


def _gap(scale: Scale) -> int:
    return 0 if scale.size < 6 else 1 if scale.size < 30 else 2


def _coloured(
    taps: NDArray[np.bool_], heat: NDArray[np.float64] | None, scale: Scale
) -> NDArray[np.uint8]:
    shares = means(taps, scale.pixels)
    if heat is None:
        # The least share is still told from a hole.
        return blend(HOLE, TAP, np.where(shares > 0, 0.15 + 0.85 * shares, 0))
    weights = means(heat, scale.pixels)
    return np.where(
        (shares > 0)[..., None], heat_colours(weights / weights.max()), np.array(HOLE, np.uint8)
    )


def _four_sigma_box(heat: NDArray[np.float64] | None, scale: Scale) -> Box | None:
    """Find the box of four standard deviations, where it is inside the field."""
    if heat is None or len(heat) == 1:
        return None
    rows, columns = ((mean - 2 * sigma, mean + 2 * sigma) for mean, sigma in spread(heat))
    if min(rows[0], columns[0]) < 0 or rows[1] > heat.shape[0] or columns[1] > heat.shape[1]:
        return None
    return scale.box((rows[0], columns[0], rows[1], columns[1]))


def _entries(
    taps: NDArray[np.bool_], heat: NDArray[np.float64] | None, scale: Scale
) -> list[Entry]:
    size = " x ".join(map(str, taps.shape if len(taps) > 1 else taps.shape[1:]))
    entries = [Entry(f"receptive field, {size} pixels", BOX, line=2)]
    if _four_sigma_box(heat, scale) is not None:
        assert heat is not None
        sides = " x ".join(f"{4 * sigma:.1f}" for _, sigma in spread(heat))
        entries.append(Entry(f"4 sigma, {sides}", INK, line=1, dash=3))
    if heat is None:
        entries.append(Entry("seen", TAP))
    if not taps.all():
        entries.append(
            Entry(f"not seen, {percent(int((~taps).sum()), taps.size)} of the box", HOLE)
        )
    if scale.pixels > 1:
        side = f"{scale.pixels} x {scale.pixels}" if len(taps) > 1 else str(scale.pixels)
        entries.append(Entry(f"1 cell = {side} pixels"))
    return entries


def _paste(canvas: NDArray[np.uint8], part: NDArray[np.uint8], top: int, left: int) -> None:
    canvas[top : top + part.shape[0], left : left + part.shape[1]] = part


def _curves(
    canvas: NDArray[np.uint8],
    heat: NDArray[np.float64],
    scale: Scale,
    box: Box,
    curve: int,
) -> None:
    """Draw the sums of columns above the panel; of a plane, also those of rows, and the key."""
    top, left, bottom, right = box
    for axis in (0, 1):
        if axis == 1 and len(heat) == 1:
            return
        dots = magnified(means(heat.sum(axis=axis)[None], scale.pixels), scale.size)[0]
        drawn = profile(dots, curve - 4, heat_colours(dots / dots.max()))
        if _gap(scale):
            drawn[:, scale.size - 1 :: scale.size] = PAPER
        if axis == 0:
            _paste(canvas, drawn, top - 4 - len(drawn), left)
        else:
            _paste(canvas, np.rot90(drawn, -1), top, right + 4)
    _paste(canvas, colour_key(bottom - top, low="0", high="max"), top, right + curve + _GAP)


def _rulers(canvas: NDArray[np.uint8], box: Box, shape: tuple[int, ...], scale: Scale) -> None:
    """Mark distances from the middle of the box below it and, of a plane, on its left."""
    top, left, bottom, right = box
    half = line_height(_SMALL) // 2
    for mark in ruler_marks((shape[1] - 1) / 2):
        column = left + scale.place(shape[1] / 2 + mark)
        canvas[bottom + 2 : bottom + 7, column - 1 : column + 1] = SOFT
        write(canvas, str(mark), (bottom + 8, column), size=_SMALL, colour=SOFT, anchor=0.5)
    at = (bottom + 8 + line_height(_SMALL), (left + right) // 2)
    write(canvas, "pixels from the middle", at, size=_SMALL, colour=SOFT, anchor=0.5)
    if shape[0] == 1:
        return
    for mark in ruler_marks((shape[0] - 1) / 2):
        row = top + scale.place(shape[0] / 2 + mark)
        canvas[row - 1 : row + 1, left - 7 : left - 2] = SOFT
        write(canvas, str(mark), (row - half, left - 10), size=_SMALL, colour=SOFT, anchor=1)
