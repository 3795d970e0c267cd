"""Figures: what is drawn stays as it is, words go about it."""

from __future__ import annotations

import numpy as np

from dilcli.draw.figures import beside, figure
from dilcli.draw.legends import Entry


def panel(height: int, width: int, value: int = 7) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def places(picture: np.ndarray, value: int = 7) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero((picture == value).all(axis=2))
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def test_the_picture_is_whole_between_title_and_legend() -> None:
    made = figure(
        panel(50, 600), title="title", facts=["one fact"], entries=[Entry("x", (9, 9, 9))]
    )
    top, left, bottom, right = places(made)
    assert (bottom - top, right - left) == (50, 600)
    assert (made[top:bottom, left:right] == 7).all()
    assert (made[:top] < 128).any()
    assert (made[bottom:] == 9).any()


def test_titles_have_room_above_narrow_pictures_and_long_ones_are_broken() -> None:
    short, long = (figure(panel(9, 9), title=title) for title in ("net", "net " * 60))
    assert short.shape[1] == long.shape[1] > 400
    assert len(long) > len(short)


def test_panels_stand_side_by_side_on_one_line() -> None:
    made = beside([panel(5, 8, 1), panel(9, 4, 2)])
    assert places(made, 1)[::2] == (0, 5)
    assert places(made, 2)[::2] == (0, 9)
    assert places(made, 1)[3] < places(made, 2)[1]
    assert made.shape[0] == 9
