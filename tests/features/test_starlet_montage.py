"""All planes on one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import starlet
from dilcli.core.arguments import as_pixels
from dilcli.features.starlet_montage import draw_montage, shown_planes

if TYPE_CHECKING:
    from dilcli.features.starlet_shown import ShownPlane


def shown(planes: Any) -> list[ShownPlane]:
    found = shown_planes(planes[0].shape, len(planes) - 1)
    for each, plane in zip(found, planes, strict=True):
        each.add(0, as_pixels(plane))
    return found


@pytest.mark.parametrize("shape", [(1, 1), (40, 60), (5, 300), (300, 4), (30, 30, 3), (9,)])
@pytest.mark.parametrize("levels", [1, 8])
def test_any_shape_and_number_of_levels_is_drawn(shape: tuple[int, ...], levels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    planes = shown(starlet(pixels, levels))
    sheet = draw_montage(planes, pixels.dtype, title="a.png", facts=["b3"])
    assert sheet.dtype == np.uint8
    assert sheet.shape[2:] == (3,)


def test_details_are_signed_and_the_residual_is_gray() -> None:
    step = np.zeros((32, 32), np.uint8)
    step[:, 16:] = 200
    sheet = draw_montage(shown(starlet(step, 1)), np.uint8, title="", facts=())
    colours = {tuple(colour) for colour in sheet.reshape(-1, 3).tolist()}
    assert any(red > blue + 100 for red, _, blue in colours), "orange"
    assert any(blue > red + 100 for red, _, blue in colours), "blue"
    flat = draw_montage(shown([np.zeros((9, 9))] * 2), np.uint8, title="", facts=())
    assert (flat == 0).all(axis=2).sum() > 1000, "a residual of 0 is black"
