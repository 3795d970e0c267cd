"""Rows of a starlet transform: planes of a picture, and a picture put together from planes.

All rows of a picture in memory, or a strip of them from a window of the rows that it reads: the
same functions, and the same bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.combine import response_rows
from dilcli.core.row_blocks import by_rows
from dilcli.core.starlet_needs import planes_needs, rebuilding_needs
from dilcli.core.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from dilcli.core.starlet_needs import Needs
    from dilcli.core.starlet_plan import StarletPlan
    from dilcli.core.window import Runs

    Reals = NDArray[np.float64]

__all__ = [
    "plane_rows",
    "rebuild",
    "rebuilt_reads",
    "rebuilt_rows",
    "rebuilt_runs",
    "rows_of",
    "starlet_reads",
]


def starlet_reads(plan: StarletPlan, rows: tuple[int, int]) -> Runs:
    """Say which rows of the picture `plane_rows` reads for rows ``[first, last)`` of the planes."""
    return planes_needs(plan, rows).smooths[0]


def plane_rows(
    plan: StarletPlan, window: Window, rows: tuple[int, int], threads: int | None = None
) -> Iterator[Reals]:
    """Compute rows of all planes.

    Parameters
    ----------
    plan : StarletPlan
        Of the picture.
    window : Window
        At least the rows of `starlet_reads`, of any real type; read only.
    rows : (int, int)
        Rows ``[first, last)``.
    threads : int, optional
        As in `dilcli.correlate`.

    Yields
    ------
    ndarray of shape (rows, W, C)
        float64: w_1 to w_J, then c_J. They belong to the caller, and do not depend on which rows
        are computed together, bit for bit.
    """
    for plane in _planes(plan, window, planes_needs(plan, rows), threads):
        yield plane.pixels


def rebuilt_reads(plan: StarletPlan, rows: tuple[int, int]) -> Runs:
    """Say which rows of the picture `rebuilt_rows` reads for rows ``[first, last)``."""
    return rebuilding_needs(plan, (rows,)).smooths[0]


def rebuilt_rows(
    plan: StarletPlan,
    window: Window,
    rows: tuple[int, int],
    change: Callable[[int, Window], None],
    threads: int | None = None,
) -> Reals:
    """Transform rows of a picture, change the planes, and put the rows together again.

    Parameters
    ----------
    plan : StarletPlan
        Of the picture.
    window : Window
        At least the rows of `rebuilt_reads`, of any real type; read only.
    rows : (int, int)
        Rows ``[first, last)``.
    change : callable
        Changes a plane in place, each sample for itself: its number, 1 to J for details and J + 1
        for the residual, and its rows. These are more than `rows` in generation 2.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    ndarray of shape (rows, W, C)
        float64. Besides it two planes are held in generation 1; generation 2 starts from the
        residual and holds all J + 1.
    """
    return rebuilt_runs(plan, window, (rows,), change, threads)


def rebuilt_runs(
    plan: StarletPlan,
    window: Window,
    runs: Runs,
    change: Callable[[int, Window], None],
    threads: int | None = None,
) -> Reals:
    """Do what `rebuilt_rows` does for several runs of rows, one run after another."""

    def changed() -> Iterator[Window]:
        planes = _planes(plan, window, rebuilding_needs(plan, runs), threads)
        # `enumerate` would hold a plane while the next one is made.
        for number in range(1, plan.levels + 2):
            plane = next(planes)
            change(number, plane)
            yield plane
            del plane

    return rebuild(plan, changed(), threads)


def rebuild(plan: StarletPlan, planes: Iterable[Window], threads: int | None = None) -> Reals:
    """Put a picture together from its planes.

    Parameters
    ----------
    plan : StarletPlan
        Of the picture.
    planes : iterable of Window
        float64, w_1 to w_J, then the residual; overwritten.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    ndarray of shape (rows, W, C)
        Generation 1: the sum. Generation 2: ``c_{j-1} = h_j * c_j + w_j`` from level J down to
        1, Starck, Fadili & Murtagh 2007, section IV.
    """
    if plan.generation == 1:
        total: Reals | None = None
        for plane in planes:
            total = plane.pixels if total is None else _add(total, plane.pixels, threads)
            del plane
        if total is None:
            raise AssertionError("a plan has at least one level")
        return total
    *details, smooth = planes
    for stencil in reversed(plan.stencils):
        detail = details.pop()
        finer = response_rows(plan.field(smooth), stencil, detail.runs, threads)
        _add(finer.pixels, detail.pixels, threads)
        smooth = finer
        del detail, finer
    return smooth.pixels


def _planes(
    plan: StarletPlan, window: Window, needs: Needs, threads: int | None
) -> Iterator[Window]:
    """Compute planes where they are needed; at most two smooths are held between two of them."""
    smooth = window
    for level in range(1, plan.levels + 1):
        detail, smooth = _step(plan, level, smooth, needs, threads)
        yield detail
        del detail  # or its memory would be held while the next one is made
    runs = needs.planes[-1]
    yield Window(rows_of(smooth, runs), plan.shape[0], runs)


def _step(
    plan: StarletPlan, level: int, smooth: Window, needs: Needs, threads: int | None
) -> tuple[Window, Window]:
    """Split a smooth into the detail of a level and the next smooth."""
    stencil, runs = plan.stencils[level - 1], needs.planes[level - 1]
    coarser = response_rows(
        plan.field(smooth), stencil, needs.smooths[level], threads, _rounding(plan.grain)
    )
    if plan.generation == 1:
        away = rows_of(coarser, runs)
    else:
        away = response_rows(plan.field(coarser), stencil, runs, threads).pixels
    here = rows_of(smooth, runs)
    # The picture is the caller's, a smooth is not needed any more.
    detail = here if level > 1 else np.empty(here.shape)

    def subtract(rows: slice) -> None:
        np.subtract(here[rows], away[rows], out=detail[rows], dtype=np.float64)

    by_rows(subtract, detail.shape, threads)
    return Window(detail, plan.shape[0], runs), coarser


def _rounding(grain: float | None) -> Callable[[NDArray[np.floating]], None] | None:
    """Round samples to multiples of a power of 2, half to even."""
    if grain is None:
        return None
    steps = 1 / grain

    def finish(samples: NDArray[np.floating]) -> None:
        np.multiply(samples, steps, out=samples)
        np.rint(samples, out=samples)
        np.multiply(samples, grain, out=samples)

    return finish


def _add(total: Reals, plane: Reals, threads: int | None) -> Reals:
    def add(rows: slice) -> None:
        np.add(total[rows], plane[rows], out=total[rows])

    by_rows(add, total.shape, threads)
    return total


def rows_of(window: Window, runs: Runs) -> Reals:
    """Give the rows of runs that lie in a window.

    Parameters
    ----------
    window : Window
        Where they are.
    runs : tuple of (int, int)
        Which rows of the picture, all of them in the window.

    Returns
    -------
    ndarray of shape (rows, W, C)
        A view if the runs are one or all of the window.
    """
    pixels: Reals = window.pixels
    if runs == window.runs:
        return pixels
    if len(runs) > 1:
        return pixels[window.places(np.concatenate([np.arange(*run) for run in runs]))]
    first, last = runs[0]
    before = 0
    for start, stop in window.runs:
        if start <= first < stop:
            return pixels[before + first - start : before + last - start]
        before += stop - start
    raise AssertionError(f"rows {first} to {last} are not among {window.runs}")
