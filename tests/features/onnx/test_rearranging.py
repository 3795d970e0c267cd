"""Tensors turned, cut and joined between two windows: places are followed or said to be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dilcli.core.receptive.fields import receptive_field
from dilcli.errors import LayerError
from tests.onnx_networks import Net, boxes_agree, load

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = (12, 16)


def shuffled(net: Net, x: str) -> str:
    x = net.op("Reshape", x, net.const([0, 2, 2, *SIZE]))
    x = net.op("Transpose", x, perm=[0, 2, 1, 3, 4])
    return net.op("Reshape", x, net.const([0, 4, *SIZE]))


def tokens(net: Net, x: str) -> str:
    x = net.op("Transpose", net.op("Reshape", x, net.const([0, 4, -1])), perm=[0, 2, 1])
    x = net.op("Relu", net.op("Reshape", x, net.const([-1, 2, 2])))
    x = net.op("Reshape", x, net.const([-1, *SIZE, 4]))
    return net.op("Transpose", x, perm=[0, 3, 1, 2])


def axes_put_in(net: Net, x: str) -> str:
    x = net.op("Unsqueeze", x, net.const([0, -1]))
    return net.op("Squeeze", net.op("Relu", x), net.const([0, 5]))


def split(net: Net, x: str) -> str:
    net.op("Split", x, net.const([1, 3]), axis=1, outputs=2)
    return net.op("Concat", *net.nodes[-1].output[::-1], axis=-3)


def picked(net: Net, x: str) -> str:
    first = net.op("Unsqueeze", net.op("Gather", x, net.const(0), axis=1), net.const([1]))
    return net.op("Concat", first, net.op("Gather", x, net.const([3, 1, 2]), axis=-3), axis=1)


def spread(net: Net, x: str) -> str:
    x = net.op("Expand", x, net.const([2, 1, 4, 1, 1]))
    x = net.op("Tile", x, net.const([1, 1, 2, 1, 1]))
    return net.op(
        "Reshape", net.op("ReduceSum", x, net.const([0]), keepdims=0), net.const([0, 8, *SIZE])
    )


def shuffled_into_blocks(net: Net, x: str) -> str:
    x = net.op("Reshape", x, net.const([0, 4, 6, 2, 8, 2]))
    x = net.op("Transpose", x, perm=[0, 1, 3, 5, 2, 4])
    return net.op("Reshape", x, net.const([0, 16, 6, 8]))


def blocks_put_together(net: Net, x: str) -> str:
    x = net.op("Reshape", x, net.const([0, 1, 2, 2, *SIZE]))
    x = net.op("Transpose", x, perm=[0, 1, 4, 2, 5, 3])
    return net.op("Reshape", x, net.const([0, 1, 24, 32]))


def blocks_and_back(net: Net, x: str) -> str:
    x = net.op("Relu", net.op("Reshape", x, net.const([0, 4, 3, 4, 16])))
    return net.op("Reshape", x, net.const([0, 4, *SIZE]))


@pytest.mark.parametrize(
    ("rearrange", "channels"),
    [
        (shuffled, 4),
        (tokens, 4),
        (axes_put_in, 4),
        (split, 4),
        (picked, 4),
        (spread, 8),
        (shuffled_into_blocks, 16),
        (blocks_put_together, 1),
        (blocks_and_back, 4),
    ],
)
def test_places_are_followed_to_the_next_window(
    rearrange: Callable[[Net, str], str], channels: int
) -> None:
    net = Net(("n", 1, *SIZE))
    x = rearrange(net, net.conv("x", 1, 4, 3, 5))
    net.conv(x, channels, 1, 1, 3)
    assert boxes_agree(net, SIZE, 1) > 0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda net, x: net.op("Reshape", x, net.const([0, 4, 16, 12]), name="odd"),
            "Conv2: what its input sees cannot be told, since odd (Reshape) cuts rows or columns "
            "into uneven pieces (--treat-as pointwise:Reshape or whole:Reshape)",
        ),
        (
            lambda net, x: net.op("Transpose", x, perm=[0, 1, 3, 2], name="turn"),
            "Conv2: the axes it works along are not the input's, in their order",
        ),
        (
            lambda net, x: net.op("Gather", x, net.const([3, 1]), axis=2, name="odd"),
            "odd (Gather) picks rows or columns by their numbers",
        ),
        (
            lambda net, x: net.op("Tile", x, net.const([1, 1, 2, 1]), name="odd"),
            "odd (Tile) repeats the picture",
        ),
        (
            lambda net, x: net.op("Split", x, axis=2, outputs=2, name="odd"),
            "odd (Split) takes rows or columns apart",
        ),
        (
            lambda net, x: net.op("Concat", x, "x", axis=3, name="odd"),
            "odd (Concat) joins tensors along rows or columns (--treat-as pointwise:Concat or",
        ),
        (
            lambda net, x: net.op("Unsqueeze", x, net.const([2]), name="odd"),
            "Conv2: the axes it works along are not the input's, in their order",
        ),
    ],
)
def test_lost_places_are_said_where_a_window_needs_them(
    build: Callable[[Net, str], str], message: str
) -> None:
    net = Net(("n", 4, *SIZE))
    x = build(net, net.conv("x", 4, 4, 3, 3))
    net.conv(x, 4, 4, 3, 3)
    with pytest.raises(LayerError) as caught:
        load(net)
    assert message in str(caught.value)


def test_lost_places_matter_no_more_once_all_is_seen() -> None:
    net = Net(("n", 4, *SIZE))
    odd = net.op("Reshape", net.conv("x", 4, 4, 3, 3), net.const([0, 4, 16, 12]))
    net.op("Mul", odd, net.op("GlobalAveragePool", "x"))
    described = load(net)
    assert receptive_field(described.network).summary.whole_input
    assert described.channels is None


def test_lost_places_at_the_output_are_refused() -> None:
    net = Net(("n", 4, *SIZE))
    net.op("Reshape", "x", net.const([0, 4, 16, 12]), name="odd")
    with pytest.raises(LayerError, match=r"what its output sees cannot be told, since odd \(Resh"):
        load(net)
    assert load(net, "pointwise:odd").network.nodes == ()


def test_a_picture_rolled_around_its_edge_moves() -> None:
    """As shifted windows do; what comes around the edge is masked there."""
    net = Net(("n", 1, *SIZE))
    x = net.conv("x", 1, 1, 3, 3, pads=[0] * 4)
    front = net.op("Slice", x, net.const([3]), net.const([10]), net.const([2]))
    back = net.op("Slice", x, net.const([0]), net.const([3]), net.const([2]))
    net.op("Concat", front, back, axis=2)
    described = load(net)
    (note,) = described.notes
    assert note.endswith("what comes around the edge is left out")
    result = receptive_field(described.network, input_size=SIZE).summary
    assert len(described.network.nodes) == 2
    assert result.effective_padding == (-3, 0)
    assert result.output_size == (10, 14)


def test_rolling_the_other_way_moves_the_other_way() -> None:
    net = Net(("n", 1, *SIZE))
    front = net.op("Slice", "x", net.const([-2]), net.const([2**63 - 1]), net.const([3]))
    back = net.op("Slice", "x", net.const([0]), net.const([-2]), net.const([3]))
    net.op("Concat", front, net.op("Relu", back), axis=3)
    assert receptive_field(load(net).network).summary.effective_padding == (0, 2)
