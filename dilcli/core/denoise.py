"""Denoising by thresholds on the details of a starlet transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dilcli.core.denoise_report import denoise_and_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from dilcli.core.kernels import Kernel

__all__ = ["denoise"]


def denoise(
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
) -> NDArray[np.float64]:
    """Remove noise by thresholds on the details of the starlet transform.

    Details of level j below ``T_j = k_j * sigma * noise weight of level j`` are taken for noise.
    The residual is kept. Each channel is denoised for itself.

    Parameters
    ----------
    image : array_like of shape (N,), (H, W) or (H, W, C)
        Real samples, all finite.
    levels : int, default 4
        As in `dilcli.starlet`.
    ksigma : float or sequence of float, default (4, 3)
        k of each level, level 1 first; the last one repeats. 0 keeps the details of a level.
    threshold : {"hard", "soft"}
        Hard keeps details of at least T and drops the others; soft also takes T off those it
        keeps.
    sigma : float or sequence of float, optional
        Deviation of the noise, or of that in each channel, in the units of the image. Default:
        the median absolute detail of level 1 over 0.6744897501960817 and its noise weight. Where
        that is 0, as in a flat channel, nothing is thresholded.
    poisson : (float, float, float), optional
        Gain, read noise and offset of `dilcli.core.anscombe.PoissonGaussian`: the image is
        denoised between the generalised Anscombe transform, after which sigma is 1, and its
        unbiased inverse.
    amount : float, default 1.0
        From 0, the image, to 1, the denoised image; between them their mixture.
    iterations : int, default 1
        Above 1, what was removed is denoised too and what survives is put back:
        ``x += D(image - x)``. The thresholds stay.
    positive : bool, default False
        Turn negative samples of the result into 0.
    kernel, boundary, fill, generation, threads
        As in `dilcli.starlet`.

    Returns
    -------
    ndarray of the shape of the image
        float64, in its units.

    Raises
    ------
    ArgumentError
        If a value has no meaning here, or a sample is NaN or infinite.
    KernelError
        If the kernel is no scaling function.

    See Also
    --------
    dilcli.core.denoise_report.denoise_and_report : tells what was found as well.

    Notes
    -----
    Thresholds: Starck & Murtagh, "Automatic noise estimation from the multiresolution support",
    PASP 110, 1998. Iterations: twicing (Tukey, "Exploratory Data Analysis", 1977) carried on, as
    Starck, Murtagh & Bijaoui, Graph. Models Image Process. 57, 1995 do with the support of the
    first pass; here thresholds decide anew, so that no support is held.

    Besides the image three planes of float64 are held, more with `poisson` or `iterations`, and
    ``levels + 2`` in generation 2.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(0, 5, (64, 64))
    >>> clean = denoise(100 + noise)
    >>> bool(np.std(clean) < 1 < np.std(noise)), round(float(np.mean(clean)))
    (True, 100)
    """
    settings: dict[str, Any] = {"kernel": kernel, "boundary": boundary, "fill": fill}
    return denoise_and_report(
        image,
        levels,
        ksigma=ksigma,
        threshold=threshold,
        sigma=sigma,
        poisson=poisson,
        amount=amount,
        iterations=iterations,
        positive=positive,
        **settings,
        generation=generation,
        threads=threads,
    ).image
