"""Curves beside a panel."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dilcli.draw.profiles import profile


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.integers(1, 60))
def test_bars_stand_on_the_last_row_and_are_as_high_as_their_weights(
    weights: list[float], height: int
) -> None:
    drawn = profile(np.array(weights), height, (0, 0, 0))
    inked = (drawn == 0).all(axis=2)
    tall = inked.sum(axis=0)
    largest = max(weights)
    for weight, bar, column in zip(weights, tall, inked.T, strict=True):
        assert column[len(column) - bar :].all()
        assert (bar > 0) == (weight > 0)
        if largest:
            assert 0 <= bar - weight / largest * height < 1 + 1e-6
    assert not largest or tall.max() == height


def test_each_bar_may_have_its_colour() -> None:
    drawn = profile(np.array([1.0, 0.5]), 2, np.array([[1, 2, 3], [4, 5, 6]], np.uint8))
    assert drawn.tolist() == [[[1, 2, 3], [255] * 3], [[1, 2, 3], [4, 5, 6]]]
