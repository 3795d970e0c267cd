"""All planes on one sheet."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli import starlet
from dilcli.features.starlet_montage import draw_montage, drawn_channel


@pytest.mark.parametrize("shape", [(1, 1), (40, 60), (5, 300), (300, 4), (30, 30, 3), (9,)])
@pytest.mark.parametrize("levels", [1, 8])
def test_any_shape_and_number_of_levels_is_drawn(shape: tuple[int, ...], levels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    planes = [drawn_channel(plane) for plane in starlet(pixels, levels)]
    sheet = draw_montage(planes, pixels.dtype, title="a.png", facts=["b3"])
    assert sheet.dtype == np.uint8
    assert sheet.shape[2:] == (3,)


def test_details_are_signed_and_the_residual_is_gray() -> None:
    step = np.zeros((32, 32), np.uint8)
    step[:, 16:] = 200
    planes = [drawn_channel(plane) for plane in starlet(step, 1)]
    sheet = draw_montage(planes, np.uint8, title="", facts=())
    colours = {tuple(colour) for colour in sheet.reshape(-1, 3).tolist()}
    assert any(red > blue + 100 for red, _, blue in colours), "orange"
    assert any(blue > red + 100 for red, _, blue in colours), "blue"
    flat = draw_montage([np.zeros((9, 9), np.float32)] * 2, np.uint8, title="", facts=())
    assert (flat == 0).all(axis=2).sum() > 1000, "a residual of 0 is black"


def test_luma_or_the_first_channel_is_drawn_and_what_is_not_finite_is_0() -> None:
    colours = np.array([[[1.0, 0, 0], [0, np.nan, 0]]])
    assert drawn_channel(colours).tolist() == [[np.float32(0.2126), 0]]
    assert drawn_channel(np.array([[[3.0, 9.0]]])).tolist() == [[3.0]]
    assert drawn_channel(np.array([np.inf, 2.0])).tolist() == [[0.0, 2.0]]
