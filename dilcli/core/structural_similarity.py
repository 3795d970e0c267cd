"""How alike two pictures are in the means, spreads and patterns of small windows (SSIM)."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.correlate import threads_for
from dilcli.core.paired_tiles import over_tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.threads import Scratch

__all__ = ["WINDOW", "structural_similarity"]

#: Rows and columns of a window.
WINDOW = 7
SAMPLES = WINDOW * WINDOW

#: What keeps the quotients of means and of spreads finite, in ranges (K1 and K2 of the paper).
MEANS, SPREADS = 0.01, 0.03

FLOAT = np.dtype(np.float64)


def structural_similarity(
    reference: NDArray[np.floating],
    other: NDArray[np.floating],
    *,
    data_range: float,
    black: float = 0.0,
    centres: tuple[float, float] = (0.0, 0.0),
    threads: int | None = None,
) -> float | None:
    """Give the mean structural similarity index of two pictures.

    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE Transactions on Image Processing 13 (2004), equation 13, with the
    choices of scikit-image's ``structural_similarity``: uniform windows of 7x7 samples, sample
    covariances (of 48 degrees of freedom), K1 = 0.01, K2 = 0.03, the mean over all windows that
    lie inside the picture and over all channels.

    Parameters
    ----------
    reference, other : ndarray of shape (H, W, C)
        Real samples.
    data_range : float
        Greatest less smallest value that samples can have; not negative.
    black : float
        The value that counts as 0. The index compares quotients of means, so it has a meaning
        only where no sample lies below: for signed responses, the smallest sample of both.
    centres : pair of float
        A value among the samples of each picture, near their mean. It changes the result only by
        rounding: spreads are taken around it.
    threads : int, optional
        At most so many; all processors by default. No result depends on it.

    Returns
    -------
    float or None
        At most 1, which means equal. None if a side is below 7 pixels, or where a quotient is
        0 / 0 or no finite number: a range of 0, samples that are NaN or infinite.
    """
    height, width, channels = reference.shape
    if min(height, width) < WINDOW:
        return None
    steady = (MEANS * data_range) ** 2, (SPREADS * data_range) ** 2
    lifts = centres[0] - black, centres[1] - black

    def total(one: NDArray[np.float64], two: NDArray[np.float64], scratch: Scratch) -> float:
        return _sum_of_indices(one, two, channels, steady, lifts, scratch)

    sums = over_tiles(
        total,
        reference,
        other,
        threads=threads_for(reference.size, threads),
        centres=centres,
        margin=WINDOW - 1,
    )
    windows = (height - WINDOW + 1) * (width - WINDOW + 1) * channels
    mean = float(np.sum(sums)) / windows
    return mean if isfinite(mean) else None


def _sum_of_indices(
    one: NDArray[np.float64],
    two: NDArray[np.float64],
    channels: int,
    steady: tuple[float, float],
    lifts: tuple[float, float],
    scratch: Scratch,
) -> float:
    """Add the indices of all windows of a tile.

    Every array is taken as one long row: a window's samples are some rows and some pixels apart.
    Windows that run over the end of a row come out as nonsense, and are left out at the end.
    """
    rows, width = one.shape
    steps = width, channels
    one, two = one.ravel(), two.ravel()
    covariance = np.multiply(one, two, out=scratch.array("covariance", one.shape, FLOAT))
    variance = np.multiply(one, one, out=scratch.array("variance", one.shape, FLOAT))
    variance += np.multiply(two, two, out=scratch.array("pairs", one.shape, FLOAT))
    for samples in (one, two, covariance, variance):
        _window_means(samples, steps, scratch)
    size = one.size - (WINDOW - 1) * sum(steps)
    one, two, covariance, variance = one[:size], two[:size], covariance[:size], variance[:size]
    spare = scratch.array("pairs", (size,), FLOAT)

    covariance -= np.multiply(one, two, out=spare)
    covariance *= 2 * SAMPLES / (SAMPLES - 1)
    covariance += steady[1]
    for mean in (one, two):
        variance -= np.multiply(mean, mean, out=spare)
    variance *= SAMPLES / (SAMPLES - 1)
    variance += steady[1]

    one += lifts[0]
    two += lifts[1]
    np.multiply(one, two, out=spare)
    spare *= 2
    spare += steady[0]
    covariance *= spare
    one *= one
    two *= two
    one += two
    one += steady[0]
    variance *= one
    covariance /= variance
    kept = width - (WINDOW - 1) * channels
    last = covariance[size - kept :]
    before = covariance[: size - kept].reshape(rows - WINDOW, width)[:, :kept]
    return float(before.sum() + last.sum())


def _window_means(samples: NDArray[np.float64], steps: tuple[int, int], scratch: Scratch) -> None:
    """Write the mean of each window to where its first sample stands.

    Sums of two, of four, then of seven: fewer additions than taps, and no running sum in which
    errors would gather.
    """
    size = samples.size
    for step in steps:
        pairs = scratch.array("pairs", (size - step,), FLOAT)
        fours = scratch.array("fours", (size - 3 * step,), FLOAT)
        size -= 6 * step
        np.add(samples[: len(pairs)], samples[step : step + len(pairs)], out=pairs)
        np.add(pairs[: len(fours)], pairs[2 * step :], out=fours)
        sums = samples[:size]
        np.add(samples[6 * step :][:size], fours[:size], out=sums)
        sums += pairs[4 * step :][:size]
    sums /= SAMPLES
