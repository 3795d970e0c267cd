"""Kernels that smooth, blur and sharpen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.kernels import parse_kernel
from dilcli.errors import KernelError

SIZES = st.integers(1, 12)


@pytest.mark.parametrize(
    "text", ["box", "box:4x9", "binomial:6", "b3", "linear", "disk:3.7", "motion:12,angle=33",
             "sharpen:2", "emboss:0.5", "identity:3"],
)  # fmt: skip
def test_a_flat_image_stays_as_it_is(text: str) -> None:
    assert math.isclose(parse_kernel(text).total, 1, rel_tol=1e-14)


@given(SIZES, SIZES)
def test_identity_has_its_one_tap_on_the_output_pixel(rows: int, columns: int) -> None:
    k = parse_kernel(f"identity:{rows}x{columns}")
    assert k.shape == (rows, columns)
    assert k.taps((3, 2)) == ((0, 0, 1.0),)


@given(SIZES, SIZES)
def test_box_weights_are_all_one_nth(rows: int, columns: int) -> None:
    k = parse_kernel(f"box:{rows}x{columns}")
    assert k.weights == ((1 / (rows * columns),) * columns,) * rows


@given(SIZES)
def test_binomial_is_the_repeated_mean_of_two_neighbours_exactly(size: int) -> None:
    row = np.ones(1)
    for _ in range(size - 1):
        row = np.convolve(row, [0.5, 0.5])
    assert parse_kernel(f"binomial:1x{size}").weights == (tuple(row),)
    assert parse_kernel(f"binomial:{size}").weights == tuple(map(tuple, np.outer(row, row)))


def test_the_splines_are_exact_dyadics() -> None:
    row = np.array([1, 4, 6, 4, 1])
    assert parse_kernel("b3").weights == tuple(map(tuple, np.outer(row, row) / 256))
    assert parse_kernel("linear").weights == parse_kernel("1 2 1; 2 4 2; 1 2 1 / 16").weights


@given(st.floats(0.1, 9))
def test_disk_weighs_the_pixels_within_its_radius_alike(radius: float) -> None:
    k = parse_kernel(f"disk:{radius!r}")
    y, x = np.mgrid[: k.shape[0], : k.shape[1]] - k.shape[0] // 2
    inside = x**2 + y**2 <= radius**2
    np.testing.assert_array_equal(np.array(k.weights) > 0, inside)
    assert len({w for row in k.weights for w in row} - {0.0}) == 1


@given(st.integers(1, 30), st.floats(-720, 720))
def test_motion_is_symmetric_and_lies_on_its_line(length: int, angle: float) -> None:
    k = parse_kernel(f"motion:{length},angle={angle!r}")
    assert math.isclose(k.total, 1)
    np.testing.assert_allclose(np.array(k.weights), np.array(k.weights)[::-1, ::-1], atol=1e-9)
    down, right = -math.sin(math.radians(angle)), math.cos(math.radians(angle))
    for tap in k.taps():
        assert abs(tap.dy * right - tap.dx * down) < math.sqrt(2)
        assert abs(tap.dy * down + tap.dx * right) < (length - 1) / 2 + math.sqrt(2)


def test_motion_along_the_axes_is_a_plain_mean() -> None:
    assert parse_kernel("motion:5").weights == ((0.2,) * 5,)
    assert parse_kernel("motion:5,angle=90").weights == ((0.2,),) * 5
    assert parse_kernel("motion:4").weights == ((0.125, 0.25, 0.25, 0.25, 0.125),)


def test_motion_at_45_degrees_climbs_to_the_right() -> None:
    (up_right,) = [t.weight for t in parse_kernel("motion:9,angle=45").taps() if t[:2] == (-1, 1)]
    assert up_right > 0
    assert not [t for t in parse_kernel("motion:9,angle=45").taps() if t[:2] == (2, 2)]


def test_sharpen_is_identity_minus_the_laplacian() -> None:
    difference = np.array(parse_kernel("identity:3").weights) - np.array(
        parse_kernel("laplacian").weights
    )
    np.testing.assert_array_equal(parse_kernel("sharpen").weights, difference)


def test_emboss_is_the_well_known_kernel() -> None:
    assert parse_kernel("emboss").weights == parse_kernel("-2 -1 0; -1 1 1; 0 1 2").weights


@pytest.mark.parametrize("text", ["box:4096", "identity:1025x1024", "binomial:2000", "disk:600",
                                  "gabor:size=2000", "motion:4096,angle=45"])  # fmt: skip
def test_kernels_that_are_too_large_are_refused_at_once(text: str) -> None:
    with pytest.raises(KernelError, match="taps are too many"):
        parse_kernel(text)
