"""What surprises people is said in one line each, and names the layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import make_layer
from dilcli.core.receptive.network import PICTURE, Branch, Network
from dilcli.core.receptive.warnings import node_name
from tests.receptive_networks import conv, networks, pool, sized_networks, stack

if TYPE_CHECKING:
    from dilcli.core.receptive.network import Network

CROSSED = Branch(((conv(3, p=(2, 0)),), (conv(3, p=(0, 2)),)))


def warned(network: Network, size: tuple[int, ...] | None = None) -> str:
    return "\n".join(receptive_field(network, input_size=size).warnings)


def test_a_network_without_surprises_has_no_warning() -> None:
    assert warned(stack(conv(3), pool(2), conv(3, d=2)), (40, 40)) == ""


@given(st.integers(1, 2).flatmap(lambda axes: networks(axes, same=True)))
def test_holes_misalignment_and_unknown_padding_are_warned_of_if_and_only_if_there_are_any(
    network: Network,
) -> None:
    result = receptive_field(network)
    lines = result.warnings
    summary = result.summary
    assert any("holes: " in line for line in lines) == (summary.coverage != 1)
    assert any("centres differ" in line for line in lines) == any(
        row.field.aligned is False for row in result.rows
    )
    unknown = any(padding is None for padding in summary.effective_padding)
    assert unknown or not any("SAME" in line for line in lines)
    assert not any("\n" in line for line in lines)


@given(st.integers(1, 2).flatmap(lambda axes: sized_networks(axes, most=3)))
def test_a_field_beyond_the_input_is_warned_of_if_and_only_if_it_is(
    sized: tuple[Network, tuple[int, ...]],
) -> None:
    network, size = sized
    result = receptive_field(network, input_size=size)
    assert result.summary.rf is not None
    larger = any(rf > n for rf, n in zip(result.summary.rf, size, strict=True))
    assert any("exceeds the input" in line for line in result.warnings) == larger


def test_holes_are_given_as_a_share_and_the_layer_where_they_begin() -> None:
    text = warned(stack(conv(3), conv(3, d=2), conv(3, d=9), conv(3, d=20)))
    assert "layer 3 (conv3)" in text
    assert "%" in text


def test_a_misaligned_meeting_is_named_once() -> None:
    text = warned(stack(conv(3), CROSSED, conv(3), Branch(((conv(3),), ()))))
    assert text.count("centres differ") == 1
    assert "layer 4 (add)" in text


def test_same_padding_without_a_size_names_its_layer() -> None:
    network = stack(conv(3), make_layer("conv", (3,), stride=(2,), padding="same", name="stem"))
    assert "layer 2 (conv3 @stem)" in warned(network)
    assert warned(network, (32, 32)) == ""


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (make_layer("conv", (3, 5), name="a"), "layer 1 (conv3x5 @a)"),
        (make_layer("maxpool", (2, 2)), "layer 1 (maxpool2)"),
        (make_layer("gap"), "layer 1 (gap)"),
        (make_layer("crop", padding=[(-4, -4)]), "layer 1 (crop)"),
        (make_layer("up", (2,)), "layer 1 (up2)"),
    ],
)
def test_layers_are_named_as_they_are_written(item: object, name: str) -> None:
    assert node_name(stack(item), 0) == name  # type: ignore[arg-type]


def test_meetings_and_the_input_have_names_too() -> None:
    network = stack(Branch(((conv(3),), ()), "concat", "join"))
    assert node_name(network, 1) == "layer 2 (concat @join)"
    assert node_name(network, PICTURE) == "the input"


@given(st.integers(1, 2).flatmap(networks))
def test_pixels_that_no_output_sees_are_warned_of_if_and_only_if_there_are_any(
    network: Network,
) -> None:
    result = receptive_field(network)
    state = result.states[result.at]
    skipped = False
    for axis in state.axes:
        count, turns = len(axis.sights), 40
        outputs = range(-turns * count, turns * count)
        seen = {
            int(sight.first) + bit
            for sight in map(axis.at, outputs)
            for bit in range((sight.mask or 0).bit_length())
            if (sight.mask or 0) >> bit & 1
        }
        skipped |= not set(range(int(axis.period))) <= seen
    told = [line for line in result.warnings if "no output sees" in line]
    assert bool(told) == skipped


def test_a_stride_beyond_its_kernel_is_warned_of_where_nothing_else_looks_there() -> None:
    (line,) = receptive_field(stack(conv(1, s=3))).warnings
    assert "no output sees 2 of 3 rows or columns" in line
    skip = Branch(((conv(3, s=2),), (conv(1, s=2),)))
    assert receptive_field(stack(skip)).warnings == ()
