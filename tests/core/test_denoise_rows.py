"""Rows denoised apart are the rows of the picture denoised whole, and count what they keep."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.core.denoise_rows import (
    denoise_reads,
    denoise_rows,
    denoise_whole,
    detail_limits,
    sigma_of_median,
)
from dilcli.core.denoising import Denoising
from dilcli.core.noise_weights import noise_weights
from dilcli.core.shrinkage import THRESHOLDS, Threshold, noise_sigma
from dilcli.core.starlet_plan import plan_starlet
from dilcli.core.window import Window


@pytest.mark.parametrize("how", THRESHOLDS)
@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("height", [1, 17, 64, 150])
def test_strips_add_up_to_the_whole_and_so_do_their_counts(
    how: Threshold, generation: int, iterations: int, height: int
) -> None:
    picture = np.random.default_rng(11).normal(100, 9, (150, 40, 2))
    plan = plan_starlet(picture.shape, picture.dtype, 3, generation=generation)
    settings = Denoising((4, 3, 3), how, iterations=iterations)
    every = denoise_whole(plan, picture, settings, None)
    kept = np.zeros_like(every.kept)
    for first in range(0, 150, height):
        rows = (first, min(first + height, 150))
        runs = denoise_reads(plan, rows, iterations)
        window = Window(np.concatenate([picture[a:b] for a, b in runs]), 150, runs)
        some, counts = denoise_rows(
            plan, window, rows, every.limits, how, iterations=iterations, threads=1
        )
        np.testing.assert_array_equal(some, every.pixels[slice(*rows)])
        kept += counts
    np.testing.assert_array_equal(kept, every.kept)


def test_more_iterations_read_further() -> None:
    plan = plan_starlet((1000, 9), float, 3)
    reach = 2 * (1 + 2 + 4)
    for iterations in (1, 2, 4):
        reads = denoise_reads(plan, (500, 510), iterations)
        assert reads == ((500 - iterations * reach, 510 + iterations * reach),)


def test_the_median_alone_gives_the_sigma_that_the_details_give() -> None:
    finest = np.random.default_rng(3).normal(0, 5, (40, 31, 1))
    plan = plan_starlet((40, 31), float, 2, generation=2, kernel="linear")
    weight = noise_weights(1, "linear", generation=2).levels[0].noise_weight
    (wanted,) = noise_sigma(finest, weight)
    assert sigma_of_median(plan, float(np.median(np.abs(finest)))) == wanted


@pytest.mark.parametrize(("shape", "axes"), [((9,), 1), ((9, 9), 2)])
@pytest.mark.parametrize("generation", [1, 2])
def test_limits_are_k_sigma_weight(shape: tuple[int, ...], axes: int, generation: int) -> None:
    plan = plan_starlet(shape, float, 2, generation=generation)
    first, second = noise_weights(2, generation=generation, axes=axes).levels
    wanted = [[4 * 10 * first.noise_weight], [3 * 10 * second.noise_weight]]
    np.testing.assert_allclose(detail_limits(plan, (4, 3), (10,)), wanted, rtol=1e-15)
