"""Outputs cut into patches, and the rows of input that they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.boundary import source_index
from dilcli.core.compiled import serves
from dilcli.core.fourier import tile_rows, tiles
from dilcli.core.strips import Patch, column_blocks, streamed_rows, strip_rows, strips
from dilcli.core.window import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dilcli.core.stencil import Stencil
    from dilcli.core.strips import Field
    from dilcli.core.window import Runs

__all__ = ["patches", "rows_read"]


def patches(
    field: Field,
    stencil: Stencil,
    stride: tuple[int, int],
    rows: tuple[int, int] | None = None,
    *,
    streamed: bool = False,
) -> Iterator[Patch]:
    """Cut outputs of a field into patches, strips of a block of columns after strips.

    Parameters
    ----------
    field, stencil
        What is filtered, with what.
    stride : (int, int)
        Input pixels from one output to the next.
    rows : (int, int), optional
        Output rows ``[first, last)``, default all.
    streamed : bool
        Whether outputs have a place of their own, so that compiled code holds none.

    Yields
    ------
    Patch
    """
    first, last = rows or (0, -(-field.height // stride[0]))
    if stencil.method == "fourier":
        yield from tiles(field, stencil, stride, (first, last))
        return
    for block in column_blocks(field.width, field.channels, stride[1]):
        samples = (block[1] - block[0]) * stride[1] * field.channels
        if streamed and serves(stencil) and field.stored is not None and stride[1] == 1:
            target = streamed_rows(last - first)
        else:
            target = strip_rows(stencil, samples)
        # Rows that lie side by side in memory are read and written faster than rows apart; taps
        # then reach more rows between them all, which must stay few.
        together = 2 if target >= 4 * stencil.rows else 1
        for strip in strips(first, last, stencil.row_step, stride[0], target, together=together):
            yield Patch(strip, block, stride)


def rows_read(field: Field, stencil: Stencil, stride: tuple[int, int], outputs: Runs) -> Runs:
    """Say which rows of a field are read for some rows of outputs.

    Parameters
    ----------
    field, stencil
        What is filtered, with what.
    stride : (int, int)
        Input pixels from one output to the next.
    outputs : tuple of (int, int)
        Runs of output rows.

    Returns
    -------
    tuple of (int, int)
        Runs of rows inside the field. Rows between two runs that lie closer than the outputs are
        many are taken along.
    """
    spans = []
    step, longest = stride[0], max(last - first for first, last in outputs)
    for first, last in outputs:
        start, stop = first * step, (last - 1) * step + 1
        if stencil.method == "fourier":
            depth = tile_rows(field, stencil)
            start, stop = start // depth * depth, min(-(-stop // depth) * depth, field.height)
        for row in range(stencil.rows):
            offset = stencil.row_start + row * stencil.row_step
            if start + offset <= 0 and stop + offset >= field.height:
                return ((0, field.height),)
            spans.append(
                source_index(np.arange(start + offset, stop + offset), field.height, field.boundary)
            )
    return runs_of(spans, longest * step)
