"""What really arrives in layers of real sizes, against cells followed one by one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import make_layer
from dilcli.core.receptive.network import PICTURE, Branch, Merge
from dilcli.core.receptive.reached import outputs_reached, pixels_reached
from dilcli.errors import ArgumentError
from tests.receptive_networks import conv, sized_networks, stack

if TYPE_CHECKING:
    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.core.receptive.network import Network


def followed(result: ReceptiveField, axis: int, index: int, output: int) -> frozenset[int]:
    """Follow a cell back by the definition of each layer; cells outside a map are padding."""

    @cache
    def back(node: int, place: int) -> frozenset[int]:
        size = result.states[node].size
        assert size is not None
        if not 0 <= place < size[axis]:
            return frozenset()
        if node == PICTURE:
            return frozenset({place})
        layer, inputs, _, _ = result.network.nodes[node]
        if isinstance(layer, Merge):
            return frozenset().union(*(back(source, place) for source in inputs))
        taps, length = result.states[node].windows[axis], result.states[inputs[0]].size
        assert length is not None
        read = [
            i
            for i in range(length[axis])
            for t in range(taps.kernel)
            if (
                i * taps.stride + t * taps.dilation - taps.before == place
                if taps.transposed
                else i == place * taps.stride + t * taps.dilation - taps.before
            )
        ]
        return frozenset().union(*(back(inputs[0], i) for i in read))

    return back(index, output)


@given(st.integers(1, 2).flatmap(sized_networks), st.data())
def test_pixels_and_outputs_are_those_of_cells_followed_one_by_one(
    sized: tuple[Network, tuple[int, ...]], data: st.DataObject
) -> None:
    network, size = sized
    result = receptive_field(network, input_size=size)
    axis = data.draw(st.integers(0, network.axes - 1))
    shape = result.states[result.at].size
    assert shape is not None
    outputs = {o: followed(result, axis, result.at, o) for o in range(min(shape[axis], 12))}
    for output, pixels in outputs.items():
        assert pixels_reached(result, axis, result.at, output) == pixels
    pixel = data.draw(st.integers(0, size[axis] - 1))
    seeing = {output for output, pixels in outputs.items() if pixel in pixels}
    assert {o for o in outputs_reached(result, axis, result.at, pixel) if o < 12} == seeing


def test_what_is_cut_away_arrives_nowhere() -> None:
    cropped = stack(make_layer("crop", padding=((-2, -2),)), conv(3, p=(2, 2)), axes=1)
    result = receptive_field(cropped, input_size=(8,))
    assert outputs_reached(result, 0, 1, 0) == set()
    assert pixels_reached(result, 0, 1, 0) == {2}


def test_branches_that_pool_everything_are_no_way_for_single_pixels() -> None:
    network = stack(Branch(((conv(3),), (make_layer("gap"),))), axes=1)
    result = receptive_field(network, input_size=(9,))
    assert pixels_reached(result, 0, result.at, 4) == {3, 4, 5}


def test_what_is_too_wide_is_refused_at_once() -> None:
    result = receptive_field(stack(conv(10**6), conv(10**6), axes=1), input_size=(10**7,))
    with pytest.raises(ArgumentError, match="too wide"):
        pixels_reached(result, 0, 1, 5)
    with pytest.raises(ArgumentError, match="too wide"):
        outputs_reached(result, 0, 1, 5)
