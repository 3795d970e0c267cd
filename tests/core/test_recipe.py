"""From samples to samples: shapes, types, alpha, and the promise that nothing wraps."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dilcli.core import recipe as module
from dilcli.core.correlate import correlate
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.recipe import (
    Recipe,
    check_recipe,
    filter_frame,
    output_layout,
    settled_alpha,
)
from dilcli.core.response import COMBINATIONS, Fit, fit
from dilcli.errors import ArgumentError, KernelError
from tests.reference import loops, loops_by_channel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.recipe import Alpha
    from dilcli.core.response import Depth, Response

BOX = parse_kernel("box")
GAUSS = parse_kernel("gaussian:sigma=1,size=5")
SOBEL = parse_kernel("sobel-y")
IDENTITY = parse_kernel("identity")
SAMPLES = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "float16", "float32", "float64")


def _random(shape: tuple[int, ...], dtype: str = "uint8", seed: int = 0) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 100, shape).astype(dtype)


@pytest.mark.parametrize("dtype", [*SAMPLES, "bool", "int64", "uint64", ">u2", ">f4"])
@pytest.mark.parametrize("shape", [(7,), (6, 5), (6, 5, 1), (6, 5, 2), (6, 5, 3), (4, 5, 7)])
def test_identity_gives_back_every_sample_in_its_shape_and_type(
    shape: tuple[int, ...], dtype: str
) -> None:
    frame = _random(shape, dtype)
    got = filter_frame(frame, Recipe(IDENTITY))
    assert got.samples.shape == shape
    assert got.samples.dtype == (np.uint8 if dtype == "bool" else np.dtype(dtype).newbyteorder("="))
    np.testing.assert_array_equal(got.samples, frame)
    assert got.clipped == 0


@pytest.mark.parametrize("depth", ["same", "8", "16", "float"])
@pytest.mark.parametrize("alpha", ["auto", "premultiply", "keep", "drop"])
@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_layout_told_before_is_what_comes_out(
    depth: Depth, alpha: Alpha, channels: int, dtype: str
) -> None:
    frame = _random((7, 9, channels), dtype)
    for luma in (False, True):
        recipe = Recipe(GAUSS, depth=depth, alpha=alpha, stride=(2, 3), luma=luma)
        layout = output_layout(frame.shape, frame.dtype, recipe, alpha=True)
        got = filter_frame(frame, recipe, alpha=True)
        assert got.samples.shape == layout.shape
        assert got.samples.shape[:2] == (4, 3)
        assert got.samples.dtype == layout.dtype
        assert got.alpha == layout.alpha == (alpha != "drop")
        assert got.response == layout.response


@settings(max_examples=50)
@given(st.data())
def test_stride_keeps_every_nth_sample_of_the_whole_result(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 15), st.integers(1, 15)))
    channels = data.draw(st.sampled_from([(), (1,), (3,), (4,)]))
    stride = data.draw(st.tuples(st.integers(1, 20), st.integers(1, 20)))
    frame = _random(shape + channels)
    alpha = channels == (4,)
    for kernel in (GAUSS, SOBEL):
        whole = filter_frame(frame, Recipe(kernel), alpha=alpha).samples
        got = filter_frame(frame, Recipe(kernel, stride=stride), alpha=alpha).samples
        np.testing.assert_array_equal(got, whole[:: stride[0], :: stride[1]])


def test_a_row_of_samples_is_filtered_along_itself() -> None:
    row = np.array([3, 1, 4, 1, 5, 9, 2, 6], np.int16)
    kernel = parse_kernel("1 10 100")
    got = filter_frame(row, Recipe(kernel, ((4, 2),), response="raw", stride=(5, 3)))
    np.testing.assert_array_equal(got.samples, correlate(row, [1, 10, 100], dilation=2)[::3])


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


@pytest.mark.parametrize(
    ("depth", "wanted"), [("same", 100), ("16", 100 * 257), ("8", 100), ("float", 100.0)]
)
def test_kept_alpha_is_copied_at_the_outputs_depth(depth: Depth, wanted: float) -> None:
    pixels = _random((8, 9, 2))
    pixels[3, 4, 1] = 100
    got = filter_frame(pixels, Recipe(SOBEL, depth=depth, stride=(3, 2)), alpha=True)
    assert got.samples[1, 2, 1] == wanted
    np.testing.assert_array_equal(
        got.samples[..., 1], pixels[::3, ::2, 1].astype(float) * (257 if depth == "16" else 1)
    )


@pytest.mark.parametrize(
    ("spec", "asked", "origin", "wanted"),
    [
        ("gaussian", "auto", None, "premultiply"),
        ("sobel-y", "auto", None, "keep"),
        ("unsharp", "auto", None, "keep"),
        ("identity", "auto", None, "keep"),
        ("1 0 0", "auto", None, "premultiply"),
        ("1 0 0", "auto", (0, 0), "keep"),
        ("0 0", "auto", None, "keep"),
        ("box", "drop", None, "drop"),
        ("box", "keep", None, "keep"),
        ("identity", "premultiply", None, "premultiply"),
    ],
)
def test_alpha_is_weighed_for_non_negative_kernels_that_mix(
    spec: str, asked: Alpha, origin: Any, wanted: str
) -> None:
    recipe = Recipe(parse_kernel(spec), alpha=asked, origin=origin)
    assert settled_alpha(recipe) == wanted


@pytest.mark.parametrize("spec", ["sobel-y", "0 0"])
def test_alpha_cannot_be_weighed_by_other_kernels(spec: str) -> None:
    with pytest.raises(ArgumentError, match=r"non-negative weights.*use keep or drop"):
        check_recipe(Recipe(parse_kernel(spec), alpha="premultiply"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dilations": ((0, 1),)}, r"dilation must be 1 to 1000000000 \(got 0\)"),
        ({"dilations": ((1, 10**20),)}, "dilation must be 1 to"),
        ({"stride": (1, 0)}, r"stride must be 1 to 1000000000 \(got 0\)"),
        ({"stride": (10**10, 1)}, "stride must be"),
        ({"bias": np.nan}, r"bias must be a finite number \(got nan\)"),
        ({"dilations": ((1, 1), (2, 2))}, "only with combine"),
        ({"origin": (3, 0)}, "origin 3,0 lies outside"),
        ({"response": "ofset"}, "response 'ofset' is not one of auto, clip, abs"),
        ({"depth": "12"}, "depth '12' is not one of same, 8"),
        ({"alpha": "weigh"}, "alpha 'weigh' is not one of auto, premultiply"),
        ({"combine": "min"}, "combine 'min' is not one of None, max"),
        ({"response": "raw", "depth": "8"}, "needs signed or float samples"),
        ({"response": "offset", "depth": "float"}, "use response raw"),
    ],
)
def test_what_has_no_meaning_for_any_picture_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    recipe = Recipe(BOX, **changes)
    with pytest.raises(ArgumentError, match=message):
        check_recipe(recipe)
    with pytest.raises(ArgumentError, match=message):
        filter_frame(_random((5, 5)), recipe)


@pytest.mark.parametrize(
    ("frame", "changes", "message"),
    [
        (np.zeros((5, 5, 2), np.uint8), {"luma": True}, r"luma needs 1 or 3 .* \(got 2\)"),
        (np.zeros((5, 5), np.float32), {"linear": True}, "unsigned integers .got float32"),
        (np.zeros((5, 5), np.int16), {"linear": True}, "unsigned integers .got int16"),
        (np.zeros((5, 5), np.uint8), {"response": "raw"}, "output has uint8"),
        (np.zeros((5, 5), np.float32), {"response": "offset"}, "mid-grey"),
        (np.zeros(5, np.uint8), {}, "kernel of 3 rows cannot filter a row"),
        (np.zeros((0, 5), np.uint8), {}, r"shape \(0, 5\).*no side 0"),
        (np.zeros((2, 2, 2, 2), np.uint8), {}, "want .N,., .H, W. or"),
        (np.zeros((5, 5), complex), {}, "complex128 cannot be filtered"),
        (np.full((5, 5), 2**60), {}, r"beyond 2\*\*53"),
    ],
)
def test_what_has_no_meaning_for_this_picture_is_refused(
    frame: NDArray[Any], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        filter_frame(frame, Recipe(BOX, **changes))


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


@settings(max_examples=30)
@given(st.sampled_from(["uint8", "uint16"]), st.integers(0, 2**32 - 1))
def test_offset_has_one_scale_for_every_picture_strip_and_frame(dtype: str, seed: int) -> None:
    frame = np.random.default_rng(seed).integers(0, 30, (12, 11)).astype(dtype)
    recipe = Recipe(SOBEL, response="offset")
    whole = filter_frame(frame, recipe)
    part = filter_frame(frame[2:9], recipe)
    np.testing.assert_array_equal(whole.samples[3:8], part.samples[1:6])
    assert whole.clipped == 0


def _extreme(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    """Make a picture of the smallest and the largest sample, in noise or in blocks."""
    info = np.iinfo(dtype)
    if rng.random() < 0.3:
        return np.full(shape, info.max, dtype)
    return rng.choice(np.array([info.min, info.max], dtype), shape)


RESPONSES: tuple[Response, ...] = ("clip", "abs", "offset")
DEPTHS: tuple[Depth, ...] = ("same", "8", "16")


def _any_recipe(rng: np.random.Generator, dtype: str) -> Recipe:
    whole = float(np.iinfo(dtype).max)
    size = rng.integers(1, 4, 2)
    weights = rng.choice([-1, -0.5, 0, 0.25, 0.5, 1, 1 / 3], size)
    if rng.random() < 0.5:
        weights = np.abs(weights) / max(np.abs(weights).sum(), 1)
    combine = (None, *COMBINATIONS)[rng.integers(6)]
    runs = 1 if combine is None else int(rng.integers(1, 4))
    return Recipe(
        Kernel(tuple(map(tuple, weights.tolist()))),
        tuple((int(y), int(x)) for y, x in rng.integers(1, 4, (runs, 2))),
        combine,
        boundary=rng.choice(["reflect", "constant", "wrap"]),
        fill=float(rng.choice([0, whole, -whole, 2 * whole, np.nan, np.inf, 7.5])),
        response=RESPONSES[rng.integers(3)],
        depth=DEPTHS[rng.integers(3)],
        bias=float(rng.choice([0, 0, 0.5, -1, whole])),
        linear=dtype.startswith("u") and bool(rng.random() < 0.3),
    )


@settings(max_examples=250)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["uint8", "uint16", "int8", "int16", "int32"]))
def test_no_response_leaves_a_range_it_is_said_to_be_bounded_by(seed: int, dtype: str) -> None:
    """The short cut is never wrong: looking at every sample finds nothing that it missed."""
    rng = np.random.default_rng(seed)
    channels = int(rng.choice([1, 3, 4]))
    pixels = _extreme(rng, (*rng.integers(1, 8, 2).tolist(), channels), dtype)
    recipe, alpha = _any_recipe(rng, dtype), channels == 4
    short = filter_frame(pixels, recipe, alpha=alpha)
    with mock.patch.object(module, "fit", _looked_at):
        long = filter_frame(pixels, recipe, alpha=alpha)
    assert short.clipped == long.clipped
    np.testing.assert_array_equal(short.samples, long.samples)
    whole = recipe.boundary != "constant" or np.isfinite(recipe.fill)
    if (
        recipe.response == "offset"
        and whole
        and not recipe.bias
        and not (alpha and dtype[0] == "i")
    ):
        assert short.clipped == 0


def _looked_at(*arguments: Any, **named: Any) -> Fit:
    return replace(fit(*arguments, **named), bounded=False)


def test_most_filters_of_8_bits_are_seen_to_be_bounded() -> None:
    fits: list[Fit] = []

    def noted(*arguments: Any, **named: Any) -> Fit:
        fits.append(fit(*arguments, **named))
        return fits[-1]

    with mock.patch.object(module, "fit", noted):
        for spec in ("gaussian:sigma=2", "box:15", "disk:radius=7", "identity"):
            filter_frame(_random((5, 5, 4)), Recipe(parse_kernel(spec)), alpha=True)
        filter_frame(_random((5, 5), "uint16"), Recipe(GAUSS))
    assert fits
    assert all(f.bounded for f in fits)


@pytest.mark.parametrize("spec", ["disk:radius=40", "box:101", "motion:301"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
def test_a_white_picture_stays_white_under_thousands_of_taps(spec: str, dtype: str) -> None:
    white = np.full((30, 40), np.iinfo(dtype).max, dtype)
    got = filter_frame(white, Recipe(parse_kernel(spec)))
    assert np.unique(got.samples).tolist() == [np.iinfo(dtype).max]


def test_a_far_fill_in_a_cascade_saturates_as_in_plain_numpy() -> None:
    kernel = parse_kernel("-1 0 0")
    white = np.full((3, 5), 255, np.uint8)
    rates = ((1, 1), (1, 2))
    got = filter_frame(
        white,
        Recipe(kernel, rates, "cascade", boundary="constant", fill=255.0, response="clip"),
    )
    assert got.samples[0].tolist() == [0, 0, 255, 255, 255]
    assert got.clipped == 6


def test_a_bright_fill_is_brighter_still_in_linear_light_and_saturates() -> None:
    black = np.zeros((2, 4), np.uint8)
    recipe = Recipe(parse_kernel("0 0 0.84"), boundary="constant", fill=300.0, linear=True)
    got = filter_frame(black, recipe)
    assert got.samples.tolist() == [[0, 0, 0, 255]] * 2
    assert got.clipped == 2


def test_a_fill_that_is_no_number_is_counted_as_clipped_in_integers_and_kept_in_floats() -> None:
    recipe = Recipe(BOX, boundary="constant", fill=np.nan)
    got = filter_frame(np.full((4, 5), 9, np.uint8), recipe)
    assert got.samples.tolist() == [[0] * 5, [0, 9, 9, 9, 0], [0, 9, 9, 9, 0], [0] * 5]
    assert got.clipped == 14
    real = filter_frame(np.full((4, 5), 9, np.float32), recipe)
    assert np.isnan(real.samples).sum() == 14
    assert real.clipped == 0


def test_minmax_leaves_nans_and_infinities_out_of_its_range() -> None:
    row = np.array([[2, 4, np.nan, 6, np.inf]], np.float32)
    got = filter_frame(row, Recipe(IDENTITY, response="minmax", depth="8"))
    assert got.samples[0].tolist() == [0, 128, 0, 255, 255]
    assert got.clipped == 2
    bad = np.full((2, 2), np.nan, np.float32)
    assert not filter_frame(bad, Recipe(IDENTITY, response="minmax", depth="8")).samples.any()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"response": "minmax"},
        {"linear": True},
        {"depth": "16"},
        {"stride": (2, 3)},
        {"dilations": ((16, 16),)},
        {"dilations": ((1, 1), (8, 8)), "combine": "max"},
    ],
)
@pytest.mark.parametrize("alpha", [False, True])
def test_filtering_takes_the_memory_of_the_output_and_never_that_of_a_picture_of_floats(
    changes: dict[str, Any], alpha: bool
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1500, 1600, 4), np.uint8)
    frame = pixels if alpha else np.ascontiguousarray(pixels[..., :3])
    del pixels
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    got = filter_frame(frame, Recipe(BOX, **changes), alpha=alpha, threads=2)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak <= got.samples.nbytes + min(64 << 20, 4 * frame.size)


def test_the_input_is_never_changed_and_may_be_read_only_and_strided() -> None:
    big = _random((20, 22, 4))
    frame = big[::2, ::-1]
    frame.flags.writeable = False
    before = frame.copy()
    got = filter_frame(frame, Recipe(GAUSS), alpha=True)
    np.testing.assert_array_equal(frame, before)
    other = filter_frame(before, Recipe(GAUSS), alpha=True)
    np.testing.assert_array_equal(got.samples, other.samples)
    fortran = filter_frame(np.asfortranarray(before), Recipe(GAUSS), alpha=True)
    np.testing.assert_array_equal(got.samples, fortran.samples)
