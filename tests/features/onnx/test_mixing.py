"""Means, softmax and normalisation: along channels, in blocks, over all, and in between."""

from __future__ import annotations

from typing import Any

import pytest

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.network import lay_out
from dilcli.core.receptive.text import parse_items
from dilcli.errors import LayerError
from tests.onnx_networks import Net, boxes_agree, load

SIZE = (12, 16)


def kinds(net: Net, *treat_as: str) -> list[str]:
    return [node.layer.kind for node in load(net, *treat_as).network.nodes]


def sees_all(net: Net, *treat_as: str) -> bool:
    return receptive_field(load(net, *treat_as).network).summary.whole_input


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        ("ReduceMean", {"axes": [1]}),
        ("ReduceMax", {"axes": [-3], "keepdims": 1}),
        ("ReduceL2", {"axes": [0, 1]}),
        ("Softmax", {"axis": 1}),
        ("LogSoftmax", {"axis": -3}),
        ("ArgMax", {"axis": 1}),
        ("LpNormalization", {"axis": 1}),
        ("LRN", {"size": 3}),
    ],
)
def test_along_channels_places_stay(op: str, attributes: dict[str, Any]) -> None:
    net = Net()
    net.conv(net.op(op, net.conv("x", 3, 4, 3, 3), **attributes), 4, 1, 3, 3)
    assert "gap" not in kinds(net)
    assert receptive_field(load(net).network).summary.rf == (5, 5)


def test_axes_that_go_are_followed() -> None:
    net = Net()
    x = net.op("ReduceSum", net.conv("x", 3, 4, 3, 3), net.const([1]), keepdims=0)
    net.conv(net.op("Unsqueeze", x, net.const([1])), 1, 1, 3, 3)
    assert receptive_field(load(net).network).summary.rf == (5, 5)


@pytest.mark.parametrize(
    ("op", "inputs", "attributes"),
    [
        ("GlobalAveragePool", (), {}),
        ("GlobalMaxPool", (), {}),
        ("ReduceMean", (), {"axes": [2, 3]}),
        ("ReduceMean", (), {"axes": [-1, -2], "keepdims": 0}),
        ("ReduceSum", ((2, 3),), {}),
        ("ReduceMax", (), {}),
    ],
)
def test_the_mean_over_the_picture_is_a_global_pool(
    op: str, inputs: tuple[tuple[int, ...], ...], attributes: dict[str, Any]
) -> None:
    net = Net()
    net.op(op, net.conv("x", 3, 4, 3, 3), *(net.const(axes) for axes in inputs), **attributes)
    assert kinds(net) == ["conv", "gap"]
    net.op("Relu", net.nodes[-1].output[0])
    assert sees_all(net)


def test_no_axes_are_all_axes_or_none() -> None:
    net = Net(opset=18)
    x = net.conv("x", 3, 4, 3, 3)
    net.op("ReduceMean", x, noop_with_empty_axes=1)
    assert kinds(net) == ["conv"]
    net.op("ReduceMean", x)
    assert kinds(net) == ["conv", "gap"]


@pytest.mark.parametrize(
    ("op", "attributes"),
    [("ReduceMean", {"axes": [2]}), ("Softmax", {"axis": 3}), ("ArgMin", {"axis": 2})],
)
def test_one_axis_of_two_is_refused(op: str, attributes: dict[str, Any]) -> None:
    net = Net()
    net.op(op, net.conv("x", 3, 4, 3, 3), name="odd", **attributes)
    message = r"since odd \(.*\) sees all of one axis of the picture only \(--treat-as pointwise:"
    with pytest.raises(LayerError, match=message):
        load(net)
    assert sees_all(net, f"whole:{op}")


def test_softmax_over_tokens_sees_all_and_keeps_its_places() -> None:
    net = Net((1, 4, *SIZE))
    x = net.op("Reshape", net.conv("x", 4, 4, 3, 3), net.const([1, 4, -1]))
    x = net.op("Reshape", net.op("Softmax", x, axis=2), net.const([1, 4, *SIZE]))
    net.conv(x, 4, 4, 3, 3, strides=[2, 2])
    assert kinds(net) == ["conv", "gap", "add", "conv"]
    summary = receptive_field(load(net).network, input_size=SIZE).summary
    assert summary.whole_input
    assert summary.effective_stride == (2, 2)
    assert summary.output_size == (6, 8)


