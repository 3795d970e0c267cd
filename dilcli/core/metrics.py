"""How far two pictures of responses are apart, in numbers that can be checked elsewhere."""

from __future__ import annotations

from math import isfinite, log10, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.core.correlate import threads_for
from dilcli.core.paired_tiles import over_tiles
from dilcli.core.structural_similarity import WINDOW, structural_similarity
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.threads import Scratch

__all__ = ["Differences", "differences"]


class Differences(NamedTuple):
    """How far a picture is from a reference, in the units of their samples.

    Numbers that would be no finite number are None, so that all can be written as JSON: those
    that NaN or infinite samples enter, those beyond float64, and those named here.

    Attributes
    ----------
    max_abs_diff, mae, rmse : float or None
        Greatest, mean and root mean square of the differences of samples.
    psnr : float or None
        Peak signal-to-noise ratio in dB, ``20 log10(data_range / rmse)``. None for identical
        pictures, whose ratio is infinite, and for a range of 0.
    identical : bool
        Whether all samples are equal. Here NaN equals NaN: such pictures differ by 0.
    ssim : float or None
        Structural similarity of the samples less the smallest one of both, 1 for identical
        pictures. None if a side is below 7 pixels, and for a range of 0.
    correlation : float or None
        Pearson's coefficient over all samples, -1..1. None if a side is constant.
    data_range : float or None
        What psnr and ssim were computed with.
    """

    max_abs_diff: float | None
    mae: float | None
    rmse: float | None
    psnr: float | None
    identical: bool
    ssim: float | None
    correlation: float | None
    data_range: float | None


class _Extent(NamedTuple):
    """What a first look at both pictures, or at a tile of both, tells.

    Attributes
    ----------
    lows, highs, sums : pair of float
        Smallest and greatest sample, sum, of each picture.
    largest, absolute, squares : float
        Greatest difference, sum of the differences, of their squares.
    identical : bool
        Whether all samples are equal, NaN to NaN.
    """

    lows: tuple[float, float]
    highs: tuple[float, float]
    sums: tuple[float, float]
    largest: float
    absolute: float
    squares: float
    identical: bool

    @property
    def spans(self) -> tuple[float, float]:
        """Greatest less smallest sample of each picture."""
        return self.highs[0] - self.lows[0], self.highs[1] - self.lows[1]


def differences(
    reference: NDArray[np.floating],
    other: NDArray[np.floating],
    *,
    data_range: float | None = None,
    threads: int | None = None,
) -> Differences:
    """Measure how far a picture is from a reference.

    All numbers are computed in float64, as scikit-image's ``peak_signal_noise_ratio`` and
    ``structural_similarity`` do with float64 samples and the same `data_range`. SSIM compares
    quotients of means, which mean nothing where samples have both signs; so the smallest sample
    of both pictures is subtracted first.

    Parameters
    ----------
    reference, other : ndarray of shape (H, W, C)
        Real samples, of any sign and range.
    data_range : float, optional
        Greatest less smallest value that samples can have. By default, greatest less smallest
        sample of the reference, which may be 0.
    threads : int, optional
        At most so many; all processors by default. No result depends on it.

    Returns
    -------
    Differences

    Raises
    ------
    ArgumentError
        If shapes differ, have a side 0 or another number of axes, or `data_range` is negative or
        no finite number.
    """
    _check(reference, other, data_range)
    threads = threads_for(reference.size, threads)
    with np.errstate(all="ignore"):
        extent = _merged(over_tiles(_extent, reference, other, threads=threads))
        peak = extent.spans[0] if data_range is None else float(data_range)
        rmse = sqrt(extent.squares / reference.size)
        means = extent.sums[0] / reference.size, extent.sums[1] / reference.size
        return Differences(
            _finite(extent.largest),
            _finite(extent.absolute / reference.size),
            _finite(rmse),
            psnr=_finite(20 * (log10(peak) - log10(rmse))) if peak > 0 and rmse > 0 else None,
            identical=extent.identical,
            ssim=_similarity(reference, other, extent, peak=peak, means=means, threads=threads),
            correlation=_correlation(reference, other, extent, means=means, threads=threads),
            data_range=_finite(peak),
        )


