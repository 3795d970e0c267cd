"""Separable kernels are found and split."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.kernel_rank import factor, rank
from dilcli.core.named_kernels import named_kernels, named_rows

INTEGERS = st.lists(st.integers(-99, 99), min_size=1, max_size=6)
FLOATS = st.lists(
    st.floats(-1e3, 1e3).filter(lambda w: w == 0 or abs(w) > 1e-3), min_size=1, max_size=6
)


def outer(column: list[float], row: list[float]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(y * x) + 0.0 for x in row) for y in column)


@given(INTEGERS, INTEGERS, st.integers(0, 40))
def test_factors_of_dyadic_kernels_are_exact_and_their_row_has_no_common_divisor(
    column: list[float], row: list[float], halvings: int
) -> None:
    rows = outer([c / 2**halvings for c in column], row)
    factors = factor(rows)
    if not any(column) or not any(row):
        assert factors is None
        assert rank(rows) == 0
        return
    assert factors is not None
    assert all(
        Fraction(c) * Fraction(r) == Fraction(w)
        for c, weights in zip(factors[0], rows, strict=True)
        for r, w in zip(factors[1], weights, strict=True)
    )
    assert all(value.is_integer() for value in factors[1])
    assert math.gcd(*map(int, factors[1])) == 1


@given(FLOATS, FLOATS)
def test_an_outer_product_of_rounded_floats_is_separable(
    column: list[float], row: list[float]
) -> None:
    rows = outer(column, row)
    factors = factor(rows)
    if any(map(any, rows)):
        assert factors is not None
        assert rank(rows) == 1
        np.testing.assert_allclose(np.outer(*factors), rows, rtol=2.0**-50, atol=0)


@given(FLOATS, FLOATS, st.data())
def test_one_weight_off_by_a_millionth_is_no_longer_separable(
    column: list[float], row: list[float], data: st.DataObject
) -> None:
    column, row = [c or 1.0 for c in [*column, 2.0]], [r or 1.0 for r in [*row, 3.0]]
    rows = [list(r) for r in outer(column, row)]
    y = data.draw(st.integers(0, len(column) - 1))
    x = data.draw(st.integers(0, len(row) - 1))
    rows[y][x] *= 1 + 1e-6
    spoiled = tuple(map(tuple, rows))
    assert factor(spoiled) is None
    assert rank(spoiled) >= 2


@pytest.mark.parametrize("name", [kernel.name for kernel in named_kernels()])
def test_the_rank_of_named_kernels_is_numpys(name: str) -> None:
    _, rows = named_rows(name)
    assert rank(rows) == np.linalg.matrix_rank(np.array(rows))


@given(st.integers(1, 5), st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_the_rank_of_random_integer_kernels_is_numpys(
    terms: int, height: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(-9, 10, (height, terms)) @ rng.integers(-9, 10, (terms, width))
    rows = tuple(tuple(map(float, row)) for row in table)
    assert rank(rows) == np.linalg.matrix_rank(table)


def test_factors_of_the_well_known_kernels_look_as_in_the_books() -> None:
    assert factor(named_rows("sobel-y")[1]) == ((-1.0, 0.0, 1.0), (1.0, 2.0, 1.0))
    assert factor(named_rows("b3")[1]) == (
        tuple(w / 256 for w in (1, 4, 6, 4, 1)),
        (1.0, 4.0, 6.0, 4.0, 1.0),
    )


def test_products_that_underflow_do_not_hide_a_separable_kernel() -> None:
    assert factor(named_rows("binomial:701")[1]) is not None
