"""What a lattice of samples cannot hold: the energy of a picture above its Nyquist frequency."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.arguments import as_pair
from dilcli.core.correlate import threads_for
from dilcli.core.strips import even_pieces
from dilcli.core.threads import spread
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.threads import Scratch

__all__ = ["aliased_energy"]

#: Samples that are transformed together: they stay in a core's cache.
BATCH = 1 << 17


def aliased_energy(
    pixels: NDArray[Any], rate: int | tuple[int, int], *, threads: int | None = None
) -> float | None:
    """Tell how much of a picture's energy every `rate`-th sample cannot hold.

    The share ``sum |X(f)|**2`` over all frequencies with ``|fy| > 1 / (2 ry)`` or
    ``|fx| > 1 / (2 rx)`` cycles a pixel, in the sum over all frequencies, that of the mean (0)
    included; X is the discrete Fourier transform of each channel. Yu, Koltun and Funkhouser,
    "Dilated Residual Networks" (CVPR 2017), section 4: gridding arises from content of higher
    frequency than the sampling rate of a dilated filter.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C)
        Real samples.
    rate : int or (int, int)
        Pixels from one sample of the lattice to the next, for both axes or (rows, columns).
    threads : int, optional
        At most so many; all processors by default. No result depends on it.

    Returns
    -------
    float or None
        0..1; 0 for rate 1, for constant pictures, and where all samples are 0. None if a sample
        is NaN or infinite.

    Raises
    ------
    ArgumentError
        If the picture has a side 0 or another number of axes, or a rate is below 1.
    """
    if pixels.ndim != 3 or 0 in pixels.shape:
        raise ArgumentError(
            f"picture of shape {pixels.shape} has no spectrum; want (H, W, C) with no side 0"
        )
    rates = as_pair("rate", rate, flat=False, least=1)
    threads = threads_for(pixels.size, threads)
    with np.errstate(all="ignore"):
        peak = max(float(pixels.max()), -float(pixels.min()))
        if not isfinite(peak):
            return None
        if peak == 0 or rates == (1, 1):
            return 0.0
        if rates[1] == 1:
            # The same energies, of rows that need no transform.
            pixels, rates = pixels.swapaxes(0, 1), (rates[1], rates[0])
        planes = (pixels[..., channel] for channel in range(pixels.shape[2]))
        energies = [_channel_energies(plane, peak, rates, threads) for plane in planes]
    high, total = np.sum(energies, axis=0).tolist()
    return float(min(high / total, 1.0))


def _channel_energies(
    plane: NDArray[Any], peak: float, rates: tuple[int, int], threads: int
) -> tuple[float, float]:
    """Give the energy above the limits and the whole energy of a channel, in peaks.

    Rows are transformed first. By Parseval's theorem, a column of their spectra has the energy of
    its transform, so only the columns below the limit need be transformed.

    Parameters
    ----------
    plane : ndarray of shape (H, W)
        Finite samples.
    peak : float
        Unit of the samples, not 0: what is squared is neither too large nor too small.
    rates : tuple of int
        For (rows, columns), the latter above 1.
    threads : int
        At least 1.

    Returns
    -------
    tuple of float
        Both in units of a sample's square.
    """
    height, width = plane.shape
    # Frequency k / W lies above 1 / (2 r) where k > W / (2 r).
    first_row, first = height // (2 * rates[0]) + 1, width // (2 * rates[1]) + 1
    # Half a spectrum stands for the whole, but for the frequencies that mirror themselves.
    weights = np.where(2 * np.arange(width // 2 + 1) % width == 0, 1.0, 2.0)
    # A constant counts below every limit; without it, its rounding errors count nowhere.
    centre = (float(plane.min()) / peak + float(plane.max()) / peak) / 2
    low = np.empty((height, first if rates[0] > 1 else 0), np.complex128)
    whole, high = np.empty(height), np.empty(height)
    high_low = np.empty(low.shape[1])

    def transform_rows(piece: tuple[int, int], _: Scratch) -> None:
        rows = slice(*piece)
        samples = np.divide(plane[rows], peak, dtype=np.float64)
        whole[rows] = np.square(samples).sum(axis=1)
        samples -= centre
        spectrum = np.fft.rfft(samples, axis=1)
        low[rows] = spectrum[:, : low.shape[1]]
        high[rows] = (_squares(spectrum[:, first:]) * weights[first:]).sum(axis=1)

    def transform_columns(piece: tuple[int, int], _: Scratch) -> None:
        columns = slice(*piece)
        spectrum = np.fft.fft(low[:, columns], axis=0)[first_row : height - first_row + 1]
        high_low[columns] = _squares(spectrum).sum(axis=0) * weights[columns]

    spread(transform_rows, even_pieces(height, max(BATCH // width, 1)), threads)
    spread(transform_columns, even_pieces(low.shape[1], max(BATCH // height, 1)), threads)
    above = float(high.sum()) + float(high_low.sum()) / height
    return above / width, float(whole.sum())


def _squares(spectrum: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.square(spectrum.real) + np.square(spectrum.imag)
