"""What may be asked of planes, and what is told of the result before anything is computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.core.denoising import Denoising, denoising
from dilcli.core.kernels import parse_kernel
from dilcli.core.starlet_recipe import (
    Background,
    Enhancing,
    StarletRecipe,
    check_starlet,
    deep_levels,
    enhancing,
)
from dilcli.errors import ArgumentError, KernelError

B3 = parse_kernel("b3")


def _recipe(change: Denoising | Enhancing | Background | None = None, **settings: Any) -> Any:
    return StarletRecipe(change or Background(), settings.pop("kernel", B3), **settings)


@pytest.mark.parametrize("shape", [(9,), (4, 5), (4, 5, 1), (4, 5, 4)])
@pytest.mark.parametrize(
    ("dtype", "depth", "output"),
    [
        ("uint8", "same", "uint8"),
        ("uint16", "8", "uint8"),
        ("uint8", "float", "float32"),
        ("float64", "same", "float64"),
        (">u2", "same", "uint16"),
        ("bool", "same", "uint8"),
    ],
)
def test_the_shape_stays_and_the_depth_is_what_is_asked_for(
    shape: tuple[int, ...], dtype: str, depth: str, output: str
) -> None:
    layout = _recipe(depth=depth).layout(shape, dtype, alpha=shape == (4, 5, 4))
    assert layout.shape == shape
    assert layout.dtype == np.dtype(output)
    assert layout.alpha is (shape == (4, 5, 4))
    assert layout.response == ("raw" if "float" in output else "clip")


@pytest.mark.parametrize(
    ("recipe", "shape", "words"),
    [
        (_recipe(), (0, 4), "picture of shape \\(0, 4\\) cannot be transformed"),
        (_recipe(), (1, 2, 3, 4), "cannot be transformed"),
        (_recipe(luma=True), (4, 4, 2), "luma needs 1 or 3 colour channels \\(got 2\\)"),
        (_recipe(depth="32"), (4, 4), "depth '32' is not one of same, 8, 16, float"),
        (
            _recipe(denoising(4, sigma=(1, 2))),
            (4, 4, 3),
            "sigma must be a finite number >= 0, or 3 of them",
        ),
        (_recipe(denoising(4, poisson=(1, 0, 0)), luma=True), (4, 4, 3), "poisson noise is that"),
    ],
)
def test_frames_that_a_recipe_has_no_meaning_for_are_refused(
    recipe: StarletRecipe, shape: tuple[int, ...], words: str
) -> None:
    for call in (recipe.layout, recipe.lay_out):
        with pytest.raises(ArgumentError, match=words) as error:
            call(shape, "uint8", alpha=False)
        assert "\n" not in str(error.value)


def test_samples_that_are_no_real_numbers_are_refused() -> None:
    with pytest.raises(ArgumentError, match="complex64 cannot be filtered"):
        _recipe().layout((4, 4), "complex64", alpha=False)


def test_gains_repeat_and_are_checked() -> None:
    assert enhancing(3, (2, 1.5)) == Enhancing((2.0, 1.5, 1.5), 1.0)
    assert enhancing(2, 3.0, 0) == Enhancing((3.0, 3.0), 0.0)
    with pytest.raises(ArgumentError, match="3 values of gain for 2 levels"):
        enhancing(2, (1, 2, 3))
    with pytest.raises(ArgumentError, match="residual gain must be finite"):
        enhancing(2, 1, np.inf)


def test_what_has_no_meaning_for_any_picture_is_refused_at_once() -> None:
    check_starlet(_recipe())
    with pytest.raises(ArgumentError, match="fill must be finite"):
        check_starlet(_recipe(fill=np.nan))
    with pytest.raises(KernelError, match="not symmetric"):
        check_starlet(_recipe(kernel=parse_kernel("1 2 3 / 6")))
    with pytest.raises(ArgumentError, match="poisson noise is that of channels"):
        check_starlet(_recipe(denoising(4, poisson=(1, 0, 0)), luma=True))
    with pytest.raises(ArgumentError, match="levels must be >= 1"):
        check_starlet(_recipe(levels=0))


@pytest.mark.parametrize(("levels", "side"), [(3, 8), (1, 2), (10, 5000)])
def test_levels_that_fit_are_not_spoken_of(levels: int, side: int) -> None:
    assert deep_levels(levels, side) == []
    assert _recipe(levels=levels).remarks((side, side + 1)) == ()


def test_levels_larger_than_the_picture_are_said_and_never_cut() -> None:
    (text,) = _recipe(levels=4).remarks((900, 15, 3))
    assert text.startswith("2^4 = 16 exceeds the shorter side of 15")
    (text,) = deep_levels(64, 15)
    assert text.startswith("2^64 exceeds")
