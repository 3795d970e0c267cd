"""One axis: what outputs see, phase by phase, equals the sets of the reference."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core.receptive.axis import (
    NOTHING,
    START,
    Axis,
    Sight,
    moved,
    through,
    union,
    visits,
    with_phases,
)
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.windows import Window, window
from dilcli.errors import LayerError
from tests.receptive_measures import span
from tests.receptive_networks import chains_of, conv, stack
from tests.receptive_reference import seen

if TYPE_CHECKING:
    from dilcli.core.receptive.network import Network


def axis_of(network: Network, paper: bool = False) -> Axis:
    axis = START
    for node in network.nodes:
        assert isinstance(node.layer, Layer)
        axis = through(axis, window(node.layer, 0, None), paper)
    return axis


def pixels(sight: Sight) -> set[int]:
    assert sight.mask is not None
    return {int(sight.first) + i for i in range(sight.mask.bit_length()) if sight.mask >> i & 1}


def sight_of(found: set[int]) -> Sight:
    if not found:
        return NOTHING
    first = min(found)
    return Sight(first, max(found), sum(1 << (i - first) for i in found))


sights = st.sets(st.integers(-40, 40), max_size=8).map(sight_of)


@given(chains_of(1, most=5), st.integers(-30, 30))
def test_an_output_sees_what_its_index_set_holds(network: Network, output: int) -> None:
    sight, expected = axis_of(network).at(output), seen(network, (output,))
    assert pixels(sight) == {i for (i,) in expected}
    assert (sight.first, sight.last) == span(expected, 0)
    assert sight.width == sight.last - sight.first + 1


@given(chains_of(1), st.integers(-20, 20), st.integers(1, 4))
def test_phases_may_be_written_out_and_repeat(network: Network, output: int, turns: int) -> None:
    axis = axis_of(network)
    wide = with_phases(axis, turns * len(axis.sights))
    assert wide.stride == axis.stride
    assert wide.at(output) == axis.at(output)
    assert axis.at(output + len(axis.sights)) == moved(axis.at(output), axis.period)


@given(st.lists(sights, max_size=5))
def test_a_union_holds_the_pixels_of_all(parts: list[Sight]) -> None:
    assert union(parts) == sight_of(set().union(*map(pixels, parts)))


@given(sights, st.integers(-9, 9))
def test_moving_moves_every_pixel(sight: Sight, by: int) -> None:
    assert pixels(moved(sight, by)) == {i + by for i in pixels(sight)}


tap_rows = st.builds(
    Window,
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    before=st.integers(-3, 3),
    after=st.just(0),
    transposed=st.booleans(),
)


@given(tap_rows, st.integers(1, 6))
def test_visits_are_the_inputs_that_a_layer_reads(taps: Window, phases: int) -> None:
    period, inputs = visits(phases, phases, taps)
    outputs = list(inputs)
    # Inputs of stride 1: phase and distance sum up to their index.
    for output, found in enumerate(outputs):
        reached = range(-40, 80)
        expected = [
            i
            for t in range(taps.kernel)
            for i in reached
            if (
                i * taps.stride + t * taps.dilation - taps.before == output
                if taps.transposed
                else i == output * taps.stride + t * taps.dilation - taps.before
            )
        ]
        assert [phase + by for phase, by, _ in found] == expected
    stride = Fraction(1, taps.stride) if taps.transposed else taps.stride
    assert Fraction(period) / len(outputs) == stride


@given(st.integers(1, 4), st.integers(2, 4), st.integers(1, 2))
def test_a_transposed_convolution_with_gaps_leaves_outputs_that_see_nothing(
    kernel: int, stride: int, dilation: int
) -> None:
    layer = make_layer(
        "tconv", (kernel,), stride=(stride,), dilation=(dilation if kernel > 1 else 1,)
    )
    axis = axis_of(stack(layer, axes=1))
    for output, sight in enumerate(axis.sights):
        assert pixels(sight) == {i for (i,) in seen(stack(layer, axes=1), (output,))}
        assert (sight == NOTHING) == (sight.width == 0)


@given(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=25)
def test_the_papers_rule_adds_kernel_minus_1_times_the_stride_of_the_output(
    kernel: int, stride: int, down: int
) -> None:
    network = stack(
        conv(3, s=down), make_layer("tconv", (kernel,), stride=(stride,)), conv(3), axes=1
    )
    axis, jump = axis_of(network, paper=True), Fraction(down, stride)
    assert axis.sights[0].width == 3 + (kernel - 1) * jump + 2 * jump
    assert axis.stride == jump


def test_the_papers_rule_is_never_below_the_exact_one() -> None:
    for kernel in range(2, 8):
        for stride in range(1, kernel + 1):
            network = stack(
                conv(4, s=4), make_layer("tconv", (kernel,), stride=(stride,)), conv(3), axes=1
            )
            exact = max(sight.width for sight in axis_of(network).sights)
            assert axis_of(network, paper=True).sights[0].width >= exact


def test_boxes_stay_exact_where_sets_grow_too_wide_to_be_kept() -> None:
    far = axis_of(stack(conv(3, d=10**8), conv(3, d=7), axes=1))
    assert far.sights == (Sight(-(10**8) - 7, 10**8 + 7, None),)
    joined = union([Sight(0, 0, 1), Sight(10**9, 10**9, 1)])
    assert joined == Sight(0, 10**9, None)


@pytest.mark.parametrize(
    "layers",
    [[make_layer("up", (10,))] * 5, [make_layer("tconv", (10**6,), stride=(1000,))]],
)
def test_more_phases_than_can_be_told_apart_are_refused(layers: list[Layer]) -> None:
    with pytest.raises(LayerError, match=r"upsampling makes \d+ phases"):
        axis_of(stack(*layers, axes=1))
