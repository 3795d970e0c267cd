"""The transform makes noise of deviation 1, and its inverse has no bias to speak of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from dilcli.core.anscombe import PoissonGaussian, anscombe, checked_noise, inverse_anscombe
from dilcli.errors import ArgumentError

READS = (0.0, 0.1, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0)
COUNTS = (0.0, 0.01, 0.03, 0.05, 0.1, 0.3, 1.0, 2.0, 5.0, 10.0, 13.0, 30.0, 100.0)


def _moments(count: float, noise: PoissonGaussian) -> tuple[float, float]:
    """Mean and variance of the transform: the Poisson series times a fine normal grid."""
    series = np.arange(int(count + 12 * np.sqrt(count) + 40))
    deviates = np.linspace(-9, 9, 6001)
    weights = np.outer(stats.poisson.pmf(series, count), np.exp(-(deviates**2) / 2))
    samples = noise.gain * series[:, np.newaxis] + noise.offset + noise.read * deviates
    values = anscombe(samples, noise)
    mean = np.average(values, weights=weights)
    return float(mean), float(np.average((values - mean) ** 2, weights=weights))


@pytest.mark.parametrize("read", READS)
def test_the_inverse_gives_back_counts_within_a_twentieth(read: float) -> None:
    noise = PoissonGaussian(1.0, read)
    for count in COUNTS:
        mean, _ = _moments(count, noise)
        assert abs(float(inverse_anscombe(mean, noise)) - count) < 0.045
        if read == 0:
            assert abs(float(inverse_anscombe(mean, noise)) - count) < 0.019


def test_the_algebraic_inverse_would_be_wrong_by_far_more() -> None:
    mean, _ = _moments(10.0, PoissonGaussian())
    assert abs(mean**2 / 4 - 3 / 8 - 10) > 0.2


@pytest.mark.parametrize("read", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("count", [10.0, 40.0])
def test_transformed_noise_has_variance_1(count: float, read: float) -> None:
    assert abs(_moments(count, PoissonGaussian(1.0, read))[1] - 1) < 0.02


def test_gain_and_offset_only_change_the_units() -> None:
    noise = PoissonGaussian(2.5, 5.0, 100.0)
    counts = np.linspace(-3, 60, 50)
    counted = anscombe(counts, PoissonGaussian(1.0, 2.0))
    np.testing.assert_allclose(anscombe(2.5 * counts + 100, noise), counted, rtol=1e-13)
    np.testing.assert_allclose(
        inverse_anscombe(counted, noise),
        2.5 * inverse_anscombe(counted, PoissonGaussian(1.0, 2.0)) + 100,
        rtol=1e-13,
    )


@pytest.mark.parametrize("read", READS)
def test_both_ways_are_monotone_and_never_nan(read: float) -> None:
    noise = PoissonGaussian(1.0, read, 3.0)
    forward = anscombe(np.linspace(-50, 300, 5000), noise)
    assert (np.diff(forward) >= 0).all()
    backward = inverse_anscombe(np.linspace(-5, 60, 20000), noise)
    assert (np.diff(backward) >= 0).all()
    assert backward[0] == 3.0
    assert np.isfinite(backward).all()


def test_shapes_are_kept_and_arguments_left_alone() -> None:
    samples = np.arange(6, dtype=np.uint8).reshape(2, 3)
    values = anscombe(samples, PoissonGaussian())
    assert values.shape == inverse_anscombe(values, PoissonGaussian()).shape == (2, 3)
    before = values.copy()
    inverse_anscombe(values, PoissonGaussian())
    np.testing.assert_array_equal(values, before)
    assert np.shape(anscombe(3, PoissonGaussian())) == ()


@pytest.mark.parametrize("values", [(0, 1, 0), (-1, 1, 0), (1, -1, 0), (1, np.nan, 0)])
def test_noise_that_cannot_be_is_refused(values: Any) -> None:
    with pytest.raises(ArgumentError, match="is no noise; want gain > 0"):
        checked_noise(values)


@pytest.mark.parametrize("values", [(1, 2, 3, 4), "abc", 3])
def test_what_is_no_noise_model_is_refused(values: Any) -> None:
    with pytest.raises(ArgumentError, match="poisson must be gain, read noise and offset"):
        checked_noise(values)


def test_read_noise_and_offset_may_be_left_out() -> None:
    assert checked_noise([2]) == PoissonGaussian(2.0, 0.0, 0.0)
