"""What denoising is asked for: thresholds, the noise they are for, and what comes after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.anscombe import checked_noise
from dilcli.core.levels import level_values
from dilcli.core.shrinkage import checked_threshold
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.anscombe import PoissonGaussian
    from dilcli.core.shrinkage import Threshold

__all__ = ["KSIGMA", "Denoising", "checked_sigmas", "denoising"]

#: The usual factors: one false alarm in 16,000 details at level 1, where there are most of them,
#: and in 370 at the others; those of most users of the transform.
KSIGMA = (4, 3)


@dataclass(frozen=True, slots=True)
class Denoising:
    """Settings of denoising; `denoising` checks them.

    Attributes
    ----------
    ksigma : tuple of float
        k of each level, level 1 first.
    threshold : {"hard", "soft"}
    sigma : tuple of float or None
        Deviation of the noise, one for all channels or one for each; None: to be estimated.
    noise : PoissonGaussian or None
        Of samples that are denoised between the generalised Anscombe transform and its inverse.
    amount : float
        From 0, the picture, to 1, the denoised picture.
    iterations : int
    positive : bool
        Turn negative samples of the result into 0.
    """

    ksigma: tuple[float, ...]
    threshold: Threshold = "hard"
    sigma: tuple[float, ...] | None = None
    noise: PoissonGaussian | None = None
    amount: float = 1.0
    iterations: int = 1
    positive: bool = False

    @property
    def known(self) -> tuple[float, ...] | None:
        """Deviation of the noise of what is transformed, None where it is to be estimated."""
        return self.sigma if self.noise is None else (1.0,)


def denoising(
    levels: int,
    *,
    ksigma: float | Sequence[float] = KSIGMA,
    threshold: str = "hard",
    sigma: float | Sequence[float] | None = None,
    poisson: Sequence[float] | None = None,
    amount: float = 1.0,
    iterations: int = 1,
    positive: bool = False,
) -> Denoising:
    """Check settings of denoising that have a meaning by themselves.

    Parameters
    ----------
    levels : int
        At least 1.
    ksigma, threshold, sigma, poisson, amount, iterations, positive
        As in `dilcli.denoise`.

    Returns
    -------
    Denoising

    Raises
    ------
    ArgumentError
        If a value has no meaning.
    """
    how = checked_threshold(threshold)
    if isinstance(iterations, bool) or not isinstance(iterations, (int, np.integer)):
        raise ArgumentError(f"iterations must be a whole number (got {iterations!r})")
    if iterations < 1:
        raise ArgumentError(f"iterations must be >= 1 (got {iterations})")
    if not isinstance(amount, (int, float, np.number)) or not 0 <= amount <= 1:
        raise ArgumentError(f"amount must be from 0, the image, to 1 (got {amount!r})")
    noise = None if poisson is None else checked_noise(poisson)
    if noise is not None and sigma is not None:
        raise ArgumentError("sigma and poisson exclude one another; with poisson sigma is 1")
    # The usual factors are no mistake where there is but one level.
    usual = np.array_equal(np.asarray(ksigma, object), KSIGMA)
    factors = level_values("ksigma", KSIGMA[:levels] if usual else ksigma, levels)
    if min(factors) < 0:
        raise ArgumentError(f"ksigma must be >= 0 (got {ksigma!r}); 0 keeps the details of a level")
    return Denoising(
        factors,
        how,
        None if sigma is None else _sigmas(sigma, None),
        noise,
        float(amount),
        int(iterations),
        positive,
    )


def checked_sigmas(sigma: float | Sequence[float], channels: int) -> tuple[float, ...]:
    """Read the deviation of noise, one for all channels or one for each.

    Raises
    ------
    ArgumentError
        If it is no number, below 0, or of another number of channels.
    """
    given = _sigmas(sigma, channels)
    return given if len(given) == channels else given * channels


def _sigmas(sigma: float | Sequence[float], channels: int | None) -> tuple[float, ...]:
    """Read one deviation or several; how many there may be is known if the channels are."""
    try:
        given = tuple(np.atleast_1d(np.asarray(sigma, np.float64)).tolist())
        right = len(given) in (1, channels or len(given)) and len(given) > 0
        right = right and all(0 <= each < np.inf for each in given)
    except (TypeError, ValueError):
        right = False
    if not right:
        several = ", or one a channel" if channels is None else ""
        if channels is not None and channels > 1:
            several = f", or {channels} of them, one a channel"
        raise ArgumentError(f"sigma must be a finite number >= 0{several} (got {sigma!r})")
    return given
