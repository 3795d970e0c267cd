"""Colours are filtered in the light, the channels and under the weights that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dilcli.core.colour import (
    LUMA,
    colour_field,
    flatten,
    full_scale,
    linear_to_srgb,
    srgb_to_linear,
)
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.core.window import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

SINGLE = np.dtype("float32")


def _decode(value: float) -> float:
    """IEC 61966-2-1:1999, 5.2, one value."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def test_decoding_follows_the_published_curve_with_exact_ends() -> None:
    values = np.linspace(0, 1, 4096)
    np.testing.assert_allclose(srgb_to_linear(values), [_decode(v) for v in values.tolist()])
    for dtype in (np.float32, np.float64):
        ends: NDArray[Any] = np.array([0, 1], dtype)
        assert srgb_to_linear(ends).tolist() == [0, 1]
        np.testing.assert_allclose(linear_to_srgb(ends), [0, 1], rtol=3e-7)
        assert srgb_to_linear(ends).dtype == linear_to_srgb(ends).dtype == dtype
    assert float(srgb_to_linear(np.array(0.5))) == pytest.approx(0.21404114)


@given(st.floats(-4, 4))
def test_encoding_undoes_decoding_beyond_the_range_too(value: float) -> None:
    there = srgb_to_linear(np.array([value]))
    # The published constants leave a step of 1e-8 where line and power meet.
    assert float(linear_to_srgb(there)[0]) == pytest.approx(value, abs=1e-7)
    assert np.sign(there[0]) == np.sign(value) or abs(value) < 1e-300


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("threads", [1, 2])
def test_linear_light_and_identity_give_every_sample_back(dtype: str, threads: int) -> None:
    every = np.arange(np.iinfo(dtype).max + 1).astype(dtype).reshape(256, -1)
    recipe = Recipe(parse_kernel("identity"), linear=True)
    got = filter_frame(every, recipe, threads=threads)
    np.testing.assert_array_equal(got.samples, every)
    assert got.clipped == 0


def test_a_mean_in_linear_light_is_the_mean_of_light() -> None:
    """Black and white beside one another are seen as 188, not 128."""
    board = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (4, 4))
    recipe = Recipe(parse_kernel("box:2"), linear=True, boundary="wrap")
    assert np.unique(filter_frame(board, recipe).samples).tolist() == [188]
    recipe = Recipe(parse_kernel("box:2"), boundary="wrap")
    assert np.unique(filter_frame(board, recipe).samples).tolist() == [128]


def test_linear_light_of_32_bits_needs_no_table_of_all_its_values() -> None:
    whole = 2**32 - 1
    picture = np.array([[0, 1, whole // 2, whole]], np.uint32)
    got = filter_frame(picture, Recipe(parse_kernel("identity"), linear=True)).samples
    np.testing.assert_allclose(got.astype(float), picture.astype(float), rtol=1e-9, atol=1)


@given(hnp.arrays(np.uint8, (5, 4, 3)))
def test_luma_is_the_weighted_sum_of_rec_709(picture: NDArray[np.uint8]) -> None:
    assert sum(LUMA) == pytest.approx(1)
    identity = parse_kernel("identity")
    got = filter_frame(picture, Recipe(identity, luma=True, depth="float"))
    assert got.samples.shape == (5, 4)
    wanted = picture @ np.array([0.2126, 0.7152, 0.0722])
    np.testing.assert_allclose(got.samples, wanted, rtol=1e-6)
    rounded = filter_frame(picture, Recipe(identity, luma=True)).samples
    assert np.abs(rounded - wanted).max() <= 0.5 + 1e-4


def test_luma_of_gray_is_gray_and_luma_keeps_alpha() -> None:
    gray = np.arange(24, dtype=np.uint8).reshape(4, 6)
    box = parse_kernel("box")
    plain = filter_frame(gray, Recipe(box)).samples
    np.testing.assert_array_equal(filter_frame(gray, Recipe(box, luma=True)).samples, plain)
    rgba = np.dstack([gray, gray, gray, np.full_like(gray, 255)])
    got = filter_frame(rgba, Recipe(box, luma=True), alpha=True)
    assert got.alpha
    assert got.samples.shape == (4, 6, 2)
    np.testing.assert_array_equal(got.samples[..., 0], plain)
    assert (got.samples[..., 1] == 255).all()


def test_luma_in_linear_light_is_the_luminance() -> None:
    rgb = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]]], np.uint8)
    recipe = Recipe(parse_kernel("identity"), luma=True, linear=True)
    got = filter_frame(rgb, recipe).samples[0]
    wanted = [255 * float(linear_to_srgb(np.array(weight))) for weight in LUMA]
    np.testing.assert_array_equal(got, [*np.rint(wanted), 128])


