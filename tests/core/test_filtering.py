"""From samples to samples: shapes, types, memory, and the promise that nothing wraps."""

from __future__ import annotations

import itertools
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core import filtering
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.correlate import correlate
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.plan import plan_frame, rows_wanted
from dilcli.core.ready import lay_out_rows
from dilcli.core.recipe import Recipe
from dilcli.core.response import COMBINATIONS
from dilcli.core.samples import Fit, fit
from dilcli.core.window import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.plan import Plan
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


@settings(max_examples=80)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["uint8", "uint16", "int8", "int16", "int32"]))
def test_no_response_leaves_a_range_it_is_said_to_be_bounded_by(seed: int, dtype: str) -> None:
    """The short cut is never wrong: looking at every sample finds nothing that it missed."""
    rng = np.random.default_rng(seed)
    channels = int(rng.choice([1, 3, 4]))
    pixels = _extreme(rng, (*rng.integers(1, 8, 2).tolist(), channels), dtype)
    recipe, alpha = _any_recipe(rng, dtype), channels == 4
    short = filter_frame(pixels, recipe, alpha=alpha)
    with mock.patch.object(filtering, "fit", _looked_at):
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

    with mock.patch.object(filtering, "fit", noted):
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


def _apart(
    plan: Plan, frame: NDArray[Any], cuts: list[int], threads: int
) -> tuple[NDArray[Any], int]:
    """Filter rows with nothing in memory but the rows that they are said to read."""
    pixels = frame.reshape(plan.shape)
    readies = []
    for rows in itertools.pairwise(cuts):
        runs = rows_wanted(plan, rows)
        window = Window(np.concatenate([pixels[a:b] for a, b in runs]), plan.shape[0], runs)
        readies.append(lay_out_rows(plan, window, rows, threads))
    found = None
    if plan.layout.response == "minmax":
        found = filtering.widest(filtering.extremes(plan, ready, threads) for ready in readies)
    fitted = filtering.settle(plan, found)
    made = [filtering.filter_rows(plan, fitted, ready, threads) for ready in readies]
    samples = np.concatenate([part for part, _ in made])
    return samples.reshape(plan.layout.shape), sum(clipped for _, clipped in made)


_KERNELS = (
    *("sobel-y", "gaussian:sigma=1", "laplacian:8", "1 2; 3 5; 1 1", "disk:2", "b3"),
    *("0 0 1", "1; 0; 0; 0; -1", "identity"),
)


@settings(max_examples=150)
@given(st.data())
def test_rows_filtered_apart_are_the_rows_filtered_together(data: st.DataObject) -> None:
    draw = data.draw
    shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 9), st.integers(1, 4)))
    dtype = draw(st.sampled_from(["uint8", "uint16", "int16", "float32", "float64"]))
    frame = _random(shape, dtype, seed=draw(st.integers(0, 99)))
    alpha = shape[2] in (2, 4)
    if alpha:
        frame[..., -1] *= frame[..., -1] > 60
    if frame.dtype.kind == "f":
        frame[shape[0] // 2, shape[1] // 2] = np.nan
    rate = st.tuples(st.integers(1, 15), st.integers(1, 3))
    rates = draw(st.lists(rate, min_size=1, max_size=3))
    recipe = Recipe(
        parse_kernel(draw(st.sampled_from(_KERNELS))),
        tuple(rates),
        draw(st.sampled_from(COMBINATIONS)) if len(rates) > 1 else None,
        boundary=draw(st.sampled_from(BOUNDARIES)),
        fill=draw(st.sampled_from([0.0, 7.0])),
        convolve=draw(st.booleans()),
        stride=draw(st.tuples(st.integers(1, 4), st.integers(1, 2))),
        response=draw(st.sampled_from(["auto", "clip", "abs", "minmax"])),
        luma=shape[2] - alpha in (1, 3) and draw(st.booleans()),
        linear=frame.dtype.kind == "u" and draw(st.booleans()),
    )
    plan = plan_frame(shape, dtype, recipe, alpha=alpha)
    inner = draw(st.sets(st.integers(1, max(plan.rows - 1, 1)), max_size=5))
    cuts = sorted({0, plan.rows} | (inner if plan.rows > 1 else set()))
    together = filter_frame(frame, recipe, alpha=alpha, threads=1)
    samples, clipped = _apart(plan, frame, cuts, threads=draw(st.integers(1, 2)))
    np.testing.assert_array_equal(samples, together.samples)
    assert clipped == together.clipped


@pytest.mark.parametrize("stride", [(1, 1), (1, 3), (2, 1)])
@pytest.mark.parametrize("cuts", [[0, 1, 130, 300], [0, 37, 38, 300]])
def test_rows_filtered_apart_by_transforms_are_the_rows_filtered_together(
    cuts: list[int], stride: tuple[int, int]
) -> None:
    rng = np.random.default_rng(5)
    kernel = Kernel(tuple(map(tuple, rng.normal(size=(41, 40)).tolist())))
    frame = _random((300, 60), "uint16")
    for rates, combine in ((((2, 1),), None), (((2, 2), (3, 1)), "cascade")):
        recipe = Recipe(kernel, rates, combine, stride=stride, depth="float")  # type: ignore[arg-type]
        plan = plan_frame(frame.shape, frame.dtype, recipe)
        assert plan.stencils[0].method == "fourier"
        rows = sorted({-(-cut // stride[0]) for cut in cuts})
        samples, _ = _apart(plan, frame, rows, threads=1)
        np.testing.assert_array_equal(samples, filter_frame(frame, recipe).samples)


def test_rows_of_a_very_wide_picture_read_far_margins_in_other_blocks() -> None:
    frame = _random((12, 60_000), "uint8")
    recipe = Recipe(parse_kernel("gaussian:sigma=1"), ((2, 700),), boundary="wrap")
    plan = plan_frame(frame.shape, frame.dtype, recipe)
    samples, _ = _apart(plan, frame, [0, 5, 12], threads=2)
    np.testing.assert_array_equal(samples, filter_frame(frame, recipe).samples)
