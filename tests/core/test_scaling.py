"""A scaling function is found in every kernel that has one, and missed in words in the others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.scaling import scaling_taps
from dilcli.errors import KernelError

B3 = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)


@pytest.mark.parametrize(
    ("kernel", "wanted"),
    [
        ("b3", B3),
        ("linear", (0.25, 0.5, 0.25)),
        ("1 2 1 / 4", (0.25, 0.5, 0.25)),
        ("1; 2; 1 / 4", (0.25, 0.5, 0.25)),
        (parse_kernel("binomial:5"), B3),
        (B3, B3),
        (np.array(B3), B3),
        ([0, 1 / 4, 1 / 2, 1 / 4, 0], (0.25, 0.5, 0.25)),
        ([-1 / 16, 0, 18 / 16, 0, -1 / 16], (-0.0625, 0.0, 1.125, 0.0, -0.0625)),
    ],
)
def test_dyadic_taps_are_exact(kernel: Any, wanted: tuple[float, ...]) -> None:
    assert scaling_taps(kernel) == wanted


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=9))
def test_the_factor_of_an_outer_product_is_its_axis(half: list[float]) -> None:
    taps = np.array(half[:0:-1] + half)
    taps /= taps.sum()
    got = scaling_taps(Kernel(tuple(map(tuple, np.outer(taps, taps).tolist()))))
    np.testing.assert_allclose(got, taps, rtol=1e-14)
    assert got == got[::-1]
    assert math.isclose(math.fsum(got), 1, rel_tol=1e-15)


def test_a_gaussian_of_seven_digits_is_made_to_sum_to_one() -> None:
    taps = scaling_taps([0.2740686, 0.4518628, 0.2740687])
    assert taps[0] == taps[2]
    assert math.isclose(math.fsum(taps), 1, rel_tol=1e-15)


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        ("1 2 1", "sums to 4; want 1"),
        ("sobel-x", "sums to 0; want 1"),
        ("disk:radius=2", "rank above 1"),
        ("box:3x5", "differs between rows and columns"),
        ("1 1 / 2", "has 2 taps along an axis; want an odd number"),
        ("1 2 3 / 6", "not symmetric"),
        ("identity:3", "single weight, which smooths nothing"),
        ([0.5, math.nan, 0.5], "not finite|nan"),
        ([[0.5]], "not a row of numbers"),
        (3, "not a row of numbers"),
        ([], "no weights"),
    ],
)
def test_a_kernel_without_a_scaling_function_says_why_in_one_line(kernel: Any, words: str) -> None:
    with pytest.raises(KernelError, match=words) as error:
        scaling_taps(kernel)
    assert "\n" not in str(error.value)
