"""What thresholds leave of the details, and what the finest ones tell about noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from dilcli.core.row_blocks import by_rows
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

__all__ = [
    "MAD_OF_NORMAL",
    "THRESHOLDS",
    "Threshold",
    "checked_threshold",
    "noise_sigma",
    "shrink",
]

Threshold = Literal["hard", "soft"]
THRESHOLDS: tuple[Threshold, ...] = get_args(Threshold)

#: Median of the absolute value of a normal deviate of deviation 1: the 3/4 quantile.
MAD_OF_NORMAL = 0.6744897501960817


def checked_threshold(word: str) -> Threshold:
    """Refuse a word that is none of `THRESHOLDS`."""
    for known in THRESHOLDS:
        if word == known:
            return known
    raise ArgumentError(f"threshold must be hard or soft (got {word!r})")


def noise_sigma(finest: Reals, weight: float) -> tuple[float, ...]:
    """Estimate the deviation of white noise from the details of level 1.

    ``median(|w_1|) / 0.6744897501960817 / weight`` for each channel, the median absolute
    deviation from 0: Donoho & Johnstone, Biometrika 81, 1994; for the starlet transform Starck &
    Murtagh, PASP 110, 1998.

    Parameters
    ----------
    finest : ndarray of shape (H, W, C)
        w_1, without NaN.
    weight : float
        Noise weight of level 1.

    Returns
    -------
    tuple of float
        One a channel, in the units of the samples. 0 where more than half of the details are 0,
        as in flat or saturated pictures: that tells nothing about noise.
    """
    found = []
    for channel in range(finest.shape[2]):
        magnitudes = np.abs(finest[..., channel]).ravel()
        median = float(np.median(magnitudes, overwrite_input=True))
        found.append(median / MAD_OF_NORMAL / weight)
    return tuple(found)


def shrink(
    plane: Reals, limits: Reals, how: Threshold, threads: int | None = None
) -> NDArray[np.int64]:
    """Threshold details in place.

    Parameters
    ----------
    plane : ndarray of shape (H, W, C)
        Details; overwritten.
    limits : ndarray of shape (C,)
        T of each channel, at least 0.
    how : {"hard", "soft"}
        Hard: w stays where ``|w| >= T``, 0 elsewhere. Soft: ``sign(w) * max(|w| - T, 0)``, Donoho,
        IEEE Trans. Inf. Theory 41, 1995.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    ndarray of shape (C,)
        How many details have ``|w| >= T``.
    """
    counts: list[NDArray[np.int64]] = []

    def work(rows: slice) -> None:
        part = plane[rows]
        magnitudes = np.abs(part)
        kept = magnitudes >= limits
        counts.append(np.count_nonzero(kept, axis=(0, 1)))
        if how == "hard":
            np.copyto(part, 0.0, where=~kept)
        else:
            np.subtract(magnitudes, limits, out=magnitudes)
            np.maximum(magnitudes, 0.0, out=magnitudes)
            np.copysign(magnitudes, part, out=part)

    by_rows(work, plane.shape, threads)
    total: NDArray[np.int64] = np.sum(counts, axis=0, dtype=np.int64)
    return total
