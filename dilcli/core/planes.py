"""Planes that are shifted and added, laid out in memory once for all patches of one shape."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dilcli.core.strips import column_spans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dilcli.core.stencil import Stencil, Term
    from dilcli.core.strips import Field, Patch, Spans
    from dilcli.core.threads import Scratch

    Numbers = NDArray[Any]

__all__ = ["Group", "Workspace", "lay_out", "rows_of_taps", "sum_planes", "views"]

#: Multiply-adds above which OpenBLAS starts threads of its own, which would stand in the way of
#: ours (its default: 65536 times GEMM_MULTITHREAD_THRESHOLD, which is 4).
PRODUCT_LIMIT = 1 << 18


#: Addends up to which rows of more than so many bytes, which do not fit a core's nearest cache, are
#: added pair by pair. The order is the same, and so is each bit.
FEW, LONG = 3, 20 << 10


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
        then adds them row by row, in a core's nearest cache.
    """

    addends: tuple[Numbers, ...]
    signs: tuple[int, ...]
    weight: float
    stack: Numbers | None


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
    pieces : tuple of slice
        Samples of a row that one product takes.
    planes : ndarray of shape (phases, rows or reads, [products,] columns, channels)
        Planes with their margins.
    groups : tuple of Group
        What the response adds up.
    total, spare : ndarrays of shape (phases, rows, columns, channels)
        Where sums grow; a response stays in `total` that nobody else has a place for.
    ones : ndarray of shape (columns * channels,)
        Weights of a plain sum over a row.
    """

    spans: Spans
    rows: Numbers
    taps: Numbers
    sums: Numbers | None
    pieces: tuple[slice, ...]
    planes: Numbers
    groups: tuple[Group, ...]
    total: Numbers
    spare: Numbers
    ones: Numbers


def lay_out(field: Field, stencil: Stencil, patch: Patch, scratch: Scratch) -> Workspace:
    """Lay out what the response at the outputs of a patch needs.

    Parameters
    ----------
    field, stencil, patch
        What is filtered, with what, where.
    scratch : Scratch
        Where the memory comes from.

    Returns
    -------
    Workspace
    """
    phases, rows, columns = patch.shape
    channels, dtype = field.channels, stencil.dtype
    spans = column_spans(field, stencil, patch.columns, patch.stride[1])
    inside = spans.inside.stop - spans.inside.start
    width = spans.width if stencil.products is None else inside
    reads = (phases, rows + stencil.rows - 1, width, channels)
    read = scratch.array("input", reads, dtype)
    sums, planes, step = None, read, max(inside * channels, 1)
    if stencil.products is None:
        read = planes[:, :, spans.place]
    else:
        count = len(stencil.products)
        planes = scratch.array("products", (phases, rows, count, spans.width, channels), dtype)
        sums = planes[..., spans.place, :].reshape(phases, rows, count, inside * channels)
        if count > 1:
            step = max(PRODUCT_LIMIT // stencil.products.size // 64, 1) * 64
    shape = (*patch.shape, channels)
    return Workspace(
        spans=spans,
        rows=read,
        taps=rows_of_taps(read, rows, stencil.rows),
        sums=sums,
        pieces=tuple(slice(a, a + step) for a in range(0, inside * channels, step)),
        planes=planes,
        groups=tuple(
            _group(views(stencil, patch, spans, planes, terms), terms) for terms in stencil.groups
        ),
        total=scratch.array("total", shape, dtype),
        spare=scratch.array("group", shape, dtype),
        ones=np.ones(columns * channels, dtype),
    )


def rows_of_taps(read: Numbers, rows: int, taps: int) -> Numbers:
    """View, for each output row, its rows of taps as a matrix of samples."""
    phases, _, columns, channels = read.shape
    phase, row, _, sample = read.strides
    return as_strided(read, (phases, rows, taps, columns * channels), (phase, row, row, sample))


def views(
    stencil: Stencil, patch: Patch, spans: Spans, planes: Numbers, terms: Iterable[Term]
) -> list[Numbers]:
    """View for each term its plane from its column on, in the shape of the response."""
    phase, row, *_, column, sample = planes.strides
    shape = (*patch.shape, planes.shape[-1])
    first = spans.first - min(stencil.columns)
    return [
        as_strided(
            (planes[:, i:] if stencil.products is None else planes[:, :, i])[
                ..., first + stencil.columns[j] :, :
            ],
            shape,
            (phase, row, patch.stride[1] * column, sample),
        )
        for i, j, _ in terms
    ]


def _group(addends: list[Numbers], terms: tuple[Term, ...]) -> Group:
    """Put together what is added first and weighted then."""
    weight, first = terms[0][2], addends[0]
    signs = tuple(1 if other == weight else -1 for _, _, other in terms)
    places = [addend.__array_interface__["data"][0] for addend in addends]
    steps = {b - a for a, b in pairwise(places)}
    stack = None
    # NumPy adds term by term, in this order, as long as the samples of a row lie closer to one
    # another than the addends do.
    flat = first.shape[2] > 1 and first.strides[2] == first.shape[3] * first.strides[3]
    pairs = 2 if first[0, 0].nbytes <= LONG else FEW
    if len(terms) > pairs and flat and min(signs) > 0 and len(steps) == 1 and min(steps) > 0:
        shape = (*first.shape[:2], len(terms), *first.shape[2:])
        stack = as_strided(first, shape, (*first.strides[:2], *steps, *first.strides[2:]))
    return Group(tuple(addends), signs, weight, stack)


def sum_planes(work: Workspace, out: Numbers) -> None:
    """Add the planes up to the response."""
    _add_groups(work.groups, work.total, work.spare, out=out)


def _add_groups(groups: tuple[Group, ...], total: Numbers, spare: Numbers, out: Numbers) -> None:
    """Add the terms of each group, weight them, and add the groups.

    Sums grow in scratch, which is in cache; only the last step touches `out`, which is not.
    """
    grown: Numbers | None = None
    for step, group in enumerate(groups, start=1):
        target = out if step == len(groups) else total
        if grown is None:
            grown = _add_terms(group, total, target)
        elif len(group.addends) == 1 and group.weight == 1:
            grown = np.add(grown, group.addends[0], out=target)
        else:
            grown = np.add(grown, _add_terms(group, spare, spare), out=target)
    if grown is None:
        out[...] = 0
    elif grown is not out:
        out[...] = grown


def _add_terms(group: Group, scratch: Numbers, out: Numbers) -> Numbers:
    """Add terms that share a weight but for its sign, then weight the sum."""
    total, *others = group.addends
    last = out if group.weight == 1 else scratch
    if group.stack is not None:
        total = np.add.reduce(group.stack, axis=2, out=last)
    else:
        for step, (addend, sign) in enumerate(zip(others, group.signs[1:], strict=True), start=1):
            target = last if step == len(others) else scratch
            total = (np.add if sign > 0 else np.subtract)(total, addend, out=target)
    # NumPy casts a Python float to the type of the array before it multiplies.
    return total if group.weight == 1 else np.multiply(total, group.weight, out=out)