@pytest.mark.parametrize(
    ("dtype", "whole"), [("uint8", 255), ("uint16", 65535), ("int16", 32767), ("float32", 1.0)]
)
def test_full_scale_is_the_largest_integer_or_one(dtype: str, whole: float) -> None:
    assert full_scale(np.dtype(dtype)) == whole


def _read(pixels: NDArray[Any], **settings: Any) -> NDArray[Any]:
    chosen: dict[str, Any] = {"boundary": "reflect", "fill": 0.0, "alpha": False} | settings
    field = colour_field(whole(pixels), SINGLE, **chosen)
    out = np.empty((field.height, field.width, field.channels), SINGLE)
    field.read(slice(None), slice(None), out)
    return out


def test_the_field_holds_colours_times_alpha_then_alpha_or_colours_alone() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 4)).astype(np.uint8)
    weighted = _read(pixels, alpha=True, premultiply=True)
    real = pixels.astype(float)
    np.testing.assert_array_equal(weighted[..., :3], real[..., :3] * real[..., 3:])
    np.testing.assert_array_equal(weighted[..., 3], real[..., 3])
    np.testing.assert_array_equal(_read(pixels, alpha=True), real[..., :3])
    np.testing.assert_array_equal(_read(pixels), real)


def test_rows_and_columns_may_be_indices() -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    field = colour_field(whole(pixels), SINGLE, boundary="edge", fill=0.0, alpha=False)
    assert field.boundary == "nearest"
    assert field.finite
    rows, columns = np.array([3, 0]), np.array([4, 4, 1])
    out = np.empty((2, 3, 3), SINGLE)
    field.read(rows, columns, out)
    np.testing.assert_array_equal(out, pixels[rows[:, None], columns])


@pytest.mark.parametrize(("fill", "alpha"), [(300.0, 255.0), (-20.0, 0.0), (100.0, 100.0)])
def test_the_fill_stands_in_every_channel_but_alpha_stays_in_its_range(
    fill: float, alpha: float
) -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    settings: dict[str, Any] = {"boundary": "constant", "fill": fill, "alpha": True}
    field = colour_field(whole(pixels), SINGLE, premultiply=True, **settings)
    assert field.fill.tolist() == [fill * alpha] * 3 + [alpha]
    assert colour_field(whole(pixels), SINGLE, **settings).fill.tolist() == [fill] * 3


def test_a_fill_that_is_no_number_makes_a_field_that_is_not_finite() -> None:
    pixels = np.zeros((2, 2, 1), np.uint8)
    for fill, finite in ((np.nan, False), (np.inf, False), (7.5, True)):
        field = colour_field(whole(pixels), SINGLE, boundary="constant", fill=fill, alpha=False)
        assert field.finite is finite


@given(
    hnp.arrays(np.uint8, (3, 4, 4)),
    st.tuples(*[st.integers(0, 255)] * 3),
    st.booleans(),
)
def test_flattening_lays_the_picture_over_the_colour(
    picture: NDArray[np.uint8], colour: tuple[int, int, int], associated: bool
) -> None:
    cover = picture[..., 3:] / 255
    if associated:
        picture = picture.copy()
        picture[..., :3] = np.floor(picture[..., :3] * cover)
    shown = picture[..., :3] * (1.0 if associated else cover) + np.array(colour) * (1 - cover)
    got = flatten(picture, colour, associated=associated)
    assert got.dtype == np.uint8
    np.testing.assert_array_equal(got, np.rint(shown))


def test_flattening_keeps_what_is_opaque_and_shows_the_ground_where_nothing_is() -> None:
    deep = np.full((1, 2, 4), 65535, np.uint16)
    deep[0, 0] = (1, 2, 3, 65535)
    deep[0, 1, 3] = 0
    got = flatten(deep, (255, 128, 0))
    assert got.dtype == np.uint16
    assert got[0].tolist() == [[1, 2, 3], [65535, 128 * 257, 0]]


def test_gray_over_a_neutral_colour_stays_gray_and_over_another_becomes_rgb() -> None:
    gray = np.array([[[100, 255], [100, 0], [100, 51]]], np.uint8)
    assert flatten(gray, (255, 255, 255)).tolist() == [[100, 255, 224]]
    assert flatten(gray, (255, 0, 0)).tolist() == [[[100] * 3, [255, 0, 0], [224, 20, 20]]]


def test_floats_are_flattened_on_a_scale_to_one_and_not_rounded() -> None:
    got = flatten(np.array([[[0.5, 0.25]]], np.float32), (51, 51, 51))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, [[0.5 * 0.25 + 0.2 * 0.75]], rtol=1e-6)
