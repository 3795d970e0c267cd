"""What may stand before samples are thrown away: low-pass filters for the rate."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PREFILTERS", "check_prefilter", "prefilter_kernel"]

Pair = tuple[int, int]

PREFILTERS = ("none", "gaussian", "box", "b3")

_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
_GAUSSIAN = re.compile(rf"gaussian:(?:sigma=)?({_NUMBER})(?:x({_NUMBER}))?")


def check_prefilter(text: str) -> str:
    """Read the text of a prefilter, in any case, without its rate.

    Raises
    ------
    ArgumentError
        If it is none of `PREFILTERS`, or a sigma of ``gaussian`` is no number above 0.

    Examples
    --------
    >>> check_prefilter("Gaussian:sigma=1.5")
    'gaussian:sigma=1.5'
    """
    word = text.strip().lower()
    _sigmas(word, (1, 1))
    return word


def prefilter_kernel(text: str, rate: Pair) -> Kernel | None:
    """Make the low-pass filter of a rate.

    Parameters
    ----------
    text : str
        ``none``; ``gaussian``, whose sigma is half the rate of each axis, or ``gaussian:sigma=S``
        or ``SxS`` in pixels; ``box``, the mean of as many pixels as the rate; ``b3``, the cubic
        B-spline 1 4 6 4 1 / 16.
    rate : (int, int)
        Rows, columns. An axis of which no sample is thrown away is not filtered.

    Returns
    -------
    Kernel or None
        None where nothing is filtered.

    Raises
    ------
    ArgumentError
        As `check_prefilter`.
    KernelError
        If the filter would have too many taps.

    Examples
    --------
    >>> prefilter_kernel("box", (1, 2))
    Kernel(weights=((0.5, 0.5),), name='box')
    """
    word = text.strip().lower()
    sigmas = _sigmas(word, rate)
    if word == "none" or rate == (1, 1):
        return None
    name = word.partition(":")[0]
    column, row = (
        (1.0,) if step == 1 else _line(name, step, sigma)
        for step, sigma in zip(rate, sigmas, strict=True)
    )
    return Kernel(tuple(tuple(y * x for x in row) for y in column), name)


def _sigmas(word: str, rate: Pair) -> tuple[float, float]:
    """Give the standard deviations of both axes; what is not Gaussian has no use for them."""
    if word in PREFILTERS:
        return rate[0] / 2, rate[1] / 2
    found = _GAUSSIAN.fullmatch(word)
    if not found:
        near = get_close_matches(word.partition(":")[0], PREFILTERS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near and near[0] != word.partition(":")[0] else ""
        raise ArgumentError(
            f"unknown prefilter {word!r}.{hint} (choices: none, gaussian, gaussian:sigma=S, "
            "box, b3)"
        )
    sigmas = float(found[1]), float(found[2] or found[1])
    if min(sigmas) <= 0:
        raise ArgumentError(f"prefilter {word!r}: sigma must be > 0")
    return sigmas


def _line(name: str, step: int, sigma: float) -> Sequence[float]:
    """Take the weights along one axis."""
    if name == "b3":
        return tuple(weight / 16 for weight in (1, 4, 6, 4, 1))
    if name == "box":
        return parse_kernel(f"box:1x{step}").weights[0]
    # So small a sigma leaves one weight of 1 across.
    return tuple(weight for (weight,) in parse_kernel(f"gaussian:sigma={sigma!r}x0.1").weights)
