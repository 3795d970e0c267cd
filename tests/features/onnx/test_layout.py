"""Layouts, against arrays that hold the row and the column of each of their numbers."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from dilcli.features.onnx.layout import (
    ANYWHERE,
    ELSEWHERE,
    WITHIN,
    Layout,
    Part,
    block_sizes,
    broadcast,
    flattened,
    layout,
    permuted,
    places,
    plane_blocks,
    reshaped,
    with_axes,
    without_axes,
)

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn
    from numpy.typing import NDArray

PLANE = layout((ELSEWHERE, ELSEWHERE, 0, 1))


class Drawn(NamedTuple):
    """A layout, and the coordinates that it is about."""

    layout: Layout | None
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


def _next_shape(draw: DrawFn, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Draw a shape of as many numbers: an axis split, or two run together, or an axis of 1."""
    axis = draw(st.integers(0, len(shape) - 1))
    way = draw(st.sampled_from(["split", "join", "one"]))
    if way == "one":
        return (*shape[:axis], 1, *shape[axis:])
    if way == "join" and axis + 1 < len(shape):
        return (*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2 :])
    divisors = [n for n in range(1, shape[axis] + 1) if shape[axis] % n == 0]
    by = draw(st.sampled_from(divisors))
    return (*shape[:axis], shape[axis] // by, by, *shape[axis + 1 :])


@st.composite
def rearranged(draw: DrawFn) -> Drawn:
    """Rearrange a picture of channels in up to six steps."""
    shape = tuple(draw(st.tuples(*[st.integers(2, 6)] * 4)))
    of: Layout | None = PLANE
    rows, columns = (np.broadcast_to(i, shape) for i in np.indices(shape, sparse=True)[2:])
    for _ in range(draw(st.integers(0, 6))):
        if of is None:
            break
        if draw(st.booleans()):
            order = draw(st.permutations(range(rows.ndim)))
            of, rows, columns = permuted(of, order), rows.transpose(order), columns.transpose(order)
        else:
            after = _next_shape(draw, rows.shape)
            of = reshaped(of, rows.shape, after)
            rows, columns = rows.reshape(after), columns.reshape(after)
    return Drawn(of, rows, columns)


def _changes_along(coordinates: NDArray[np.int64], axis: int) -> bool:
    return bool((coordinates != coordinates.take([0], axis)).any())


@given(rearranged())
def test_a_coordinate_changes_along_the_axes_that_have_its_place_and_no_others(
    drawn: Drawn,
) -> None:
    assume(drawn.layout is not None)
    assert drawn.layout is not None
    for axis, parts in enumerate(drawn.layout):
        for place, coordinates in enumerate((drawn.rows, drawn.columns)):
            said = places([parts]) & {place, WITHIN + place}
            assert _changes_along(coordinates, axis) <= bool(said)
            if drawn.rows.shape[axis] > 1 and len(parts) == len(said) == 1:
                assert _changes_along(coordinates, axis)


@given(rearranged())
def test_a_picture_of_channels_is_seen_as_one_only_where_it_is_one(drawn: Drawn) -> None:
    assume(drawn.layout is not None and drawn.rows.ndim == 4)
    assert drawn.layout is not None
    found = plane_blocks(drawn.layout, drawn.rows.shape, 2)
    if found is None:
        return
    for place, coordinates in enumerate((drawn.rows, drawn.columns)):
        block, repeat = found[0][place], found[1][place]
        steps = np.arange(coordinates.shape[2 + place])
        along = coordinates // block == (steps // repeat).reshape((-1,) + (1,) * (1 - place))
        assert along.all(), "blocks and repeats say which pixels a position stands for"


@given(rearranged())
def test_reshaping_back_finds_the_picture_again(drawn: Drawn) -> None:
    assume(drawn.layout is not None)
    assert drawn.layout is not None
    order = np.argsort([drawn.rows.size] * drawn.rows.ndim, kind="stable").tolist()
    assert permuted(permuted(drawn.layout, order), np.argsort(order).tolist()) == drawn.layout
    assert reshaped(drawn.layout, drawn.rows.shape, drawn.rows.shape) is not None
    for axis in range(drawn.rows.ndim + 1):
        assert without_axes(with_axes(drawn.layout, [axis]), [axis]) == drawn.layout
        assert without_axes(with_axes(drawn.layout, [-axis - 1]), [-axis - 1]) == drawn.layout


@given(rearranged(), st.integers(-4, 4))
def test_flattening_is_reshaping_to_two_axes(drawn: Drawn, axis: int) -> None:
    assume(drawn.layout is not None and -drawn.rows.ndim <= axis <= drawn.rows.ndim)
    assert drawn.layout is not None
    shape = drawn.rows.shape
    made = flattened(drawn.layout, axis, shape)
    after = (prod(shape[:axis]), prod(shape[axis:]))
    expected = reshaped(drawn.layout, shape, after)
    assert expected is not None
    assert [places([parts]) for parts in made] == [places([parts]) for parts in expected]


def test_no_order_turns_the_axes_around() -> None:
    assert permuted(PLANE, None) == permuted(PLANE, [3, 2, 1, 0])


def test_unknown_sizes_and_cut_rows_cannot_be_followed() -> None:
    assert reshaped(PLANE, (1, 3, None, 4), (1, 12)) is None
    assert reshaped(PLANE, (1, 3, 4, 4), None) is None
    assert reshaped(PLANE, (1, 3, 6, 4), (1, 3, 4, 6)) is None
    assert reshaped(PLANE, (1, 3, 4, 4), (1, 3, 4)) is None
    assert reshaped(PLANE, (1, 3, 10, 4), (1, 10, 3, 4)) is None


def test_channels_shuffle_in_groups() -> None:
    grouped = reshaped(PLANE, (1, 6, 8, 9), (1, 2, 3, 8, 9))
    assert grouped is not None
    turned = permuted(grouped, [0, 2, 1, 3, 4])
    assert reshaped(turned, (1, 3, 2, 8, 9), (1, 6, 8, 9)) == PLANE


def test_blocks_whose_members_are_channels_are_found() -> None:
    cut = reshaped(PLANE, (1, 3, 8, 9), (1, 3, 4, 2, 3, 3))
    assert cut is not None
    turned = permuted(cut, [0, 1, 3, 5, 2, 4])
    assert block_sizes(turned, (1, 3, 2, 3, 4, 3), 2) == [2, 3]
    made = reshaped(turned, (1, 3, 2, 3, 4, 3), (1, 18, 4, 3))
    assert made is not None
    assert plane_blocks(made, (1, 18, 4, 3), 2) == ([2, 3], [1, 1])
    back = reshaped(permuted(turned, [0, 1, 4, 2, 5, 3]), (1, 3, 4, 2, 3, 3), (1, 3, 8, 9))
    assert back == PLANE


def test_channels_whose_members_are_pixels_are_found() -> None:
    cut = reshaped(PLANE, (1, 18, 4, 5), (1, 3, 2, 3, 4, 5))
    assert cut is not None
    made = reshaped(permuted(cut, [0, 1, 4, 2, 5, 3]), (1, 3, 4, 2, 5, 3), (1, 3, 8, 15))
    assert made is not None
    assert plane_blocks(made, (1, 3, 8, 15), 2) == ([1, 1], [2, 3])


def test_other_axes_are_no_picture_of_channels() -> None:
    shape = (1, 3, 8, 9)
    assert plane_blocks(permuted(PLANE, [0, 1, 3, 2]), shape, 2) is None
    assert plane_blocks(layout((0, ELSEWHERE, 0, 1)), shape, 2) is None
    assert plane_blocks(layout((ELSEWHERE, ANYWHERE, 0, 1)), shape, 2) is None
    assert plane_blocks(layout((WITHIN, ELSEWHERE, 0, 1)), shape, 2) is None
    assert plane_blocks(PLANE[1:], shape[1:], 2) is None
    row = layout((ELSEWHERE, ELSEWHERE, ELSEWHERE, 1))
    assert plane_blocks(row, (1, 3, 1, 9), 2) == ([1, 1], [1, 1])
    assert plane_blocks(row, (1, 3, 2, 9), 2) is None


def test_axes_are_compared_from_the_last_on() -> None:
    assert broadcast([PLANE, layout((0, 1))]) == PLANE
    assert broadcast([PLANE, layout((ELSEWHERE,))]) == PLANE
    assert broadcast([PLANE, permuted(PLANE, [0, 1, 3, 2])]) is None
    assert broadcast([]) == ()


def test_parts_of_one_axis_are_all_told() -> None:
    tokens = ((Part(ELSEWHERE),), (Part(0, 4), Part(1, 5)))
    assert places(tokens) == {0, 1}
    assert places(tokens[:1]) == set()
