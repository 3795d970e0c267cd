"""Levels are counted from 1, and each has its value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.core.levels import checked_levels, level_values
from dilcli.errors import ArgumentError


def test_any_whole_number_from_1_on_counts_levels() -> None:
    assert [checked_levels(1), checked_levels(500)] == [1, 500]
    assert checked_levels(int(np.int64(3))) == 3
    for wrong in (0, -1):
        with pytest.raises(ArgumentError, match="levels must be >= 1"):
            checked_levels(wrong)


@pytest.mark.parametrize(
    ("values", "wanted"), [(2, (2, 2, 2)), ((4, 3), (4, 3, 3)), ([1, 2, 3], (1, 2, 3))]
)
def test_the_last_value_repeats_over_the_levels(values: Any, wanted: tuple[float, ...]) -> None:
    assert level_values("ksigma", values, 3) == wanted


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((), "0 values of gain for 3 levels"),
        ((1, 2, 3, 4), "4 values of gain for 3 levels"),
        ("a", "gain must be numbers"),
        ((1, np.nan), "gain must be finite"),
        ([[1, 2], [3]], "gain must be numbers"),
    ],
)
def test_values_that_levels_cannot_take_are_refused(values: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        level_values("gain", values, 3)
