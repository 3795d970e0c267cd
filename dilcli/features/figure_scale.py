"""Where the scale of a figure ends, and how much stronger its differences are drawn."""

from __future__ import annotations

from math import floor, log2, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dilcli.features.detail import Detail

__all__ = ["gain", "largest_shown", "round_end"]

#: This share of the values, those of 0 left out, lies within what is shown ...
_WITHIN = 0.995
#: ... and this share of those of the detail, ...
_WITHIN_DETAIL = 0.75
#: ... but the largest is no more than so many times as large.
_BEYOND = 4.0
_ROUND = (1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_SMALLEST_END = 1e-300
_LARGEST_GAIN = 256


def largest_shown(values: NDArray[np.floating], detail: Detail | None) -> float:
    """Choose how large values are told apart: few are larger, not many of them in the detail.

    Parameters
    ----------
    values : ndarray of float, shape (H, W)
        Finite.
    detail : (int, int, int, int), optional
        Top, left, rows and columns.

    Returns
    -------
    float
        At least 0, which it is only for values that are 0 everywhere, or in effect.
    """
    whole = _quantile(values, _WITHIN)
    if detail is None:
        return whole
    top, left, rows, columns = detail
    return max(whole, _quantile(values[top : top + rows, left : left + columns], _WITHIN_DETAIL))


def _quantile(values: NDArray[np.floating], share: float) -> float:
    """Find the size that a share of the values, those of 0 left out, do not exceed."""
    import numpy as np

    sizes = np.abs(values).ravel()
    largest = float(sizes.max())
    if largest < _SMALLEST_END:
        return 0.0
    zeros = sizes.size - np.count_nonzero(sizes)
    place = zeros + int(share * (sizes.size - zeros - 1))
    sizes.partition(place)
    return max(float(sizes[place]), largest / _BEYOND)


def round_end(largest: float) -> float:
    """Choose a number of few digits, not less, for the end of a scale.

    Examples
    --------
    >>> round_end(27.3), round_end(0.041), round_end(0)
    (30.0, 0.05, 1.0)
    """
    if not largest:
        return 1.0
    decade = floor(log10(largest))
    step = next((step for step in _ROUND if step * 10.0**decade >= largest), 10.0)
    return float(f"{step:g}e{decade}")


def gain(largest: float, end: float) -> int:
    """Choose the power of 2 by which differences fill a scale.

    Examples
    --------
    >>> gain(largest=7, end=30), gain(largest=50, end=30), gain(largest=0, end=30)
    (4, 1, 1)
    """
    if not largest:
        return 1
    return int(min(2 ** max(floor(log2(end / largest)), 0), _LARGEST_GAIN))
