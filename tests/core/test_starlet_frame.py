"""Planes changed strip by strip are those changed whole, and both what the formulas say."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.boundary import BOUNDARIES
from dilcli.core.colour import LUMA
from dilcli.core.denoise_report import denoise_and_report
from dilcli.core.denoising import denoising
from dilcli.core.kernels import parse_kernel
from dilcli.core.starlet import inverse_starlet, starlet
from dilcli.core.starlet_frame import lay_out_starlet
from dilcli.core.starlet_recipe import Background, Enhancing, StarletRecipe
from dilcli.core.window import Window
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dilcli.core.starlet_frame import MakeRows, StarletFrame
    from dilcli.core.treatment import Treated

B3, LINEAR = parse_kernel("b3"), parse_kernel("linear")
_CHANGES = (
    denoising(3),
    denoising(3, threshold="soft", iterations=2, amount=0.7),
    denoising(3, sigma=4.0, positive=True),
    denoising(3, poisson=(2.0, 3.0, 10.0)),
    Enhancing((2.0, 0.5, 1.0), 0.25),
    Background(),
)


def _recipe(change: Any, **settings: Any) -> StarletRecipe:
    return StarletRecipe(change, settings.pop("kernel", B3), **{"levels": 3, **settings})


def _whole(
    pixels: NDArray[Any], recipe: StarletRecipe, *, alpha: bool = False, threads: int = 2
) -> tuple[StarletFrame, Treated, MakeRows]:
    frame = lay_out_starlet(pixels.shape, pixels.dtype, recipe, alpha=alpha)
    return frame, *frame.whole(pixels.reshape(frame.shape), threads)


@given(
    change=st.sampled_from(_CHANGES),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 9), st.sampled_from([1, 3, 4])),
    dtype=st.sampled_from(["uint8", "uint16", "int16", "float32", "float64"]),
    boundary=st.sampled_from(BOUNDARIES),
    generation=st.sampled_from([1, 2]),
    kernel=st.sampled_from([B3, LINEAR]),
    luma=st.booleans(),
    depth=st.sampled_from(["same", "8", "16", "float"]),
    height=st.integers(1, 40),
    seed=st.integers(0, 9),
)
def test_strips_are_rows_of_the_whole_bit_for_bit(
    change: Any,
    shape: tuple[int, int, int],
    dtype: str,
    height: int,
    seed: int,
    *,
    luma: bool,
    **settings: Any,
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 128, shape).astype(dtype)
    poisson = getattr(change, "noise", None) is not None
    recipe = _recipe(change, fill=3.0, luma=luma and not poisson, **settings)
    frame, whole, settled = _whole(pixels, recipe, alpha=shape[2] == 4)
    strips = [(first, min(first + height, shape[0])) for first in range(0, shape[0], height)]

    def answers(order: Any) -> Iterator[Any]:
        for strip in strips:
            runs = frame.reads(strip, order)
            window = Window(np.concatenate([pixels[a:b] for a, b in runs]), shape[0], runs)
            yield frame.carry_out(order, window, strip, 1)

    order = frame.settle(answers)
    assert order.sigmas == settled.sigmas
    parts = list(answers(order))
    np.testing.assert_array_equal(np.concatenate([part.samples for part in parts]), whole.samples)
    assert sum(part.clipped for part in parts) == whole.clipped
    if whole.kept is not None:
        np.testing.assert_array_equal(sum(part.kept for part in parts), whole.kept)


@pytest.mark.parametrize("change", range(4))
def test_denoised_samples_are_those_of_the_python_function_rounded_once(change: int) -> None:
    pixels = np.random.default_rng(change).normal(90, 20, (40, 31, 3)).round().astype(np.uint8)
    settings: list[dict[str, Any]] = [
        {},
        {"threshold": "soft", "iterations": 2, "amount": 0.7},
        {"sigma": 4.0, "positive": True},
        {"poisson": (2.0, 3.0, 10.0)},
    ]
    frame, made, settled = _whole(pixels, _recipe(_CHANGES[change]))
    wanted = denoise_and_report(pixels, 3, **settings[change])
    np.testing.assert_array_equal(made.samples, np.clip(np.rint(wanted.image), 0, 255))
    found = frame.noise(settled, made.kept)
    assert found is not None
    assert (found.sigma, found.estimated) == (wanted.sigma, wanted.estimated)
    assert (found.limits, found.kept) == (wanted.limits, wanted.kept)


@pytest.mark.parametrize("generation", [1, 2])
def test_gains_are_those_of_the_inverse_transform(generation: int) -> None:
    pixels = np.random.default_rng(2).normal(size=(20, 17))
    recipe = _recipe(Enhancing((2.0, 0.5, 1.0), 0.25), generation=generation, kernel=LINEAR)
    _, made, _ = _whole(pixels, recipe)
    planes = starlet(pixels, 3, kernel="linear", generation=generation)
    wanted = inverse_starlet(
        planes, gains=(2, 0.5, 1), residual_gain=0.25, kernel="linear", generation=generation
    )
    np.testing.assert_array_equal(made.samples[..., 0], wanted)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32"])
def test_gains_of_1_give_integers_back(dtype: str) -> None:
    limits = np.iinfo(dtype)
    pixels = np.random.default_rng(3).integers(limits.min, limits.max, (20, 30, 3), dtype)
    _, made, _ = _whole(pixels, _recipe(Enhancing((1.0,) * 3)))
    np.testing.assert_array_equal(made.samples, pixels)
    assert made.clipped == 0


@pytest.mark.parametrize("generation", [1, 2])
def test_the_background_is_the_residual(generation: int) -> None:
    pixels = np.random.default_rng(4).normal(size=(20, 17, 2))
    _, made, _ = _whole(pixels, _recipe(Background(), generation=generation))
    np.testing.assert_array_equal(made.samples, starlet(pixels, 3, generation=generation)[-1])


def test_luma_moves_all_colours_alike_and_gray_is_its_own_luma() -> None:
    pixels = np.random.default_rng(5).normal(100, 9, (30, 20, 3))
    recipe = _recipe(denoising(3), luma=True)
    _, made, _ = _whole(pixels, recipe)
    moved = made.samples - pixels
    luma = pixels @ np.array(LUMA)
    wanted = denoise_and_report(luma, 3).image - luma
    np.testing.assert_allclose(moved, np.repeat(wanted[..., None], 3, 2), atol=1e-11)
    gray = pixels[..., :1]
    np.testing.assert_array_equal(
        _whole(gray, recipe)[1].samples, _whole(gray, _recipe(denoising(3)))[1].samples
    )


@pytest.mark.parametrize(("depth", "factor"), [("same", 1), ("16", 257)])
def test_alpha_is_copied_on_the_scale_of_the_output(depth: Any, factor: int) -> None:
    pixels = np.random.default_rng(6).integers(0, 256, (30, 20, 2), np.uint8)
    _, made, _ = _whole(pixels, _recipe(denoising(3), depth=depth), alpha=True)
    np.testing.assert_array_equal(made.samples[..., 1], pixels[..., 1].astype(int) * factor)
    alone = _whole(pixels[..., :1], _recipe(denoising(3), depth=depth))[1].samples
    np.testing.assert_array_equal(made.samples[..., :1], alone)


def test_clipped_samples_are_counted_and_saturate() -> None:
    pixels = np.array([[0, 255] * 8] * 9, np.uint8)
    _, made, _ = _whole(pixels, _recipe(Enhancing((3.0,) * 3)))
    real = inverse_starlet(starlet(pixels, 3), gains=3)
    assert made.clipped == np.count_nonzero((np.rint(real) < 0) | (np.rint(real) > 255)) > 0
    np.testing.assert_array_equal(made.samples[..., 0], np.clip(np.rint(real), 0, 255))


@pytest.mark.parametrize("change", _CHANGES)
def test_samples_that_would_spread_are_refused(change: Any) -> None:
    pixels = np.ones((9, 9, 1))
    pixels[3, 4] = np.nan
    with pytest.raises(ArgumentError, match="1 of 81 samples are NaN or infinite and would spread"):
        _whole(pixels, _recipe(change))


@pytest.mark.parametrize(
    ("change", "settings", "channels"),
    [
        (denoising(6), {}, 1),
        (denoising(6), {"generation": 2}, 1),
        (denoising(6, iterations=3), {}, 1),
        (denoising(6, poisson=(1, 0, 0)), {}, 1),
        (denoising(6, iterations=3), {"luma": True}, 3),
        (Enhancing((2.0,) * 6), {}, 3),
        (Background(), {}, 1),
    ],
)
def test_no_more_is_held_than_is_said(change: Any, settings: Any, channels: int) -> None:
    recipe = _recipe(change, levels=6, **settings)
    pixels = np.random.default_rng(7).integers(0, 256, (1200, 1000, channels), np.uint8)
    frame = lay_out_starlet(pixels.shape, "uint8", recipe, alpha=False)
    tracemalloc.start()
    frame.whole(pixels, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    said = recipe.held("uint8") * pixels.size + pixels.nbytes + frame.scratch() + (8 << 20)
    assert peak <= said


def test_positive_holds_for_colours_that_move_with_their_luma() -> None:
    pixels = np.random.default_rng(8).normal(0, 9, (30, 20, 3))
    _, made, _ = _whole(pixels, _recipe(denoising(3, positive=True), luma=True))
    assert made.samples.min() == 0
