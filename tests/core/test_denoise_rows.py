"""Rows denoised apart are the rows of the picture denoised whole, and count what they keep."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.core.denoise_rows import checked_sigmas, denoise_once, denoise_rows, detail_limits
from dilcli.core.noise_weights import noise_weights
from dilcli.core.shrinkage import THRESHOLDS, Threshold
from dilcli.core.starlet_plan import plan_starlet
from dilcli.core.starlet_rows import rebuilt_reads
from dilcli.core.window import Window
from dilcli.errors import ArgumentError


@pytest.mark.parametrize("how", THRESHOLDS)
@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("height", [1, 17, 64, 150])
def test_strips_add_up_to_the_whole_and_so_do_their_counts(
    how: Threshold, generation: int, height: int
) -> None:
    picture = np.random.default_rng(11).normal(100, 9, (150, 40, 2))
    plan = plan_starlet(picture.shape, picture.dtype, 4, generation=generation)
    every = denoise_once(plan, picture, (4, 3, 3, 3), None, how)
    kept = np.zeros_like(every.kept)
    for first in range(0, 150, height):
        rows = (first, min(first + height, 150))
        runs = rebuilt_reads(plan, rows)
        window = Window(np.concatenate([picture[a:b] for a, b in runs]), 150, runs)
        some, counts = denoise_rows(plan, window, rows, every.limits, how, threads=1)
        np.testing.assert_array_equal(some, every.pixels[slice(*rows)])
        kept += counts
    np.testing.assert_array_equal(kept, every.kept)


@pytest.mark.parametrize(("shape", "axes"), [((9,), 1), ((9, 9), 2)])
@pytest.mark.parametrize("generation", [1, 2])
def test_limits_are_k_sigma_weight(shape: tuple[int, ...], axes: int, generation: int) -> None:
    plan = plan_starlet(shape, float, 2, generation=generation)
    first, second = noise_weights(2, generation=generation, axes=axes).levels
    wanted = [[4 * 10 * first.noise_weight], [3 * 10 * second.noise_weight]]
    np.testing.assert_allclose(detail_limits(plan, (4, 3), (10,)), wanted, rtol=1e-15)


def test_one_sigma_serves_all_channels() -> None:
    assert checked_sigmas(2, 3) == (2, 2, 2)
    assert checked_sigmas((1, 2, 3), 3) == (1, 2, 3)


@pytest.mark.parametrize("sigma", [-1, np.nan, np.inf, (1, 2), "x", ()])
def test_a_sigma_that_cannot_be_is_refused(sigma: float) -> None:
    with pytest.raises(ArgumentError, match="sigma must be a finite number >= 0, or 3 of them"):
        checked_sigmas(sigma, 3)
