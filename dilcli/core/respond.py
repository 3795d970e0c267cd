"""The response of a patch: matrix products over rows in phase order, then shifted sums."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.compiled import (
    Source,
    lay_tables,
    padded_source,
    row_places,
    serves,
    sums,
)
from dilcli.core.fourier import picked, transform_planes
from dilcli.core.planes import lay_out, rows_of_taps, sum_planes, views
from dilcli.core.strips import read_rows, row_sources
from dilcli.core.threads import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dilcli.core.compiled import Finish
    from dilcli.core.planes import Workspace
    from dilcli.core.stencil import Stencil
    from dilcli.core.strips import Field, Index, Patch, RowReader

    Reals = NDArray[np.floating]

__all__ = ["respond", "sum_samples"]

#: Below so many columns one sum over rows is taken tap by tap. A product of one row of weights and
#: so few columns rounds by where its rows lie in memory (seen with OpenBLAS 0.3.31 as it works on
#: eight kinds of x86 processors: up to 3 columns, not from 4 on, not with more rows of weights).
NARROW = 4


def respond(
    field: Field,
    stencil: Stencil,
    patch: Patch,
    scratch: Scratch,
    out: Reals | None = None,
) -> Reals:
    """Compute the response of a kernel at the outputs of a patch.

    Taps in holes are never touched, so the cost does not depend on the dilation. A NaN or an
    infinity reaches the outputs whose non-zero taps read it and no other.

    Parameters
    ----------
    field, stencil, patch
        What is filtered, with what, where.
    scratch : Scratch
        Memory of this thread; the result may lie in it.
    out : ndarray of shape (phases, rows, columns, channels), optional
        Where the response goes.

    Returns
    -------
    ndarray of shape (phases, rows, columns, channels)
    """
    shape = (*patch.shape, field.channels)
    if patch.whole is not None:
        picks = respond(field, stencil, patch.whole, scratch)[picked(patch, patch.whole)]
    elif serves(stencil) and patch.stride[1] > 1:
        # Compiled code computes the columns between too, and columns side by side all at once.
        across, (first, last) = patch.stride[1], patch.columns
        columns = first * across, (last - 1) * across + 1
        beside = patch._replace(columns=columns, stride=(patch.stride[0], 1))
        picks = respond(field, stencil, beside, scratch)[:, :, ::across]
    else:
        total = scratch.array("total", shape, stencil.dtype) if out is None else out
        streams = out is not None
        if not _sum_all(field, stencil, patch, scratch, total, streams=streams):
            _respond_around_holes(field, stencil, patch, total, scratch)
        return total
    if out is None:
        out = scratch.array("picked", shape, stencil.dtype)
    out[...] = picks
    return out


def _sum_all(
    field: Field, stencil: Stencil, patch: Patch, scratch: Scratch, out: Reals, *, streams: bool
) -> bool:
    """Sum over all taps; say whether all responses are finite, or cannot but be."""
    if serves(stencil):
        outside = sum_samples(field, stencil, patch, scratch, out, streams=streams)
        return field.finite or outside == 0
    work = _work(field, stencil, patch, scratch)
    read_rows(field, stencil, patch, work.spans.inside, work.rows)
    _make_planes(field, stencil, patch, work)
    if stencil.method == "fourier":
        transform_planes(stencil, patch, work, scratch, out)
    else:
        sum_planes(work, out)
    return field.finite or _is_finite(out, work)


def sum_samples(
    field: Field,
    stencil: Stencil,
    patch: Patch,
    scratch: Scratch,
    out: NDArray[Any],
    *,
    finish: Finish | None = None,
    streams: bool = False,
) -> int:
    """Compute responses, or samples of them, by compiled code; it must serve the stencil.

    Parameters
    ----------
    field, stencil, patch, scratch
        As in `respond`.
    out : ndarray of shape (phases, rows, columns, channels)
        Where responses go, or samples if there is a `finish`.
    finish : Finish, optional
        How responses become samples.
    streams : bool
        As of `dilcli.core.compiled.sums`.

    Returns
    -------
    int
        How many samples were clipped; without a finish, 0 only if no response is NaN or infinite.
    """
    tables = scratch.keep(
        ("tables", id(stencil), field.channels), lambda: lay_tables(field, stencil)
    )
    if field.stored is not None:
        places = row_places(field.stored, row_sources(field, stencil, patch))
        source = Source(field.stored.pixels, places, patch.columns[0], *tables.margins)
    else:
        rows = _padded(field, stencil, patch, scratch)
        source = padded_source(rows.planes, rows.spans.first - min(stencil.columns))
    return sums(tables, source, field.fill, out, finish, streams=streams)


def _work(field: Field, stencil: Stencil, patch: Patch, scratch: Scratch) -> Workspace:
    """Give the scratch of a stencil for all patches of one shape."""
    key = (id(stencil), field.channels, patch.shape, patch.columns, patch.stride)
    return scratch.keep(key, lambda: lay_out(field, stencil, patch, scratch))


def _padded(field: Field, stencil: Stencil, patch: Patch, scratch: Scratch) -> Workspace:
    """Read the rows of taps of a patch, with what stands beside them outside the picture."""
    bare = scratch.keep(("bare", id(stencil)), lambda: replace(stencil, products=None, groups=()))
    work = _work(field, bare, patch, scratch)
    read_rows(field, bare, patch, work.spans.inside, work.rows)
    _make_planes(field, bare, patch, work)
    return work


def _make_planes(field: Field, stencil: Stencil, patch: Patch, work: Workspace) -> None:
    """Make the vertical sums and what stands beside them outside the picture."""
    if stencil.products is not None and work.sums is not None:
        _sum_taps(stencil.products, work.taps, work.pieces, work.sums)
    for margin in work.spans.margins:
        target = work.planes[..., margin.place, :]
        if margin.copied is not None:
            # The sum of a column that is repeated outside is the sum of that column.
            target[...] = work.planes[..., margin.copied, :]
        elif margin.source is not None:
            _make_far_margin(field, stencil, patch, margin.source, target)
        elif stencil.products is None:
            target[...] = field.fill
        else:
            target[...] = stencil.products.sum(axis=1)[:, np.newaxis, np.newaxis] * field.fill


def _sum_taps(products: Reals, taps: Reals, pieces: Iterable[slice], out: Reals) -> None:
    """Sum over rows of taps, in an order that the shapes alone decide.

    Parameters
    ----------
    products : ndarray of shape (n, rows of taps)
        Weights of n sums.
    taps : ndarray of shape (phases, rows, rows of taps, samples)
        What is summed.
    pieces : iterable of slice
        Samples that one matrix product takes.
    out : ndarray of shape (phases, rows, n, samples)
        Where the sums go.
    """
    count, rows = products.shape
    # NumPy takes no BLAS for a product over one row.
    if rows == 1 or (count == 1 and taps.shape[-1] < NARROW):
        np.multiply(products[:, :1], taps[..., :1, :], out=out)
        # Adding 0 makes 0 of -0, as a sum does.
        np.add(out, 0, out=out)
        for row in range(1, rows):
            np.add(out, products[:, row : row + 1] * taps[..., row : row + 1, :], out=out)
        return
    for piece in pieces:
        np.matmul(products, taps[..., piece], out=out[..., piece])


def _make_far_margin(
    field: Field, stencil: Stencil, patch: Patch, source: NDArray[np.intp], margin: Reals
) -> None:
    """Fill a margin whose columns belong to another block of a wide picture."""
    if stencil.products is None:
        read_rows(field, stencil, patch, source, margin)
        return
    reads = patch.strip.rows + stencil.rows - 1
    rows = np.empty((patch.strip.phases, reads, source.size, field.channels), stencil.dtype)
    read_rows(field, stencil, patch, source, rows)
    taps = rows_of_taps(rows, patch.strip.rows, stencil.rows)
    sums = np.empty((*taps.shape[:2], len(stencil.products), taps.shape[-1]), stencil.dtype)
    _sum_taps(stencil.products, taps, (slice(None),), sums)
    margin[...] = sums.reshape(margin.shape)


def _is_finite(response: Reals, work: Workspace) -> bool:
    """Tell whether no sample is NaN or infinite; a finite sum proves it of all its addends."""
    rows = response.reshape(*response.shape[:2], -1)
    finite: np.bool = np.isfinite(np.matmul(rows, work.ones)).all()
    return bool(finite)


def _respond_around_holes(
    field: Field, stencil: Stencil, patch: Patch, out: Reals, scratch: Scratch
) -> None:
    """Compute a response again where samples are NaN or infinite.

    A product multiplies the zero weights too, and 0 times NaN is NaN. So: respond to the samples
    with 0 in the place of each such sample, then sum tap by tap those outputs, and those only,
    whose non-zero taps read one. Those too where addends of one weight overflowed before they
    were weighted.
    """
    clean = replace(
        field,
        read=_without_holes(field),
        fill=np.where(np.isfinite(field.fill), field.fill, 0),
        stored=None,
        finite=True,
    )
    respond(clean, stencil, patch, scratch, out)

    rows = _padded(field, stencil, patch, Scratch())
    bare = replace(stencil, products=None, groups=())
    taps = [(i, j, stencil.weights[i, j]) for i, j in np.argwhere(stencil.weights).tolist()]
    samples = views(bare, patch, rows.spans, rows.planes, taps)
    touched = ~np.isfinite(out)
    for sample in samples:
        touched |= ~np.isfinite(sample)
    total = np.zeros(int(np.count_nonzero(touched)), out.dtype)
    for sample, (_, _, weight) in zip(samples, taps, strict=True):
        total += weight * sample[touched]
    # The sum of two NaNs has the sign and payload of one of them: of which one depends on whether
    # they stand in a vector or in its rest, and so on which outputs are summed together.
    total[np.isnan(total)] = np.nan
    out[touched] = total


def _without_holes(field: Field) -> RowReader:
    """Read a field with 0 in the place of each sample that is NaN or infinite."""

    def read(rows: Index, columns: Index, out: Reals) -> None:
        field.read(rows, columns, out)
        out[~np.isfinite(out)] = 0

    return read
