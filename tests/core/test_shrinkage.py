"""Thresholds, the deviation of noise, and the median of what is never in memory together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dilcli.core.shrinkage import (
    MAD_OF_NORMAL,
    Threshold,
    checked_threshold,
    noise_sigma,
    shrink,
)
from dilcli.errors import ArgumentError
from tests.starlet_cases import atrous


def test_the_constant_is_the_quantile_of_the_normal_distribution() -> None:
    assert atrous()["mad_constant"] == MAD_OF_NORMAL
    assert abs(MAD_OF_NORMAL - stats.norm.ppf(0.75)) < 1e-15


def test_sigma_is_that_of_each_channel() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, [1, 20, 0], (400, 300, 3))
    np.testing.assert_allclose(noise_sigma(noise, 0.5), [2, 40, 0], rtol=0.02)
    median = float(np.median(np.abs(noise[..., 1])))
    assert noise_sigma(noise, 0.5)[1] == median / MAD_OF_NORMAL / 0.5


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("how", ["hard", "soft"])
def test_thresholds_are_the_textbook_ones(how: Threshold, threads: int) -> None:
    rng = np.random.default_rng(4)
    w = rng.normal(size=(900, 400, 2))
    w[0, 0] = (1.0, -0.5)
    limits = np.array([1.0, 0.5])
    got = w.copy()
    kept = shrink(got, limits, how, threads)
    size = np.abs(w)
    soft = np.sign(w) * np.maximum(size - limits, 0)
    np.testing.assert_array_equal(got, np.where(size >= limits, w, 0) if how == "hard" else soft)
    assert kept.tolist() == (size >= limits).sum(axis=(0, 1)).tolist()


@pytest.mark.parametrize("how", ["hard", "soft"])
def test_a_limit_of_0_keeps_everything(how: Threshold) -> None:
    w = np.array([-2.0, 0, 3]).reshape(1, 3, 1)
    assert shrink(w, np.array([0.0]), how).tolist() == [3]
    assert w.ravel().tolist() == [-2, 0, 3]


def test_there_is_no_third_threshold() -> None:
    with pytest.raises(ArgumentError, match=r"threshold must be hard or soft \(got 'erf'\)"):
        checked_threshold("erf")
