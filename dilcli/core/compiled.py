"""Sums by compiled code: from stored samples to responses, or to samples, in one pass.

The module `dilcli.core._sums` is built where there is a C compiler. `dilcli.core.planes` does the
same with NumPy elsewhere; where sums are not exact, last bits may differ between the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from dilcli.core.boundary import source_index

try:
    from dilcli.core import _sums
except ImportError:  # installed without a compiler, or a processor without fused multiply-add
    AVAILABLE = False
else:
    AVAILABLE = True

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.samples import Fit
    from dilcli.core.stencil import Stencil
    from dilcli.core.strips import Field
    from dilcli.core.window import Window

    Index = NDArray[np.intp]

__all__ = [
    "AVAILABLE",
    "Finish",
    "Source",
    "Tables",
    "finish_by",
    "is_stored",
    "lay_tables",
    "padded_source",
    "row_places",
    "serves",
    "sums",
]

#: Types of stored samples that are read as they are, and of samples that are written, by their
#: characters in the `struct` module.
READ, WRITTEN = "?bBhHiIfd", "bBhH"

#: How a response becomes a sample: whether its absolute value does, bias, base, gain, offset and
#: range, as in `dilcli.core.samples.Fit`.
Finish: TypeAlias = "tuple[bool, float, float, float, float, float, float]"


class Tables(NamedTuple):
    """A stencil on a field in arrays.

    Attributes
    ----------
    products : ndarray of shape (n, rows of taps)
        Weights of the vertical sums; none if the rows of taps themselves are shifted and added.
    terms : ndarray of intp of shape (m, 4)
        Of each term its vertical sum (or row of taps), offset in samples, sign and group.
    weights : ndarray of shape (groups,)
        Of the groups of terms.
    margins : pair of ndarrays of intp
        For each sample left and right of a row, as far as the taps look, which sample of the row
        stands there; -1 - c is the fill of channel c.
    """

    products: NDArray[np.floating]
    terms: Index
    weights: NDArray[np.floating]
    margins: tuple[Index, Index]


class Source(NamedTuple):
    """Where the samples lie that the taps of a patch read.

    Attributes
    ----------
    samples : ndarray of shape (rows, columns, channels)
        The samples of a pixel and the pixels of a row lie side by side.
    rows : ndarray of intp of shape (phases, rows + rows of taps - 1)
        Which rows the taps read, in phase order; -1 is the fill.
    first : int
        Which column stands under the first output.
    left, right : ndarray of intp
        What stands beside the rows, as in `Tables`.
    """

    samples: NDArray[Any]
    rows: Index
    first: int
    left: Index
    right: Index


def serves(stencil: Stencil) -> bool:
    """Tell whether compiled code computes the responses of a stencil."""
    return AVAILABLE and stencil.method != "fourier"


def is_stored(window: Window) -> bool:
    """Tell whether compiled code can read the samples of a window where they lie."""
    pixels = window.pixels
    _, columns, channels = pixels.shape
    _, column, sample = pixels.strides
    return (
        pixels.dtype.char in READ
        and pixels.dtype.isnative
        and pixels.flags.aligned
        and (channels == 1 or sample == pixels.itemsize)
        and (columns == 1 or column == channels * pixels.itemsize)
    )


def finish_by(fit: Fit, bias: float) -> Finish | None:
    """Lay out how responses, plus a bias, become samples; None where compiled code cannot do it."""
    if np.dtype(fit.dtype).char not in WRITTEN:
        return None
    return fit.absolute, bias, fit.base, fit.gain, fit.offset, fit.low, fit.high


def lay_tables(field: Field, stencil: Stencil) -> Tables:
    """Lay out a stencil for the rows of a field."""
    channels, products = field.channels, stencil.products
    terms = [
        (plane, stencil.columns[column] * channels, 1 if weight == group[0][2] else -1, number)
        for number, group in enumerate(stencil.groups)
        for plane, column, weight in group
    ]
    left, right = min(*stencil.columns, 0), max(*stencil.columns, 0)
    return Tables(
        np.empty((0, stencil.rows), stencil.dtype) if products is None else products,
        np.array(terms, np.intp).reshape(-1, 4),
        np.array([group[0][2] for group in stencil.groups], stencil.dtype),
        (_margin(field, left, 0), _margin(field, field.width, field.width + right)),
    )


def _margin(field: Field, first: int, last: int) -> Index:
    """Say for each sample of some columns outside which sample of the row stands there."""
    columns = source_index(np.arange(first, last), field.width, field.boundary)[:, np.newaxis]
    channels = np.arange(field.channels)
    found: Index = np.where(columns < 0, -1 - channels, columns * field.channels + channels)
    return found.ravel()


def row_places(window: Window, rows: Index) -> Index:
    """Say where rows of a picture lie in a window; -1, the fill, stays what it is."""
    places: Index = np.where(rows < 0, -1, np.asarray(window.places(rows)))
    return places


def padded_source(padded: NDArray[np.floating], first: int) -> Source:
    """Describe rows that were read in phase order, with all that stands beside them.

    Parameters
    ----------
    padded : ndarray of shape (phases, rows + rows of taps - 1, columns, channels)
        C-contiguous, of the type of the sums.
    first : int
        Which column stands under the first output.

    Returns
    -------
    Source
    """
    phases, reads = padded.shape[:2]
    rows, nothing = np.arange(phases * reads), np.empty(0, np.intp)
    samples = padded.reshape(phases * reads, *padded.shape[2:])
    return Source(samples, rows.reshape(phases, reads), first, nothing, nothing)


def sums(
    tables: Tables,
    source: Source,
    fill: NDArray[np.floating],
    out: NDArray[Any],
    finish: Finish | None = None,
    *,
    streams: bool = False,
) -> int:
    """Sum the taps of a stencil for the outputs of a patch.

    Parameters
    ----------
    tables, source
        What is summed.
    fill : ndarray of shape (channels,)
        The pixel outside, of the type of the sums.
    out : ndarray of shape (phases, rows, columns, channels)
        Where the sums go, or samples with a `finish`: int8, uint8, int16 or uint16. Whole rows lie
        side by side in it.
    finish : Finish, optional
        How sums become samples.
    streams : bool
        Whether sums are written past a core's caches: a picture, which would not fit there.

    Returns
    -------
    int
        How many samples were outside their range and were clipped; without a finish, 0 only if no
        sum is NaN or infinite.
    """
    products, terms, weights, _ = tables
    return _sums.sums(out, *source, fill, products, terms, weights, finish, streams)
