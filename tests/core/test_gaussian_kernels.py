"""Kernels made from a sampled Gaussian, against SciPy and against polynomials."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.errors import KernelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGMAS = st.floats(0.3, 6)
SIZES = st.integers(3, 14)


def answer(kernel: Kernel, polynomial: Any) -> float:
    """Correlate with a polynomial of y and x, measured from the middle of the kernel."""
    rows, columns = kernel.shape
    y, x = np.mgrid[:rows, :columns] - np.array([(rows - 1) / 2, (columns - 1) / 2])[:, None, None]
    values: NDArray[np.float64] = polynomial(y, x)
    return math.fsum((np.array(kernel.weights) * values).ravel())


def impulse(kernel: Kernel) -> NDArray[np.float64]:
    image = np.zeros(kernel.shape)
    image[kernel.shape[0] // 2, kernel.shape[1] // 2] = 1
    return image


@given(SIGMAS, SIGMAS)
def test_gaussian_is_scipys_gaussian_filter(down: float, across: float) -> None:
    k = parse_kernel(f"gaussian:sigma={down!r}x{across!r}")
    expected = ndimage.gaussian_filter(impulse(k), (down, across), mode="constant")
    np.testing.assert_allclose(k.weights, expected, rtol=1e-12, atol=1e-300)


@given(SIGMAS, SIZES, SIZES)
def test_gaussian_sums_to_one_and_is_symmetric(sigma: float, rows: int, columns: int) -> None:
    k = parse_kernel(f"gaussian:sigma={sigma!r},size={rows}x{columns}")
    assert k.shape == (rows, columns)
    assert math.isclose(k.total, 1, rel_tol=1e-15)
    assert k.weights == tuple(row[::-1] for row in k.weights[::-1])


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("gaussian-dx", {"1": 0, "x": 1, "y": 0, "xx": 0, "xy": 0, "yy": 0}),
        ("gaussian-dy", {"1": 0, "x": 0, "y": 1, "xx": 0, "xy": 0, "yy": 0}),
        ("gaussian-dxx", {"1": 0, "x": 0, "y": 0, "xx": 2, "xy": 0, "yy": 0}),
        ("gaussian-dyy", {"1": 0, "x": 0, "y": 0, "xx": 0, "xy": 0, "yy": 2}),
        ("gaussian-dxy", {"1": 0, "x": 0, "y": 0, "xx": 0, "xy": 1, "yy": 0}),
        ("log", {"1": 0, "x": 0, "y": 0, "xx": 2, "xy": 0, "yy": 2}),
    ],
)
@given(sigma=SIGMAS, rows=SIZES, columns=SIZES)
def test_derivatives_are_right_on_polynomials(
    name: str, answers: dict[str, float], sigma: float, rows: int, columns: int
) -> None:
    """Whatever the sigma and the size, even ones too; so a ramp's slope is 1 at any cut."""
    k = parse_kernel(f"{name}:sigma={sigma!r},size={rows}x{columns}")
    for monomial, expected in answers.items():
        got = answer(
            k, lambda y, x, m=monomial: x ** m.count("x") * y ** m.count("y") * np.ones_like(x)
        )
        assert math.isclose(got, expected, rel_tol=1e-10, abs_tol=1e-9), monomial
    assert k.is_zero_sum


def test_derivatives_come_close_to_scipys_where_sampling_is_fine() -> None:
    for name, order in {
        "gaussian-dx": (0, 1),
        "gaussian-dy": (1, 0),
        "gaussian-dxy": (1, 1),
    }.items():
        k = parse_kernel(f"{name}:sigma=3,size=41")
        expected = ndimage.gaussian_filter(impulse(k), 3, order=order, mode="constant", truncate=6)
        # An impulse draws the kernel turned by 180 degrees.
        np.testing.assert_allclose(k.weights, expected[::-1, ::-1], atol=2e-5)
    k = parse_kernel("log:sigma=3,size=41")
    expected = ndimage.gaussian_laplace(impulse(k), 3, mode="constant", truncate=6)
    np.testing.assert_allclose(k.weights, expected, atol=2e-5)


