"""The response of a patch: matrix products over rows in phase order, then shifted sums."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.fourier import picked, transform_planes
from dilcli.core.planes import lay_out, rows_of_taps, sum_planes, sum_rows, views
from dilcli.core.strips import read_rows, rows_reached
from dilcli.core.threads import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dilcli.core.planes import Workspace
    from dilcli.core.stencil import Stencil
    from dilcli.core.strips import Field, Index, Patch, RowReader

    Reals = NDArray[np.floating]

__all__ = ["respond"]

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
        every = respond(field, stencil, patch.whole, scratch)
        if out is None:
            out = scratch.array("picked", shape, stencil.dtype)
        out[...] = every[picked(patch, patch.whole)]
        return out
    work = scratch.keep(
        (id(stencil), shape, patch.columns, patch.stride),
        lambda: lay_out(field, stencil, patch, scratch),
    )
    if out is None:
        out = work.total
    taps = _taps_in_place(field, stencil, patch, work)
    if taps is None:
        read_rows(field, stencil, patch, work.spans.inside, work.rows)
        taps = work.taps
    _make_planes(field, stencil, patch, work, taps)
    _sum(stencil, patch, work, scratch, out)
    if not field.finite and not _is_finite(out, work):
        _respond_around_holes(field, stencil, patch, work, out, scratch=scratch)
    return out


def _sum(stencil: Stencil, patch: Patch, work: Workspace, scratch: Scratch, out: Reals) -> None:
    """Sum over all taps, from planes that are ready."""
    if stencil.method == "fourier":
        transform_planes(stencil, patch, work, scratch, out)
    else:
        sum_planes(work, out)


def _taps_in_place(field: Field, stencil: Stencil, patch: Patch, work: Workspace) -> Reals | None:
    """View the rows of taps in the picture itself, if they lie there as a product wants them."""
    first, last = rows_reached(stencil, patch)
    if field.samples is None or stencil.products is None or first < 0 or last >= field.height:
        return None
    row, sample = field.samples.strides
    step = stencil.row_step * row
    # As `as_strided`, at a tenth of its cost: this runs once a strip.
    return np.ndarray(
        work.taps.shape,
        stencil.dtype,
        field.samples,
        first * row + work.spans.inside.start * field.channels * sample,
        (patch.stride[0] * row, step, step, sample),
    )


def _make_planes(
    field: Field, stencil: Stencil, patch: Patch, work: Workspace, taps: Reals
) -> None:
    """Make the vertical sums and what stands beside them outside the picture."""
    if work.vertical:
        sum_rows(work)
    elif stencil.products is None or work.sums is None:
        pass
    else:
        _sum_taps(stencil.products, taps, work.pieces, work.sums)
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
    field: Field,
    stencil: Stencil,
    patch: Patch,
    work: Workspace,
    out: Reals,
    *,
    scratch: Scratch,
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
        samples=None,
        finite=True,
    )
    read_rows(clean, stencil, patch, work.spans.inside, work.rows)
    _make_planes(clean, stencil, patch, work, work.taps)
    _sum(stencil, patch, work, scratch, out)

    tap_by_tap = replace(stencil, products=None, groups=())
    raw = lay_out(field, tap_by_tap, patch, Scratch())
    read_rows(field, tap_by_tap, patch, raw.spans.inside, raw.rows)
    _make_planes(field, tap_by_tap, patch, raw, raw.taps)
    taps = [(i, j, stencil.weights[i, j]) for i, j in np.argwhere(stencil.weights).tolist()]
    samples = views(tap_by_tap, patch, raw.spans, raw.planes, taps)
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
