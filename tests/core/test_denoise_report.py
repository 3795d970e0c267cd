"""What denoising tells is what it did, and what it did is thresholds on details."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from dilcli.core.anscombe import PoissonGaussian, anscombe, inverse_anscombe
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.denoise_report import denoise_and_report
from dilcli.core.noise_weights import noise_weights
from dilcli.core.shrinkage import MAD_OF_NORMAL, THRESHOLDS
from dilcli.core.starlet import inverse_starlet, starlet
from dilcli.errors import ArgumentError
from tests.starlet_cases import atrous, case_input

THRESHOLD_CASES = atrous()["threshold_cases"]


@pytest.mark.parametrize("how", THRESHOLDS)
@pytest.mark.parametrize("number", range(len(THRESHOLD_CASES)))
def test_thresholds_sums_and_counts_are_those_of_the_reference(number: int, how: str) -> None:
    """See `tests.starlet_cases` for the source of the numbers."""
    case = THRESHOLD_CASES[number]
    image = case_input(case["input_case"])
    sigma = None if case["sigma_source"].startswith("MAD") else case["sigma"]
    done = denoise_and_report(image, len(case["k"]), ksigma=case["k"], threshold=how, sigma=sigma)
    assert done.estimated is (sigma is None)
    np.testing.assert_allclose(done.sigma, [case["sigma"]], rtol=1e-12)
    np.testing.assert_allclose(np.ravel(done.limits), case["thresholds"], rtol=1e-12)
    np.testing.assert_allclose(done.image, case[how]["sum"], rtol=0, atol=1e-9)
    assert (np.ravel(done.kept) * image.size).tolist() == case[how]["kept"]


def _by_hand(image: Any, limits: Any, how: str, **settings: Any) -> Any:
    planes = starlet(image, len(limits), **settings)
    for plane, limit in zip(planes, limits, strict=False):
        size = np.abs(plane)
        plane[...] = (
            np.where(size >= limit, plane, 0)
            if how == "hard"
            else np.sign(plane) * np.maximum(size - limit, 0)
        )
    return inverse_starlet(planes, **settings)


@pytest.mark.parametrize("how", THRESHOLDS)
@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_it_is_transform_threshold_and_inverse(how: str, generation: int, boundary: str) -> None:
    image = np.random.default_rng(12).normal(50, 10, (40, 31))
    settings: dict[str, Any] = {
        "kernel": "linear",
        "boundary": boundary,
        "fill": 20.0,
        "generation": generation,
    }
    done = denoise_and_report(image, 3, ksigma=2, threshold=how, **settings)
    w1 = starlet(image, 1, **settings)[0]
    weights = noise_weights(3, "linear", generation=generation).levels
    sigma = np.median(np.abs(w1)) / MAD_OF_NORMAL / weights[0].noise_weight
    np.testing.assert_allclose(done.sigma, [sigma], rtol=1e-13)
    limits = [2 * sigma * each.noise_weight for each in weights]
    np.testing.assert_allclose(
        done.image, _by_hand(image, limits, how, **settings), rtol=0, atol=1e-11
    )


def test_iterations_put_back_what_survives_of_the_rest() -> None:
    image = np.random.default_rng(13).normal(50, 10, (40, 31))
    chosen: dict[str, Any] = {"boundary": "constant", "fill": 50.0}
    one = denoise_and_report(image, 3, ksigma=1, **chosen)
    three = denoise_and_report(image, 3, ksigma=1, iterations=3, **chosen)
    x = one.image
    for _ in range(2):
        x = x + _by_hand(image - x, np.ravel(one.limits), "hard", boundary="constant", fill=0.0)
    np.testing.assert_allclose(three.image, x, rtol=0, atol=1e-11)
    assert np.abs(image - three.image).mean() < np.abs(image - one.image).mean()
    assert (three.limits, three.kept) == (one.limits, one.kept)


def test_channels_are_denoised_apart() -> None:
    rng = np.random.default_rng(14)
    image = rng.normal(100, [3, 30, 9], (50, 40, 3))
    done = denoise_and_report(image, 3)
    for channel in range(3):
        alone = denoise_and_report(image[..., channel], 3)
        np.testing.assert_array_equal(done.image[..., channel], alone.image)
        assert done.sigma[channel] == alone.sigma[0]
        assert [each[channel] for each in done.kept] == [each[0] for each in alone.kept]
    np.testing.assert_allclose(done.sigma, [3, 30, 9], rtol=0.1)


def test_a_mad_of_0_is_told_and_nothing_is_thresholded() -> None:
    image = np.zeros((30, 30, 2), np.uint8)
    image[..., 1] = np.random.default_rng(15).integers(90, 110, (30, 30))
    image[4, 5, 0] = 7
    done = denoise_and_report(image)
    assert done.unfiltered == (0,)
    assert done.sigma[0] == 0 < done.sigma[1]
    assert [each[0] for each in done.limits] == [0] * 4
    assert [each[0] for each in done.kept] == [1] * 4
    np.testing.assert_array_equal(done.image[..., 0], image[..., 0])


def test_amount_mixes_the_image_in() -> None:
    image = np.random.default_rng(16).integers(0, 256, (20, 20)).astype(np.uint8)
    full = denoise_and_report(image).image
    none = denoise_and_report(image, amount=0).image
    np.testing.assert_array_equal(none, image)
    some = denoise_and_report(image, amount=0.25).image
    np.testing.assert_allclose(some, 0.25 * full + 0.75 * image, rtol=1e-14)


def test_positive_clips_below_0_and_leaves_the_rest() -> None:
    image = np.random.default_rng(17).normal(0, 10, (30, 30))
    plain = denoise_and_report(image, ksigma=1).image
    clipped = denoise_and_report(image, ksigma=1, positive=True).image
    assert plain.min() < 0
    np.testing.assert_array_equal(clipped, np.maximum(plain, 0))


def test_poisson_noise_is_removed_between_the_transform_and_its_inverse() -> None:
    rng = np.random.default_rng(18)
    truth = np.add.outer(np.linspace(2, 60, 200), np.zeros(200))
    noise = PoissonGaussian(2.0, 3.0, 10.0)
    image = noise.gain * rng.poisson(truth) + noise.offset + rng.normal(0, noise.read, truth.shape)
    done = denoise_and_report(image, 5, poisson=noise, boundary="constant", fill=10)
    inner = denoise_and_report(
        anscombe(image, noise), 5, sigma=1, boundary="constant", fill=float(anscombe(10, noise))
    )
    np.testing.assert_allclose(done.image, inverse_anscombe(inner.image, noise), rtol=1e-12)
    assert (done.sigma, done.estimated) == ((1.0,), False)
    whole = denoise_and_report(image, 5, poisson=noise).image
    wanted = noise.gain * truth + noise.offset
    assert np.sqrt(np.mean((whole - wanted) ** 2)) < 0.25 * np.sqrt(np.mean((image - wanted) ** 2))


@pytest.mark.parametrize("counts", [0.5, 3.0, 20.0])
def test_the_mean_of_few_counts_is_kept(counts: float) -> None:
    rng = np.random.default_rng(23)
    image = 2.0 * rng.poisson(counts, (300, 300)) + rng.normal(0, 1, (300, 300)) + 10
    clean = denoise_and_report(image, 4, poisson=(2, 1, 10)).image
    assert abs(np.mean(clean) - 2 * counts - 10) < 0.1


@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_three_planes_are_held_and_not_one_a_level(dtype: str) -> None:
    image = np.random.default_rng(19).integers(0, 256, (1500, 1500)).astype(dtype)
    tracemalloc.start()
    denoise_and_report(image, 8, threads=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3.4 * image.size * 8


def test_threads_leave_every_bit_alone_and_the_image_too() -> None:
    image = np.random.default_rng(20).normal(size=(900, 800))
    before = image.copy()
    one = denoise_and_report(image, iterations=2, amount=0.5, threads=1)
    two = denoise_and_report(image, iterations=2, amount=0.5, threads=2)
    np.testing.assert_array_equal(one.image, two.image)
    assert one.kept == two.kept
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"image": [[1.0, np.nan], [np.inf, 2]]}, "2 of 4 samples are NaN or infinite"),
        ({"threshold": "medium"}, "threshold must be hard or soft"),
        ({"amount": 1.5}, "amount must be from 0"),
        ({"amount": np.nan}, "amount must be from 0"),
        ({"iterations": 0}, "iterations must be >= 1"),
        ({"iterations": 1.5}, "iterations must be a whole number"),
        ({"ksigma": -1}, "ksigma must be >= 0"),
        ({"ksigma": (1, 2, 3, 4, 5)}, "5 values of ksigma for 4 levels"),
        ({"sigma": -1}, "sigma must be a finite number >= 0"),
        ({"sigma": 1, "poisson": (1, 0, 0)}, "exclude one another"),
        ({"poisson": (0, 0, 0)}, "is no noise"),
        ({"levels": 0}, "levels must be >= 1"),
    ],
)
def test_what_has_no_meaning_is_refused_in_one_line(chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words) as error:
        denoise_and_report(**{"image": np.ones((4, 4)), **chosen})
    assert "\n" not in str(error.value)
