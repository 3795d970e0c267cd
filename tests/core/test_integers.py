"""Sums of whole numbers: the very samples that sums of reals give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dilcli.core import integers
from dilcli.core.filtering import filter_rows, settle
from dilcli.core.integers import in_integers, integer_sums
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.plan import Plan, plan_frame
from dilcli.core.ready import lay_out_rows
from dilcli.core.recipe import Recipe
from dilcli.core.stencil import place
from dilcli.core.threads import Scratch
from dilcli.core.window import whole

BINOMIAL = "1 2 1; 2 4 2; 1 2 1"
KERNELS = [
    "sobel-y",
    "laplacian:8",
    "0 -1 0; -1 5 -1; 0 -1 0",
    "1 -3; 2 5; -7 1",
    "4 -1 3",
    "3; 0; 0; -5",
    "1 2; 2 1",
    "0.5 -0.25; 1.5 0.125",
    "-1",
]


def divided(text: str, divisor: float) -> Kernel:
    kernel = parse_kernel(text)
    return Kernel(tuple(tuple(w / divisor for w in row) for row in kernel.weights))


def picture(dtype: Any, shape: tuple[int, int, int] = (37, 41, 3), seed: int = 0) -> Any:
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(seed)
    return rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def laid_out(pixels: Any, recipe: Recipe) -> tuple[Plan, Any, Any]:
    plan = plan_frame(pixels.shape, pixels.dtype, recipe)
    ready = lay_out_rows(plan, whole(pixels), (0, plan.rows))
    return plan, ready, in_integers(plan, ready.field)


def both(pixels: Any, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare the samples with those of real sums, and see that both were taken."""
    plan, ready, sums = laid_out(pixels, recipe)
    assert sums is not None
    fit = settle(plan)
    found, clipped = filter_rows(plan, fit, ready, 1)
    monkeypatch.setattr("dilcli.core.filtering.in_integers", lambda plan, field: None)
    wanted, clipped_too = filter_rows(plan, fit, ready, 1)
    monkeypatch.undo()
    np.testing.assert_array_equal(found, wanted)
    assert clipped == clipped_too