def test_the_second_derivative_on_three_taps_is_the_finite_difference() -> None:
    assert parse_kernel("gaussian-dxx:size=1x3").weights == ((1.0, -2.0, 1.0),)
    assert parse_kernel("gaussian-dx:size=1x2").weights == ((-1.0, 1.0),)


@given(SIGMAS, st.floats(1.1, 3))
def test_a_difference_of_gaussians_sums_to_zero_and_is_positive_in_the_middle(
    sigma: float, ratio: float
) -> None:
    k = parse_kernel(f"dog:sigma={sigma!r},ratio={ratio!r}")
    rows, columns = k.shape
    assert k.is_zero_sum
    assert rows == columns == 2 * int(4 * sigma * ratio + 0.5) + 1
    assert k.weights[rows // 2][columns // 2] > 0


def test_unsharp_is_the_image_plus_what_its_blur_removed() -> None:
    rng = np.random.default_rng(3)
    image = rng.random((30, 20))
    k = parse_kernel("unsharp:sigma=1.5,amount=0.7")
    expected = image + 0.7 * (image - ndimage.gaussian_filter(image, 1.5))
    got = ndimage.correlate(image, np.array(k.weights))
    np.testing.assert_allclose(got, expected, atol=1e-12)
    assert math.isclose(k.total, 1)


@given(st.floats(2, 12), st.floats(-360, 360), st.floats(0.5, 2), st.floats(-180, 180))
def test_gabor_sums_to_zero_and_its_positive_weights_to_one(
    wavelength: float, angle: float, aspect: float, phase: float
) -> None:
    k = parse_kernel(f"gabor:{wavelength!r},angle={angle!r},aspect={aspect!r},phase={phase!r}")
    assert k.is_zero_sum
    assert math.isclose(k.positive, 1)


def test_gabor_answers_to_its_own_wave_along_its_own_angle() -> None:
    """45 degrees runs to the upper right, so the wave is constant towards the lower right."""
    k = parse_kernel("gabor:wavelength=6,angle=45")
    y, x = np.mgrid[-20:21, -20:21]

    def response(direction: int) -> float:
        wave = np.cos(2 * np.pi * (x + direction * y) / math.sqrt(2) / 6)
        return float(ndimage.correlate(wave, np.array(k.weights))[20, 20])

    assert response(-1) > 0.9
    assert abs(response(+1)) < 0.02


def test_gabor_at_phase_minus_90_rises_along_the_wave() -> None:
    assert answer(parse_kernel("gabor:phase=-90"), lambda y, x: x) > 0
    assert answer(parse_kernel("gabor:phase=-90,angle=90"), lambda y, x: -y) > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gaussian-dx:sigma=0.01", "leaves no weight beside the middle"),
        ("gaussian-dxx:size=2", "too small for derivative 2; use 3"),
        ("gaussian-dy:size=1x9", "too small for derivative 1; use 2"),
        ("dog:sigma=0.05", "the same on so few taps"),
        ("unsharp:size=4", "no middle tap"),
        ("gabor:size=1", "flat on so few taps"),
        ("gaussian:sigma=600", "too many"),
        ("gaussian:sigma=0", "greater than 0"),
    ],
)
def test_what_has_no_kernel_is_an_error_that_says_so(text: str, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        parse_kernel(text)


@pytest.mark.parametrize("sigma", [0.001, 0.05, 0.1])
def test_a_tiny_sigma_leaves_the_image_as_it_is(sigma: float) -> None:
    assert parse_kernel(f"gaussian:{sigma}").weights == ((1.0,),)
    assert parse_kernel(f"gaussian:{sigma},size=3").weights[1][1] == pytest.approx(1)
