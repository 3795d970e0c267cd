"""Any picture as 8-bit colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.errors import ArgumentError
from dilcli.features.preview import preview
from dilcli.files import Metadata, Picture


def shown(samples: Any, dtype: str, *, alpha: bool = False, associated: bool = False) -> Any:
    metadata = Metadata(associated_alpha=associated)
    frame = np.array(samples, dtype)
    made = preview(Picture((frame,), alpha=alpha, format="png", metadata=metadata))
    assert made.dtype == np.uint8
    assert made.shape == (*frame.shape[:2], 3)
    return made.tolist()


def test_colours_of_8_bits_are_shown_as_they_are_and_grays_three_times() -> None:
    assert shown([[[1, 2, 3]]], "uint8") == [[[1, 2, 3]]]
    assert shown([[7]], "uint8") == [[[7, 7, 7]]]
    assert shown([[[7]]], "uint8") == [[[7, 7, 7]]]


def test_alpha_lies_on_white() -> None:
    assert shown([[[10, 20, 30, 0]]], "uint8", alpha=True) == [[[255, 255, 255]]]
    assert shown([[[10, 255]]], "uint8", alpha=True) == [[[10, 10, 10]]]
    assert shown([[[0, 51]]], "uint8", associated=True) == [[[204, 204, 204]]]


@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_16_bits_are_shares_of_their_full_scale(value: int) -> None:
    assert shown([[257 * value]], "uint16") == [[[value] * 3]]


def test_floats_from_0_to_1_are_shares_and_other_samples_are_stretched() -> None:
    assert shown([[0.2, 0.6]], "float32") == [[[51] * 3, [153] * 3]]
    assert shown([[-3.0, 0.0, 2.0]], "float64") == [[[0] * 3, [153] * 3, [255] * 3]]
    assert shown([[-100, 100]], "int16") == [[[0] * 3, [255] * 3]]
    assert shown([[False, True]], "bool") == [[[0] * 3, [255] * 3]]
    assert shown([[5, 5]], "int32") == [[[0] * 3, [0] * 3]]


def test_what_is_no_number_is_shown_as_an_end_of_the_range() -> None:
    assert shown([[np.nan, 0.0, np.inf, -np.inf, 4.0]], "float32") == [
        [[0] * 3, [0] * 3, [255] * 3, [0] * 3, [255] * 3]
    ]
    assert shown([[np.nan]], "float32") == [[[0] * 3]]


def test_of_many_channels_the_first_are_shown() -> None:
    assert shown([[[1, 2, 3, 4, 5]]], "uint8") == [[[1, 2, 3]]]
    assert shown([[[1, 2]]], "uint8") == [[[1, 1, 1]]]


def test_a_row_of_numbers_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no picture"):
        preview(Picture((np.zeros(4),), alpha=False, format="npy"))
