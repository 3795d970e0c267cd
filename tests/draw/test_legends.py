"""Legends: every entry is there, on as many lines as are needed."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.draw.captions import text_width
from dilcli.draw.colours import heat_colours
from dilcli.draw.legends import Entry, colour_key, legend

GREEN = (0, 200, 0)


def count(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=2).sum())


def test_a_filled_sample_a_frame_and_dashes_differ() -> None:
    filled, framed, dashed = (
        count(legend([Entry("x", GREEN, line=line, dash=dash)], 100), GREEN)
        for line, dash in ((0, 0), (2, 0), (2, 3))
    )
    assert filled == 14 * 14
    assert framed == 14 * 14 - 10 * 10
    assert 0 < dashed < framed


def test_hatching_and_texts_without_a_sample_are_entries_too() -> None:
    hatched = legend([Entry("x", hatched=True)], 100)
    bare = legend([Entry("x")], 100)
    assert hatched.shape == bare.shape
    assert (bare[:, 12:] == 255).all()
    assert len(np.unique(hatched[:, :14])) >= 2


def test_entries_go_to_the_next_line_where_they_do_not_fit() -> None:
    entries = [Entry("some words", GREEN)] * 3
    one = text_width("some words", 12) + 40
    assert len(legend(entries, 3 * one)) * 3 == len(legend(entries, one))
    assert count(legend(entries, one), GREEN) == 3 * 14 * 14
    assert legend([], 80).shape == (0, 80, 3)


@pytest.mark.parametrize("height", [40, 300])
def test_the_key_goes_from_the_largest_down_to_the_least(height: int) -> None:
    key = colour_key(height, low="0", high="max")
    assert len(key) == height
    assert key[0, 0].tolist() == heat_colours(1.0).tolist()
    assert key[-1, 0].tolist() == heat_colours(0.0).tolist()
