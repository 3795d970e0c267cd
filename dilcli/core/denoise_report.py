"""Denoising of a whole image, and the record of what was found and done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.anscombe import anscombe, checked_noise, inverse_anscombe
from dilcli.core.arguments import as_pixels, outer_shape, response_dtype
from dilcli.core.denoise_rows import checked_sigmas, denoise_once, denoise_rows
from dilcli.core.levels import level_values
from dilcli.core.row_blocks import by_rows
from dilcli.core.shrinkage import checked_threshold
from dilcli.core.starlet_plan import plan_starlet
from dilcli.core.window import whole
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from dilcli.core.anscombe import PoissonGaussian
    from dilcli.core.denoise_rows import Pass
    from dilcli.core.kernels import Kernel
    from dilcli.core.shrinkage import Threshold
    from dilcli.core.starlet_plan import StarletPlan

__all__ = ["Denoised", "denoise_and_report"]


@dataclass(frozen=True, slots=True, eq=False)
class Denoised:
    """A denoised image, and what was found and done.

    Attributes
    ----------
    image : ndarray of the shape of the input
        float64.
    sigma : tuple of float
        Deviation of the noise in each channel, in the units of the input; 1, that of transformed
        samples, with `poisson`.
    estimated : bool
        Whether `sigma` is an estimate from w_1.
    limits : tuple of tuple of float
        T of each level (level 1 first) and channel.
    kept : tuple of tuple of float
        Fraction of the details of each level and channel that reached T, in the first iteration.
    """

    image: NDArray[np.float64]
    sigma: tuple[float, ...]
    estimated: bool
    limits: tuple[tuple[float, ...], ...]
    kept: tuple[tuple[float, ...], ...]

    @property
    def unfiltered(self) -> tuple[int, ...]:
        """Channels of sigma 0, where every detail was kept: flat, saturated or free of noise."""
        return tuple(number for number, sigma in enumerate(self.sigma) if sigma == 0)


def denoise_and_report(
    image: ArrayLike,
    levels: int = 4,
    *,
    ksigma: float | Sequence[float] = (4, 3),
    threshold: str = "hard",
    sigma: float | Sequence[float] | None = None,
    poisson: Sequence[float] | None = None,
    amount: float = 1.0,
    iterations: int = 1,
    positive: bool = False,
    kernel: Kernel | str | Sequence[float] = "b3",
    boundary: str = "reflect",
    fill: float = 0.0,
    generation: int = 1,
    threads: int | None = None,
) -> Denoised:
    """Denoise as `dilcli.denoise` does, and tell what was found and done.

    Parameters
    ----------
    image, levels, ksigma, threshold, sigma, poisson, amount, iterations, positive
        As in `dilcli.denoise`.
    kernel, boundary, fill, generation, threads
        As in `dilcli.starlet`.

    Returns
    -------
    Denoised

    Raises
    ------
    ArgumentError, KernelError
        As `dilcli.denoise`.
    """
    picture = np.asarray(image)
    response_dtype(picture)
    pixels = as_pixels(picture)
    how = checked_threshold(threshold)
    _check(pixels, amount, iterations)
    settings: dict[str, Any] = {"kernel": kernel, "boundary": boundary, "generation": generation}
    noise = None if poisson is None else checked_noise(poisson)
    noisy, outside = pixels, fill
    if noise is not None:
        if sigma is not None:
            raise ArgumentError("sigma and poisson exclude one another; with poisson sigma is 1")
        noisy, outside = anscombe(pixels, noise), float(anscombe(fill, noise))
        sigma = 1.0
    plan = plan_starlet(picture.shape, noisy.dtype, levels, **settings, fill=outside)
    factors = level_values("ksigma", ksigma, plan.levels)
    if min(factors) < 0:
        raise ArgumentError(f"ksigma must be >= 0 (got {ksigma!r}); 0 keeps the details of a level")
    sigmas = None if sigma is None else checked_sigmas(sigma, plan.shape[2])
    done = denoise_once(plan, noisy, factors, sigmas, how, threads=threads)
    result = done.pixels
    for _ in range(iterations - 1):
        result += _survivors(plan, noisy, done, how, threads)
    _finish(result, pixels, noise, amount, positive=positive, threads=threads)
    return Denoised(
        result.reshape(outer_shape(pixels.shape, picture.ndim)),
        done.sigmas,
        sigma is None,
        _tuples(done.limits),
        _tuples(done.kept / (plan.shape[0] * plan.shape[1])),
    )


def _check(pixels: NDArray[Any], amount: float, iterations: int) -> None:
    """Refuse what has no meaning, before any work."""
    if isinstance(iterations, bool) or not isinstance(iterations, (int, np.integer)):
        raise ArgumentError(f"iterations must be a whole number (got {iterations!r})")
    if iterations < 1:
        raise ArgumentError(f"iterations must be >= 1 (got {iterations})")
    if not 0 <= amount <= 1:
        raise ArgumentError(f"amount must be from 0, the image, to 1 (got {amount!r})")
    if pixels.dtype.kind == "f":
        bad = pixels.size - np.count_nonzero(np.isfinite(pixels))
        if bad:
            raise ArgumentError(
                f"{bad} of {pixels.size} samples are NaN or infinite and would spread over "
                "the image; replace them before denoising"
            )


def _survivors(
    plan: StarletPlan, noisy: NDArray[Any], done: Pass, how: Threshold, threads: int | None
) -> NDArray[np.float64]:
    """Denoise what was removed so far."""
    # The picture and what became of it have one surrounding, so around their difference is 0.
    around = replace(plan, fill=0.0, grain=None)
    rest = whole(np.subtract(noisy, done.pixels, dtype=np.float64))
    rows = (0, plan.shape[0])
    return denoise_rows(around, rest, rows, done.limits, how, threads=threads)[0]


def _finish(
    result: NDArray[np.float64],
    pixels: NDArray[Any],
    noise: PoissonGaussian | None,
    amount: float,
    *,
    positive: bool,
    threads: int | None,
) -> None:
    """Turn what was denoised into the units of the image, and mix it with the image, in place."""

    def work(rows: slice) -> None:
        part = result[rows]
        if noise is not None:
            part[...] = inverse_anscombe(part, noise)
        if amount != 1:
            part *= amount
            part += (1 - amount) * pixels[rows].astype(np.float64)
        if positive:
            np.maximum(part, 0.0, out=part)

    if noise is not None or amount != 1 or positive:
        by_rows(work, result.shape, threads)


def _tuples(table: NDArray[np.floating]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in table.tolist())
