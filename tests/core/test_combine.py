"""Several rates become one response as NumPy combines the responses of `correlate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core import strips
from dilcli.core.combine import combined_total
from dilcli.core.correlate import correlate
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.core.response import COMBINATIONS, Combination

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dilcli.core.boundary import Boundary

BOUNDARIES: tuple[Boundary, ...] = ("reflect", "mirror", "nearest", "wrap", "constant")
Pair = tuple[int, int]


def _combined(
    image: NDArray[Any],
    kernel: Kernel,
    rates: Sequence[Pair],
    how: Combination,
    stride: Pair = (1, 1),
    **outside: Any,
) -> NDArray[Any]:
    """Filter whole pictures one after another, stride at the end."""
    if how == "cascade":
        for rate in rates:
            image = correlate(image, kernel, dilation=rate, **outside)
        return image[:: stride[0], :: stride[1]]
    each = [correlate(image, kernel, dilation=rate, stride=stride, **outside) for rate in rates]
    if how == "rms":
        each = [np.sqrt(np.mean(np.square(each), axis=0))]
    join: dict[str, Any] = {"max": np.max, "mean": np.mean, "sum": np.sum, "rms": np.max}
    return np.asarray(join[how](each, axis=0))


@settings(max_examples=100)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(COMBINATIONS),
    st.sampled_from(BOUNDARIES),
    st.sampled_from(["float32", "float64", "uint8", "int16"]),
)
def test_a_combination_is_that_of_the_responses_to_each_rate(
    seed: int, how: Combination, boundary: Boundary, dtype: str
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(-90, 90, (*rng.integers(1, 14, 2), rng.integers(1, 5))).astype(dtype)
    kernel = Kernel(tuple(map(tuple, rng.normal(size=rng.integers(1, 5, 2)).tolist())))
    rates = tuple((int(y), int(x)) for y, x in rng.integers(1, 6, (rng.integers(1, 4), 2)))
    stride = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    fill = float(rng.integers(-20, 20))
    recipe = Recipe(
        kernel,
        rates,
        how,
        boundary=boundary,
        fill=fill,
        stride=stride,
        response="raw",
        depth="float",
    )
    got = filter_frame(image, recipe).samples
    wanted = _combined(
        image.astype(float), kernel, rates, how, stride, boundary=boundary, fill=fill
    )
    if image.shape[2] == 1:
        wanted = wanted.reshape(got.shape)
    size = 90 * max(1.0, kernel.l1) ** len(rates)
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5 * size)


@pytest.mark.parametrize("how", COMBINATIONS)
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
def test_threads_and_strip_heights_leave_every_bit_alone(
    how: Combination, alpha: bool, stride: Pair
) -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 65536, (211, 170, 4)).astype(np.uint16)
    image[40:60, :, 3] = 0
    for spec in ("gaussian:sigma=1", "disk:radius=2"):
        recipe = Recipe(
            parse_kernel(spec), ((1, 1), (3, 2), (5, 7)), how, stride=stride, depth="float"
        )
        results = []
        for threads, rows in ((1, (8, 64)), (2, (8, 64)), (3, (3, 5)), (1, (500, 500))):
            with mock.patch.object(strips, "STRIP_ROWS", rows):
                results.append(filter_frame(image, recipe, alpha=alpha, threads=threads).samples)
        for other in results[1:]:
            np.testing.assert_array_equal(results[0], other)


@pytest.mark.parametrize("how", COMBINATIONS)
def test_one_rate_combined_is_that_rate_but_for_the_sign_of_rms(how: Combination) -> None:
    image = np.random.default_rng(2).normal(size=(9, 8))
    kernel = parse_kernel("sobel-x")
    alone = correlate(image, kernel, dilation=2)
    got = filter_frame(image, Recipe(kernel, ((2, 2),), how)).samples
    np.testing.assert_allclose(got, np.abs(alone) if how == "rms" else alone, rtol=1e-15)


@pytest.mark.parametrize("how", COMBINATIONS)
def test_the_total_is_the_response_to_a_picture_of_ones(how: Combination) -> None:
    kernel = parse_kernel("1 2 1; 2 4 2")
    rates = ((1, 1), (2, 2), (3, 1))
    ones = _combined(np.ones((7, 7)), kernel, rates, how)
    np.testing.assert_allclose(ones, combined_total(kernel.total, 3, how))


def test_a_total_beyond_all_numbers_is_infinite_and_no_error() -> None:
    assert combined_total(1e200, 2, "cascade") == np.inf


def test_the_maximum_of_a_nan_is_a_nan() -> None:
    image = np.zeros((3, 9), np.float32)
    image[:, 4] = np.nan
    kernel = parse_kernel("1 0 1")
    got = filter_frame(image, Recipe(kernel, ((1, 1), (1, 2)), "max")).samples
    assert np.flatnonzero(np.isnan(got[1])).tolist() == [2, 3, 5, 6]


@pytest.mark.parametrize("combine", ["sum", "mean", "max", "rms", "cascade"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_nan_has_one_sign_whatever_it_came_from(combine: Any, dtype: str) -> None:
    """Also where rates add infinities of both signs and a NaN."""
    rng = np.random.default_rng(1)
    values = np.array([np.inf, -np.inf, np.nan, -np.nan, 1.0])
    image = rng.choice(values, (27, 7)).astype(dtype)
    rates = ((1, 1), (2, 2), (3, 3), (5, 5))
    recipe = Recipe(Kernel(((1.0, 0.0, 2.0),)), rates, combine, response="raw", depth="float")
    found = filter_frame(image, recipe, threads=1).samples
    missing = np.isnan(found)
    assert missing.any()
    assert not np.signbit(found[missing]).any()
