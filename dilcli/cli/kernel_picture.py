"""A kernel's weights and taps as lines of text that fit a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dilcli.core.kernels import Kernel

__all__ = ["LEGEND", "picture", "weight_lines"]

Pair = tuple[int, int]

#: Rows of a picture or table, so that it and its captions stay on one screen.
_MAX_ROWS = 25

LEGEND = "+ - taps by sign, 0 zero weights, . holes, [ ] the output pixel"


def weight_lines(kernel: Kernel, width: int) -> list[str]:
    """Write the table of weights in columns, with fewer digits or its middle part if it is large.

    Parameters
    ----------
    kernel : Kernel
    width : int
        Characters on a line.

    Returns
    -------
    list of str
    """
    rows = _window(kernel.shape[0], kernel.shape[0] // 2, _MAX_ROWS)
    for digits, gap in ((4, 2), (3, 2), (3, 1), (2, 1)):
        texts = [[f"{weight:.{digits}g}" for weight in kernel.weights[row]] for row in rows]
        cell = max(len(text) for row in texts for text in row)
        fitting = max(1, (width - 2 + gap) // (cell + gap))
        if fitting >= kernel.shape[1]:
            break
    columns = _window(kernel.shape[1], kernel.shape[1] // 2, fitting)
    lines = [
        (" " * gap).join(text.rjust(cell) for text in row[columns.start : columns.stop])
        for row in texts
    ]
    if (len(rows), len(columns)) != kernel.shape:
        lines.append(
            f"(rows {rows.start} to {rows[-1]} of {kernel.shape[0]}, "
            f"columns {columns.start} to {columns[-1]} of {kernel.shape[1]}, from 0)"
        )
    return lines


def picture(
    kernel: Kernel,
    dilation: Pair = (1, 1),
    origin: Pair | None = None,
    convolve: bool = False,
    width: int = 78,
) -> tuple[list[str], list[str]]:
    """Draw taps and holes about the output pixel, one character a pixel, as they are applied.

    Where the spread kernel is larger than the screen, it is drawn with fewer holes; where it is
    still too large, only its part about the output pixel is drawn. Notes say so.

    Parameters
    ----------
    kernel : Kernel
    dilation : (int, int)
    origin : (int, int), optional
        Default: ``size // 2``.
    convolve : bool
        Turn the kernel by 180 degrees.
    width : int
        Characters on a line.

    Returns
    -------
    (list of str, list of str)
        Lines of the picture, and notes.
    """
    limits = (_MAX_ROWS, (width - 1) // 2)
    drawn = [
        _fewer_holes(k, d, limit)
        for k, d, limit in zip(kernel.shape, dilation, limits, strict=True)
    ]
    y, x = kernel.origin(origin)
    weights = [list(row) for row in kernel.weights]
    if convolve:
        weights = [row[::-1] for row in weights[::-1]]
        y, x = len(weights) - 1 - y, len(weights[0]) - 1 - x
    size = [(k - 1) * d + 1 for k, d in zip(kernel.shape, drawn, strict=True)]
    centre = (y * drawn[0], x * drawn[1])
    rows, columns = (
        _window(length, at, limit) for length, at, limit in zip(size, centre, limits, strict=True)
    )
    lines = [_line(weights, row, columns, drawn, centre) for row in rows]
    notes = []
    if tuple(drawn) != dilation:
        notes.append(f"drawn as if the dilation were {drawn[0]} x {drawn[1]}, to fit the screen")
    if [len(rows), len(columns)] != size:
        notes.append(f"cut to {len(rows)} x {len(columns)} of {size[0]} x {size[1]} pixels")
    return lines, notes


def _fewer_holes(taps: int, dilation: int, limit: int) -> int:
    """Give the largest dilation up to the real one that fits; if none does, one that has holes."""
    if taps == 1:
        return dilation
    return min(dilation, max((limit - 1) // (taps - 1), 2))


def _window(length: int, at: int, limit: int) -> range:
    """Choose the pixels of one axis to draw, as nearly about the output pixel as the ends let."""
    first = min(max(0, at - limit // 2), max(0, length - limit))
    return range(first, min(length, first + limit))


def _line(
    weights: list[list[float]], row: int, columns: range, drawn: list[int], centre: Pair
) -> str:
    cells = [_cell(weights, row, column, drawn) for column in columns]
    gaps = [" "] * (len(cells) + 1)
    if row == centre[0]:
        at = centre[1] - columns.start
        gaps[at : at + 2] = "[]"
    return "".join(gap + cell for gap, cell in zip(gaps, [*cells, ""], strict=True)).rstrip()


def _cell(weights: list[list[float]], row: int, column: int, drawn: list[int]) -> str:
    if row % drawn[0] or column % drawn[1]:
        return "."
    weight = weights[row // drawn[0]][column // drawn[1]]
    return "+" if weight > 0 else "-" if weight < 0 else "0"
