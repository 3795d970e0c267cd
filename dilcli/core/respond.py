"""The response of a patch: matrix products over rows in phase order, then shifted sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dilcli.core.strips import column_spans, read_rows, rows_reached
from dilcli.core.threads import Scratch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.stencil import Stencil
    from dilcli.core.strips import Field, Index, Patch, RowReader, Spans

    Reals = NDArray[np.floating]

__all__ = ["respond"]


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """Scratch for all patches of one shape, seen in every way that a response needs.

    Planes are what is shifted and added: the vertical sums, or without any the rows of taps.

    Attributes
    ----------
    spans : Spans
        Which columns of a plane come from where.
    rows : ndarray of shape (phases, reads, columns inside, channels)
        Input rows in phase order: where samples are read to.
    taps : ndarray of shape (phases, rows, rows of taps, samples)
        For each output row its rows of taps: `rows` seen as overlapping matrices.
    sums : ndarray of shape (phases, rows, products, samples) or None
        Where the vertical sums of `taps` go.
    planes : ndarray of shape (phases, rows or reads, [products,] columns, channels)
        Planes with their margins.
    groups : tuple of tuples of (ndarray, float)
        Addends, each of the shape of the response, and their weights.
    spare : ndarray or None
        Where a second group is summed.
    response : ndarray of shape (phases, rows, columns, channels)
        Where sums grow, and where a response stays that nobody else has a place for.
    ones : ndarray of shape (columns * channels,)
        Weights of a plain sum over a row.
    """

    spans: Spans
    rows: Reals
    taps: Reals
    sums: Reals | None
    planes: Reals
    groups: tuple[tuple[tuple[Reals, float], ...], ...]
    spare: Reals | None
    response: Reals
    ones: Reals


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
    work = scratch.keep(
        (id(stencil), shape, patch.columns, patch.stride),
        lambda: _workspace(field, stencil, patch, scratch),
    )
    if out is None:
        out = work.response
    taps = _taps_in_place(field, stencil, patch, work)
    if taps is None:
        read_rows(field, stencil, patch, work.spans.inside, work.rows)
        taps = work.taps
    _make_planes(field, stencil, patch, work, taps)
    _sum_planes(work, out)
    if not field.finite and not _is_finite(out, work):
        _respond_around_holes(field, stencil, patch, work, out)
    return out


def _workspace(field: Field, stencil: Stencil, patch: Patch, scratch: Scratch) -> Workspace:
    phases, rows, columns = patch.shape
    channels, dtype = field.channels, stencil.dtype
    spans = column_spans(field, stencil, patch.columns, patch.stride[1])
    reads = rows + stencil.rows - 1
    inside = spans.place.stop - spans.place.start
    width = inside if stencil.products is not None else spans.width
    read = scratch.array("input", (phases, reads, width, channels), dtype)
    sums, planes = None, read
    if stencil.products is None:
        read = planes[:, :, spans.place]
    else:
        shape = (phases, rows, len(stencil.products), spans.width, channels)
        planes = scratch.array("products", shape, dtype)
        sums = planes[..., spans.place, :].reshape(*shape[:3], inside * channels)
    out = (*patch.shape, channels)
    shifted = _shifted(stencil, planes, out, patch.stride[1])
    return Workspace(
        spans=spans,
        rows=read,
        taps=_rows_of_taps(read, rows, stencil.rows),
        sums=sums,
        planes=planes,
        groups=tuple(tuple((shifted[i][j], w) for i, j, w in group) for group in stencil.groups),
        spare=scratch.array("group", out, dtype) if len(stencil.groups) > 1 else None,
        response=scratch.array("response", out, dtype),
        ones=np.ones(columns * channels, dtype),
    )


def _rows_of_taps(read: Reals, rows: int, taps: int) -> Reals:
    """View, for each output row, its rows of taps as a matrix of samples."""
    phases, _, columns, channels = read.shape
    phase, row, _, sample = read.strides
    return as_strided(read, (phases, rows, taps, columns * channels), (phase, row, row, sample))


def _shifted(
    stencil: Stencil, planes: Reals, shape: tuple[int, ...], stride: int
) -> list[list[Reals]]:
    """View every plane from every column of taps on, in the shape of the response."""
    leftmost = min(stencil.columns)
    phase, row, *_, column, sample = planes.strides
    count = stencil.rows if stencil.products is None else len(stencil.products)
    return [
        [
            as_strided(
                (planes[:, i:] if stencil.products is None else planes[:, :, i])[
                    ..., place - leftmost :, :
                ],
                shape,
                (phase, row, stride * column, sample),
            )
            for place in stencil.columns
        ]
        for i in range(count)
    ]


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
    if stencil.products is not None and taps.shape[-1]:
        np.matmul(stencil.products, taps, out=work.sums)
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
    sums = np.matmul(stencil.products, _rows_of_taps(rows, patch.strip.rows, stencil.rows))
    margin[...] = sums.reshape(margin.shape)


def _sum_planes(work: Workspace, out: Reals) -> None:
    """Add the terms of each group, weight them, and add the groups.

    Sums grow in scratch, which is in cache; only the last step touches `out`, which is not.
    """
    total: Reals | None = None
    for step, group in enumerate(work.groups, start=1):
        target = out if step == len(work.groups) else work.response
        if total is None:
            total = _add_terms(group, work.response, target)
        elif abs(group[0][1]) == 1:
            total = _add_terms(((total, 1.0), *group), work.response, target)
        elif work.spare is not None:
            total = np.add(total, _add_terms(group, work.spare, work.spare), out=target)
    if total is None:
        out[...] = 0


def _add_terms(group: tuple[tuple[Reals, float], ...], scratch: Reals, out: Reals) -> Reals:
    """Add terms that share a weight but for its sign, then weight the sum."""
    total, weight = group[0]
    heavy = weight != 1
    for step, (addend, other) in enumerate(group[1:], start=2):
        target = out if step == len(group) and not heavy else scratch
        total = (np.add if other == weight else np.subtract)(total, addend, out=target)
    if heavy:
        # NumPy casts a Python float to the type of the array before it multiplies.
        np.multiply(total, weight, out=out)
    elif total is not out:
        out[...] = total
    return out


def _is_finite(response: Reals, work: Workspace) -> bool:
    """Tell whether no sample is NaN or infinite; a finite sum proves it of all its addends."""
    rows = response.reshape(*response.shape[:2], -1)
    finite: np.bool = np.isfinite(np.matmul(rows, work.ones)).all()
    return bool(finite)


def _respond_around_holes(
    field: Field, stencil: Stencil, patch: Patch, work: Workspace, out: Reals
) -> None:
    """Compute a response again where samples are NaN or infinite.

    A product multiplies the zero weights too, and 0 times NaN is NaN. So: respond to the samples
    with 0 in the place of each such sample, then sum tap by tap those outputs, and those only,
    whose non-zero taps read one.
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
    _sum_planes(work, out)

    tap_by_tap = replace(stencil, products=None, groups=())
    raw = _workspace(field, tap_by_tap, patch, Scratch())
    read_rows(field, tap_by_tap, patch, raw.spans.inside, raw.rows)
    _make_planes(field, tap_by_tap, patch, raw, raw.taps)
    samples = _shifted(tap_by_tap, raw.planes, out.shape, patch.stride[1])
    taps = [(samples[i][j], stencil.weights[i, j]) for i, j in np.argwhere(stencil.weights)]
    touched = np.zeros(out.shape, bool)
    for sample, _ in taps:
        touched |= ~np.isfinite(sample)
    total = np.zeros(int(np.count_nonzero(touched)), out.dtype)
    for sample, weight in taps:
        total += weight * sample[touched]
    out[touched] = total


def _without_holes(field: Field) -> RowReader:
    """Read a field with 0 in the place of each sample that is NaN or infinite."""

    def read(rows: Index, columns: Index, out: Reals) -> None:
        field.read(rows, columns, out)
        out[~np.isfinite(out)] = 0

    return read
