"""Frames, hatching and marks of rulers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dilcli.draw.lines import frame, hatch, ruler_marks

RED = (255, 0, 0)


def canvas(height: int = 20, width: int = 30) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((height, width, 3), 255, np.uint8)


def test_a_frame_is_drawn_just_outside_its_box() -> None:
    picture = canvas()
    frame(picture, (5, 6, 10, 16), RED, width=2)
    inked = (picture == RED).all(axis=2)
    expected = np.zeros((20, 30), bool)
    expected[3:12, 4:18] = True
    expected[5:10, 6:16] = False
    np.testing.assert_array_equal(inked, expected)


@given(*[st.integers(-40, 60)] * 2, *[st.integers(0, 40)] * 2, st.integers(0, 4))
def test_what_of_a_frame_does_not_fit_is_cut_off(
    top: int, left: int, height: int, width: int, dash: int
) -> None:
    around, inside = canvas(200, 200), canvas(20, 30)
    box = (top, left, top + height, left + width)
    frame(inside, box, RED, dash=dash)
    top, left, bottom, right = (at + 50 for at in box)
    frame(around, (top, left, bottom, right), RED, dash=dash)
    np.testing.assert_array_equal(inside, around[50:70, 50:80])


def test_dashes_and_gaps_are_equally_long() -> None:
    picture = canvas(40, 40)
    frame(picture, (5, 5, 35, 35), RED, width=1, dash=5)
    line = (picture[4, 5:35] == RED).all(axis=1)
    assert line.reshape(-1, 5).all(axis=1).tolist() == [True, False] * 3
    assert line.reshape(-1, 5).any(axis=1).tolist() == [True, False] * 3


def test_hatching_is_seen_on_light_and_on_dark_and_stays_in_its_place() -> None:
    picture = canvas(16, 32)
    picture[:, 16:] = 0
    where = np.zeros((16, 32), bool)
    where[8:] = True
    before = picture.copy()
    hatch(picture, where)
    np.testing.assert_array_equal(picture[:8], before[:8])
    assert (picture[8:, :16] < 255).any()
    assert (picture[8:, 16:] > 0).any()


@given(st.integers(0, 2 * 10**6).map(lambda twice: twice / 2))
def test_marks_are_round_even_and_about_the_centre(reach: float) -> None:
    marks = ruler_marks(reach)
    assert marks == [-mark for mark in reversed(marks)]
    assert 0 in marks
    assert max(marks) <= reach
    assert len(marks) <= 7
    if reach >= 1:
        step = marks[1] - marks[0]
        assert str(step).rstrip("0") in ("1", "2", "5")
        assert max(marks) * 2 >= reach, "the marks reach over half of the ruler at least"
        assert {b - a for a, b in pairwise(marks)} == {step}
