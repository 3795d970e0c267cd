"""How alike two pictures are in the means, spreads and patterns of small windows (SSIM)."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.core.correlate import threads_for
from dilcli.core.paired_tiles import over_tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dilcli.core.threads import Scratch

__all__ = ["WINDOW", "structural_similarity"]

#: Rows and columns of a window.
WINDOW = 7
SAMPLES = WINDOW * WINDOW

#: What keeps the quotients of means and of spreads finite, in ranges (K1 and K2 of the paper).
MEANS, SPREADS = 0.01, 0.03

FLOAT = np.dtype(np.float64)


class _Terms(NamedTuple):
    """What all windows share.

    Attributes
    ----------
    channels : int
        Samples of a pixel.
    means, spreads : float
        C1 and C2 of the paper.
    lifts : pair of float
        What is added to the means of both pictures for the value 0 to be black.
    """

    channels: int
    means: float
    spreads: float
    lifts: tuple[float, float]


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
    means, spreads = MEANS * data_range, SPREADS * data_range
    lifts = centres[0] - black, centres[1] - black
    terms = _Terms(channels, means * means, spreads * spreads, lifts)
    sums = over_tiles(
        lambda one, two, scratch: _sum_of_indices(one, two, terms, scratch),
        reference,
        other,
        threads=threads_for(reference.size, threads),
        centres=centres,
        margin=WINDOW - 1,
    )
    windows = (height - WINDOW + 1) * (width - WINDOW + 1) * channels
    with np.errstate(all="ignore"):
        mean = float(np.sum(sums)) / windows
    return mean if isfinite(mean) else None


def _sum_of_indices(
    one: NDArray[np.floating], two: NDArray[np.floating], terms: _Terms, scratch: Scratch
) -> float:
    """Add the indices of all windows of a tile.

    Every array is taken as one long row, in which the samples of a window are some steps apart.
    Windows that run over the end of a row of the tile are nonsense, and left out of the sum.
    """
    steps = one.shape[1], terms.channels
    products = np.multiply(one, two, out=scratch.array("products", one.shape, FLOAT))
    squares = np.multiply(one, one, out=scratch.array("squares", one.shape, FLOAT))
    squares += np.multiply(two, two, out=scratch.array("spare", one.shape, FLOAT))
    rows = [samples.reshape(-1) for samples in (one, two, products, squares)]
    means = [_window_means(row, steps, scratch) for row in rows]
    spare = scratch.array("spare", means[0].shape, FLOAT)
    _write_indices(means, terms, spare)
    windows = products[: 1 - WINDOW, : steps[0] - (WINDOW - 1) * steps[1]]
    return float(windows.sum())


def _write_indices(
    means: Sequence[NDArray[np.floating]], terms: _Terms, spare: NDArray[np.floating]
) -> None:
    """Turn the means of samples, of products and of squares into indices.

    Parameters
    ----------
    means : sequence of ndarrays of one shape
        Of the samples of both pictures, of their products, and of the sums of their squares.
        All are overwritten, that of the products by the indices.
    terms : _Terms
        What is added.
    spare : ndarray of that shape
        Memory to work in.
    """
    one, two, covariances, variances = means
    covariances -= np.multiply(one, two, out=spare)
    covariances *= 2 * SAMPLES / (SAMPLES - 1)
    covariances += terms.spreads
    for mean, lift in ((one, terms.lifts[0]), (two, terms.lifts[1])):
        variances -= np.multiply(mean, mean, out=spare)
        np.add(mean, lift, out=mean)
    variances *= SAMPLES / (SAMPLES - 1)
    variances += terms.spreads

    np.multiply(one, two, out=spare)
    spare *= 2
    spare += terms.means
    covariances *= spare
    one *= one
    one += np.multiply(two, two, out=two)
    one += terms.means
    variances *= one
    covariances /= variances


def _window_means(
    samples: NDArray[np.floating], steps: tuple[int, int], scratch: Scratch
) -> NDArray[np.floating]:
    """Turn samples into the mean of the window that starts with each, where there is one.

    Sums of two, of four, then of seven: fewer additions than samples, and no running sum in which
    errors would gather.
    """
    source, target = samples, scratch.array("sevens", samples.shape, FLOAT)
    for step in steps:
        size = len(source) - step
        pairs = scratch.array("spare", (size,), FLOAT)
        np.add(source[:size], source[step:], out=pairs)
        size -= 5 * step
        target = target[:size]
        np.add(pairs[:size], pairs[2 * step :][:size], out=target)
        target += pairs[4 * step :][:size]
        target += source[6 * step :]
        source, target = target, source
    source /= SAMPLES
    return source
