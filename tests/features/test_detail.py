"""The detail of a figure: in the picture, on the lattice, where something happens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.errors import ArgumentError
from dilcli.features.detail import checked_detail, strongest_detail

ROOM = (286, 286)


def spot(height: int, width: int, at: tuple[int, int], value: float = 1.0) -> Any:
    values = np.zeros((height, width), np.float32)
    values[at[0] : at[0] + 3, at[1] : at[1] + 3] = value
    return values


@settings(max_examples=25)
@given(st.data())
def test_details_lie_in_the_picture_and_begin_and_end_at_sampled_positions(
    data: st.DataObject,
) -> None:
    height, width = (data.draw(st.integers(1, 300)) for _ in "yx")
    rate = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    room = data.draw(st.tuples(st.integers(80, 300), st.integers(200, 480)))
    values = np.random.default_rng(height).normal(size=(height, width))
    found = strongest_detail([values], rate, room)
    if found is None:
        assert max(height, width) < 16
        return
    assert checked_detail(found, (height, width)) == found
    top, left, rows, columns = found
    assert top % rate[0] == left % rate[1] == 0
    assert (rows - 1) % rate[0] == (columns - 1) % rate[1] == 0


@settings(max_examples=30)
@given(st.integers(60, 540), st.integers(60, 840), st.sampled_from([1, 2, 3, 8]))
def test_what_happens_at_one_place_is_in_the_detail(y: int, x: int, rate: int) -> None:
    values = spot(600, 900, (y, x))
    found = strongest_detail([values], (rate, rate), ROOM)
    assert found is not None
    top, left, rows, columns = found
    assert top <= y
    assert left <= x
    assert y + 3 <= top + rows
    assert x + 3 <= left + columns


def test_what_happens_is_near_the_middle_of_the_detail() -> None:
    found = strongest_detail([spot(600, 900, (300, 500))], (2, 2), ROOM)
    assert found is not None
    top, left, rows, columns = found
    assert abs(top + rows / 2 - 301.5) < 6
    assert abs(left + columns / 2 - 501.5) < 6


def test_the_detail_is_where_all_of_the_values_are_strong() -> None:
    response = spot(600, 900, (300, 200), 90.0) + spot(600, 900, (300, 600), 50.0)
    difference = spot(600, 900, (100, 100), 1e-3) + spot(600, 900, (300, 600), 5e-4)
    found = strongest_detail([response, difference], (2, 2), ROOM)
    assert found is not None
    assert found[0] <= 300 < found[0] + found[2]
    assert found[1] <= 600 < found[1] + found[3]


def test_values_that_are_0_everywhere_have_no_say() -> None:
    response, nothing = spot(600, 900, (300, 600)), np.zeros((600, 900))
    assert strongest_detail([response, nothing], (2, 2), ROOM) == strongest_detail(
        [response], (2, 2), ROOM
    )
    assert strongest_detail([nothing], (2, 2), ROOM) is not None


def test_the_margin_where_the_boundary_takes_part_is_left_alone() -> None:
    values = spot(600, 900, (300, 600))
    values[:, 0] = values[0] = 100.0
    found = strongest_detail([values], (2, 2), ROOM)
    assert found is not None
    assert found[0] <= 300 < found[0] + found[2]
    assert found[1] <= 600 < found[1] + found[3]


@pytest.mark.parametrize("rate", [1, 2, 3, 4, 8, 16])
@pytest.mark.parametrize("width", [246, 253, 286, 290])
def test_details_fill_their_room_and_show_steps_of_the_lattice(rate: int, width: int) -> None:
    found = strongest_detail([np.ones((600, 900))], (rate, rate), (width, width))
    assert found is not None
    for side in found[2:]:
        assert side * (width // side) >= 0.85 * width
        assert width // side >= 3
        assert side > 3 * rate


def test_large_pictures_have_larger_details() -> None:
    small, large = (
        strongest_detail([np.ones(shape, np.float32)], (2, 2), ROOM)
        for shape in ((400, 600), (2800, 4200))
    )
    assert small is not None
    assert large is not None
    assert large[3] > 1.4 * small[3]


def test_sizes_of_any_order_are_measured() -> None:
    for value in (1e-30, 1e30):
        found = strongest_detail([spot(600, 900, (300, 600), value)], (2, 2), ROOM)
        assert found is not None
        assert found[1] <= 600 < found[1] + found[3]


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ((0, 0, 0, 5), "detail of 0x5 is empty"),
        ((-1, 0, 5, 5), r"detail -1,0,5x5 does not lie in the picture of 30 x 40 pixels"),
        ((26, 0, 5, 5), "does not lie"),
        ((0, 36, 5, 5), "does not lie"),
    ],
)
def test_details_outside_are_refused(detail: tuple[int, int, int, int], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        checked_detail(detail, (30, 40))


@pytest.mark.parametrize("shape", [(300, 2), (2, 300), (700, 1), (1, 700), (3000, 20)])
def test_of_thin_pictures_a_stretch_is_shown(shape: tuple[int, int]) -> None:
    found = strongest_detail([np.ones(shape)], (1, 1), (380, 286))
    assert found is not None
    assert max(found[2:]) >= 12
