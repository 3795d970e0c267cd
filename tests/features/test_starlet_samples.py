"""Colours and alpha, parted and put together; real numbers fitted to samples."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.features.starlet_samples import apart, fitted, joined, parted


@pytest.mark.parametrize("shape", [(4, 5, 2), (4, 5, 4), (1, 1, 2)])
def test_joining_undoes_parting(shape: tuple[int, ...]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    colours, alpha = parted(frame, alpha=True)
    assert alpha is not None
    assert colours.ndim == (2 if shape[2] == 2 else 3)
    np.testing.assert_array_equal(joined(colours, alpha), frame)


def test_without_alpha_nothing_is_parted() -> None:
    frame = np.zeros((4, 5, 4))
    colours, alpha = parted(frame, alpha=False)
    assert colours is frame
    assert alpha is None
    assert joined(colours, None) is frame


def test_real_numbers_are_rounded_half_to_even_and_saturated() -> None:
    samples, clipped = fitted(np.array([0.5, 1.5, -0.6, 255.4, 300]), np.uint8)
    assert samples.dtype == np.uint8
    assert (samples.tolist(), clipped) == ([0, 2, 0, 255, 255], 2)
    assert fitted(np.array([1.0]), np.uint8, "16")[0].tolist() == [257]
    real, clipped = fitted(np.array([-1.5, 1e6]), np.uint8, "float")
    assert (real.dtype.name, real.tolist(), clipped) == ("float32", [-1.5, 1e6], 0)


def test_how_far_pictures_lie_apart() -> None:
    nan, inf = np.nan, np.inf
    assert apart(np.array([0, 255], np.uint8), np.array([255, 255], np.uint8)) == 255
    assert apart(np.array([nan, inf, 1]), np.array([nan, inf, 1.5])) == 0.5
    assert apart(np.array([nan]), np.array([1.0])) is None
    assert apart(np.array([inf]), np.array([1.0])) is None
