"""What white noise of deviation 1 becomes in each plane of a starlet transform: exact weights."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.levels import checked_levels
from dilcli.core.scaling import scaling_taps
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dilcli.core.kernels import Kernel

    Reals = NDArray[np.float64]

__all__ = ["NoiseWeights", "PlaneWeight", "noise_weights"]


@dataclass(frozen=True, slots=True)
class PlaneWeight:
    """What a plane makes of noise, and how far it looks.

    Attributes
    ----------
    level : int
        From 1, the finest; of the residual, that of the last detail.
    noise_weight : float
        Standard deviation of the plane for white noise of deviation 1, far from the boundary:
        the l2 norm of the filter that leads from the image to the plane.
    support : int
        Pixels along an axis that this filter spans. Of the residual in generation 1
        ``2 * r * (2**level - 1) + 1`` with r taps beside the middle one; that of a detail is the
        same, as it is the difference of two smooths.
    reach : int
        Pixels on one side that the taps of this level look past a pixel of the smooth before:
        ``r * 2**(level - 1)``.
    """

    level: int
    noise_weight: float
    support: int
    reach: int


@dataclass(frozen=True, slots=True)
class NoiseWeights:
    """The weights of all planes.

    Attributes
    ----------
    levels : tuple of PlaneWeight
        Of the details, level 1 first.
    residual : PlaneWeight
    """

    levels: tuple[PlaneWeight, ...]
    residual: PlaneWeight


def noise_weights(
    levels: int,
    taps: Kernel | str | Sequence[float] = "b3",
    *,
    generation: int = 1,
    axes: int = 2,
) -> NoiseWeights:
    """Calculate the noise weights of a starlet transform, without simulation.

    Parameters
    ----------
    levels : int
        Number of details, at least 1. Time and memory grow with `levels` and the number of taps,
        not with ``2**levels``.
    taps : Kernel or str or sequence of float
        The scaling function, as in `dilcli.core.scaling.scaling_taps`.
    generation : {1, 2}
        As in `dilcli.starlet`.
    axes : {1, 2}
        Of the image, channels not counted.

    Returns
    -------
    NoiseWeights

    Raises
    ------
    ArgumentError
        If a value has no meaning here.
    KernelError
        If the taps are no scaling function.

    Notes
    -----
    With the cascade H_j along one axis, ``a = |H_{j-1}|**2``, ``b = <H_{j-1}, G>`` and
    ``c = |G|**2``, where G is H_j, or ``h_j * H_j`` in generation 2, the filter of w_j is
    H_{j-1} less G on each axis, so its norm is ``sqrt(a - 2 b + c)`` on one axis and
    ``sqrt(a**2 - 2 b**2 + c**2)`` on two. The published tables are simulations of it.

    Inner products are middle coefficients of ``r(z) r(z**2) r(z**4) ... q(z**(2**(j-1)))`` with r
    the autocorrelation of h. Taken from the coarse end each factor is one step of the transfer
    operator, ``p[m] <- sum over k of r[m - 2 k] p[k]`` (Lawton, J. Math. Phys. 32, 1991), and few
    coefficients around the middle are all that later steps read: no filter of 2**j taps is built.

    Examples
    --------
    >>> weights = noise_weights(3)
    >>> [round(each.noise_weight, 6) for each in weights.levels]
    [0.890796, 0.200664, 0.085508]
    >>> [each.support for each in weights.levels], [each.reach for each in weights.levels]
    ([5, 13, 29], [2, 4, 8])
    >>> weights.residual.noise_weight
    0.06035947799682617
    """
    count = checked_levels(levels)
    if generation not in (1, 2) or axes not in (1, 2):
        raise ArgumentError(
            f"generation and axes must be 1 or 2 each (got {generation!r} and {axes!r})"
        )
    h = np.array(scaling_taps(taps))
    radius = len(h) // 2
    r = np.convolve(h, h)
    away = h if generation == 1 else r
    a, b, c, rest = (
        _middles(r, start, count) for start in (np.ones(1), away, np.convolve(away, away), r)
    )
    details = []
    for level in range(1, count + 1):
        terms = a[level - 1], b[level - 1], c[level - 1]
        x, y, z = (term**axes for term in terms)
        before = radius * (2 ** (level - 1) - 1)
        reach = radius * 2 ** (level - 1)
        details.append(
            PlaneWeight(
                level,
                sqrt(max(x - 2 * y + z, 0.0)),
                2 * (before + reach * generation) + 1,
                reach,
            )
        )
    residual = PlaneWeight(
        count,
        sqrt(rest[-1] ** axes),
        2 * radius * (2**count - 1) + 1,
        radius * 2 ** (count - 1),
    )
    return NoiseWeights(tuple(details), residual)


def _middles(r: Reals, start: Reals, count: int) -> list[float]:
    """Give the middle coefficient of a start after 0, 1, ... ``count - 1`` transfers by r.

    All arrays are symmetric about their middle. A coefficient within the half length of r is
    made of such alone, of at most half the distance besides; longer starts shrink to that.
    """
    half = max(len(r) // 2, len(start) // 2)
    p = np.zeros(2 * half + 1)
    inset = half - len(start) // 2
    p[inset : inset + len(start)] = start
    found = [float(p[half])]
    for _ in range(count - 1):
        spread = np.zeros(2 * len(p) - 1)
        spread[::2] = p
        every = np.convolve(spread, r)
        middle = len(every) // 2
        p = every[middle - half : middle + half + 1]
        found.append(float(p[half]))
    return found