@pytest.mark.parametrize("response", ["clip", "abs", "offset"])
@pytest.mark.parametrize("text", KERNELS)
def test_samples_are_those_of_real_sums(
    text: str, response: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for dilation in ((1, 1), (2, 3), (40, 1)):
        recipe = Recipe(parse_kernel(text), (dilation,), response=response)
        both(picture(np.uint8), recipe, monkeypatch)


@pytest.mark.parametrize("boundary", ["reflect", "mirror", "nearest", "wrap", "constant"])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
def test_boundaries_strides_and_biases_are_those_of_real_sums(
    boundary: Any, stride: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(parse_kernel("sobel-y"), ((3, 5),), boundary=boundary, fill=77, stride=stride)
    for changes in ({}, {"convolve": True, "origin": (0, 2)}, {"bias": 12.5}, {"depth": "16"}):
        both(picture(np.uint8), replace(recipe, **changes), monkeypatch)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_halves_are_rounded_to_even_on_both_sides_of_zero(
    dtype: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = np.arange(np.iinfo(dtype).min, np.iinfo(dtype).max + 1).astype(dtype)
    for divisor in (2, 4, 16):
        recipe = Recipe(divided("1 2 1", divisor), response="clip", alpha="drop")
        both(np.repeat(steps, 3).reshape(-1, 3, 1), recipe, monkeypatch)
        both(picture(dtype), replace(recipe, kernel=divided("3 -1", divisor)), monkeypatch)


def test_the_largest_sums_fit_their_type(monkeypatch: pytest.MonkeyPatch) -> None:
    extremes = np.random.default_rng(1).choice(np.array([0, 255], np.uint8), (60, 60, 1))
    for weights, dtype in (((128, -128), "int16"), ((127, 1), "int16"), ((255, 2), "uint16")):
        kernel = Kernel((tuple(map(float, weights)),))
        for divisor in (1, 64, 256):
            recipe = Recipe(Kernel((tuple(w / divisor for w in weights),)), response="clip")
            _, _, sums = laid_out(extremes, replace(recipe, kernel=kernel))
            assert sums is not None
            assert sums.stencil.dtype.name == dtype
            if laid_out(extremes, recipe)[2] is not None:
                both(extremes, recipe, monkeypatch)


@pytest.mark.parametrize(
    ("kernel", "changes"),
    [
        (divided(BINOMIAL, 15), {}),
        (parse_kernel("gaussian:sigma=1"), {}),
        (Kernel(((129.0, -129.0),)), {}),
        (Kernel(((1e30, 1.0),)), {}),
        (parse_kernel(BINOMIAL), {"linear": True}),
        (parse_kernel(BINOMIAL), {"luma": True}),
        (parse_kernel(BINOMIAL), {"boundary": "constant", "fill": 0.5}),
        (parse_kernel(BINOMIAL), {"boundary": "constant", "fill": 1e9}),
        (parse_kernel("sobel-y"), {"boundary": "constant", "fill": np.inf}),
        (parse_kernel(BINOMIAL), {"dilations": ((1, 1), (2, 2)), "combine": "cascade"}),
        (parse_kernel(BINOMIAL), {"combine": "rms"}),
    ],
)
def test_other_sums_stay_real(kernel: Kernel, changes: Any) -> None:
    _, _, sums = laid_out(picture(np.uint8), replace(Recipe(kernel), **changes))
    assert sums is None


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_wider_samples_stay_real(dtype: Any) -> None:
    pixels = np.ones((5, 6, 1), dtype)
    assert laid_out(pixels, Recipe(parse_kernel(BINOMIAL)))[2] is None


def test_premultiplied_colours_stay_real() -> None:
    pixels = picture(np.uint8, (9, 9, 4))
    plan = plan_frame(pixels.shape, pixels.dtype, Recipe(parse_kernel(BINOMIAL)), alpha=True)
    assert in_integers(plan, lay_out_rows(plan, whole(pixels), (0, 9)).field) is None


def test_many_different_weights_are_left_to_matrix_products(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = np.random.default_rng(2).permutation(25).reshape(5, 5) % 16 + 1
    kernel = Kernel(tuple(map(tuple, table.astype(float).tolist())))
    pixels = picture(np.uint8)
    assert laid_out(pixels, Recipe(kernel))[2] is None
    monkeypatch.setattr(integers, "PASS", 0.0)
    both(pixels, Recipe(kernel), monkeypatch)


def test_responses_are_those_of_the_taps() -> None:
    pixels = picture(np.uint8, (20, 30, 2))
    recipe = Recipe(divided(BINOMIAL, 16), ((2, 2),), boundary="wrap")
    _, _, sums = laid_out(pixels, recipe)
    assert sums is not None
    assert sums.shift == 4
    wanted = sum(
        weight * np.roll(pixels.astype(np.float64), (-dy, -dx), (0, 1))
        for dy, dx, weight in recipe.kernel.taps((2, 2))
    )
    scratch = Scratch()
    for patch in sums.patches((1, 1), (0, 20)):
        start, phases, rows, step = patch.strip
        found = sums.responses(patch, scratch)
        for phase in range(phases):
            lines = slice(start + phase, start + phase + (rows - 1) * step + 1, step)
            np.testing.assert_array_equal(found[phase], wanted[lines])


def test_inexact_factors_of_exact_weights_stay_real() -> None:
    stencil = place(parse_kernel(BINOMIAL), width=9, dtype=np.dtype(np.float32))
    field = lay_out_rows(
        plan := plan_frame((9, 9, 1), np.uint8, Recipe(parse_kernel(BINOMIAL))),
        whole(picture(np.uint8, (9, 9, 1))),
        (0, plan.rows),
    ).field
    assert stencil.products is not None
    assert integer_sums(field, stencil, (0, 255)) is not None
    third = replace(
        stencil,
        products=stencil.products / np.float32(3),
        groups=tuple(tuple((i, j, 3 * w) for i, j, w in group) for group in stencil.groups),
    )
    assert integer_sums(field, third, (0, 255)) is None
