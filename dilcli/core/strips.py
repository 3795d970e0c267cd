"""Strips of output rows in phase order, and the input rows and margins that each of them reads.

Rows that are a dilation apart form a dense problem of their own: a strip of m such rows reads only
``m + rows of taps - 1`` input rows whatever the dilation is. A strip is a rectangle of such rows:
some neighbouring phases by some rows of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np

from dilcli.core.boundary import source_index
from dilcli.core.compiled import serves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dilcli.core.boundary import Boundary
    from dilcli.core.stencil import Stencil
    from dilcli.core.window import Window

__all__ = [
    "Field",
    "Index",
    "Margin",
    "Patch",
    "RowReader",
    "Spans",
    "Strip",
    "column_blocks",
    "column_spans",
    "even_pieces",
    "read_rows",
    "row_sources",
    "rows_of",
    "rows_reached",
    "streamed_rows",
    "strip_rows",
    "strips",
]

#: Samples of an input row that are filtered at once. Wider rows are cut, on a grid that the
#: picture's width alone decides, so that the rows of a strip stay in a core's cache.
BLOCK_SAMPLES = 16384

#: Bytes of scratch that a strip aims at, and the rows it has at least (below, a strip costs more
#: in interpreter time than in arithmetic) and at most. Measured by ``benchmarks/methods.py``.
STRIP_BYTES = 6 << 20
STRIP_ROWS = (8, 128)

#: Strips of a picture that is not held in scratch, at least.
EVEN = 8


Sample = TypeVar("Sample", bound=np.generic)

#: Rows or columns to be read.
Index: TypeAlias = "slice | NDArray[np.intp]"


class RowReader(Protocol):
    """Where the samples of a field come from."""

    def __call__(
        self,
        rows: Index,
        columns: Index,
        out: NDArray[Any],
        /,
    ) -> None:
        """Write the samples at some rows and columns of a picture into `out`.

        `rows` and `columns` are slices or arrays of indices inside the picture; `out` has shape
        (rows, columns, channels), and real numbers.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What is filtered: the real samples of a picture and what stands around them.

    Attributes
    ----------
    height, width, channels : int
        Size in pixels, samples of a pixel.
    read : RowReader
        Where the samples come from.
    boundary : str
        What stands outside.
    fill : ndarray of shape (channels,)
        The pixel outside where the boundary is ``"constant"``.
    finite : bool
        Whether no sample can be NaN or infinite, as integers cannot.
    stored : Window or None
        Where the samples lie in memory, if they are what is filtered and compiled code can read
        them there.
    """

    height: int
    width: int
    channels: int
    read: RowReader
    boundary: Boundary
    fill: NDArray[Any]
    finite: bool
    stored: Window | None = None


class Strip(NamedTuple):
    """Output rows ``start + i + j * step`` for i below `phases` and j below `rows`."""

    start: int
    phases: int
    rows: int
    step: int


class Margin(NamedTuple):
    """Columns of a padded row that stand outside the field.

    Attributes
    ----------
    place : slice
        Where they go.
    source : ndarray of intp or None
        Which columns of the field belong there; None is the fill.
    copied : slice, ndarray of intp or None
        Where the same columns stand in the row already, if all of them do.
    """

    place: slice
    source: NDArray[np.intp] | None
    copied: Index | None


class Spans(NamedTuple):
    """Where the columns of a padded row come from.

    Attributes
    ----------
    first : int
        Where the leftmost tap of the first output stands in it.
    width : int
        Columns of the row.
    place, inside : slice
        The columns that lie inside the field: where they go, which they are.
    margins : tuple of Margin
        The columns that do not.
    """

    first: int
    width: int
    place: slice
    inside: slice
    margins: tuple[Margin, ...]


class Patch(NamedTuple):
    """Outputs that are computed at once: the rows of a strip, columns ``[first, last)``.

    `stride` is the distance of outputs in input pixels, (rows, columns). `whole` is the patch of
    stride 1 that these outputs are picked from, where a method computes them all.
    """

    strip: Strip
    columns: tuple[int, int]
    stride: tuple[int, int]
    whole: Patch | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Phases, rows of a phase, columns."""
        return self.strip.phases, self.strip.rows, self.columns[1] - self.columns[0]


