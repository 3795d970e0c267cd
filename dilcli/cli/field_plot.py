"""The pixels that one output sees, drawn in the terminal."""

from __future__ import annotations

import sys
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

import click

from dilcli.cli.field_texts import percent
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.receptive.fields import ReceptiveField

__all__ = ["plot_lines", "print_plot"]

#: Cells on a line, and on twice as many lines, so that a drawing stays on a tall screen.
_MOST_CELLS = 120
#: Pixels of a box; larger ones would take seconds for a drawing that shows nothing of them.
_MOST_PIXELS = 2**30

#: What is drawn for two whole cells, the upper one counting 1 and the lower one 2.
_WHOLE = " ▀▄█"
#: What is drawn where one of the two is seen in part, by their mean share.
_PARTS = "░▒▓"
#: For terminals whose encoding has none of these.
_PLAIN = str.maketrans("▀▄█░▒▓┌─┐│└┘×", '".#-=%+-+|++x')


def print_plot(result: ReceptiveField, index: int | None = None) -> None:
    """Print the pixels that one output of a node sees, one cell a pixel if that fits the terminal.

    After upsampling it is the output with the largest receptive field; of three axes the last two
    are drawn. Where nothing can be drawn, a line on standard error says why.

    Parameters
    ----------
    result : ReceptiveField
    index : int, optional
        Of the node. Default: the one that was summed up.
    """
    from shutil import get_terminal_size

    from dilcli.core.receptive.holes import tap_rows

    index = result.at if index is None else index
    try:
        width = _width(result, index)
        first, rows = tap_rows(result, index)
    except ArgumentError as error:
        click.echo(f"warning: no plot: {error}", err=True)
        return
    lines = plot_lines(rows, width, get_terminal_size().columns)
    if not any(result.states[index].unknown):
        lines.append(_place(result, index, first, (len(rows), width)))
    _show(lines)


def plot_lines(rows: Sequence[int], width: int, columns: int) -> list[str]:
    """Draw a box of pixels as lines of at most `columns` characters.

    A character is two cells, one above the other. Where the box is too large a cell is several
    pixels on each side, and its shade tells the share of them that is seen. One row of pixels is
    drawn as one line.

    Parameters
    ----------
    rows : sequence of int
        For each row, bit i tells whether the i-th pixel is seen.
    width : int
        Pixels on a row.
    columns : int

    Returns
    -------
    list of str
        A title, the drawing in a frame, and what a cell is where it is no pixel.
    """
    seen, whole = sum(row.bit_count() for row in rows), len(rows) * width
    flat = len(rows) == 1
    size = str(width) if flat else f"{len(rows)}×{width}"
    title = f"RF {size}: {seen} of {whole} pixels seen, {percent(Fraction(seen, whole))}"
    most = max(min(columns - 2, _MOST_CELLS), 1)
    side = -(-max(len(rows), width) // most)
    shares = [_shares(rows[top : top + side], width, side) for top in range(0, len(rows), side)]
    if flat:
        shares *= 2
    elif len(shares) % 2:
        shares.append([Fraction(0)] * len(shares[0]))
    drawn = [
        f"│{''.join(_character(*pair) for pair in zip(upper, lower, strict=True))}│"
        for upper, lower in zip(shares[::2], shares[1::2], strict=True)
    ]
    if not flat:
        bar = "─" * len(shares[0])
        drawn = [f"┌{bar}┐", *drawn, f"└{bar}┘"]
    lines = [title, *drawn]
    if side > 1:
        cell = f"{side} pixels" if flat else f"{side}×{side} pixels; a character is two of them"
        lines.append(f"1 cell = {cell}, shaded by the share that is seen")
    return lines


def _width(result: ReceptiveField, index: int) -> int:
    """Tell how wide the box of the largest field is, if it is not too large to draw."""
    widths = [max(int(s.width) for s in axis.sights) for axis in result.states[index].axes]
    if prod(widths[-2:]) > _MOST_PIXELS:
        raise ArgumentError(f"a receptive field of {'x'.join(map(str, widths))} is too large")
    return widths[-1] if widths else 0


def _shares(rows: Sequence[int], width: int, side: int) -> list[Fraction]:
    """Tell for each cell of these rows the share of its pixels that is seen."""
    counts = [0] * -(-width // side)
    mask = (1 << side) - 1
    for row in set(rows):
        times = rows.count(row)
        for cell in range(len(counts)):
            counts[cell] += times * (row >> cell * side & mask).bit_count()
    return [
        Fraction(count, len(rows) * min(side, width - cell * side))
        for cell, count in enumerate(counts)
    ]


def _character(upper: Fraction, lower: Fraction) -> str:
    if upper in (0, 1) and lower in (0, 1):
        return _WHOLE[int(upper + 2 * lower)]
    return _PARTS[int(3 * (upper + lower) / 2)]


def _place(
    result: ReceptiveField, index: int, first: tuple[int, int], shape: tuple[int, int]
) -> str:
    """Say which output is drawn and where its box is."""
    widths = [[sight.width for sight in axis.sights] for axis in result.states[index].axes]
    output = ",".join(str(phases.index(max(phases))) for phases in widths)
    words = ("rows", "columns") if len(widths) > 1 else ("", "pixels")
    spans = [
        f"{word} {begin} to {begin + count - 1}"
        for word, begin, count in zip(words, first, shape, strict=True)
        if word
    ]
    return f"output {output} sees {', '.join(spans)}"


def _show(lines: Sequence[str]) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    text = "\n".join(["", *lines])
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_PLAIN)
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    styled.highlight_regex(r"RF .+", "bold")
    styled.highlight_regex(f"[{_WHOLE.strip()}{_PARTS}]+", "cyan")
    Console(highlight=False).print(styled, soft_wrap=True)
