"""Structural similarity: scikit-image's number, and what the index promises."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import metrics

from dilcli.core import paired_tiles
from dilcli.core.structural_similarity import structural_similarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: scikit-image has no types.
peer: Any = metrics

SIZES = [(7, 7), (7, 8), (12, 7), (9, 31), (40, 50), (61, 1100)]


def pair(shape: tuple[int, ...], seed: int, spread: float = 1.0) -> tuple[NDArray[Any], ...]:
    """Give two pictures that are somewhat alike."""
    rng = np.random.default_rng(seed)
    one = spread * rng.normal(size=shape)
    return one, 0.7 * one + 0.4 * spread * rng.normal(size=shape) + 0.1 * spread


def by_definition(one: NDArray[Any], two: NDArray[Any], data_range: float) -> float:
    """Give the mean over all windows of equation 13 of the paper, window by window."""
    indices = []
    height, width, channels = one.shape
    for row, column, channel in itertools.product(
        range(height - 6), range(width - 6), range(channels)
    ):
        x, y = (p[row : row + 7, column : column + 7, channel].ravel() for p in (one, two))
        c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
        (vx, vxy), (_, vy) = np.cov(x, y)
        means = (2 * x.mean() * y.mean() + c1) / (x.mean() ** 2 + y.mean() ** 2 + c1)
        indices.append(means * (2 * vxy + c2) / (vx + vy + c2))
    return float(np.mean(indices))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("spread", [1e-6, 1, 255, 1e9])
def test_it_is_that_of_scikit_image(
    size: tuple[int, int], channels: int, dtype: type[np.floating], spread: float
) -> None:
    one, two = (p.astype(dtype) for p in pair((*size, channels), sum(size), spread))
    theirs = peer.structural_similarity(
        one.astype(float), two.astype(float), data_range=3 * spread, channel_axis=2
    )
    ours = structural_similarity(one, two, data_range=3 * spread)
    assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("shape", [(7, 7, 1), (9, 12, 2), (20, 8, 1)])
def test_it_is_the_mean_of_the_paper_s_index_over_all_windows(shape: tuple[int, ...]) -> None:
    one, two = pair(shape, 5)
    assert structural_similarity(one, two, data_range=2.5) == pytest.approx(
        by_definition(one, two, 2.5), rel=1e-13
    )


def test_black_is_subtracted_first() -> None:
    one, two = pair((20, 30, 2), 3)
    shifted = structural_similarity(one + 4, two + 4, data_range=2)
    assert structural_similarity(one, two, data_range=2, black=-4) == pytest.approx(shifted)
    assert structural_similarity(one, two, data_range=2) != pytest.approx(shifted)


@given(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), st.integers(0, 99))
def test_centres_change_nothing_but_rounding(centres: tuple[float, float], seed: int) -> None:
    one, two = pair((13, 15, 1), seed)
    given_centres = structural_similarity(one, two, data_range=2, black=-5, centres=centres)
    assert given_centres == pytest.approx(
        structural_similarity(one, two, data_range=2, black=-5), rel=1e-12
    )


def test_centres_keep_small_spreads_on_a_high_level() -> None:
    """Around 0, the spreads would be lost in the rounding of squares of a million millions."""
    one, two = (np.round(p * 64) / 64 for p in pair((30, 30, 1), 8))
    near = structural_similarity(one, two, data_range=2, black=-10.0)
    far = structural_similarity(
        one + 2.0**36, two + 2.0**36, data_range=2, black=2.0**36 - 10, centres=(2.0**36,) * 2
    )
    assert far == pytest.approx(near, rel=1e-12)


@given(st.integers(0, 99), st.sampled_from([1e-3, 1.0, 40.0]))
def test_it_is_symmetric_and_at_most_1(seed: int, data_range: float) -> None:
    one, two = np.abs(pair((10, 16, 1), seed))
    index = structural_similarity(one, two, data_range=data_range)
    assert index is not None
    assert index == pytest.approx(structural_similarity(two, one, data_range=data_range))
    assert -1 <= index < 1


def test_equal_pictures_have_1_exactly() -> None:
    one, _ = pair((50, 60, 3), 1)
    assert structural_similarity(one, one.copy(), data_range=1) == 1


@pytest.mark.parametrize("size", [(6, 7), (7, 6), (1, 900), (6, 6)])
def test_there_is_none_where_no_window_fits(size: tuple[int, int]) -> None:
    one, two = pair((*size, 1), 0)
    assert structural_similarity(one, two, data_range=1) is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e200])
def test_there_is_none_where_it_is_no_finite_number(value: float) -> None:
    one, two = pair((9, 9, 1), 0)
    two[4, 4] = value
    assert structural_similarity(one, two, data_range=1) is None


@pytest.mark.parametrize("data_range", [0.0, 1e200])
def test_a_range_that_cannot_be_squared_gives_none(data_range: float) -> None:
    zeros = np.zeros((9, 9, 1))
    assert structural_similarity(zeros, zeros, data_range=data_range) is None


def test_neither_tiles_nor_threads_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair((150, 1500, 3), 4)
    whole = structural_similarity(one, two, data_range=2, threads=1)
    assert structural_similarity(one, two, data_range=2, threads=3) == whole
    for rows, samples in ((1, 1), (8, 30), (100, 100_000)):
        monkeypatch.setattr(paired_tiles, "ROWS", rows)
        monkeypatch.setattr(paired_tiles, "SAMPLES", samples)
        part = one[:40, :70], two[:40, :70]
        expected = peer.structural_similarity(*part, data_range=2, channel_axis=2)
        assert structural_similarity(*part, data_range=2) == pytest.approx(expected, rel=1e-13)
