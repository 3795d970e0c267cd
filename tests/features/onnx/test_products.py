"""Products with weights, and of tensors with one another: whose places stay, and what is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx.reference import ReferenceEvaluator

from dilcli.core.receptive.cost import costs
from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.lookup import cell
from dilcli.errors import LayerError
from tests.onnx_networks import Net, boxes_agree, load

SIZE = (8, 12)


def kinds(net: Net) -> list[str]:
    return [node.layer.kind for node in load(net).network.nodes]


def test_a_product_along_channels_is_a_convolution_of_one_pixel() -> None:
    net = Net(("n", 1, *SIZE))
    x = net.op("Transpose", net.conv("x", 1, 4, 3, 3), perm=[0, 2, 3, 1])
    x = net.op("MatMul", net.op("MatMul", x, net.weights(4, 8)), net.weights(8, 2))
    net.conv(net.op("Transpose", x, perm=[0, 3, 1, 2]), 2, 1, 1, 3)
    assert boxes_agree(net, SIZE, 1) > 0
    described = load(net)
    assert described.channels == (1, 4, 8, 2, 1)
    result = receptive_field(described.network)
    assert costs(result, described.channels).total_parameters == 36 + 32 + 16 + 6


def test_weights_may_stand_on_the_left() -> None:
    net = Net(("n", 1, *SIZE))
    x = net.op("Reshape", net.conv("x", 1, 4, 3, 3), net.const([0, 4, -1]))
    x = net.op("Reshape", net.op("MatMul", net.weights(2, 4), x), net.const([0, 2, *SIZE]))
    net.conv(x, 2, 1, 3, 3)
    assert boxes_agree(net, SIZE, 1) > 0
    assert load(net).channels == (1, 4, 2, 1)


def test_a_classifier_sees_the_whole_input() -> None:
    net = Net((1, 3, *SIZE))
    x = net.op("Flatten", net.conv("x", 3, 4, 3, 3))
    x = net.op("Gemm", net.op("Relu", x), net.weights(384, 10), name="first")
    net.op("Gemm", x, net.weights(5, 10), transB=1, name="second")
    described = load(net)
    assert [(node.layer.kind, node.name) for node in described.network.nodes[1:]] == [
        ("gap", "first/whole"),
        ("conv", "first"),
        ("conv", "second"),
    ]
    assert described.channels == (3, 4, 10, 5)
    assert [getattr(node.layer, "channels", None) for node in described.network.nodes] == [
        *(4, 384),
        *(10, 5),
    ]


def test_a_classifier_of_each_pixel_does_not() -> None:
    net = Net(("n", 1, *SIZE))
    x = net.op("Transpose", net.conv("x", 1, 4, 3, 3), perm=[0, 2, 3, 1])
    x = net.op("Gemm", net.op("Reshape", x, net.const([-1, 4])), net.weights(4, 2))
    x = net.op("Transpose", net.op("Reshape", x, net.const([-1, *SIZE, 2])), perm=[0, 3, 1, 2])
    net.conv(x, 2, 1, 3, 3)
    assert boxes_agree(net, SIZE, 1) > 0


def test_a_product_along_one_axis_of_two_is_refused() -> None:
    net = Net()
    net.op("MatMul", "x", net.weights(16, 16), name="odd")
    with pytest.raises(LayerError, match=r"odd \(MatMul\) sees all of one axis of the picture"):
        load(net)


def test_a_decoder_spreads_what_it_is_given() -> None:
    net = Net((1, 3, *SIZE))
    x = net.op("Gemm", net.op("Flatten", net.conv("x", 3, 4, 3, 3)), net.weights(384, 48))
    x = net.op("Reshape", x, net.const([1, 2, 4, 6]))
    net.op("ConvTranspose", x, net.weights(2, 3, 2, 2), strides=[2, 2])
    assert kinds(net) == ["conv", "gap", "conv", "up", "id", "tconv"]
    summary = receptive_field(load(net).network, input_size=SIZE).summary
    assert summary.whole_input
    assert summary.output_size == SIZE


def attending(net: Net, x: str, tokens: int) -> str:
    """Add the attention of one head of 4 channels over the last axis but one."""
    query, key, value = (net.op("MatMul", x, net.weights(4, 4)) for _ in range(3))
    perm = [*range(tokens - 1), tokens, tokens - 1]
    scores = net.op("Softmax", net.op("MatMul", query, net.op("Transpose", key, perm=perm)))
    return net.op("Add", x, net.op("MatMul", scores, value))


def test_attention_sees_all_and_keeps_its_places() -> None:
    net = Net((1, 3, *SIZE))
    x = net.op(
        "Reshape", net.conv("x", 3, 4, 2, 2, strides=[2, 2], pads=[0] * 4), net.const([1, 4, -1])
    )
    x = attending(net, net.op("Transpose", x, perm=[0, 2, 1]), 2)
    x = net.op("Reshape", net.op("Transpose", x, perm=[0, 2, 1]), net.const([1, 4, 4, 6]))
    net.conv(x, 4, 4, 3, 3, strides=[2, 2])
    described = load(net)
    summary = receptive_field(described.network, input_size=SIZE).summary
    assert summary.whole_input
    assert summary.effective_stride == (4, 4)
    assert summary.output_size == (2, 3)
    assert described.channels == (3, 4, 4, 4, 4, 4)


def test_attention_among_tokens_of_the_picture_and_others_sees_all() -> None:
    """A class token before those of the picture."""
    net = Net((1, 3, *SIZE))
    x = net.op(
        "Reshape", net.conv("x", 3, 4, 4, 4, strides=[4, 4], pads=[0] * 4), net.const([1, 4, -1])
    )
    x = net.op("Concat", net.weights(1, 1, 4), net.op("Transpose", x, perm=[0, 2, 1]), axis=1)
    x = net.op("Gather", attending(net, x, 2), net.const(0), axis=1)
    net.op("Gemm", x, net.weights(4, 10))
    assert receptive_field(load(net).network).summary.whole_input


def test_attention_over_channels_sees_all() -> None:
    net = Net((1, 4, *SIZE))
    x = net.op("Reshape", net.conv("x", 4, 4, 3, 3), net.const([1, 4, -1]))
    scores = net.op("MatMul", x, net.op("Transpose", x, perm=[0, 2, 1]))
    x = net.op("MatMul", net.op("Softmax", scores), x)
    net.conv(net.op("Reshape", x, net.const([1, 4, *SIZE])), 4, 4, 3, 3)
    summary = receptive_field(load(net).network, input_size=SIZE).summary
    assert summary.whole_input
    assert summary.output_size == SIZE


def test_attention_in_blocks_sees_its_block() -> None:
    """Pixels are changed one after the other, for attention is not linear."""
    net = Net(("n", 4, *SIZE))
    x = net.op("Reshape", net.conv("x", 4, 4, 3, 3), net.const([-1, 4, 4, 2, 4, 3]))
    x = net.op("Transpose", x, perm=[0, 2, 4, 3, 5, 1])
    x = attending(net, net.op("Reshape", x, net.const([-1, 16, 6, 4])), 3)
    x = net.op("Reshape", x, net.const([-1, 4, 4, 2, 3, 4]))
    x = net.op("Transpose", x, perm=[0, 5, 1, 3, 2, 4])
    net.conv(net.op("Reshape", x, net.const([-1, 4, *SIZE])), 4, 1, 1, 1)
    result = receptive_field(load(net).network, input_size=SIZE)
    assert result.summary.rf == (4, 5)
    assert result.summary.output_size == SIZE
    pictures = np.random.default_rng(1).random((1, 4, *SIZE), np.float32)
    pictures = np.tile(pictures, (97, 1, 1, 1))
    for place, position in enumerate(np.ndindex(SIZE)):
        pictures[(place, slice(None), *position)] += 1
    made: Any
    (made,) = ReferenceEvaluator(net.model()).run(None, {"x": pictures})
    for position in [(0, 0), (3, 5), (7, 11), (4, 8)]:
        seen = made[(slice(-1), 0, *position)] != made[(-1, 0, *position)]
        found = np.argwhere(seen.reshape(SIZE))
        box = cell(result, position).clipped
        assert box is not None
        assert box == tuple(zip(found.min(0).tolist(), found.max(0).tolist(), strict=True))


def test_scores_see_what_they_compare() -> None:
    net = Net((1, 3, *SIZE))
    x = net.op("Reshape", net.conv("x", 3, 4, 3, 3), net.const([1, 4, -1]))
    net.op("MatMul", net.op("Transpose", x, perm=[0, 2, 1]), x)
    assert receptive_field(load(net).network).summary.whole_input


def test_attention_among_one_pixel_of_each_block_sees_all() -> None:
    """The other way round than windows: blocks are the tokens, their members are apart."""
    net = Net((1, 4, *SIZE))
    x = net.op("Reshape", net.conv("x", 4, 4, 3, 3), net.const([1, 4, 4, 2, 4, 3]))
    x = net.op("Reshape", net.op("Transpose", x, perm=[0, 3, 5, 2, 4, 1]), net.const([6, 16, 4]))
    x = net.op("Reshape", attending(net, x, 2), net.const([1, 2, 3, 4, 4, 4]))
    x = net.op("Transpose", x, perm=[0, 5, 3, 1, 4, 2])
    net.conv(net.op("Reshape", x, net.const([1, 4, *SIZE])), 4, 4, 3, 3)
    summary = receptive_field(load(net).network, input_size=SIZE).summary
    assert summary.whole_input
    assert summary.output_size == SIZE


def test_attention_along_one_axis_is_refused() -> None:
    net = Net((1, 4, *SIZE))
    x = net.op("Transpose", net.conv("x", 4, 4, 3, 3), perm=[0, 2, 3, 1])
    attending(net, x, 3)
    with pytest.raises(LayerError, match=r"sees all of one axis of the picture only"):
        load(net)
