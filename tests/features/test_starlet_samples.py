"""Real numbers fitted to samples."""

from __future__ import annotations

import numpy as np

from dilcli.features.starlet_samples import apart, fitted


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
