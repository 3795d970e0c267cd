"""Layers of convolutions and pools: attributes of every form, and what has no form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.errors import LayerError
from tests.onnx_networks import Net, Size, boxes_agree, layers, load


def flat(kind: str, kernel: tuple[int, ...] = (1,), **settings: Any) -> Layer:
    """Make a layer for two axes."""
    return make_layer(kind, kernel, **settings).on_axes(2)


def only_layer(net: Net) -> Layer:
    (layer,) = layers(load(net))
    return layer


def convolution(op: str = "Conv", shape: tuple[Size, ...] = (1, 3, 20, 30), **at: Any) -> Layer:
    net = Net(shape)
    net.op(op, "x", net.weights(3, 3, 3, 4), name="a", **at)
    return only_layer(net)


@st.composite
def attributes(draw: st.DrawFn) -> dict[str, Any]:
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    return {
        "strides": draw(pair),
        "dilations": draw(pair),
        "pads": draw(st.tuples(*[st.integers(0, 4)] * 4)),
    }


@given(attributes())
def test_a_convolution_is_its_numbers(at: dict[str, Any]) -> None:
    top, left, bottom, right = at["pads"]
    assert convolution(**at) == flat(
        "conv",
        (3, 4),
        stride=at["strides"],
        dilation=at["dilations"],
        padding=[(top, bottom), (left, right)],
        name="a",
        channels=3,
    )


@given(attributes(), st.integers(0, 2))
def test_a_transposed_convolution_is_its_numbers(at: dict[str, Any], extra: int) -> None:
    top, left, bottom, right = at["pads"]
    assert convolution("ConvTranspose", **at, output_padding=[extra, 0]) == flat(
        "tconv",
        (3, 4),
        stride=at["strides"],
        dilation=at["dilations"],
        padding=[(top, bottom), (left, right)],
        name="a",
        output_padding=(extra, 0),
        channels=3,
    )


@pytest.mark.parametrize("op", ["MaxPool", "AveragePool", "LpPool"])
def test_a_pool_is_its_numbers_with_a_stride_of_1_unless_it_has_another(op: str) -> None:
    net = Net()
    net.op(op, "x", kernel_shape=[3, 2], name="a")
    kind = {"MaxPool": "maxpool", "AveragePool": "avgpool", "LpPool": "pool"}[op]
    assert only_layer(net) == flat(kind, (3, 2), stride=(1, 1), padding="valid", name="a")


def test_windows_that_begin_inside_and_end_outside_are_kept() -> None:
    net = Net(("n", 1, 14, 15))
    at: dict[str, Any] = {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}
    net.op("MaxPool", net.op("MaxPool", "x", **at), **at)
    assert boxes_agree(net, (14, 15), 1) > 0


def test_a_kernel_of_one_has_no_dilation() -> None:
    net = Net()
    net.conv("x", 3, 4, 1, 3, dilations=[2, 2], pads=[0, 2, 0, 2])
    assert only_layer(net).dilation == (1, 2)


@pytest.mark.parametrize("rule", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("size", [(11, 12), (12, 17)])
@pytest.mark.parametrize("at", [{}, {"strides": [2, 3]}, {"dilations": [2, 1]}])
def test_automatic_padding_keeps_size_over_stride(
    rule: str, size: tuple[int, int], at: dict[str, Any]
) -> None:
    net = Net(("n", 1, *size))
    net.conv(net.conv("x", 1, 1, 3, 4, auto_pad=rule, **at), 1, 1, 2, 2, auto_pad=rule)
    assert boxes_agree(net, size, 1) > 0


def test_automatic_padding_below_of_an_open_size_is_worked_out_for_an_assumed_one() -> None:
    net = Net(("n", 1, "h", "w"))
    net.conv("x", 1, 1, 4, 3, auto_pad="SAME_LOWER", strides=[2, 2])
    described = load(net)
    assert layers(described)[0].padding == ((1, 1), (1, 0))
    assert "leaves the input's size open" in described.notes[0]


@pytest.mark.parametrize("rule", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("at", [{}, {"output_shape": [22, 33]}, {"output_shape": [21, 36]}])
def test_a_transposed_convolution_fits_the_size_it_is_told(rule: str, at: dict[str, Any]) -> None:
    net = Net(("n", 1, 11, 12))
    net.op("ConvTranspose", "x", net.weights(1, 1, 3, 4), strides=[2, 3], auto_pad=rule, **at)
    assert boxes_agree(net, (11, 12), 1) > 0


def test_a_size_that_is_told_needs_no_rule() -> None:
    at: dict[str, Any] = {"strides": [2, 3], "output_shape": [40, 91]}
    assert convolution("ConvTranspose", **at) == convolution(
        "ConvTranspose", **at, auto_pad="SAME_LOWER"
    )


def test_a_transposed_window_below_its_stride_leaves_gaps_behind() -> None:
    layer = convolution("ConvTranspose", strides=[5, 4], auto_pad="SAME_UPPER")
    assert layer.output_padding == (2, 0)
    assert layer.padding == ((0, 0), (0, 0))


def test_a_fixed_size_of_an_open_one_is_refused() -> None:
    with pytest.raises(LayerError, match="its output_shape is fixed, but the size of its input"):
        convolution("ConvTranspose", (1, 3, "h", "w"), output_shape=[20, 20])


def test_kinds_of_convolutions_have_their_weights_where_they_have_them() -> None:
    net = Net(("n", 4, 9, 9), opset=19)
    x = net.op("ConvInteger", "x", net.weights(4, 4, 3, 3))
    one = net.const(1.0, "float32")
    x = net.op("QLinearConv", x, one, one, net.weights(4, 1, 3, 3), one, one, one, one, group=4)
    x = net.op("FusedConv", x, net.weights(6, 4, 3, 3), domain="com.microsoft")
    assert layers(load(net)) == [
        flat("conv", (3, 3), padding="valid", name="ConvInteger0", channels=4),
        flat("dwconv", (3, 3), padding="valid", name="QLinearConv1", channels=4, groups=4),
        flat("conv", (3, 3), padding="valid", name="FusedConv2", channels=6),
    ]


@pytest.mark.parametrize(
    ("op", "at", "message"),
    [
        ("MaxPool", {}, "the size of its kernel is not known"),
        ("MaxPool", {"kernel_shape": [2, 2, 2]}, "a window of 3 axes in a network of 2"),
        ("MaxPool", {"kernel_shape": [2, 2], "auto_pad": "SAME"}, "unknown auto_pad 'SAME'"),
        ("MaxPool", {"kernel_shape": [2, 2], "strides": [0, 1]}, "stride must be at least 1"),
        ("MaxPool", {"kernel_shape": [2, 2], "pads": [1, 1]}, "attributes do not fit"),
        ("Conv", {}, "attributes do not fit"),
    ],
)
def test_a_window_that_makes_no_layer_is_refused_with_its_name(
    op: str, at: dict[str, Any], message: str
) -> None:
    net = Net()
    net.op(op, "x", name="odd", **at)
    with pytest.raises(LayerError, match=rf"net\.onnx: odd \({op}\): .*{message}"):
        load(net)
