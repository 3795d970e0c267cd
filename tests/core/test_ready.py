"""Responses are as the recipe says: alpha weighs colours, and what it hides never shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.core.response import COMBINATIONS
from dilcli.errors import KernelError
from tests.reference import loops, loops_by_channel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.recipe import Alpha

GAUSS = parse_kernel("gaussian:sigma=1,size=5")
SOBEL = parse_kernel("sobel-y")
IDENTITY = parse_kernel("identity")


def _random(shape: tuple[int, ...], dtype: str = "uint8", seed: int = 0) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 100, shape).astype(dtype)


def _weighted_mean(
    pixels: NDArray[Any], weights: NDArray[Any], **outside: Any
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give sum w c a / sum w a, times the sum of w, and sum w a / sum w, by loops."""
    real = pixels.astype(float)
    alpha = loops(real[..., -1], weights, **outside)
    colours = loops_by_channel(real[..., :-1] * real[..., -1:], weights, **outside)
    with np.errstate(invalid="ignore", divide="ignore"):
        shown = colours / alpha[..., np.newaxis] * weights.sum()
    straight = loops_by_channel(real[..., :-1], weights, **outside)
    return np.where(alpha[..., np.newaxis] == 0, straight, shown), alpha / weights.sum()


@settings(max_examples=40)
@given(
    hnp.arrays(np.uint8, (4, 5, 4), elements=st.sampled_from([0, 1, 17, 128, 254, 255])),
    st.sampled_from(["reflect", "mirror", "nearest", "wrap", "constant"]),
    st.sampled_from([(1, 1), (2, 1), (3, 2)]),
    st.sampled_from([1.0, 0.25, 2.0]),
)
def test_premultiplied_colours_are_weighted_by_alpha_and_alpha_is_filtered(
    pixels: NDArray[np.uint8], boundary: Any, dilation: tuple[int, int], scale: float
) -> None:
    kernel = parse_kernel("1 2 1; 2 4 2; 1 2 1 / 16").scaled(scale)
    colours, alpha = _weighted_mean(
        pixels, np.array(kernel.weights), boundary=boundary, dilation=dilation
    )
    recipe = Recipe(kernel, (dilation,), boundary=boundary, depth="float")
    got = filter_frame(pixels, recipe, alpha=True)
    assert got.alpha
    np.testing.assert_allclose(got.samples[..., :3], colours, rtol=1e-5)
    np.testing.assert_allclose(got.samples[..., 3], alpha, rtol=1e-5)
    rounded = filter_frame(pixels, Recipe(kernel, (dilation,), boundary=boundary), alpha=True)
    wanted = np.clip(np.dstack([colours, alpha]), 0, 255)
    assert np.abs(rounded.samples - wanted).max() <= 0.5 + 1e-4


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, *COMBINATIONS]))
def test_hidden_colours_never_bleed(seed: int, combine: Any) -> None:
    """Whatever stands under alpha 0, what is seen is the same."""
    rng = np.random.default_rng(seed)
    one = rng.integers(0, 256, (9, 8, 4)).astype(np.uint8)
    one[rng.random((9, 8)) < 0.6, 3] = 0
    other = one.copy()
    hidden = one[..., 3] == 0
    other[hidden, :3] = rng.integers(0, 256, (int(hidden.sum()), 3))
    rates = ((1, 1), (2, 3)) if combine else ((1, 2),)
    recipe = Recipe(GAUSS, rates, combine)
    a, b = (filter_frame(pixels, recipe, alpha=True).samples for pixels in (one, other))
    np.testing.assert_array_equal(a[..., 3], b[..., 3])
    seen = filter_frame(one, Recipe(GAUSS, rates, combine, depth="float"), alpha=True)
    visible = seen.samples[..., 3] > 0
    np.testing.assert_array_equal(a[visible], b[visible])


@pytest.mark.parametrize("spec", ["identity", "identity:3", "box:1", "0 1 0"])
@pytest.mark.parametrize("alpha", ["auto", "premultiply", "keep"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_hidden_colours_come_back_under_the_identity(spec: str, alpha: Alpha, dtype: str) -> None:
    whole = np.iinfo(dtype).max
    pixels = np.random.default_rng(0).integers(0, whole + 1, (40, 30, 4)).astype(dtype)
    pixels[::3, ::2, 3] = 0
    got = filter_frame(pixels, Recipe(parse_kernel(spec), alpha=alpha), alpha=True)
    np.testing.assert_array_equal(got.samples, pixels)


def test_where_the_filtered_alpha_is_0_colour_is_the_unweighted_response() -> None:
    pixels = _random((20, 20, 4))
    pixels[..., 3] = 0
    pixels[0, 0, 3] = 9
    got = filter_frame(pixels, Recipe(GAUSS), alpha=True).samples
    plain = filter_frame(pixels[..., :3].copy(), Recipe(GAUSS)).samples
    np.testing.assert_array_equal(got[8:, 8:, :3], plain[8:, 8:])


@pytest.mark.parametrize("combine", [None, *COMBINATIONS])
@pytest.mark.parametrize("spec", ["gaussian", "sobel-x", "1 3; 0 2", "unsharp"])
def test_an_opaque_picture_is_filtered_like_one_without_alpha(spec: str, combine: Any) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (15, 17, 3)).astype(np.uint8)
    rgba = np.dstack([rgb, np.full((15, 17), 255, np.uint8)])
    rates = ((1, 1), (3, 2)) if combine else ((2, 2),)
    recipe = Recipe(parse_kernel(spec), rates, combine, depth="float")
    got = filter_frame(rgba, recipe, alpha=True).samples
    plain = filter_frame(rgb, recipe).samples
    np.testing.assert_allclose(got[..., :3], plain, rtol=2e-6, atol=2e-3)
    np.testing.assert_allclose(got[..., 3], 255, rtol=1e-6)


def test_weights_that_single_precision_cannot_hold_are_refused() -> None:
    with pytest.raises(KernelError, match="float32 responses cannot hold"):
        filter_frame(_random((5, 5)), Recipe(Kernel(((1e300,),))))


def test_bias_is_added_in_input_units_to_colours_and_not_to_alpha() -> None:
    pixels = _random((6, 7, 4))
    for kernel in (GAUSS, SOBEL):
        plain = filter_frame(pixels, Recipe(kernel, depth="float"), alpha=True).samples
        moved = filter_frame(pixels, Recipe(kernel, depth="float", bias=20.5), alpha=True).samples
        np.testing.assert_allclose(moved[..., :3], plain[..., :3] + 20.5, rtol=1e-6)
        np.testing.assert_array_equal(moved[..., 3], plain[..., 3])
    deep = filter_frame(pixels[..., 0], Recipe(IDENTITY, depth="16", bias=1.0)).samples
    np.testing.assert_array_equal(deep, (pixels[..., 0].astype(int) + 1) * 257)
