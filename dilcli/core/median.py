"""The exact median of samples that never lie in memory together: asked for digit by digit.

The bits of non-negative floats are in the order of their values. So counts of the leading digits
of all samples settle a digit of the value in the middle, and some rounds of them the value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = ["Counts", "Digits", "counts_of", "median_magnitudes"]

#: Bits of a digit, and digits of a float64 without its sign.
_BITS, _DIGITS = 21, 3

#: Digits that were found, and how often, for each channel and each beginning.
Counts = tuple[tuple[tuple["NDArray[np.int64]", "NDArray[np.int64]"], ...], ...]


class Digits(NamedTuple):
    """Asks how often each digit follows a beginning, among the absolute values of samples.

    Attributes
    ----------
    settled : int
        How many digits a beginning has.
    beginnings : tuple of tuple of int
        Of each channel, one or two: those of the values on both sides of the middle.
    """

    settled: int
    beginnings: tuple[tuple[int, ...], ...]


def counts_of(samples: NDArray[np.float64], asked: Digits) -> Counts:
    """Count digits in some of the samples.

    Parameters
    ----------
    samples : ndarray of shape (..., C)
        Without NaN.
    asked : Digits

    Returns
    -------
    tuple
        For each channel and each of its beginnings the digits that follow, and how often.
    """
    down = np.uint64(_BITS * (_DIGITS - 1 - asked.settled))
    found = []
    for channel, beginnings in enumerate(asked.beginnings):
        leading = np.abs(samples[..., channel]).ravel().view(np.uint64) >> down
        of_channel = []
        for beginning in beginnings:
            which = leading
            if asked.settled:
                which = leading[leading >> np.uint64(_BITS) == np.uint64(beginning)]
            digits = (which & np.uint64((1 << _BITS) - 1)).astype(np.intp)
            often = np.bincount(digits)
            there = np.flatnonzero(often)
            of_channel.append((there, often[there]))
        found.append(tuple(of_channel))
    return tuple(found)


def median_magnitudes(
    count: int, channels: int, ask: Callable[[Digits], Iterable[Counts]]
) -> tuple[float, ...]:
    """Find the median of the absolute values of each channel.

    Parameters
    ----------
    count : int
        Samples of a channel, at least 1.
    channels : int
    ask : callable
        Gives what `counts_of` counts in all parts of the samples.

    Returns
    -------
    tuple of float
        What ``numpy.median`` gives for all of them, one a channel.
    """
    asked = Digits(0, ((0,),) * channels)
    # How many samples of the beginning lie below the one that is looked for.
    ranks = [[(count - 1) // 2, count // 2] for _ in range(channels)]
    values = [[0, 0] for _ in range(channels)]
    for settled in range(1, _DIGITS + 1):
        totals = _totals(asked, ask(asked))
        for channel, beginnings in enumerate(asked.beginnings):
            for which in range(2):
                below = np.cumsum(totals[channel][beginnings.index(values[channel][which])])
                digit = int(np.searchsorted(below, ranks[channel][which], side="right"))
                ranks[channel][which] -= int(below[digit - 1]) if digit else 0
                values[channel][which] = (values[channel][which] << _BITS) + digit
        asked = Digits(settled, tuple(tuple(dict.fromkeys(pair)) for pair in values))
    return tuple(float(np.mean(np.array(pair, np.uint64).view(np.float64))) for pair in values)


def _totals(asked: Digits, parts: Iterable[Counts]) -> list[list[NDArray[np.int64]]]:
    totals = [[np.zeros(1 << _BITS, np.int64) for _ in each] for each in asked.beginnings]
    for part in parts:
        for of_channel, counts in zip(totals, part, strict=True):
            for total, (digits, often) in zip(of_channel, counts, strict=True):
                total[digits] += often
    return totals
