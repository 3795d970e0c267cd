"""Low-pass filters for a rate: their weights, and where there is nothing to filter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from dilcli.errors import ArgumentError
from dilcli.features.prefilter import PREFILTERS, check_prefilter, prefilter_kernel

RATES = st.tuples(st.integers(1, 6), st.integers(1, 6))


def weights(text: str, rate: tuple[int, int]) -> np.ndarray:
    kernel = prefilter_kernel(text, rate)
    assert kernel is not None
    return np.array(kernel.weights)


@given(st.sampled_from([*PREFILTERS, "gaussian:sigma=0.7"]), RATES)
def test_a_constant_picture_stays_and_an_axis_that_keeps_all_samples_is_not_filtered(
    text: str, rate: tuple[int, int]
) -> None:
    kernel = prefilter_kernel(text, rate)
    if text == "none" or rate == (1, 1):
        assert kernel is None
        return
    assert kernel is not None
    assert kernel.total == pytest.approx(1, abs=1e-12)
    assert [n == 1 for n in kernel.shape] == [r == 1 for r in rate] or text == "gaussian:sigma=0.1"
    assert kernel.factors() is not None


@pytest.mark.parametrize(("text", "sigmas"), [("gaussian", (1.0, 1.5)), ("gaussian:2", (2, 2))])
def test_gaussian_is_scipys_whose_sigma_is_half_the_rate_unless_it_is_said(
    text: str, sigmas: tuple[float, float]
) -> None:
    impulse = np.zeros((41, 41))
    impulse[20, 20] = 1
    made = weights(text, (2, 3))
    up, left = (n // 2 for n in made.shape)
    wanted = ndimage.gaussian_filter(impulse, sigmas)
    cut = wanted[20 - up : 21 + up, 20 - left : 21 + left]
    assert made == pytest.approx(cut, abs=1e-15)
    assert math.isclose(wanted.sum(), cut.sum())


def test_sigma_may_differ_between_the_axes() -> None:
    assert weights("gaussian:sigma=1x2", (2, 2)).shape == (9, 17)


def test_box_is_the_mean_of_a_block_and_b3_the_cubic_spline() -> None:
    assert weights("box", (2, 3)) == pytest.approx(np.full((2, 3), 1 / 6))
    line = np.array([1, 4, 6, 4, 1]) / 16
    assert weights("B3", (1, 4)).tolist() == [line.tolist()]
    assert weights("b3", (2, 2)) == pytest.approx(np.outer(line, line))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gauss", "Did you mean 'gaussian'"),
        ("gaussian:sigma=x", "choices"),
        ("gaussian:sigma=0", "sigma must be > 0"),
        ("box:3", "choices"),
        ("", "choices"),
    ],
)
def test_other_texts_are_refused(text: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        check_prefilter(text)
    with pytest.raises(ArgumentError, match=message):
        prefilter_kernel(text, (2, 2))
