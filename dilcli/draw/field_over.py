"""A receptive field as a translucent sheet over the picture that it looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.draw.cells import Scale, fitting_scale, magnified, means
from dilcli.draw.colours import BOX, HOLE, PAPER, blend, heat_colours
from dilcli.draw.figures import beside, figure
from dilcli.draw.legends import Entry
from dilcli.draw.lines import frame, hatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["over_figure"]

#: Top, left, bottom and right in pixels of the picture; the last two are just outside.
Box = tuple[int, int, int, int]

#: About the longer side of a panel, alone and beside another.
_ALONE, _BESIDE = 600, 400
#: A box shorter than this share of the panel is drawn again, enlarged.
_SMALL_BOX = 0.3
#: How much of the picture the sheet hides where a pixel weighs almost nothing, and most.
_FAINT, _STRONG = 0.1, 0.8
#: In the box the picture is gray, from this to white, so that the sheet is told from any picture.
_DARKEST = 100
#: Red, green and blue in luma: ITU-R BT.709-6, item 3.2.
_LUMA = (0.2126, 0.7152, 0.0722)


def over_figure(
    photo: NDArray[np.uint8],
    heat: NDArray[np.float64],
    first: tuple[int, int],
    *,
    title: str,
    facts: Sequence[str] = (),
) -> NDArray[np.uint8]:
    """Draw a receptive field over a picture; a small field is drawn again beside it, enlarged.

    Parameters
    ----------
    photo : ndarray of uint8, shape (H, W, 3)
    heat : ndarray of float64, shape (h, w)
        How much each pixel in the box of the field weighs.
    first : (int, int)
        Row and column of the box's first pixel; it may lie outside the picture.
    title : str
    facts : sequence of str
        Paragraphs below the title.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    box = (*first, first[0] + heat.shape[0], first[1] + heat.shape[1])
    whole = _whole(photo, box)
    small = max(heat.shape) < _SMALL_BOX * _longest(whole)
    panels = [_view(photo, heat, box, whole, _BESIDE if small else _ALONE)]
    if small:
        panels.append(_view(photo, heat, box, _about(box), _BESIDE))
    return figure(beside(panels), title=title, facts=facts, entries=_entries(photo, box))


def _longest(box: Box) -> int:
    return max(box[2] - box[0], box[3] - box[1])


def _whole(photo: NDArray[np.uint8], box: Box) -> Box:
    """Take the picture and what of the box lies outside it, but no farther than its own size."""
    height, width = photo.shape[:2]
    reach = max(height, width)
    # So that the frame of the box is seen, too.
    rim = _longest(box) // 50 + 1
    return (
        max(box[0] - rim, -reach) if box[0] < 0 else 0,
        max(box[1] - rim, -reach) if box[1] < 0 else 0,
        min(box[2] + rim, height + reach) if box[2] > height else height,
        min(box[3] + rim, width + reach) if box[3] > width else width,
    )


def _about(box: Box) -> Box:
    edge = max(2, _longest(box) // 4)
    return (box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge)


def _view(
    photo: NDArray[np.uint8], heat: NDArray[np.float64], box: Box, window: Box, side: int
) -> NDArray[np.uint8]:
    """Draw a part of the picture with what of the field lies in it."""
    scale = fitting_scale(_longest(window), side)
    # Cells begin at multiples of their size, so that the picture begins with a whole cell.
    top, left = (at // scale.pixels * scale.pixels for at in window[:2])
    shape = (-(-(window[2] - top) // scale.pixels), -(-(window[3] - left) // scale.pixels))
    ground, outside = _ground(photo, (top, left), shape, scale)
    corners = (box[0] - top, box[1] - left, box[2] - top, box[3] - left)
    _gray(ground, corners, scale)
    weights = _placed(heat, corners[:2], shape, scale)
    share = np.where(weights > 0, _FAINT + (_STRONG - _FAINT) * weights, 0)
    panel = magnified(blend(ground, heat_colours(weights), share), scale.size)
    hatch(panel, magnified(outside, scale.size))
    for colour, line in ((PAPER, 4), (BOX, 2)):
        frame(panel, scale.box(corners), colour, width=line)
    return panel


def _ground(
    photo: NDArray[np.uint8], first: tuple[int, int], shape: tuple[int, int], scale: Scale
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Reduce a part of the picture to cells; tell which of them lie outside it."""
    from PIL import Image

    cells = np.full((*shape, 3), HOLE, np.uint8)
    outside = np.ones(shape, bool)
    begin = [max(at, 0) for at in first]
    end = [at + n * scale.pixels for at, n in zip(first, shape, strict=True)]
    part = photo[begin[0] : max(end[0], 0), begin[1] : max(end[1], 0)]
    if part.size:
        if scale.pixels > 1:
            part = np.asarray(Image.fromarray(part).reduce(scale.pixels))
        top, left = ((b - at) // scale.pixels for b, at in zip(begin, first, strict=True))
        cells[top : top + part.shape[0], left : left + part.shape[1]] = part
        outside[top : top + part.shape[0], left : left + part.shape[1]] = False
    return cells, outside


def _gray(cells: NDArray[np.uint8], corners: Box, scale: Scale) -> None:
    """Take colour and darkness from the cells in a box."""
    top, left = (max(at // scale.pixels, 0) for at in corners[:2])
    bottom, right = (max(-(-at // scale.pixels), 0) for at in corners[2:])
    part = cells[top:bottom, left:right]
    gray = _DARKEST + (part @ np.array(_LUMA))[..., None] * (1 - _DARKEST / 255)
    part[...] = np.rint(gray).astype(np.uint8)


def _placed(
    heat: NDArray[np.float64], first: tuple[int, int], shape: tuple[int, int], scale: Scale
) -> NDArray[np.float64]:
    """Average weights over cells, as shares of the largest, at their place."""
    cells = scale.pixels
    edges = [(at % cells, -(at + n) % cells) for at, n in zip(first, heat.shape, strict=True)]
    averages = means(np.pad(heat, edges), cells)
    placed = np.zeros(shape)
    skip = [max(-(at // cells), 0) for at in first]
    part = averages[skip[0] :, skip[1] :]
    top, left = (max(at // cells, 0) for at in first)
    place = placed[top:, left:][: part.shape[0], : part.shape[1]]
    place[...] = part[: place.shape[0], : place.shape[1]]
    placed /= averages.max()
    return placed


def _entries(photo: NDArray[np.uint8], box: Box) -> list[Entry]:
    height, width = box[2] - box[0], box[3] - box[1]
    entries = [Entry(f"receptive field, {height} x {width} pixels", BOX, line=2)]
    if min(box[:2]) < 0 or box[2] > photo.shape[0] or box[3] > photo.shape[1]:
        entries.append(Entry("outside of the picture: padding", hatched=True))
    return entries
