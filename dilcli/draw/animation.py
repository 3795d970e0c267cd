"""A kernel that slides over a grid, one panel for each dilation, picture by picture.

The pictures follow those of Dumoulin and Visin, "A guide to convolution arithmetic for deep
learning" (2016): blue is the input, green the output, and there are outputs only where the whole
kernel is inside the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.draw.captions import caption, text_width
from dilcli.draw.cells import magnified
from dilcli.draw.colours import BOX, HOLE, INK, PAPER, SOFT, TAP, Colour, blend
from dilcli.draw.legends import Entry, legend
from dilcli.draw.lines import frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["CURRENT", "INPUT", "OUTPUT", "sliding_frames"]

#: Rows and columns, or a row and a column.
Pair = tuple[int, int]

#: Of the Blues and Greens of Brewer and Harrower, colorbrewer2.org (2003). With TAP they are a
#: scale of lightness in four steps of more than 10 of L*, for readers who see no hues.
INPUT: Colour = (198, 219, 239)
OUTPUT: Colour = (116, 196, 118)
CURRENT: Colour = (0, 90, 50)

#: What all grids together should at most have, in dots.
_WIDE, _TALL = 640, 560
_SMALLEST, _LARGEST = 4, 24
#: Between an input and its output, between panels, and about a grid, where frames are drawn.
_GAP, _APART, _EDGE = 30, 36, 3
_HEADING, _SMALL, _MARGIN = 16, 13, 16
#: Narrower pictures leave the legend no room.
_NARROWEST = 420
#: All that is left of the soft edges of letters, which have more grays than a palette has room.
_GRAYS = np.array([34, 102, 176, 255])


class _Slide(NamedTuple):
    """What slides over the input of one panel, and how many outputs it makes."""

    size: Pair
    dilation: Pair
    outputs: Pair

    def field(self) -> Pair:
        rows, columns = ((n - 1) * d + 1 for n, d in zip(self.size, self.dilation, strict=True))
        return rows, columns

    def inputs(self) -> Pair:
        rows, columns = (n + f - 1 for n, f in zip(self.outputs, self.field(), strict=True))
        return rows, columns

    def turned(self) -> _Slide:
        return _Slide(*(pair[::-1] for pair in self))


def sliding_frames(size: Pair, dilations: Sequence[Pair], outputs: Pair) -> list[NDArray[np.uint8]]:
    """Draw a kernel that slides over an input, in one panel for each dilation.

    All panels have the same outputs and fill them in step, row by row. Each input is as large as
    they need: ``outputs + (size - 1) * dilation``. Panels stand side by side; where kernel and
    outputs have one row, below one another; where they have one column, each output stands beside
    its input.

    Parameters
    ----------
    size : (int, int)
        Rows and columns of the kernel, at least 1.
    dilations : sequence of (int, int)
        Of rows and columns, at least 1, one pair for each panel.
    outputs : (int, int)
        Rows and columns of outputs, at least 1.

    Returns
    -------
    list of ndarray of uint8, shape (height, width, 3)
        One picture for each output, all of one size, each with no more than 64 colours.
    """
    slides = [_Slide(size, dilation, outputs) for dilation in dilations]
    row, column = (size[n] == outputs[n] == 1 < size[1 - n] for n in (0, 1))
    # A column is drawn as a row and turned, so that its output stands beside it.
    drawn = [slide.turned() for slide in slides] if column else slides
    rooms, cell = _layout(drawn, line=row or column)
    headings = [_heading(slide) for slide in slides]
    bodies = []
    for at in np.ndindex(outputs):
        panels = []
        for slide, room, heading in zip(drawn, rooms, headings, strict=True):
            if column:
                grids = _grids(slide, at[::-1], room, cell).swapaxes(0, 1)
            else:
                grids = _grids(slide, at, room, cell)
            panels.append(_joined([heading, grids], axis=0))
        bodies.append(_joined(panels, axis=0 if row else 1, gap=_APART))
    return _with_legend(bodies, size)


def _layout(slides: Sequence[_Slide], *, line: bool) -> tuple[list[Pair], int]:
    """Choose how many cells of room each input has, and how many dots a cell has."""
    inputs = [slide.inputs() for slide in slides]
    tallest, widest = (max(sides) for sides in zip(*inputs, strict=True))
    if line:
        rooms = [(rows, widest) for rows, _ in inputs]
        wide, tall = widest, 1
    else:
        rooms = [(tallest, columns) for _, columns in inputs]
        wide, tall = sum(columns for _, columns in inputs), tallest + slides[0].outputs[0]
    return rooms, min(max(min(_WIDE // wide, _TALL // tall), _SMALLEST), _LARGEST)


def _grids(slide: _Slide, at: Pair, room: Pair, cell: int) -> NDArray[np.uint8]:
    """Draw the input, the output below its middle, and what leads from one to the other."""
    between = 1 if cell < 12 else 2
    upper = [_EDGE + (r - n) * cell // 2 for r, n in zip(room, slide.inputs(), strict=True)]
    lower = [room[0] * cell + 2 * _EDGE + _GAP, _EDGE + (room[1] - slide.outputs[1]) * cell // 2]
    height = lower[0] + slide.outputs[0] * cell + _EDGE - between
    canvas = np.full((height, room[1] * cell + 2 * _EDGE - between, 3), PAPER, np.uint8)
    boxes = []
    for (top, left), cells, size in (
        (upper, _input_cells(slide, at), slide.field()),
        (lower, _output_cells(slide, at), (1, 1)),
    ):
        grid = magnified(cells, cell, between)[:-between, :-between]
        canvas[top : top + grid.shape[0], left : left + grid.shape[1]] = grid
        first, second = top + at[0] * cell, left + at[1] * cell
        ends = (first + size[0] * cell - between, second + size[1] * cell - between)
        boxes.append((first, second, *ends))
    field, output = boxes
    _thread(canvas, (field[2] + 1, field[1] - 2), (output[0] - 2, output[1] - 2))
    _thread(canvas, (field[2] + 1, field[3] + 1), (output[0] - 2, output[3] + 1))
    for box in boxes:
        frame(canvas, box, BOX, width=between + 1)
    return canvas


def _input_cells(slide: _Slide, at: Pair) -> NDArray[np.uint8]:
    cells = np.full((*slide.inputs(), 3), INPUT, np.uint8)
    rows, columns = (
        slice(begin, begin + field, step)
        for begin, field, step in zip(at, slide.field(), slide.dilation, strict=True)
    )
    cells[rows, columns] = TAP
    return cells


def _output_cells(slide: _Slide, at: Pair) -> NDArray[np.uint8]:
    cells = np.full((*slide.outputs, 3), HOLE, np.uint8)
    cells[: at[0]] = OUTPUT
    cells[at[0], : at[1]] = OUTPUT
    cells[at] = CURRENT
    return cells


def _thread(canvas: NDArray[np.uint8], start: Pair, end: Pair) -> None:
    """Draw a straight thin line whose edges are soft, in four shades."""
    ways = (end[0] - start[0], end[1] - start[1])
    length = float(np.hypot(*ways))
    band = canvas[start[0] : end[0] + 1]
    rows = np.arange(band.shape[0])[:, None]
    columns = np.arange(band.shape[1])[None, :] - start[1]
    aside = np.abs(rows * ways[1] - columns * ways[0]) / length
    share = np.rint(4 * np.clip(1.2 - aside, 0, 1)) / 4
    low, high = min(ways[1], 0) - 1, max(ways[1], 0) + 1
    inked = (share > 0) & (columns >= low) & (columns <= high)
    band[inked] = blend(band[inked], BOX, share[inked])


def _heading(slide: _Slide) -> NDArray[np.uint8]:
    """Set what there is to say above one panel."""
    taps, holes = slide.size[0] * slide.size[1], _square([step - 1 for step in slide.dilation])
    texts = (
        f"dilation {_square(slide.dilation)} ({holes} hole{'' if holes == '1' else 's'})",
        f"{taps} tap{'' if taps == 1 else 's'}, field of view {_sides(slide.field())}",
    )
    parts = [
        caption([text], text_width(text, size), size=size, colour=colour)
        for text, size, colour in zip(texts, (_HEADING, _SMALL), (INK, SOFT), strict=True)
    ]
    return _fewer_grays(_joined([*parts, np.full((6, 1, 3), PAPER, np.uint8)], axis=0))


def _with_legend(bodies: Sequence[NDArray[np.uint8]], size: Pair) -> list[NDArray[np.uint8]]:
    entries = (
        Entry("input", INPUT),
        Entry(f"taps of a {_sides(size)} kernel", TAP),
        Entry("field of view", BOX, line=2),
        Entry("output", OUTPUT),
    )
    key = _fewer_grays(legend(entries, max(bodies[0].shape[1], _NARROWEST)))
    edges = ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0))
    return [
        np.pad(_joined([body, key], axis=0, gap=_MARGIN), edges, constant_values=PAPER[0])
        for body in bodies
    ]


def _fewer_grays(text: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Draw letters in the nearest of a few grays, and leave colours alone."""
    gray = text.max(axis=2) - text.min(axis=2) < 12
    levels = text[gray].mean(axis=1, keepdims=True)
    nearest = np.abs(levels - _GRAYS).argmin(axis=1)
    text[gray] = _GRAYS[nearest, None]
    return text


def _joined(parts: Sequence[NDArray[np.uint8]], *, axis: int, gap: int = 0) -> NDArray[np.uint8]:
    """Set pictures one behind another, all beginning at the same edge."""
    across = max(part.shape[1 - axis] for part in parts)
    padded = []
    for number, part in enumerate(parts):
        edges = [(0, 0), (0, 0), (0, 0)]
        edges[axis] = (gap if number else 0, 0)
        edges[1 - axis] = (0, across - part.shape[1 - axis])
        padded.append(np.pad(part, edges, constant_values=PAPER[0]))
    return np.concatenate(padded, axis=axis)


def _square(pair: Sequence[int]) -> str:
    """Write one number where both are equal."""
    return str(pair[0]) if pair[0] == pair[1] else _sides(pair)


def _sides(pair: Sequence[int]) -> str:
    return f"{pair[0]}x{pair[1]}"
