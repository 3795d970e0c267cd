"""Pictures in a room: whole numbers up, means of areas down, and no beats with a lattice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dilcli.draw.resizing import Span, fitted, ratio, resized

SIDES = st.integers(1, 6000)
ROOMS = st.tuples(st.integers(60, 480), st.integers(200, 1000))


def whole(length: int) -> Span:
    return Span(length, 1, 1)


def noise(*shape: int) -> Any:
    return np.random.default_rng(7).normal(size=shape)


@given(SIDES, SIDES, ROOMS)
def test_pictures_fit_their_room_and_fill_more_than_half_of_it(
    height: int, width: int, room: tuple[int, int]
) -> None:
    spans = fitted((height, width), room)
    dots = [span.dots for span in spans]
    assert all(d <= max(1.07 * r, 32) for d, r in zip(dots, room, strict=True))
    assert any(2 * d > r for d, r in zip(dots, room, strict=True))
    assert min(dots) >= 16


@given(st.integers(32, 6000), st.integers(32, 6000), ROOMS)
def test_pixels_stay_square_unless_a_side_would_be_too_thin_to_see(
    height: int, width: int, room: tuple[int, int]
) -> None:
    spans = fitted((height, width), room)
    alike = spans[0][1:] == spans[1][1:]
    assert alike or min(span.dots for span in spans) <= 32


@given(SIDES, ROOMS)
@example(1, (117, 200))  # 1 / (1 / 117) is less than 117
def test_small_pictures_are_magnified_by_a_whole_number_and_large_ones_reduced(
    side: int, room: tuple[int, int]
) -> None:
    span = fitted((side, side), room)[0]
    if side <= min(room):
        assert span == Span(side, 1, min(room) // side)
    else:
        assert span.size == 1
        assert span.pixels >= side / (1.07 * min(room))


@pytest.mark.parametrize(("side", "pixels"), [(300, 1), (310, 1), (640, 640 / 300), (850, 3)])
def test_the_next_whole_number_is_taken_where_little_is_lost(side: int, pixels: float) -> None:
    assert fitted((side, side), (300, 300))[0].pixels == pixels


@given(st.integers(2, 5000), st.integers(1, 600))
def test_there_is_no_cell_too_many_by_rounding(length: int, dots: int) -> None:
    if dots < length:
        assert Span(length, length / dots, 1).dots == dots


@given(SIDES, st.integers(100, 400))
def test_edges_go_from_the_first_dot_to_the_last_in_order(side: int, room: int) -> None:
    span = fitted((side, side), (room, room))[0]
    places = [span.place(offset) for offset in range(side + 1)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, span.dots)


def test_magnified_pixels_are_squares_of_their_own_value() -> None:
    values = noise(3, 4)
    drawn = resized(values, (Span(3, 1, 5), Span(4, 1, 5)))
    np.testing.assert_array_equal(drawn, np.kron(values, np.ones((5, 5))))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_reduced_pixels_are_the_means_of_their_squares(dtype: str) -> None:
    values = (100 * np.abs(noise(12, 20, 3))).astype(dtype)
    drawn = resized(values, (Span(12, 4, 1), Span(20, 4, 1)))
    expected = values.astype(float).reshape(3, 4, 5, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(drawn, expected, rtol=1e-6)


def test_pixels_that_two_cells_share_count_by_their_area() -> None:
    values = noise(5, 7)
    drawn = resized(values, (Span(5, 5 / 3, 1), Span(7, 3.5, 1)))
    # The same on a grid that divides both: each pixel 3 by 2 squares, each cell 5 by 7 of them.
    fine = values.repeat(3, axis=0).repeat(2, axis=1)
    np.testing.assert_allclose(drawn, fine.reshape(3, 5, 2, 7).mean(axis=(1, 3)), rtol=1e-12)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(1, 20), st.floats(1, 20))
def test_the_mean_of_a_picture_is_that_of_its_cells(
    height: int, width: int, down: float, across: float
) -> None:
    values = noise(height, width)
    spans = Span(height, down, 1), Span(width, across, 1)
    drawn = resized(values, spans)
    areas = [
        np.diff(np.minimum(np.arange(span.cells + 1) * span.pixels, span.length)) for span in spans
    ]
    total = areas[0] @ drawn @ areas[1]
    assert total == pytest.approx(values.sum(), abs=1e-6)


@pytest.mark.parametrize("pixels", [2, 3, 2.7, 4, 11])
@pytest.mark.parametrize("rate", [2, 3, 5])
def test_a_lattice_is_reduced_to_its_share_without_beats(rate: int, pixels: float) -> None:
    lattice = np.zeros((300, 300))
    lattice[::rate, ::rate] = 1.0
    spans = Span(300, pixels, 1), Span(300, pixels, 1)
    inner = resized(lattice, spans, (rate, rate))[3:-3, 3:-3]
    np.testing.assert_allclose(inner, 1 / rate**2, rtol=1e-9)
    if pixels % rate:
        assert np.ptp(resized(lattice, spans)[3:-3, 3:-3]) > 0.1 / rate**2


def test_what_is_not_finite_counts_as_nothing() -> None:
    values = np.array([[1.0, np.nan, np.inf, -np.inf]])
    assert resized(values, (whole(1), whole(4))).tolist() == [[1, 0, 0, 0]]
    assert resized(values, (whole(1), Span(4, 4, 1))).tolist() == [[0.25]]


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ((Span(9, 1, 4), Span(9, 1, 4)), "magnified 4:1"),
        ((whole(9), whole(8)), "1:1"),
        ((Span(90, 5, 1), Span(80, 5, 1)), "reduced 1:5"),
        ((Span(1, 1, 16), Span(900, 3, 1)), "rows magnified 16:1, columns reduced 1:3"),
    ],
)
def test_how_large_pixels_are_drawn_is_said(spans: tuple[Span, Span], words: str) -> None:
    assert ratio(spans) == words
