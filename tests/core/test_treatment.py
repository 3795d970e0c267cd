"""Both kinds of recipes, and what they lay out, are what the rest of the program asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.denoising import denoising
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.core.starlet_recipe import StarletRecipe
from dilcli.core.treatment import Treated

if TYPE_CHECKING:
    from dilcli.core.treatment import Frame, Treatment

RECIPES: tuple[Treatment, ...] = (
    Recipe(parse_kernel("box")),
    StarletRecipe(denoising(2, sigma=1), parse_kernel("b3"), levels=2),
)


def test_recipes_are_treatments_and_lay_out_frames() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    for recipe in RECIPES:
        frame: Frame = recipe.lay_out((9, 7, 3), np.uint8, alpha=False)
        assert (frame.shape, frame.rows) == ((9, 7, 3), 9)
        assert frame.source == np.dtype(np.uint8)
        assert frame.noise(frame.settle(iter), None) is None
        assert frame.layout == recipe.layout((9, 7, 3), np.uint8, alpha=False)
        made, _ = frame.whole(pixels, 1)
        assert isinstance(made, Treated)
        assert made.samples.shape == frame.layout.shape
        assert made.samples.dtype == frame.layout.dtype
