"""One response from several rates: side by side as in a pyramid, or one after another."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dilcli.core.correlate import array_field, threads_for
from dilcli.core.cutting import patches, rows_read
from dilcli.core.respond import respond
from dilcli.core.strips import Field, Patch, column_blocks, rows_of, strip_rows, strips
from dilcli.core.threads import Scratch, spread
from dilcli.core.window import Window, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from dilcli.core.response import Combination
    from dilcli.core.stencil import Stencil
    from dilcli.core.window import Runs

__all__ = [
    "Responder",
    "combined_patches",
    "combined_reads",
    "combined_total",
    "responder",
    "response_rows",
]

#: Computes the response at the outputs of a patch: (phases, rows, columns, channels), in scratch.
Responder: TypeAlias = "Callable[[Patch, Scratch], NDArray[np.floating]]"


def responder(
    field: Field,
    stencils: Sequence[Stencil],
    combine: Combination | None,
    *,
    stride: tuple[int, int],
    rows: tuple[int, int],
    threads: int | None,
) -> Responder:
    """Prepare the response of one rate, or of several as one.

    Parameters
    ----------
    field : Field
        What is filtered.
    stencils : sequence of Stencil
        The kernel at each rate.
    combine : {"max", "mean", "sum", "rms", "cascade"} or None
        ``"cascade"`` filters the response to the rates before it, which is held as a plane of
        real numbers (two, while a third rate or a later one is at work). The others filter the
        same samples at every rate and combine the responses: their maximum, mean, sum, or the
        root of the mean of their squares.
    stride : (int, int)
        Input pixels from one output to the next.
    rows : (int, int)
        Output rows ``[first, last)`` that will be asked for.
    threads : int, optional
        For the planes of a cascade.

    Returns
    -------
    callable
        For the patches of `combined_patches`.
    """
    if _in_a_row(stencils, combine):
        planes = _plane_rows(field, stencils, stride, rows)
        for stencil, runs in zip(stencils[:-1], planes[1:], strict=True):
            field = _response_field(field, stencil, runs, threads)
        last = stencils[-1]
        return lambda patch, scratch: respond(field, last, patch, scratch)
    return lambda patch, scratch: _side_by_side(field, stencils, combine, patch, scratch)


def combined_patches(
    field: Field,
    stencils: Sequence[Stencil],
    combine: Combination | None,
    stride: tuple[int, int],
    rows: tuple[int, int],
) -> Iterator[Patch]:
    """Cut output rows ``[first, last)`` of a field into patches that serve all rates.

    Rates side by side have no phase order in common: their patches are rows that follow one
    another.
    """
    if _in_a_row(stencils, combine):
        yield from patches(field, stencils[-1], stride, rows)
        return
    for block in column_blocks(field.width, field.channels, stride[1]):
        samples = (block[1] - block[0]) * stride[1] * field.channels
        target = min(strip_rows(stencil, samples) for stencil in stencils)
        for strip in strips(*rows, 1, 1, target):
            yield Patch(strip, block, stride)


def combined_reads(
    field: Field,
    stencils: Sequence[Stencil],
    combine: Combination | None,
    stride: tuple[int, int],
    rows: tuple[int, int],
) -> tuple[Runs, ...]:
    """Say which rows are read for output rows ``[first, last)``.

    Returns
    -------
    tuple of runs
        Those of the field, and of each response that a cascade holds as a plane.
    """
    if _in_a_row(stencils, combine):
        return _plane_rows(field, stencils, stride, rows)
    return (merged([rows_read(field, stencil, stride, (rows,)) for stencil in stencils]),)


def _plane_rows(
    field: Field,
    stencils: Sequence[Stencil],
    stride: tuple[int, int],
    rows: tuple[int, int],
) -> tuple[Runs, ...]:
    """Say which rows each rate of a cascade reads, those of the first one first."""
    found: list[Runs] = []
    wanted: Runs = (rows,)
    for number, stencil in enumerate(reversed(stencils)):
        wanted = rows_read(field, stencil, stride if number == 0 else (1, 1), wanted)
        found.append(wanted)
    return tuple(reversed(found))


def _in_a_row(stencils: Sequence[Stencil], combine: Combination | None) -> bool:
    """Whether one stencil makes the response in the end; the rms of one alone has no sign."""
    return combine == "cascade" or (len(stencils) == 1 and combine != "rms")


def combined_total(total: float, runs: int, combine: Combination | None) -> float:
    """Give the response to a picture of ones, for a kernel of a non-negative sum."""
    if combine == "sum":
        return total * runs
    return prod([total] * runs) if combine == "cascade" else total


def _response_field(field: Field, stencil: Stencil, runs: Runs, threads: int | None) -> Field:
    """Filter some rows of a field, and describe the response as what is filtered next."""
    window = response_rows(field, stencil, runs, threads)
    described = array_field(window, stencil.dtype, boundary=field.boundary, fill=0.0)
    return replace(described, fill=field.fill)


def response_rows(
    field: Field,
    stencil: Stencil,
    runs: Runs,
    threads: int | None,
    finish: Callable[[NDArray[np.floating]], None] | None = None,
) -> Window:
    """Filter some rows of a field.

    Parameters
    ----------
    field, stencil
        What is filtered, with what.
    runs : tuple of (int, int)
        Rows of the response.
    threads : int, optional
        As in `dilcli.correlate`.
    finish : callable, optional
        Changes responses in place, sample by sample, while they are in a core's cache.

    Returns
    -------
    Window
        The response, in the type of the stencil.
    """
    count = sum(last - first for first, last in runs)
    plane = np.empty((count, field.width, field.channels), stencil.dtype)
    jobs = []
    for first, last in runs:
        place = sum(b - a for a, b in runs if b <= first)
        cuts = patches(field, stencil, (1, 1), (first, last), streamed=finish is None)
        jobs += [(patch, place - first) for patch in cuts]

    def fill_patch(job: tuple[Patch, int], scratch: Scratch) -> None:
        patch, shift = job
        strip = patch.strip._replace(start=patch.strip.start + shift)
        rows = rows_of(plane, strip, slice(*patch.columns))
        respond(field, stencil, patch, scratch, out=rows)
        if finish is not None:
            finish(rows)

    spread(fill_patch, jobs, threads_for(plane.size, threads))
    return Window(plane, field.height, runs)


def _side_by_side(
    field: Field,
    stencils: Sequence[Stencil],
    combine: Combination | None,
    patch: Patch,
    scratch: Scratch,
) -> NDArray[np.floating]:
    shape = (*patch.shape, field.channels)
    total = scratch.array("combined", shape, stencils[0].dtype)
    start, _, count, _ = patch.strip
    for number, stencil in enumerate(stencils):
        target = strip_rows(stencil, shape[2] * patch.stride[1] * field.channels)
        for strip in strips(start, start + count, stencil.row_step, patch.stride[0], target):
            part = respond(field, stencil, patch._replace(strip=strip), scratch)
            if combine == "rms":
                np.square(part, out=part)
            place = rows_of(total[0], strip._replace(start=strip.start - start), slice(0, shape[2]))
            if number == 0:
                place[...] = part
            else:
                (np.maximum if combine == "max" else np.add)(place, part, out=place)
    if combine in ("mean", "rms"):
        np.divide(total, len(stencils), out=total)
    if combine == "rms":
        np.sqrt(total, out=total)
    if not field.finite and len(stencils) > 2 and combine in ("sum", "mean"):
        # An infinity less another is a NaN with a sign of its own; of two NaNs, processors keep
        # the one or the other, by where they lie in memory.
        total[np.isnan(total)] = np.nan
    return total
