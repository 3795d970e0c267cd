"""Whether a kernel is the outer product of a column and a row, and of how many it is a sum."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.kernel_text import Rows

__all__ = ["Factors", "factor", "rank"]

Factors = tuple[tuple[float, ...], tuple[float, ...]]

#: 4 units in the last place of a number in [1, 2): what is left of an outer product of floats
#: whose every product was rounded, after dividing by one of them.
_TOLERANCE = 2.0**-50

#: The smallest normal float: products below it lose digits, and weigh nothing beside the rest.
_TINY = 2.0**-1022


def factor(rows: Rows) -> Factors | None:
    """Split a rank-1 kernel into a column and a row whose outer product it is.

    Where the weights are an outer product exactly, integer arithmetic finds the row without
    common factors, so the factors of integer and dyadic kernels are exact floats. Otherwise each
    weight must be reproduced to 2**-50 of itself, which covers products that were rounded.

    Parameters
    ----------
    rows : tuple of tuple of float
        Weights, rows x columns.

    Returns
    -------
    (column, row) or None
        None for every other rank, rank 0 too.

    Examples
    --------
    >>> factor(((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0)))
    ((1.0, 2.0, 1.0), (-1.0, 0.0, 1.0))
    """
    distinct = tuple(dict.fromkeys(rows))
    row_at, column_at = _largest(distinct)
    row = distinct[row_at]
    peak = row[column_at]
    if peak == 0.0:
        return None
    shares = tuple(each[column_at] / peak for each in distinct)
    if not _reproduces(distinct, shares, row):
        return None
    shares, row = _oriented(*(_primitive(distinct, row_at, column_at) or (shares, row)))
    share_of = dict(zip(distinct, shares, strict=True))
    return tuple(share_of[each] for each in rows), row


def _oriented(column: tuple[float, ...], row: tuple[float, ...]) -> Factors:
    """Of the two choices of sign, take the one whose row, or else column, has a positive sum."""
    if (math.fsum(row), math.fsum(column)) < (0, 0):
        column, row = tuple(-w for w in column), tuple(-w for w in row)
    return tuple(w + 0.0 for w in column), tuple(w + 0.0 for w in row)


def _largest(rows: Sequence[Sequence[float]]) -> tuple[int, int]:
    _, row_at, column_at = max(
        (abs(weight), -i, -j) for i, row in enumerate(rows) for j, weight in enumerate(row)
    )
    return -row_at, -column_at


def _reproduces(rows: Rows, column: Sequence[float], row: Sequence[float]) -> bool:
    return all(
        abs(factor * other - weight) <= _TOLERANCE * abs(weight) + _TINY
        for factor, weights in zip(column, rows, strict=True)
        for other, weight in zip(row, weights, strict=True)
    )


def _primitive(rows: Rows, row_at: int, column_at: int) -> Factors | None:
    """Give exact factors with an integer row free of common divisors, if floats hold them."""
    exact = [Fraction(weight) for weight in rows[row_at]]
    unit = Fraction(
        math.gcd(*(value.numerator for value in exact)),
        math.lcm(*(value.denominator for value in exact)),
    )
    row = [value / unit for value in exact]
    column = [Fraction(each[column_at]) / row[column_at] for each in rows]
    try:
        factors = tuple(map(float, column)), tuple(map(float, row))
    except OverflowError:
        return None
    is_exact = all(
        Fraction(got) == wanted
        for numbers, floats in zip((column, row), factors, strict=True)
        for wanted, got in zip(numbers, floats, strict=True)
    )
    if not is_exact or not _is_product(rows, column, row):
        return None
    return factors


def _is_product(rows: Rows, column: Sequence[Fraction], row: Sequence[Fraction]) -> bool:
    return all(
        c * r == Fraction(weight)
        for c, weights in zip(column, rows, strict=True)
        for r, weight in zip(row, weights, strict=True)
    )


def rank(rows: Rows) -> int:
    """Count the separable kernels that the kernel is a sum of.

    Rank 1 is what `factor` can split. Above that it is the numerical rank, as
    ``numpy.linalg.matrix_rank`` sees it: elimination with full pivoting until what is left is
    rounding, ``max(rows, columns) * epsilon`` of the largest weight.

    Parameters
    ----------
    rows : tuple of tuple of float
        Weights, rows x columns.

    Returns
    -------
    int
        0 for a kernel of zeros.
    """
    if factor(rows) is not None:
        return 1
    # Equal rows and columns add nothing, and round kernels have many.
    columns = dict.fromkeys(zip(*dict.fromkeys(rows), strict=True))
    left = [list(row) for row in zip(*columns, strict=True)]
    peak = max(abs(weight) for row in left for weight in row)
    if peak == 0.0:
        return 0
    limit = peak * max(len(rows), len(rows[0])) * 2.0**-52
    found = 0
    while left and _eliminate(left, limit):
        found += 1
    return max(found, 2)


def _eliminate(left: list[list[float]], limit: float) -> bool:
    """Remove one pivot row, and its column from the others; False if only rounding is left."""
    peaks = [max(map(abs, row)) for row in left]
    pivot_row = left.pop(peaks.index(max(peaks)))
    pivot = max(pivot_row, key=abs)
    column_at = pivot_row.index(pivot)
    if abs(pivot) <= limit:
        return False
    for n, row in enumerate(left):
        share = row[column_at] / pivot
        if share:
            left[n] = [w - share * p for w, p in zip(row, pivot_row, strict=True)]
            left[n][column_at] = 0.0
    return True