def _check(
    reference: NDArray[np.floating], other: NDArray[np.floating], data_range: float | None
) -> None:
    """Refuse what cannot be compared."""
    if reference.ndim != 3 or 0 in reference.shape:
        raise ArgumentError(
            f"picture of shape {reference.shape} cannot be compared; want (H, W, C) with no side 0"
        )
    if other.shape != reference.shape:
        raise ArgumentError(
            f"picture of shape {other.shape} cannot be compared with one of shape "
            f"{reference.shape}; want the same shape"
        )
    if data_range is not None and not 0 <= data_range < np.inf:
        raise ArgumentError(f"data range must be a finite number >= 0 (got {data_range})")


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _extent(one: NDArray[np.floating], two: NDArray[np.floating], scratch: Scratch) -> _Extent:
    """Look at a tile of both pictures."""
    gaps = np.subtract(one, two, out=scratch.array("gaps", one.shape, one.dtype))
    np.abs(gaps, out=gaps)
    largest, absolute = float(gaps.max()), float(gaps.sum())
    gaps *= gaps
    return _Extent(
        (float(one.min()), float(two.min())),
        (float(one.max()), float(two.max())),
        (float(one.sum()), float(two.sum())),
        largest,
        absolute,
        float(gaps.sum()),
        # Equal infinities are NaN apart.
        identical=largest == 0 or (not isfinite(largest) and _same(one, two)),
    )


def _same(one: NDArray[np.floating], two: NDArray[np.floating]) -> bool:
    return np.array_equal(one, two, equal_nan=True)


def _merged(tiles: list[_Extent]) -> _Extent:
    """Put together what the tiles tell, in their order."""
    lows, highs, sums, largest, absolute, squares, identical = zip(*tiles, strict=True)
    low, high, total = np.min(lows, axis=0), np.max(highs, axis=0), np.sum(sums, axis=0)
    same = all(identical)
    return _Extent(
        (float(low[0]), float(low[1])),
        (float(high[0]), float(high[1])),
        (float(total[0]), float(total[1])),
        0.0 if same else float(np.max(largest)),
        0.0 if same else float(np.sum(absolute)),
        0.0 if same else float(np.sum(squares)),
        same,
    )


def _similarity(
    reference: NDArray[np.floating],
    other: NDArray[np.floating],
    extent: _Extent,
    *,
    peak: float,
    means: tuple[float, float],
    threads: int,
) -> float | None:
    """Give the structural similarity of samples shifted to be no smaller than 0."""
    if extent.identical:
        return 1.0 if min(reference.shape[:2]) >= WINDOW else None
    if not peak > 0:
        return None
    return structural_similarity(
        reference,
        other,
        data_range=peak,
        black=min(extent.lows),
        centres=means,
        threads=threads,
    )


def _correlation(
    reference: NDArray[np.floating],
    other: NDArray[np.floating],
    extent: _Extent,
    *,
    means: tuple[float, float],
    threads: int,
) -> float | None:
    """Give Pearson's coefficient of all samples."""
    if not all(0 < span < np.inf for span in extent.spans):
        return None
    if extent.identical:
        return 1.0
    moments = over_tiles(_moments, reference, other, centres=means, threads=threads)
    one, two, both = (float(moment) for moment in np.sum(moments, axis=0))
    scale = sqrt(one) * sqrt(two)
    return _finite(min(max(both / scale, -1.0), 1.0)) if scale > 0 else None


def _moments(
    one: NDArray[np.floating], two: NDArray[np.floating], scratch: Scratch
) -> tuple[float, float, float]:
    """Add the squares of the samples of each tile, and their products."""
    product = scratch.array("gaps", one.shape, one.dtype)
    return (
        float(np.multiply(one, one, out=product).sum()),
        float(np.multiply(two, two, out=product).sum()),
        float(np.multiply(one, two, out=product).sum()),
    )
