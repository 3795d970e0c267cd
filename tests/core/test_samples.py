"""Responses become samples as plain NumPy says: rounded, saturated, counted, never wrapped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dilcli.core.correlate import correlate
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.core.response import (
    DEPTHS,
    RESPONSES,
    Response,
    choose_response,
    output_dtype,
    response_bounds,
)
from dilcli.core.samples import Fit, fit, stretched, to_samples
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.response import Depth

INTEGERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32")
FLOATS = ("float16", "float32", "float64")
SOBEL = parse_kernel("sobel-y")


def _expected(responses: NDArray[Any], f: Fit) -> tuple[NDArray[Any], int]:
    """Scale, round and saturate one sample at a time, and count what saturates."""
    dtype, out, lost = np.dtype(f.dtype), [], 0
    for r in responses.ravel().tolist():
        value = ((abs(r) if f.absolute else r) - f.base) * f.gain + f.offset
        if dtype.kind == "f":
            cut = abs(value) > f.high and np.isfinite(value)
            out.append(np.copysign(f.high, value) if cut else value)
            lost += cut
        elif np.isnan(value):
            out.append(0)
            lost += 1
        else:
            whole = round(value) if np.isfinite(value) else value
            out.append(int(min(max(whole, f.low), f.high)))
            lost += not f.low <= whole <= f.high
    return np.array(out, object).reshape(responses.shape).astype(dtype), lost


def _sampled(responses: NDArray[Any], f: Fit) -> tuple[NDArray[Any], int]:
    out = np.empty(responses.shape, f.dtype)
    with np.errstate(all="ignore"):
        lost = to_samples(responses.copy(), f, out)
    return out, lost


@given(
    hnp.arrays(np.float64, 12, elements=st.floats(width=64)),
    st.sampled_from(INTEGERS + FLOATS),
    st.sampled_from([1.0, 257.0, 127 / 1020, -2.5]),
    st.sampled_from([0.0, 128.0, -7.25]),
    st.booleans(),
)
def test_samples_and_the_count_of_clipped_ones_are_those_of_plain_arithmetic(
    responses: NDArray[np.float64], dtype: str, gain: float, offset: float, absolute: bool
) -> None:
    low, high = {"float16": (-65504.0, 65504.0)}.get(dtype, (-np.inf, np.inf))
    if dtype in INTEGERS:
        low, high = _ends(dtype)
    f = Fit(dtype, gain, offset, absolute, low, high)
    with np.errstate(all="ignore"):
        samples, lost = _expected(responses, f)
    got, count = _sampled(responses, f)
    np.testing.assert_array_equal(got, samples)
    assert count == lost


@pytest.mark.parametrize("dtype", INTEGERS)
def test_halves_go_to_the_even_neighbour(dtype: str) -> None:
    f = fit("clip", np.dtype("float32"), np.dtype(dtype), (0.0, 1.0))
    got, lost = _sampled(np.array([0.5, 1.5, 2.5, 3.5, 126.5]), f)
    assert got.tolist() == [0, 2, 2, 4, 126]
    assert lost == 0


def test_a_value_that_rounds_into_the_range_is_not_clipped_and_one_that_rounds_out_is() -> None:
    f = fit("clip", np.dtype("float32"), np.dtype("uint8"), (0.0, 1.0))
    got, lost = _sampled(np.array([-0.5, 255.49, 255.5, -0.51, 256.0]), f)
    assert got.tolist() == [0, 255, 255, 0, 255]
    assert lost == 3


def test_nothing_wraps_however_far_a_response_lies() -> None:
    far = np.array([-1e300, -257.0, -1.0, 256.0, 511.0, 1e300, np.inf, -np.inf, np.nan])
    for dtype in INTEGERS:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        f = fit("clip", np.dtype("float64"), np.dtype(dtype), (0.0, 1.0))
        got, _ = _sampled(far, f)
        assert got.tolist() == [int(np.clip(v, low, high)) for v in far[:-1]] + [0]


def test_64_bit_integers_saturate_at_the_last_float_of_their_type() -> None:
    for dtype in ("int64", "uint64"):
        f = fit("clip", np.dtype(dtype), np.dtype(dtype), (-1e30, 1e30))
        got, lost = _sampled(np.array([2.0**53, 1e300, -1e300]), f)
        info = np.iinfo(dtype)
        assert got[0] == 2**53
        assert info.max - 2048 < int(got[1]) <= info.max
        assert got[2] == info.min
        assert lost == 2


def test_float16_saturates_finite_responses_and_keeps_infinities_and_nans() -> None:
    f = fit("raw", np.dtype("float16"), np.dtype("float16"), (-1.0, 1.0))
    got, lost = _sampled(np.array([7e4, -1e30, np.inf, -np.inf, np.nan, 1.5], np.float32), f)
    np.testing.assert_array_equal(
        got, np.array([65504, -65504, np.inf, -np.inf, np.nan, 1.5], "f2")
    )
    assert lost == 2


def test_float32_and_float64_keep_every_response() -> None:
    for dtype in ("float32", "float64"):
        f = fit("raw", np.dtype(dtype), np.dtype(dtype), (0.0, 1.0))
        values = np.array([1e30, -np.inf, np.nan, 0.1], dtype)
        got, lost = _sampled(values, f)
        np.testing.assert_array_equal(got, values)
        assert lost == 0


@pytest.mark.parametrize(
    ("dtype", "whole", "middle"), [("uint8", 255, 128), ("uint16", 65535, 32768)]
)
def test_offset_has_the_gain_of_the_kernels_own_bound(dtype: str, whole: int, middle: int) -> None:
    """Sobel on 8 bits: 127 / 1020, 0 at 128."""
    bounds = response_bounds(SOBEL, 0.0, float(whole))
    assert bounds == (-4.0 * whole, 4.0 * whole)
    f = fit("offset", np.dtype(dtype), np.dtype(dtype), bounds)
    assert f.offset == middle
    assert f.gain == (whole - middle) / (4 * whole)
    assert f.bounded
    got, lost = _sampled(np.array([-4 * whole, 0, 4 * whole], np.float32), f)
    assert got.tolist() == [2 * middle - whole, middle, whole]
    assert lost == 0


def test_offset_in_signed_samples_puts_zero_at_zero() -> None:
    bounds = response_bounds(SOBEL, -32768.0, 32767.0)
    f = fit("offset", np.dtype("int16"), np.dtype("int16"), bounds)
    assert f.offset == 0
    assert round(f.gain * max(bounds)) == 32767


def test_a_kernel_of_zeros_makes_an_offset_picture_of_mid_grey() -> None:
    f = fit("offset", np.dtype("uint8"), np.dtype("uint8"), (0.0, 0.0))
    assert _sampled(np.zeros(3), f)[0].tolist() == [128, 128, 128]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize(("least", "most"), [(-3.5, 900.0), (6e4, 6e4 + 10), (1e7, 1e7 + 4)])
def test_minmax_fills_the_range_and_clips_nothing(dtype: str, least: float, most: float) -> None:
    f = stretched(np.dtype(dtype), least, most)
    reals = (np.float64,) if dtype.endswith("32") else (np.float32, np.float64)
    for real in reals:
        got, lost = _sampled(np.array([least, (least + most) / 2, most], real), f)
        whole = np.iinfo(dtype)
        assert lost == 0
        assert (got[0], got[2]) == (whole.min, whole.max)
        assert got[0] < got[1] < got[2]


def test_minmax_of_floats_ends_at_0_and_1_and_a_flat_picture_at_the_lower_end() -> None:
    assert _sampled(np.array([2.0, 3.0, 4.0]), stretched(np.dtype("float64"), 2, 4))[
        0
    ].tolist() == [
        0,
        0.5,
        1,
    ]
    assert _sampled(np.full(2, 7.0), stretched(np.dtype("int8"), 7, 7))[0].tolist() == [-128] * 2


@pytest.mark.parametrize(
    ("source", "output", "gain"),
    [
        ("uint8", "uint16", 257),
        ("uint16", "uint8", 1 / 257),
        ("uint8", "uint8", 1),
        ("uint8", "float32", 1),
        ("float32", "uint16", 1),
        ("int16", "uint8", 1),
    ],
)
def test_8_and_16_bits_are_shares_of_full_scale_and_all_else_keeps_its_units(
    source: str, output: str, gain: float
) -> None:
    assert fit("clip", np.dtype(source), np.dtype(output), (0.0, 1.0)).gain == gain


def test_8_to_16_to_8_bits_gives_every_value_back_and_16_to_8_is_the_nearest() -> None:
    eight = np.arange(256, dtype=np.float32)
    up, _ = _sampled(eight, fit("clip", np.dtype("u1"), np.dtype("u2"), (0.0, 255.0)))
    np.testing.assert_array_equal(up, np.arange(256) * 257)
    every = np.arange(65536, dtype=np.float32)
    down, lost = _sampled(every, fit("clip", np.dtype("u2"), np.dtype("u1"), (0.0, 65535.0)))
    np.testing.assert_array_equal(down, np.rint(np.arange(65536) / 257))
    assert lost == 0


def test_a_float_source_an_unbounded_doubt_and_a_tight_range_are_never_taken_for_bounded() -> None:
    eight, real = np.dtype("uint8"), np.dtype("float32")
    assert fit("clip", eight, eight, (0.0, 255.0)).bounded
    assert not fit("clip", real, eight, (0.0, 255.0)).bounded
    assert not fit("clip", eight, eight, (0.0, 255.0), doubt=np.inf).bounded
    assert not fit("clip", eight, eight, (0.0, 255.0), doubt=0.25).bounded
    assert not fit("clip", eight, eight, (0.0, 255.0), bias=1.0).bounded
    assert not fit("clip", eight, eight, (-1.0, 255.0)).bounded
    assert fit("abs", eight, eight, (-255.0, 255.0)).bounded
    assert not fit("abs", eight, eight, (-256.0, 100.0)).bounded
    assert not fit("clip", eight, np.dtype("uint16"), (0.0, 256.0)).bounded


def _ends(dtype: str) -> tuple[float, float]:
    info = np.iinfo(np.dtype(dtype).name)
    return float(info.min), float(info.max)


def _by_numpy(
    r: NDArray[Any], meant: str, source: str, output: np.dtype[Any]
) -> tuple[NDArray[np.float64], int]:
    """Fit responses of sobel-y in float64, and count what saturates."""
    real = output.kind == "f"
    low, high = (-np.inf, np.inf) if real else _ends(output.name)
    if meant == "minmax":
        start, end = (0.0, 1.0) if real else (low, high)
        value = (r - r.min()) / np.ptp(r) * (end - start) + start
        return value if real else np.clip(np.rint(value), low, high), 0
    if meant == "offset":
        least, most = _ends(output.name if source == "float32" else source)
        middle = (high + 1) / 2 if output.kind == "u" else 0.0
        value = middle + r * ((high - middle) / (4 * (most - least)))
    else:
        scale = {("uint8", "uint16"): 257, ("uint16", "uint8"): 1 / 257}
        value = (np.abs(r) if meant == "abs" else r) * scale.get((source, output.name), 1)
    if real:
        return value, 0
    value = np.rint(value)
    return np.clip(value, low, high), int(np.count_nonzero((value < low) | (value > high)))


@pytest.mark.parametrize("source", ["uint8", "uint16", "int16", "float32", "int64"])
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("response", RESPONSES)
def test_each_response_at_each_depth_of_each_type_is_plain_numpy_on_the_response(
    response: Response, depth: Depth, source: str
) -> None:
    picture = np.random.default_rng(5).integers(0, 200, (9, 8)).astype(source)
    output = output_dtype(source, depth)
    recipe = Recipe(SOBEL, response=response, depth=depth)
    if (response, output.kind) in (("raw", "u"), ("offset", "f")):
        with pytest.raises(ArgumentError):
            filter_frame(picture, recipe)
        return
    got = filter_frame(picture, recipe)
    r = correlate(picture.astype(np.float64), SOBEL)
    wanted, lost = _by_numpy(r, choose_response(response, SOBEL, output), source, output)
    assert got.samples.dtype == output
    # A gain that is no power of two may push a half to either side.
    atol = 1.0 if response == "offset" and output != np.uint8 else 1e-6
    np.testing.assert_allclose(got.samples.astype(float), wanted, rtol=2e-7, atol=atol)
    # The end of 64 bits is no float, so the largest response falls just short of it.
    assert got.clipped == lost or (response == "minmax" and output == np.int64)
