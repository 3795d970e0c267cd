"""Receptive fields over pictures: the box is exact at any scale, padding is told from picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.draw.cells import fitting_scale
from dilcli.draw.colours import BOX
from dilcli.draw.field_over import over_figure

GREEN = (10, 200, 30)

Figure = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def green(height: int, width: int) -> Figure:
    return np.full((height, width, 3), GREEN, np.uint8)


def even(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.full((height, width), 1 / (height * width))


def bounds(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def body(figure: Figure) -> Figure:
    """Leave out the legend, whose first sample repeats the colour of the box."""
    return figure[: bounds((figure == GREEN).all(axis=2))[2]]


@settings(max_examples=20)
@given(st.data())
def test_the_box_stands_at_its_pixels(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([40, 150, 600, 1000, 1700]))
    scale = fitting_scale(size)
    # The frame must leave some of the picture to be seen beside it, above or below, left or right.
    span = data.draw(st.integers(size * 2 // 5, size - 12 * scale.pixels))
    top, left = (data.draw(st.integers(5, size - 5 - span)) for _ in "yx")
    figure = body(over_figure(green(size, size), even(span, span), (top, left), title="t"))
    y, x, bottom, right = bounds((figure == GREEN).all(axis=2))
    assert bottom - y == right - x == -(-size // scale.pixels) * scale.size
    frame = bounds((figure == BOX).all(axis=2))
    expected = (top, left, top + span, left + span)
    found = (frame[0] + 2 - y, frame[1] + 2 - x, frame[2] - 2 - y, frame[3] - 2 - x)
    assert found == tuple(round(at * scale.size / scale.pixels) for at in expected)


def test_heat_is_drawn_at_the_pixel_that_it_is_of() -> None:
    photo = np.full((60, 60, 3), 255, np.uint8)
    heat = np.zeros((41, 41))
    heat[10, 30] = 1.0
    figure = over_figure(photo, heat, (5, 8), title="t")
    frame = bounds((figure == BOX).all(axis=2) & (np.arange(len(figure)) < 500)[:, None])
    size = fitting_scale(60).size
    blue = (figure[..., 2].astype(int) - figure[..., 0]) > 60
    assert bounds(blue) == (
        frame[0] + 2 + 10 * size,
        frame[1] + 2 + 30 * size,
        frame[0] + 2 + 11 * size,
        frame[1] + 2 + 31 * size,
    )


def test_outside_of_the_box_the_picture_is_as_it_was() -> None:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (300, 300, 3), np.uint8)
    figure = over_figure(photo, even(200, 200), (50, 50), title="t")
    size = fitting_scale(300).size
    windows = np.lib.stride_tricks.sliding_window_view(figure[..., 0], (20 * size, 20 * size))
    corner = photo[:20, :20, 0].repeat(size, axis=0).repeat(size, axis=1)
    assert (windows[:200, :60] == corner).all(axis=(2, 3)).sum() == 1


def test_in_the_box_the_picture_is_gray_so_that_colours_are_the_heats() -> None:
    photo = green(60, 60)
    photo[:, 30:] = (255, 0, 0)
    heat = np.zeros((50, 50))
    heat[0, 0] = 1.0
    figure = over_figure(photo, heat, (5, 5), title="t")
    frame = bounds((figure == BOX).all(axis=2) & (np.arange(len(figure)) < 500)[:, None])
    inside = figure[frame[0] + 20 : frame[2] - 20, frame[1] + 20 : frame[3] - 20]
    assert np.ptp(inside, axis=2).max() == 0
    assert len(np.unique(inside)) == 2


@pytest.mark.parametrize("first", [(-20, 3), (3, -20), (30, 3), (3, 30), (-20, 30)])
def test_what_of_the_box_is_outside_the_picture_is_shown_beside_it(first: tuple[int, int]) -> None:
    figure = body(over_figure(green(60, 60), even(50, 50), first, title="t"))
    within = body(over_figure(green(60, 60), even(50, 50), (5, 5), title="t"))
    frame, picture = (bounds((figure == colour).all(axis=2)) for colour in (BOX, GREEN))
    sides = (first[0] < 0, first[1] < 0, first[0] + 50 > 60, first[1] + 50 > 60)
    outside = (
        frame[0] < picture[0],
        frame[1] < picture[1],
        frame[2] >= picture[2],
        frame[3] > picture[3],
    )
    assert [o for o, s in zip(outside, sides, strict=True) if s] == [True] * sum(sides)
    assert figure.shape != within.shape


def test_a_small_field_is_drawn_again_enlarged() -> None:
    large = over_figure(green(500, 500), even(400, 400), (9, 9), title="t")
    small = over_figure(green(500, 500), even(9, 9), (100, 200), title="t")
    assert small.shape[1] > 1.3 * large.shape[1]
    framed = (body(small) == BOX).all(axis=2).any(axis=0)
    assert np.count_nonzero(np.diff(framed.astype(int)) == 1) == 2


@pytest.mark.parametrize("first", [(-(10**6), 0), (10**6, 10**6), (0, -30)])
def test_a_box_far_away_leaves_the_picture_in_sight(first: tuple[int, int]) -> None:
    figure = over_figure(green(60, 80), even(3, 3), first, title="t")
    assert (figure == GREEN).all(axis=2).sum() > 10_000
    assert max(figure.shape) < 1200


def test_of_a_box_much_larger_than_the_picture_the_part_about_the_picture_is_drawn() -> None:
    figures = []
    for edge in (40, 97, 1000):
        heat = np.zeros((40 + 2 * edge, 40 + 2 * edge))
        heat[edge + 10, edge + 20] = 1.0
        figures.append(over_figure(green(40, 40), heat, (-edge, -edge), title="t")[:-40])
    for figure in figures[1:]:
        np.testing.assert_array_equal(figure, figures[0])


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (3000, 4000)])
def test_pictures_of_any_size_make_figures_of_one_size(size: tuple[int, int]) -> None:
    figure = over_figure(green(*size), even(5, 5), (0, 0), title="t")
    assert 300 < max(figure.shape) < 1200