def strips(
    first: int, last: int, step: int, stride: int, target: int, *, together: int = 1
) -> Iterator[Strip]:
    """Cut output rows into strips.

    Parameters
    ----------
    first, last : int
        Output rows ``[first, last)``.
    step : int
        Distance of the rows of taps, in input rows.
    stride : int
        Input rows from one output row to the next. Strided rows share no input row in general
        and are filtered one by one.
    target : int
        Rows a strip should have.
    together : int
        Neighbouring phases that share a strip where one of them would do.

    Yields
    ------
    Strip
    """
    total = last - first
    if stride > 1 or step >= total:
        pieces = [(0, total, 1)]
    else:
        count, longer = divmod(total, step)
        pieces = [(0, longer, count + 1), (longer, step - longer, count)]
    for offset, phases, count in pieces:
        if count >= target:
            for phase, end in even_pieces(phases, min(together, target)):
                for a, b in even_pieces(count, target // (end - phase)):
                    yield Strip(first + offset + phase + a * step, end - phase, b - a, step)
        else:
            for a, b in even_pieces(phases, max(target // count, 1)):
                yield Strip(first + offset + a, b - a, count, step)


def even_pieces(total: int, target: int) -> Iterator[tuple[int, int]]:
    """Cut ``range(total)`` into nearly equal pieces of at most `target`."""
    pieces = -(-total // target)
    for piece in range(pieces):
        yield total * piece // pieces, total * (piece + 1) // pieces


def strip_rows(stencil: Stencil, samples: int) -> int:
    """Rows of a strip that is held in scratch, for rows of so many input samples."""
    planes = 3 if stencil.products is None else len(stencil.products) + 2
    if serves(stencil):
        planes = 4  # rows that are read, responses, and what is made of each
    return int(np.clip(STRIP_BYTES // (planes * samples * stencil.dtype.itemsize), *STRIP_ROWS))


def streamed_rows(total: int) -> int:
    """Rows of a strip that goes from the picture to the outputs at once, of so many output rows.

    As many as there may be, since only calls cost, but enough strips for threads to share evenly.
    """
    return max(STRIP_ROWS[0], min(-(-total // EVEN), 4 * STRIP_ROWS[1]))


def column_blocks(width: int, channels: int, stride: int) -> list[tuple[int, int]]:
    """Cut the output columns of a picture of `width` columns into blocks ``[first, last)``."""
    outputs = [(-(-a // stride), -(-b // stride)) for a, b in _grid(width, channels)]
    return [(first, last) for first, last in outputs if first < last]


def _grid(width: int, channels: int) -> Iterator[tuple[int, int]]:
    """Cut the input columns of a picture, the same for every stride."""
    return even_pieces(width, max(BLOCK_SAMPLES * 3 // 2 // channels, 1))


def rows_of(array: NDArray[Sample], strip: Strip, columns: slice) -> NDArray[Sample]:
    """View the rows of a strip at some columns of a C-contiguous array of output rows.

    Returns
    -------
    ndarray of shape (phases, rows, columns, ...)
    """
    row, column = array.strides[:2]
    # As `as_strided`, at a tenth of its cost: this runs once a strip.
    return np.ndarray(
        (strip.phases, strip.rows, columns.stop - columns.start, *array.shape[2:]),
        array.dtype,
        array,
        strip.start * row + columns.start * column,
        (row, row * strip.step, *array.strides[1:]),
    )


def column_spans(field: Field, stencil: Stencil, columns: tuple[int, int], stride: int) -> Spans:
    """Say where the input columns come from that the taps of some output columns reach.

    Parameters
    ----------
    field, stencil
        What is filtered, with what.
    columns : tuple of int
        Output columns ``[first, last)``.
    stride : int
        Input columns from one output column to the next.

    Returns
    -------
    Spans
    """
    # Products run over whole blocks: where a row ends may decide over their last bits.
    grid = list(_grid(field.width, field.channels))
    if stencil.method == "fourier":
        grid = [(columns[0] * stride, (columns[1] - 1) * stride + 1)]
    start = max(a for a, _ in grid if a <= columns[0] * stride)
    stop = min(b for _, b in grid if b > (columns[1] - 1) * stride)
    low, high = start + min(stencil.columns), stop + max(stencil.columns)
    left = min(max(low, 0), field.width)
    right = max(min(high, field.width), left)
    margins: list[Margin] = []
    for first, last in ((low, min(high, 0)), (max(low, field.width), high)):
        if first < last:
            source = source_index(np.arange(first, last), field.width, field.boundary)
            place = slice(first - low, last - low)
            if source[0] < 0:
                margins.append(Margin(place, None, None))
            elif left <= source.min() and source.max() < right:
                margins.append(Margin(place, source, _as_slice(source - low)))
            else:
                margins.append(Margin(place, source, None))
    return Spans(
        columns[0] * stride - start,
        high - low,
        slice(left - low, right - low),
        slice(left, right),
        tuple(margins),
    )


def _as_slice(index: NDArray[np.intp]) -> Index:
    """Turn indices into a slice where one can serve; one column may stand for all equal ones."""
    first, last = int(index[0]), int(index[-1])
    if (index == first).all():
        return slice(first, first + 1)
    step = 1 if last > first else -1
    if np.array_equal(index, np.arange(first, last + step, step)):
        return slice(first, last + step if last + step >= 0 else None, step)
    return index


def rows_reached(stencil: Stencil, patch: Patch) -> tuple[int, int]:
    """Give the first and the last input row that the taps of a patch reach."""
    strip, stride = patch.strip, patch.stride[0]
    first = strip.start * stride + stencil.row_start
    taps = strip.rows + stencil.rows - 2
    return first, first + (strip.phases - 1) * stride + taps * stencil.row_step


def row_sources(field: Field, stencil: Stencil, patch: Patch) -> NDArray[np.intp]:
    """Say which rows of a field the taps of a patch read, in phase order.

    Returns
    -------
    ndarray of intp of shape (phases, rows + rows of taps - 1)
        -1 where the fill stands.
    """
    first, last = rows_reached(stencil, patch)
    reads = patch.strip.rows + stencil.rows - 1
    rows = first + np.add.outer(
        np.arange(patch.strip.phases) * patch.stride[0], np.arange(reads) * stencil.row_step
    )
    if first >= 0 and last < field.height:
        return rows
    return source_index(rows, field.height, field.boundary)


def read_rows(
    field: Field,
    stencil: Stencil,
    patch: Patch,
    columns: Index,
    out: NDArray[np.floating],
) -> None:
    """Read the input rows of a patch, some of which may stand outside the field.

    Parameters
    ----------
    field, stencil, patch
        What is filtered, with what, where.
    columns : slice or ndarray of intp
        Columns of the field.
    out : ndarray of shape (phases, rows + rows of taps - 1, columns, channels)
        Where the samples go, rows in phase order.
    """
    phases, reads = out.shape[:2]
    stride, step = patch.stride[0], stencil.row_step
    first, last = rows_reached(stencil, patch)
    if first >= 0 and last < field.height:
        across, along = (phases - 1) * stride, (reads - 1) * step
        if phases <= reads:
            for i in range(phases):
                row = first + i * stride
                field.read(slice(row, row + along + 1, step), columns, out[i])
        else:
            for j in range(reads):
                row = first + j * step
                field.read(slice(row, row + across + 1, stride), columns, out[:, j])
        return
    source = row_sources(field, stencil, patch)
    for i in range(phases):
        field.read(np.maximum(source[i], 0), columns, out[i])
    out[source < 0] = field.fill
