"""Denoising of a whole image, and the record of what was found and done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.anscombe import anscombe
from dilcli.core.arguments import as_pixels, outer_shape, refuse_non_finite, response_dtype
from dilcli.core.denoise_rows import denoise_whole, finish_denoising
from dilcli.core.denoising import checked_sigmas, denoising
from dilcli.core.levels import checked_levels
from dilcli.core.noise_found import NoiseFound, as_tuples
from dilcli.core.starlet_plan import plan_starlet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from dilcli.core.kernels import Kernel

__all__ = ["Denoised", "denoise_and_report"]


@dataclass(frozen=True, slots=True, eq=False)
class Denoised(NoiseFound):
    """A denoised image, and what was found and done.

    Attributes
    ----------
    image : ndarray of the shape of the input
        float64.
    """

    image: NDArray[np.float64]


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
    refuse_non_finite(pixels)
    chosen = denoising(
        checked_levels(levels),
        ksigma=ksigma,
        threshold=threshold,
        sigma=sigma,
        poisson=poisson,
        amount=amount,
        iterations=iterations,
        positive=positive,
    )
    settings: dict[str, Any] = {"kernel": kernel, "boundary": boundary, "generation": generation}
    noise, noisy, outside = chosen.noise, pixels, fill
    if noise is not None:
        noisy, outside = anscombe(pixels, noise), float(anscombe(fill, noise))
    plan = plan_starlet(picture.shape, noisy.dtype, levels, **settings, fill=outside)
    known = chosen.known
    sigmas = None if known is None else checked_sigmas(known, plan.shape[2])
    done = denoise_whole(plan, noisy, chosen, sigmas, threads=threads)
    finish_denoising(done.pixels, pixels, chosen, threads)
    return Denoised(
        sigma=done.sigmas,
        estimated=known is None,
        limits=as_tuples(done.limits),
        kept=as_tuples(done.kept / (plan.shape[0] * plan.shape[1])),
        image=done.pixels.reshape(outer_shape(pixels.shape, picture.ndim)),
    )
