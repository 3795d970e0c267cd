"""Outputs look up their pixels, and pixels the outputs that see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import make_layer
from dilcli.core.receptive.lookup import Pixel, cell, pixel
from dilcli.core.receptive.network import PICTURE
from dilcli.errors import ArgumentError
from tests.receptive_measures import span
from tests.receptive_networks import conv, networks, sized_networks, stack
from tests.receptive_reference import Cell, outputs_that_see, seen

if TYPE_CHECKING:
    from dilcli.core.receptive.network import Network

SIZED = st.integers(1, 2).flatmap(lambda axes: sized_networks(axes, most=3))


def draw_below(data: st.DataObject, size: Cell) -> Cell:
    return tuple(data.draw(st.integers(0, n - 1)) for n in size)


@given(SIZED, st.data())
def test_a_cell_sees_the_box_of_its_index_set_and_loses_what_is_outside_the_input(
    sized: tuple[Network, Cell], data: st.DataObject
) -> None:
    network, size = sized
    result = receptive_field(network, input_size=size)
    assert result.summary.output_size is not None
    position = draw_below(data, result.summary.output_size)
    found, positions = cell(result, position), seen(network, position, size=size)
    assert found.lost is not None
    for axis, n in enumerate(size):
        first, last = span(positions, axis)
        assert found.box[axis] == (first, last)
        line = range(first, last + 1)
        assert found.lost[axis] == (sum(i < 0 for i in line), sum(i >= n for i in line))
        inside = [i for i in line if 0 <= i < n]
        if found.clipped is not None:
            assert found.clipped[axis] == (inside[0], inside[-1])
    empty = any(last < 0 or first >= n for (first, last), n in zip(found.box, size, strict=True))
    assert (found.clipped is None) == empty


@given(st.integers(1, 2).flatmap(networks), st.data())
def test_every_node_can_be_asked_and_without_a_size_nothing_is_clipped(
    network: Network, data: st.DataObject
) -> None:
    result = receptive_field(network)
    at = data.draw(st.integers(PICTURE, len(network.nodes) - 1))
    position = draw_below(data, (9,) * network.axes)
    found, positions = cell(result, position, at), seen(network, position, at=at)
    assert found.box == tuple(span(positions, axis) for axis in range(network.axes))
    assert found.clipped is found.lost is None


@given(SIZED, st.data())
@settings(max_examples=25)
def test_a_pixel_is_seen_by_the_outputs_whose_index_sets_hold_it(
    sized: tuple[Network, Cell], data: st.DataObject
) -> None:
    network, size = sized
    result = receptive_field(network, input_size=size)
    position = draw_below(data, size)
    at = data.draw(st.integers(PICTURE, len(network.nodes) - 1))
    found, expected = pixel(result, position, at), outputs_that_see(network, position, size, at)
    assert found.number == len(expected)
    if expected:
        assert found.outputs == tuple(span(expected, axis) for axis in range(network.axes))
    else:
        assert found.outputs is None


@given(networks(1), st.integers(0, 12))
@settings(max_examples=25)
def test_without_a_size_outputs_are_counted_from_0_on(network: Network, position: int) -> None:
    found = pixel(receptive_field(network), (position,))
    # No stride of these is below 1/3, and no output is moved by more than 80 pixels.
    expected = {o for o in range(300) if (position,) in seen(network, (o,))}
    assert found.number == len(expected)
    assert found.outputs == (((min(expected), max(expected)),) if expected else None)


def test_the_middle_of_a_dilated_kernel_is_seen_by_9_outputs_of_25() -> None:
    result = receptive_field(stack(conv(3, d=2)), input_size=(9, 9))
    assert pixel(result, (4, 4)) == Pixel(((2, 6), (2, 6)), 9)


def test_a_pixel_between_the_windows_is_seen_by_no_one() -> None:
    result = receptive_field(stack(conv(1, s=2)), input_size=(9, 9))
    assert pixel(result, (1, 4)) == Pixel(None, 0)
    assert pixel(result, (2, 4)) == Pixel(((1, 1), (2, 2)), 1)


def test_a_corner_of_a_padded_convolution_loses_a_row_and_a_column() -> None:
    found = cell(receptive_field(stack(conv(3)), input_size=(7, 8)), (0, 7))
    assert found.box == ((-1, 1), (6, 8))
    assert found.clipped == ((0, 1), (6, 7))
    assert found.lost == ((1, 0), (0, 1))


def test_an_output_that_sees_padding_only_has_no_part_inside() -> None:
    found = cell(receptive_field(stack(conv(3, p=6)), input_size=(4, 4)), (0, 13))
    assert found.box == ((-6, -4), (7, 9))
    assert found.clipped is None
    assert found.lost == ((3, 0), (0, 3))


def test_an_output_between_the_taps_of_a_transposed_convolution_has_an_empty_box() -> None:
    result = receptive_field(stack(make_layer("tconv", (1,), stride=(2,))), input_size=(5, 5))
    found = cell(result, (1, 2))
    assert found.box[0][1] == found.box[0][0] - 1
    assert found.clipped is None
    assert pixel(result, (2, 2)).number == 1


SAME = stack(conv(3, s=2, p="same"))


@pytest.mark.parametrize("look", [cell, pixel])
@pytest.mark.parametrize(
    ("network", "size", "position", "named"),
    [
        (stack(conv(3)), (5, 7), (5, 0), r"5,0\b.*\b4,6"),
        (stack(conv(3)), None, (-1, 0), r"-1,0"),
        (stack(conv(3)), None, (1,), r"position 1 must be 2"),
        (stack(conv(3)), None, (1, 1, 1), r"1,1,1 must be 2"),
        (stack(make_layer("gap")), None, (0, 0), r"layer 1 \(gap\).*whole input"),
        (SAME, None, (0, 0), r"layer 1 \(conv3\).*size"),
    ],
)
def test_positions_without_a_meaning_are_refused(
    look: object, network: Network, size: Cell | None, position: Cell, named: str
) -> None:
    result = receptive_field(network, input_size=size)
    with pytest.raises(ArgumentError, match=named):
        look(result, position)  # type: ignore[operator]


def test_the_range_of_outputs_is_named_not_that_of_pixels() -> None:
    result = receptive_field(stack(conv(3, s=2, p=0)), input_size=(9, 21))
    with pytest.raises(ArgumentError, match=r"4,0.*0,0 to 3,9"):
        cell(result, (4, 0))


def test_after_a_global_layer_all_is_seen_by_all_of_an_input_of_known_size() -> None:
    result = receptive_field(stack(conv(3), make_layer("gap")), input_size=(5, 6))
    whole = ((0, 4), (0, 5))
    found = cell(result, (0, 0))
    assert (found.box, found.clipped, found.reached) == (whole, whole, whole)
    assert pixel(result, (4, 5)) == (((0, 0), (0, 0)), 1)


def test_what_an_early_end_cuts_off_is_in_the_box_and_does_not_arrive() -> None:
    result = receptive_field(stack(conv(3, s=2, p=0), conv(3, p=(1, 1))), input_size=(8, 8))
    found = cell(result, (2, 2))
    assert found.clipped == ((2, 7), (2, 7))
    assert found.reached == ((2, 6), (2, 6))
    assert pixel(result, (7, 7)) == (None, 0)
