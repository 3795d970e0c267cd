"""A window shows rows of a picture where a reader looks for them."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.window import Window, merged, runs_of, whole

ROWS = st.sets(st.integers(0, 40), min_size=1)


def _window(rows: set[int]) -> Window:
    runs = runs_of([np.array(sorted(rows))], 0)
    kept = [row for first, last in runs for row in range(first, last)]
    return Window(np.array(kept)[:, np.newaxis, np.newaxis], 50, runs)


@given(ROWS, st.data())
def test_rows_are_found_by_their_number_in_the_picture(rows: set[int], data: st.DataObject) -> None:
    window = _window(rows)
    wanted = data.draw(st.lists(st.sampled_from(sorted(rows)), min_size=1))
    places = window.places(np.array(wanted))
    assert window.pixels[places].ravel().tolist() == wanted


@given(ROWS, st.integers(1, 7), st.data())
def test_slices_of_rows_are_found_too(rows: set[int], step: int, data: st.DataObject) -> None:
    first = data.draw(st.sampled_from(sorted(rows)))
    count = 1
    while first + count * step in rows:
        count += 1
    window = _window(rows)
    places = window.places(slice(first, first + (count - 1) * step + 1, step))
    assert window.pixels[places].ravel().tolist() == list(range(first, first + count * step, step))


def test_rows_that_are_not_here_get_the_place_of_another() -> None:
    window = _window({7, 8, 20})
    places = window.places(np.array([0, 7, 15, 20, 45]))
    assert isinstance(places, np.ndarray)
    assert places.min() >= 0
    assert places.max() < 3
    assert window.pixels[places[[1, 3]]].ravel().tolist() == [7, 20]


def test_a_picture_in_memory_is_seen_whole_without_a_copy() -> None:
    pixels = np.arange(6).reshape(3, 2, 1)
    window = whole(pixels)
    assert window.pixels is pixels
    assert (window.height, window.runs) == (3, ((0, 3),))
    assert window.places(slice(1, 3, 1)) == slice(1, 3, 1)


@given(st.lists(ROWS, min_size=1), st.integers(0, 5))
def test_runs_hold_all_rows_and_no_gap_that_is_wider_than_allowed(
    several: list[set[int]], gap: int
) -> None:
    runs = runs_of([np.array([-1, *sorted(rows)]) for rows in several], gap)
    rows = set[int]().union(*several)
    held = {row for first, last in runs for row in range(first, last)}
    assert rows <= held
    assert all(b - a > gap for (_, a), (b, _) in itertools.pairwise(runs))
    assert {first for first, _ in runs} | {last - 1 for _, last in runs} <= rows
    inner = sorted(rows)
    assert held - rows == {
        row for a, b in itertools.pairwise(inner) if b - a <= gap + 1 for row in range(a + 1, b)
    }


def test_where_nothing_is_read_there_is_one_row_to_stand_for_it() -> None:
    assert runs_of([np.array([-1, -1])], 3) == ((0, 1),)


@given(st.lists(ROWS, min_size=1))
def test_merged_runs_hold_the_rows_of_all(several: list[set[int]]) -> None:
    runs = merged([runs_of([np.array(sorted(rows))], 0) for rows in several])
    held = [row for first, last in runs for row in range(first, last)]
    assert held == sorted(set[int]().union(*several))
