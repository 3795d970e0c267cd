"""Scales of figures: most values are told apart, ends are round, gains are powers of 2."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.features.figure_scale import gain, largest_shown, round_end

SIZES = st.floats(1e-12, 1e12)


@given(SIZES)
def test_ends_are_round_and_no_more_than_needed(largest: float) -> None:
    end = round_end(largest)
    assert largest <= end * (1 + 1e-12)
    assert end <= 1.34 * largest
    assert len(f"{end:e}".rstrip("0").split("e", maxsplit=1)[0].rstrip("0").rstrip(".")) <= 3


@given(SIZES, SIZES)
def test_gains_are_the_largest_powers_of_2_that_keep_differences_on_the_scale(
    largest: float, end: float
) -> None:
    factor = gain(largest, end)
    assert log2(factor) == int(log2(factor))
    assert 1 <= factor <= 256
    assert factor * largest <= end or factor == 1
    assert 2 * factor * largest > end or factor == 256


def test_nothing_has_a_scale_too() -> None:
    nothing = np.zeros((5, 5))
    assert largest_shown(nothing, (0, 0, 2, 2)) == 0
    assert largest_shown(np.full((5, 5), 5e-324), None) == 0
    assert round_end(0.0) == 1.0
    assert gain(0.0, 1.0) == 1


@given(st.integers(0, 2**32 - 1), st.sampled_from(["float32", "float64"]))
def test_few_values_are_beyond_what_is_told_apart(seed: int, dtype: str) -> None:
    values = np.random.default_rng(seed).normal(size=(60, 70)).astype(dtype)
    values[::2] = 0
    size = largest_shown(values, None)
    beyond = np.count_nonzero(np.abs(values) > size) / np.count_nonzero(values)
    assert 0.003 < beyond < 0.006


def test_zeros_do_not_count_so_that_sparse_responses_are_seen() -> None:
    values = np.zeros((100, 100))
    values[50, 50:60] = np.arange(1, 11)
    assert largest_shown(values, None) == 9


def test_the_largest_is_not_far_beyond() -> None:
    values = np.full((100, 100), 0.001)
    values[0, 0] = -8.0
    assert largest_shown(values, None) == pytest.approx(2.0)


def test_most_of_the_detail_is_told_apart_too() -> None:
    values = np.ones((200, 200))
    values[100:110, 100:110] = 3.0
    assert largest_shown(values, None) == 1
    assert largest_shown(values, (100, 100, 10, 10)) == 3
    assert largest_shown(values, (100, 100, 30, 30)) == 1
    assert largest_shown(values, (0, 0, 10, 10)) == 1
