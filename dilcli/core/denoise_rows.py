"""Rows of a picture denoised: thresholds of each level and channel, and passes with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.core.anscombe import inverse_anscombe
from dilcli.core.noise_weights import noise_weights
from dilcli.core.row_blocks import by_rows
from dilcli.core.shrinkage import MAD_OF_NORMAL, noise_sigma, shrink
from dilcli.core.starlet_needs import rebuilding_needs
from dilcli.core.starlet_rows import rebuilt_runs, rows_of
from dilcli.core.window import Window, merged, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from dilcli.core.denoising import Denoising
    from dilcli.core.shrinkage import Threshold
    from dilcli.core.starlet_plan import StarletPlan
    from dilcli.core.window import Runs

    Reals = NDArray[np.float64]

__all__ = [
    "Pass",
    "denoise_reads",
    "denoise_rows",
    "denoise_whole",
    "detail_limits",
    "finish_denoising",
    "sigma_of_median",
]


class Pass(NamedTuple):
    """What was made of a picture.

    Attributes
    ----------
    pixels : ndarray of shape (H, W, C)
        float64.
    sigmas : tuple of float
        Deviation of the noise of each channel.
    limits : ndarray of shape (J, C)
        T of each level and channel.
    kept : ndarray of shape (J, C)
        How many details reached T, in the first iteration.
    """

    pixels: Reals
    sigmas: tuple[float, ...]
    limits: NDArray[np.float64]
    kept: NDArray[np.int64]


def sigma_of_median(plan: StarletPlan, median: float) -> float:
    """Give the deviation of noise by the median of its finest absolute details.

    See `dilcli.core.shrinkage.noise_sigma`, which finds the median as well.
    """
    return median / MAD_OF_NORMAL / _weights(plan)[0]


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
    return np.outer(np.array(ksigma) * _weights(plan), np.array(sigmas))


def _weights(plan: StarletPlan) -> list[float]:
    axes = 1 if plan.flat else 2
    known = noise_weights(plan.levels, plan.taps, generation=plan.generation, axes=axes)
    return [each.noise_weight for each in known.levels]


def denoise_reads(plan: StarletPlan, rows: tuple[int, int], iterations: int = 1) -> Runs:
    """Say which rows of the picture `denoise_rows` reads for rows ``[first, last)``."""
    return _runs_of_iterations(plan, rows, iterations)[0]


def _runs_of_iterations(
    plan: StarletPlan, rows: tuple[int, int], iterations: int
) -> tuple[Runs, ...]:
    """Say which rows of the picture are read, and which each iteration has to make."""
    found: list[Runs] = [(rows,)]
    for _ in range(iterations):
        found.insert(0, merged([found[0], rebuilding_needs(plan, found[0]).smooths[0]]))
    return tuple(found)


def denoise_rows(
    plan: StarletPlan,
    window: Window,
    rows: tuple[int, int],
    limits: NDArray[np.float64],
    how: Threshold,
    *,
    iterations: int = 1,
    threads: int | None = None,
) -> tuple[Reals, NDArray[np.int64]]:
    """Denoise rows ``[first, last)`` of a picture by given thresholds.

    Parameters
    ----------
    plan : StarletPlan
        Of the picture.
    window : Window
        At least the rows of `denoise_reads`; read only.
    rows : (int, int)
        The bits of the result do not depend on which rows are denoised together.
    limits : ndarray of shape (J, C)
        As `detail_limits` gives them.
    how : {"hard", "soft"}
    iterations : int, default 1
        As in `dilcli.denoise`.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    ndarray of shape (rows, W, C)
        float64.
    ndarray of shape (J, C)
        How many details in these rows reached T, in the first iteration.
    """
    kept = np.zeros(limits.shape, np.int64)
    _, *made = _runs_of_iterations(plan, rows, iterations)

    def change(number: int, plane: Window) -> None:
        if number > plan.levels:
            return
        level = number - 1
        if plane.runs == (rows,):
            kept[level] = shrink(plane.pixels, limits[level], how, threads)
        else:
            kept[level] = _count(rows_of(plane, (rows,)), limits[level])
            shrink(plane.pixels, limits[level], how, threads)

    done = Window(rebuilt_runs(plan, window, made[0], change, threads), plan.shape[0], made[0])
    again = _shrinking(limits, how, threads)
    for runs in made[1:]:
        done = _with_survivors(plan, window, done, runs, again, threads=threads)
    return done.pixels, kept


def _shrinking(
    limits: NDArray[np.float64], how: Threshold, threads: int | None
) -> Callable[[int, Window], None]:
    def change(number: int, plane: Window) -> None:
        if number <= len(limits):
            shrink(plane.pixels, limits[number - 1], how, threads)

    return change


def _with_survivors(
    plan: StarletPlan,
    window: Window,
    done: Window,
    runs: Runs,
    change: Callable[[int, Window], None],
    *,
    threads: int | None,
) -> Window:
    """Denoise what was removed so far, and put back what survives, in some of the rows done."""
    # The picture and what became of it have one surrounding, so around their difference is 0.
    around = replace(plan, fill=0.0, grain=None)
    rest = np.subtract(rows_of(window, done.runs), done.pixels, dtype=np.float64)
    survivors = rebuilt_runs(around, Window(rest, plan.shape[0], done.runs), runs, change, threads)
    survivors += rows_of(done, runs)
    return Window(survivors, plan.shape[0], runs)


def _count(plane: Reals, limits: NDArray[Any]) -> NDArray[np.int64]:
    counts: list[NDArray[np.int64]] = []

    def work(block: slice) -> None:
        counts.append(np.count_nonzero(np.abs(plane[block]) >= limits, axis=(0, 1)))

    by_rows(work, plane.shape, 1)
    total: NDArray[np.int64] = np.sum(counts, axis=0, dtype=np.int64)
    return total


def denoise_whole(
    plan: StarletPlan,
    pixels: NDArray[Any],
    settings: Denoising,
    sigmas: tuple[float, ...] | None,
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
    settings : Denoising
        Thresholds and iterations; what comes after them is `finish_denoising`.
    sigmas : tuple of float or None
        Of each channel; None: estimated from w_1, which is there anyway.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    Pass
    """
    found, ksigma, how = sigmas or (0.0,) * plan.shape[2], settings.ksigma, settings.threshold
    limits = detail_limits(plan, ksigma, found)
    kept = np.zeros(limits.shape, np.int64)

    def change(number: int, plane: Window) -> None:
        nonlocal found
        if number == 1 and sigmas is None:
            found = noise_sigma(plane.pixels, _weights(plan)[0])
            limits[...] = detail_limits(plan, ksigma, found)
        if number <= plan.levels:
            kept[number - 1] = shrink(plane.pixels, limits[number - 1], how, threads)

    # The picture is its own surrounding: every plane has the rows of the picture, no more.
    window, runs = whole(pixels), ((0, plan.shape[0]),)
    done = Window(rebuilt_runs(plan, window, runs, change, threads), plan.shape[0], runs)
    again = _shrinking(limits, how, threads)
    for _ in range(settings.iterations - 1):
        done = _with_survivors(plan, window, done, runs, again, threads=threads)
    return Pass(done.pixels, found, limits, kept)


def finish_denoising(
    result: Reals, original: NDArray[Any], settings: Denoising, threads: int | None = None
) -> None:
    """Turn what was denoised into the units of the picture, and mix it with that, in place.

    Parameters
    ----------
    result : ndarray of shape (rows, W, C)
        Overwritten.
    original : ndarray of the same shape
        The picture, not transformed.
    settings : Denoising
    threads : int, optional
        As in `dilcli.correlate`.
    """
    noise, amount = settings.noise, settings.amount

    def work(rows: slice) -> None:
        part = result[rows]
        if noise is not None:
            part[...] = inverse_anscombe(part, noise)
        if amount != 1:
            part *= amount
            part += (1 - amount) * original[rows].astype(np.float64)
        if settings.positive:
            np.maximum(part, 0.0, out=part)

    if noise is not None or amount != 1 or settings.positive:
        by_rows(work, result.shape, threads)
