"""Rows of a picture denoised: thresholds of each level and channel, and one pass with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.core.noise_weights import noise_weights
from dilcli.core.row_blocks import by_rows
from dilcli.core.shrinkage import noise_sigma, shrink
from dilcli.core.starlet_rows import rebuilt_rows, rows_of
from dilcli.core.window import whole
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from dilcli.core.shrinkage import Threshold
    from dilcli.core.starlet_plan import StarletPlan
    from dilcli.core.window import Window

    Reals = NDArray[np.float64]

__all__ = ["Pass", "checked_sigmas", "denoise_once", "denoise_rows", "detail_limits"]


class Pass(NamedTuple):
    """What one pass made of a picture.

    Attributes
    ----------
    pixels : ndarray of shape (H, W, C)
        float64.
    sigmas : tuple of float
        Deviation of the noise of each channel.
    limits : ndarray of shape (J, C)
        T of each level and channel.
    kept : ndarray of shape (J, C)
        How many details reached T.
    """

    pixels: Reals
    sigmas: tuple[float, ...]
    limits: NDArray[np.float64]
    kept: NDArray[np.int64]


def checked_sigmas(sigma: float | Sequence[float], channels: int) -> tuple[float, ...]:
    """Read the deviation of noise, one for all channels or one for each.

    Raises
    ------
    ArgumentError
        If it is no number, below 0, or of another number of channels.
    """
    try:
        given = tuple(np.atleast_1d(np.asarray(sigma, np.float64)).tolist())
        right = len(given) in (1, channels) and all(0 <= each < np.inf for each in given)
    except (TypeError, ValueError):
        right = False
    if not right:
        one = "" if channels == 1 else f", or {channels} of them, one a channel"
        raise ArgumentError(f"sigma must be a finite number >= 0{one} (got {sigma!r})")
    return given if len(given) == channels else given * channels


def detail_limits(
    plan: StarletPlan, ksigma: Sequence[float], sigmas: Sequence[float]
) -> NDArray[np.float64]:
    """Calculate T of each level and channel: ``k * sigma * noise weight``.

    Parameters
    ----------
    plan : StarletPlan
        Of the picture.
    ksigma : sequence of float
        k of each level, at least 0.
    sigmas : sequence of float
        Of each channel, in the units of the samples that are transformed.

    Returns
    -------
    ndarray of shape (J, C)
    """
    known = noise_weights(
        plan.levels, plan.taps, generation=plan.generation, axes=1 if plan.flat else 2
    )
    weights = np.array([each.noise_weight for each in known.levels])
    return np.outer(np.array(ksigma) * weights, np.array(sigmas))


def denoise_rows(
    plan: StarletPlan,
    window: Window,
    rows: tuple[int, int],
    limits: NDArray[np.float64],
    how: Threshold,
    *,
    threads: int | None = None,
) -> tuple[Reals, NDArray[np.int64]]:
    """Denoise rows ``[first, last)`` of a picture by given thresholds.

    Parameters
    ----------
    plan : StarletPlan
        Of the picture.
    window : Window
        At least the rows of `dilcli.core.starlet_rows.rebuilt_reads`; read only.
    rows : (int, int)
        The bits of the result do not depend on which rows are denoised together.
    limits : ndarray of shape (J, C)
        As `detail_limits` gives them.
    how : {"hard", "soft"}
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    ndarray of shape (rows, W, C)
        float64.
    ndarray of shape (J, C)
        How many details in these rows reached T.
    """
    kept = np.zeros(limits.shape, np.int64)

    def change(number: int, plane: Window) -> None:
        if number > plan.levels:
            return
        level = number - 1
        if plane.runs == (rows,):
            kept[level] = shrink(plane.pixels, limits[level], how, threads)
        else:
            kept[level] = _count(rows_of(plane, (rows,)), limits[level])
            shrink(plane.pixels, limits[level], how, threads)

    return rebuilt_rows(plan, window, rows, change, threads), kept


def _count(plane: Reals, limits: NDArray[Any]) -> NDArray[np.int64]:
    counts: list[NDArray[np.int64]] = []

    def work(block: slice) -> None:
        counts.append(np.count_nonzero(np.abs(plane[block]) >= limits, axis=(0, 1)))

    by_rows(work, plane.shape, 1)
    total: NDArray[np.int64] = np.sum(counts, axis=0, dtype=np.int64)
    return total


def denoise_once(
    plan: StarletPlan,
    pixels: NDArray[Any],
    ksigma: Sequence[float],
    sigmas: tuple[float, ...] | None,
    how: Threshold,
    *,
    threads: int | None = None,
) -> Pass:
    """Denoise a whole picture, by an estimate of its noise if that is not known.

    Parameters
    ----------
    plan : StarletPlan
        Of the picture.
    pixels : ndarray of shape (H, W, C)
        Read only.
    ksigma : sequence of float
        k of each level.
    sigmas : tuple of float or None
        Of each channel; None: estimated from w_1, which is there anyway.
    how, threads
        As in `denoise_rows`.

    Returns
    -------
    Pass
    """
    channels = plan.shape[2]
    found = sigmas or (0.0,) * channels
    limits = detail_limits(plan, ksigma, found)
    kept = np.zeros(limits.shape, np.int64)

    def change(number: int, plane: Window) -> None:
        nonlocal found
        if number == 1 and sigmas is None:
            unit = detail_limits(plan, [1.0] * plan.levels, [1.0])[0, 0]
            found = noise_sigma(plane.pixels, float(unit))
            limits[...] = detail_limits(plan, ksigma, found)
        if number <= plan.levels:
            kept[number - 1] = shrink(plane.pixels, limits[number - 1], how, threads)

    # The picture is its own surrounding: every plane has the rows of the picture, no more.
    rebuilt = rebuilt_rows(plan, whole(pixels), (0, plan.shape[0]), change, threads)
    return Pass(rebuilt, found, limits, kept)