def test_until_opset_12_softmax_took_all_axes_from_its_own_on() -> None:
    for opset, expected in ((12, ["gap", "add"]), (13, [])):
        net = Net((1, 3, *SIZE), opset)
        net.op("Softmax", "x", axis=1)
        assert kinds(net) == expected
    net = Net((1, 3, *SIZE), 11)
    net.op("Softmax", net.op("Transpose", "x", perm=[0, 2, 3, 1]), axis=3)
    assert kinds(net) == []


def cut(net: Net, x: str) -> str:
    """Cut a picture into blocks of 3x4 pixels, which become the last axis but one."""
    x = net.op("Reshape", x, net.const([0, 1, 4, 3, 4, 4]))
    x = net.op("Transpose", x, perm=[0, 2, 4, 3, 5, 1])
    return net.op("Reshape", x, net.const([-1, 16, 12, 1]))


def put_together(net: Net, x: str) -> str:
    x = net.op("Reshape", x, net.const([-1, 4, 4, 3, 4, 1]))
    x = net.op("Transpose", x, perm=[0, 5, 1, 3, 2, 4])
    return net.op("Reshape", x, net.const([-1, 1, *SIZE]))


def test_the_mean_of_a_block_is_a_pool() -> None:
    net = Net(("n", 1, *SIZE))
    x = net.op("ReduceMean", cut(net, net.conv("x", 1, 1, 3, 3)), axes=[2], keepdims=0)
    x = net.op("Transpose", net.op("Reshape", x, net.const([-1, 4, 4, 1])), perm=[0, 3, 1, 2])
    net.conv(x, 1, 1, 2, 1, pads=[0] * 4)
    assert boxes_agree(net, SIZE, 1) > 0


def test_softmax_in_blocks_sees_its_block() -> None:
    net = Net((1, 1, *SIZE))
    x = net.op("Softmax", cut(net, net.conv("x", 1, 1, 3, 3)), axis=2)
    net.conv(put_together(net, x), 1, 1, 1, 3)
    expected = lay_out(parse_items("conv3 pool3x4 up3x4 conv1x3"))
    ours, theirs = (
        receptive_field(network, input_size=SIZE).summary
        for network in (load(net).network, expected)
    )
    assert ours == theirs


NORMALISATIONS = [
    ("InstanceNormalization", 2, {}),
    ("GroupNormalization", 2, {"num_groups": 2}),
    ("MeanVarianceNormalization", 0, {}),
    ("LayerNormalization", 1, {"axis": 1}),
]


@pytest.mark.parametrize(("op", "scales", "attributes"), NORMALISATIONS)
def test_statistics_of_the_whole_input_are_noted_or_counted_as_asked(
    op: str, scales: int, attributes: dict[str, Any]
) -> None:
    net = Net((1, 3, *SIZE), 18)
    x = net.conv("x", 3, 4, 3, 3)
    for _ in range(2):
        x = net.op(op, x, *(net.weights(4) for _ in range(scales)), **attributes)
    net.conv(x, 4, 4, 3, 3)
    described = load(net)
    (note,) = described.notes
    assert note.startswith(f"{op}1 and 1 more: {op}: mean and variance of the whole input")
    assert receptive_field(described.network).summary.rf == (5, 5)
    counted = load(net, f"whole:{op}")
    assert counted.notes == ()
    summary = receptive_field(counted.network, input_size=SIZE).summary
    assert summary.whole_input
    assert summary.output_size == SIZE


def test_statistics_of_channels_and_of_training_are_none_of_the_input_s() -> None:
    net = Net((1, 3, *SIZE))
    x = net.op("BatchNormalization", "x", *(net.weights(3) for _ in range(4)))
    x = net.op("Transpose", net.conv(x, 3, 4, 3, 3), perm=[0, 2, 3, 1])
    net.op("LayerNormalization", x, net.weights(4))
    assert load(net).notes == ()
    net = Net((1, 3, *SIZE))
    net.op("BatchNormalization", "x", *(net.weights(3) for _ in range(4)), training_mode=1)
    assert len(load(net).notes) == 1


def test_recurrent_layers_see_all() -> None:
    net = Net((1, 3, 20))
    x = net.op("Transpose", net.conv("x", 3, 4, 3, pads=[1, 1]), perm=[2, 0, 1])
    net.op("GRU", x, net.weights(1, 15, 4), net.weights(1, 15, 5), hidden_size=5)
    assert sees_all(net)
