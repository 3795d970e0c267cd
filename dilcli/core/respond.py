"""The response of a patch: matrix products over rows in phase order, then shifted sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dilcli.core.strips import column_spans, read_rows, rows_reached
from dilcli.core.threads import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dilcli.core.stencil import Stencil, Term
    from dilcli.core.strips import Field, Index, Patch, RowReader, Spans

    Reals = NDArray[np.floating]

__all__ = ["respond"]


class Group(NamedTuple):
    """Terms that share a weight but for its sign.

    Attributes
    ----------
    addends : tuple of ndarray
        Each of the shape of the response.
    signs : tuple of int
        Of each addend against the first one.
    weight : float
        Of the first one.
    stack : ndarray of shape (phases, rows, addends, columns, channels) or None
        All addends in one view, where they are plainly added and lie at equal distances: NumPy
        then adds them row by row, which stays in a core's nearest cache.
    """

    addends: tuple[Reals, ...]
    signs: tuple[int, ...]
    weight: float
    stack: Reals | None


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
    groups : tuple of Group
        What is added up.
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
    groups: tuple[Group, ...]
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
    return Workspace(
        spans=spans,
        rows=read,
        taps=_rows_of_taps(read, rows, stencil.rows),
        sums=sums,
        planes=planes,
        groups=tuple(
            _group(
                _shifted(stencil, planes, spans.first, out, patch.stride[1], terms),
                terms,
                patch.stride[1],
            )
            for terms in stencil.groups
        ),
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
    stencil: Stencil,
    planes: Reals,
    first: int,
    shape: tuple[int, ...],
    stride: int,
    terms: Iterable[Term],
) -> list[Reals]:
    """View for each term its plane from its column on, in the shape of the response."""
    phase, row, *_, column, sample = planes.strides
    plane = planes.strides[1 if stencil.products is None else 2]
    leftmost = min(stencil.columns) - first
    strides = phase, row, stride * column, sample
    return [
        np.ndarray(
            shape,
            planes.dtype,
            planes,
            i * plane + (stencil.columns[j] - leftmost) * column,
            strides,
        )
        for i, j, _ in terms
    ]


def _group(addends: list[Reals], terms: tuple[Term, ...], stride: int) -> Group:
    """Put together what is added first and weighted then."""
    weight = terms[0][2]
    signs = tuple(1 if other == weight else -1 for _, _, other in terms)
    places = [addend.__array_interface__["data"][0] for addend in addends]
    steps = {b - a for a, b in pairwise(places)}
    first = addends[0]
    stack = None
    # NumPy sums along an axis term by term in this order only while that axis is not the one of
    # the shortest distance in memory.
    if (
        len(terms) > 2
        and len(steps) == 1
        and min(signs) > 0
        and min(steps) > 0
        and stride == 1
        and first[0, 0].size > 1
    ):
        shape = (*first.shape[:2], len(terms), *first.shape[2:])
        strides = (*first.strides[:2], *steps, *first.strides[2:])
        stack = as_strided(first, shape, strides)
    return Group(tuple(addends), signs, weight, stack)


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
        elif len(group.addends) == 1 and group.weight == 1:
            total = np.add(total, group.addends[0], out=target)
        elif work.spare is not None:
            total = np.add(total, _add_terms(group, work.spare, work.spare), out=target)
    if total is None:
        out[...] = 0
    elif total is not out:
        out[...] = total


def _add_terms(group: Group, scratch: Reals, out: Reals) -> Reals:
    """Add terms that share a weight but for its sign, then weight the sum."""
    total, *others = group.addends
    summed = out if group.weight == 1 else scratch
    if group.stack is not None:
        total = np.add.reduce(group.stack, axis=2, out=summed)
    else:
        for step, (addend, sign) in enumerate(zip(others, group.signs[1:], strict=True), start=2):
            target = summed if step == len(group.addends) else scratch
            total = (np.add if sign > 0 else np.subtract)(total, addend, out=target)
    # NumPy casts a Python float to the type of the array before it multiplies.
    return total if group.weight == 1 else np.multiply(total, group.weight, out=out)


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
    taps = [(i, j, stencil.weights[i, j]) for i, j in np.argwhere(stencil.weights).tolist()]
    samples = _shifted(tap_by_tap, raw.planes, raw.spans.first, out.shape, patch.stride[1], taps)
    touched = np.zeros(out.shape, bool)
    for sample in samples:
        touched |= ~np.isfinite(sample)
    total = np.zeros(int(np.count_nonzero(touched)), out.dtype)
    for sample, (_, _, weight) in zip(samples, taps, strict=True):
        total += weight * sample[touched]
    out[touched] = total


def _without_holes(field: Field) -> RowReader:
    """Read a field with 0 in the place of each sample that is NaN or infinite."""

    def read(rows: Index, columns: Index, out: Reals) -> None:
        field.read(rows, columns, out)
        out[~np.isfinite(out)] = 0

    return read
