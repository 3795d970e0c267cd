"""The classic masks: their signs, their sums, and what they give on a ramp."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from dilcli.core.kernels import parse_kernel

NAMES = ["sobel-x", "sobel-y", "sobel-x:5", "sobel-y:4", "scharr-x", "scharr-y", "prewitt-x",
         "prewitt-y", "roberts:1", "roberts:2", "laplacian:4", "laplacian:8"]  # fmt: skip


@pytest.mark.parametrize("text", NAMES)
def test_weights_are_integers_that_sum_to_zero_exactly(text: str) -> None:
    k = parse_kernel(text)
    assert k.total == 0
    assert all(w.is_integer() for row in k.weights for w in row)


@pytest.mark.parametrize(
    ("text", "right", "down"),
    [
        ("sobel-x", 8, 0), ("sobel-y", 0, 8), ("scharr-x", 32, 0), ("scharr-y", 0, 32),
        ("prewitt-x", 6, 0), ("prewitt-y", 0, 6), ("roberts:1", 1, 1), ("roberts:2", 1, -1),
        ("laplacian:4", 0, 0), ("laplacian:8", 0, 0), ("sobel-x:2", 2, 0), ("sobel-x:5", 128, 0),
    ],
)  # fmt: skip
def test_slopes_to_the_right_and_down_are_positive(text: str, right: int, down: int) -> None:
    y, x = np.mgrid[:11, :11].astype(float)
    weights = np.array(parse_kernel(text).weights)
    assert ndimage.correlate(x, weights)[5, 5] == right
    assert ndimage.correlate(y, weights)[5, 5] == down


@pytest.mark.parametrize(("axis", "name"), list(enumerate("yx")))
def test_sobel_and_prewitt_are_scipys(axis: int, name: str) -> None:
    image = np.random.default_rng(1).random((9, 12))
    for text, function in {"sobel": ndimage.sobel, "prewitt": ndimage.prewitt}.items():
        weights = np.array(parse_kernel(f"{text}-{name}").weights)
        np.testing.assert_allclose(
            ndimage.correlate(image, weights), function(image, axis), atol=1e-14
        )


def test_the_laplacian_is_scipys() -> None:
    image = np.random.default_rng(1).random((9, 12))
    weights = np.array(parse_kernel("laplacian").weights)
    np.testing.assert_allclose(
        ndimage.correlate(image, weights), ndimage.laplace(image), atol=1e-14
    )


def test_larger_sobels_are_those_of_getderivkernels() -> None:
    """The tables of OpenCV's documentation of getDerivKernels, sizes 3, 5 and 7."""
    for size, smooth, slope in [
        (3, [1, 2, 1], [-1, 0, 1]),
        (5, [1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]),
        (7, [1, 6, 15, 20, 15, 6, 1], [-1, -4, -5, 0, 5, 4, 1]),
    ]:
        np.testing.assert_array_equal(
            parse_kernel(f"sobel-x:{size}").weights, np.outer(smooth, slope)
        )
        np.testing.assert_array_equal(
            parse_kernel(f"sobel-y:{size}").weights, np.outer(slope, smooth)
        )


def test_the_largest_sobel_is_still_exact() -> None:
    row = parse_kernel("sobel-x:31").weights[0]
    slope = np.array([1], dtype=object)
    for step in [[-1, 1], *[[1, 1]] * 29]:
        slope = np.convolve(slope, np.array(step, dtype=object))
    assert [int(w) for w in row] == slope.tolist()
