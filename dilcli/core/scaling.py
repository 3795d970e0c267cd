"""The scaling function of the à trous transform: the symmetric taps that smooth along one axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.errors import KernelError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["scaling_taps"]

#: How far a sum may lie from 1, and a tap from its mirror image beside the largest one: what
#: weights written with seven digits need. Within it taps are made to fit.
_TOLERANCE = 1e-6


def scaling_taps(kernel: Kernel | str | Sequence[float]) -> tuple[float, ...]:
    """Give the one-dimensional scaling function h of a kernel.

    Parameters
    ----------
    kernel : Kernel or str or sequence of float
        A named kernel or weights in line (``"b3"``, ``"linear"``, ``"1 2 1 / 4"``), a kernel of
        one row or one column, or one that is the outer product of h with itself.

    Returns
    -------
    tuple of float
        Symmetric, an odd number of at least 3, without zeros at the ends, of sum 1: exact for
        kernels of dyadic weights, as b3 and linear are. Sums and symmetry that hold to 1e-6 only
        are made to hold.

    Raises
    ------
    KernelError
        If the kernel has no such factor; the message says which property it lacks.

    Notes
    -----
    b3, the cubic B-spline, is the scaling function of Starck, Fadili & Murtagh, "The undecimated
    wavelet decomposition and its reconstruction", IEEE Trans. Image Process. 16, 2007, section
    III; the factor of sum 1 makes ``c_j`` keep the mean of the image.

    Examples
    --------
    >>> scaling_taps("b3")
    (0.0625, 0.25, 0.375, 0.25, 0.0625)
    >>> scaling_taps([1 / 4, 1 / 2, 1 / 4])
    (0.25, 0.5, 0.25)
    """
    table = _as_kernel(kernel)
    if abs(table.total - 1) > _TOLERANCE:
        raise KernelError(
            f"scaling kernel {table.name!r} sums to {table.total:g}; want 1, as in '1 2 1 / 4'"
        )
    taps = _factor(table)
    while len(taps) > 1 and taps[0] == 0 == taps[-1]:
        taps = taps[1:-1]
    if len(taps) % 2 == 0:
        raise KernelError(
            f"scaling kernel {table.name!r} has {len(taps)} taps along an axis; "
            "want an odd number, one of them in the middle"
        )
    peak = max(map(abs, taps))
    if any(abs(a - b) > _TOLERANCE * peak for a, b in zip(taps, reversed(taps), strict=True)):
        raise KernelError(
            f"scaling kernel {table.name!r} is not symmetric; want equal weights on both sides "
            "of the middle, as in '1 4 6 4 1 / 16'"
        )
    if len(taps) == 1:
        raise KernelError(
            f"scaling kernel {table.name!r} is a single weight, which smooths nothing; "
            "want at least 3, as in '1 2 1 / 4'"
        )
    even = tuple((a + b) / 2 for a, b in zip(taps, reversed(taps), strict=True))
    return _of_sum_one(even)


def _as_kernel(kernel: Kernel | str | Sequence[float]) -> Kernel:
    if isinstance(kernel, Kernel):
        return kernel
    if isinstance(kernel, str):
        return parse_kernel(kernel)
    try:
        return Kernel((tuple(map(float, kernel)),))
    except (TypeError, ValueError) as error:
        if isinstance(error, KernelError):
            raise
        raise KernelError(
            f"scaling kernel {kernel!r} is not a row of numbers; want a name, a Kernel or taps"
        ) from None


def _factor(table: Kernel) -> tuple[float, ...]:
    """Give the taps along one axis, of any sum."""
    if 1 in table.shape:
        return tuple(weight for row in table.weights for weight in row)
    factors = table.factors()
    if factors is None:
        raise KernelError(
            f"scaling kernel {table.name!r} of {table.shape[0]} x {table.shape[1]} weights has "
            "rank above 1; want one axis, or the outer product of one axis with itself"
        )
    column, row = map(_of_sum_one, factors)
    same = len(column) == len(row) and all(
        abs(a - b) <= _TOLERANCE * max(map(abs, row)) for a, b in zip(column, row, strict=True)
    )
    if not same:
        raise KernelError(
            f"scaling kernel {table.name!r} differs between rows and columns; "
            "want the outer product of one axis with itself"
        )
    return row


def _of_sum_one(taps: tuple[float, ...]) -> tuple[float, ...]:
    # The sums are not 0: their product is the kernel's own, which was seen to be 1.
    total = math.fsum(taps)
    return taps if total == 1 else tuple(tap / total for tap in taps)
