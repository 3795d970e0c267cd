"""ONNX networks against the same nets in layer text, and against every pixel tried."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.network import Merge, Network, Node, lay_out
from dilcli.core.receptive.text import parse_items
from dilcli.errors import LayerError
from dilcli.features.layer_spec import load_layers
from dilcli.features.onnx.network import load_onnx
from tests.onnx_networks import Net, boxes_agree, layers, load, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def bare(network: Network) -> list[tuple[object, ...]]:
    """Nodes without what layer text does not say here: names, channels, groups."""
    return [
        (
            node.layer
            if isinstance(node.layer, Merge)
            else node.layer._replace(name="", channels=None, groups=1),
            node.inputs,
        )
        for node in network.nodes
    ]


def without_identities(network: Network) -> Network:
    """Identities are no nodes of a file."""
    places = {-1: -1}
    nodes: list[Node] = []
    for index, node in enumerate(network.nodes):
        places[index] = len(nodes)
        if node.layer.kind == "id":
            places[index] = places[node.inputs[0]]
        else:
            nodes.append(node._replace(inputs=tuple(places[i] for i in node.inputs)))
    return Network(tuple(nodes), network.axes, places[network.output])


def dilated_block(net: Net) -> None:
    """Build a residual block of ResNet's fourth stage, its stride given to dilation."""
    x = net.op("Relu", net.conv("x", 3, 8, 7, 7, strides=[2, 2], name="stem"))
    x = net.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    y = net.op("Relu", net.conv(x, 8, 4, 1, 1))
    y = net.op("Relu", net.conv(y, 4, 4, 3, 3, dilations=[2, 2], pads=[2, 2, 2, 2]))
    y = net.conv(y, 4, 16, 1, 1)
    net.op("Relu", net.op("Add", y, net.conv(x, 8, 16, 1, 1), name="join"))


def pyramid(net: Net) -> None:
    """Build atrous spatial pyramid pooling, with the branch that pools the image."""
    x = net.conv("x", 3, 8, 3, 3)
    ways = [net.conv(x, 8, 4, 1, 1)]
    for rate in (6, 12, 18):
        pads = [rate] * 4
        ways.append(net.op("Relu", net.conv(x, 8, 4, 3, 3, dilations=[rate, rate], pads=pads)))
    pooled = net.conv(net.op("GlobalAveragePool", x), 8, 4, 1, 1)
    sizes = net.op("Shape", x, start=2)
    ahead = net.op("Shape", pooled, end=2)
    sizes = net.op("Concat", ahead, sizes, axis=0)
    ways.append(net.op("Resize", pooled, "", "", sizes, mode="linear"))
    net.conv(net.op("Concat", *ways, axis=1, name="pyramid"), 20, 4, 1, 1)


def u_net(net: Net, channels: int = 3) -> None:
    """One step down and up without padding; what goes across is cropped."""
    across = net.conv(net.conv("x", channels, 4, 3, 3, pads=[0] * 4), 4, 4, 3, 3, pads=[0] * 4)
    x = net.op("MaxPool", across, kernel_shape=[2, 2], strides=[2, 2])
    x = net.conv(net.conv(x, 4, 8, 3, 3, pads=[0] * 4), 8, 8, 3, 3, pads=[0] * 4)
    x = net.op("ConvTranspose", x, net.weights(8, 4, 2, 2), strides=[2, 2])
    starts, ends, axes = net.const([4, 4]), net.const([-4, -4]), net.const([2, 3])
    x = net.op("Concat", x, net.op("Slice", across, starts, ends, axes), axis=1)
    net.conv(x, 8, 2, 3, 3, pads=[0] * 4)


def padded(net: Net) -> None:
    """Pad by a node of its own; then a grouped and a depthwise convolution."""
    x = net.op("Pad", "x", net.const([0, 0, 2, 1, 0, 0, 0, 3]), mode="reflect")
    x = net.conv(x, 3, 6, 3, 3, pads=[0] * 4, strides=[1, 2], group=3)
    net.conv(x, 6, 6, 5, 3, group=6)


def automatic(net: Net) -> None:
    x = net.conv("x", 3, 4, 3, 3, auto_pad="SAME_UPPER", strides=[2, 2])
    x = net.conv(x, 4, 4, 4, 2, auto_pad="SAME_LOWER")
    x = net.op("AveragePool", x, kernel_shape=[3, 3], auto_pad="VALID")
    net.conv(x, 4, 4, 3, 3, auto_pad="SAME_LOWER", strides=[2, 2])


def gated(net: Net) -> None:
    """Squeeze and excitation."""
    x = net.conv("x", 3, 4, 3, 3, strides=[2, 2])
    gate = net.op("Sigmoid", net.conv(net.op("GlobalAveragePool", x), 4, 4, 1, 1))
    net.conv(net.op("Mul", x, gate), 4, 4, 3, 3)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (
            dilated_block,
            "conv7s2p3 maxpool3s2p1 (conv1 conv3d2p2 conv1 | conv1)",
        ),
        (
            pyramid,
            "conv3 cat(conv1 | conv3d6 | conv3d12 | conv3d18 | gap conv1) conv1",
        ),
        (
            u_net,
            "2xconv3pv cat(maxpool2 2xconv3pv tconv2s2 | crop4) conv3pv",
        ),
        (padded, "crop:p=2:0x1:3 conv3s1x2pv dwconv5x3"),
        (automatic, "conv3s2ps conv4x2p2:1x1:0 avgpool3s1 conv3s2p1:0"),
        (gated, "conv3s2p1 (id | gap conv1) conv3"),
    ],
)
def test_a_network_is_the_one_that_layer_text_spells(
    build: Callable[[Net], None], text: str
) -> None:
    net = Net(("n", 3, 64, 52))
    build(net)
    described = load(net)
    expected = without_identities(lay_out(parse_items(text)))
    assert bare(described.network) == bare(expected)
    ours, theirs = (
        receptive_field(network, input_size=(64, 52)).summary
        for network in (described.network, expected)
    )
    assert ours == theirs
    assert described.input_size == (64, 52)


def branches(net: Net) -> None:
    """Put a strided shortcut beside two dilated convolutions, then a padded pool."""
    x = net.conv("x", 1, 2, 3, 2, pads=[1, 0, 1, 1])
    y = net.conv(x, 2, 2, 3, 3, dilations=[2, 1], pads=[2, 1, 2, 1], strides=[1, 2], group=2)
    y = net.op("Max", net.conv(y, 2, 1, 1, 3), net.conv(x, 2, 1, 1, 1, strides=[1, 2]))
    net.op("AveragePool", y, kernel_shape=[2, 2], strides=[2, 1], pads=[0, 1, 1, 0])


@pytest.mark.parametrize("build", [branches, partial(u_net, channels=1)])
@pytest.mark.parametrize("size", [(22, 20), (20, 18)])
def test_each_pixel_that_changes_an_output_is_in_its_box(
    build: Callable[[Net], None], size: tuple[int, int]
) -> None:
    net = Net(("n", 1, *size))
    build(net)
    assert boxes_agree(net, size, 1) > 0


def test_lines_and_volumes_have_one_and_three_axes() -> None:
    line = Net(("n", 2, 30))
    line.conv(line.conv("x", 2, 4, 5, strides=[2], pads=[2, 2]), 4, 4, 3, dilations=[3])
    assert bare(load(line).network) == bare(lay_out(parse_items("conv5s2p2 conv3d3p1"), 1))
    volume = Net(("n", 1, 12, 10, 14))
    volume.conv(volume.conv("x", 1, 4, 3, 3, 3), 4, 4, 1, 3, 5, group=2)
    assert bare(load(volume).network) == bare(lay_out(parse_items("conv3x3x3 conv1x3x5"), 3))
    assert load(volume).input_size == (12, 10, 14)


def test_layers_have_the_names_of_their_nodes_and_others_their_place() -> None:
    net = Net()
    x = net.conv("x", 3, 4, 3, 3, name="stem")
    x = net.op("Relu", x)
    x = net.conv(x, 4, 4, 3, 3, name="")
    net.op("Add", x, net.conv(x, 4, 4, 3, 3, name="a\nb"), name="join")
    names = [node.name for node in load(net).network.nodes]
    assert names == ["stem", "Conv_2", "a?b", "join"]


def test_channels_are_those_of_the_weights() -> None:
    net = Net(("n", 3, None, None))
    x = net.conv(net.conv("x", 3, 8, 3, 3), 8, 8, 3, 3, group=8)
    x = net.conv(x, 8, 12, 1, 1, group=4)
    net.op("ConvTranspose", x, net.weights(12, 5, 2, 2), strides=[2, 2], group=2)
    described = load(net)
    assert described.channels == (3, 8, 12, 10)
    kinds = [
        (node.layer.kind, getattr(node.layer, "groups", 0)) for node in described.network.nodes
    ]
    assert kinds == [("conv", 1), ("dwconv", 8), ("conv", 4), ("tconv", 2)]


def test_a_part_of_the_channels_is_a_row_of_its_own() -> None:
    net = Net()
    x = net.conv("x", 3, 8, 1, 1)
    net.op("Split", x, axis=1, outputs=2)
    first, second = net.nodes[-1].output
    net.op("Concat", first, net.conv(second, 4, 4, 3, 3), axis=1)
    nodes = load(net).network.nodes
    assert [node.layer.kind for node in nodes] == ["conv", "id", "conv", "concat"]
    assert [getattr(node.layer, "channels", None) for node in nodes] == [8, 4, 4, None]
    assert nodes[-1].inputs == (1, 2)


def test_a_shape_that_is_calculated_on_the_way_is_no_data() -> None:
    """Down and up by scales that follow from sizes, as exporters write it."""
    net = Net(("n", 3, 24, 36))
    x = net.conv("x", 3, 4, 3, 3, strides=[2, 2])
    whole = net.op("Shape", "x")
    half = net.op("Slice", whole, net.const([2]), net.const([4]), net.const([0]))
    ahead = net.op("Slice", net.op("Shape", x), net.const([0]), net.const([2]), net.const([0]))
    sizes = net.op("Concat", ahead, half, axis=0)
    net.op("Resize", x, "", "", sizes, mode="nearest")
    described = load(net)
    assert bare(described.network) == bare(lay_out(parse_items("conv3s2p1 up2")))
    assert described.notes == ()


def test_an_open_size_is_assumed_and_said_so_only_where_it_matters() -> None:
    net = Net(("n", 3, "h", "w"))
    net.conv("x", 3, 3, 3, 3)
    assert load(net) == load(net)._replace(input_size=None, notes=())
    net.op("Resize", net.nodes[-1].output[0], "", "", net.op("Shape", "x"), name="up")
    (note,) = load(net).notes
    assert note.startswith("up: the file leaves the input's size open")
    assert load(net, size=(20, 30)).notes == ()


def test_channels_may_come_last() -> None:
    net = Net(("n", 20, 30, 3))
    x = net.op("Transpose", "x", perm=[0, 3, 1, 2])
    net.op("Transpose", net.conv(x, 3, 4, 3, 5), perm=[0, 2, 3, 1])
    described = load(net)
    assert described.input_size == (20, 30)
    assert described.channels == (3, 4)
    assert bare(described.network) == bare(lay_out(parse_items("conv3x5")))


def test_a_line_that_is_filtered_as_a_picture_of_one_row() -> None:
    net = Net(("n", 40, 2))
    x = net.op("Transpose", net.op("Unsqueeze", "x", net.const([1])), perm=[0, 3, 1, 2])
    x = net.op("Squeeze", net.conv(x, 2, 4, 1, 3), net.const([2]))
    x = net.op("Unsqueeze", net.op("Relu", x), net.const([2]))
    net.conv(x, 4, 4, 1, 3, dilations=[1, 2], pads=[0, 2, 0, 2])
    described = load(net)
    assert described.input_size == (1, 40)
    assert bare(described.network) == bare(lay_out(parse_items("conv1x3 conv1x3d1x2p0x2")))


def test_only_what_leads_to_the_first_output_counts() -> None:
    net = Net()
    x = net.conv("x", 3, 4, 3, 3)
    other = net.op("Unheard", x, domain="my.own")
    end = net.conv(x, 4, 4, 3, 3)
    described = load(net, outputs=(end, other))
    assert len(described.network.nodes) == 2
    assert described.notes == (f"the output is {end}; {other} are left out",)


def test_one_unknown_operator_is_named_with_the_way_out() -> None:
    net = Net()
    x = net.conv("x", 3, 4, 3, 3)
    net.conv(net.op("Unheard", x, name="odd", domain="my.own"), 4, 4, 3, 3)
    text = (
        r"^layer file .*net\.onnx: odd \(my\.own\.Unheard\): unknown operator my\.own\.Unheard; "
        r"say what its outputs see by --treat-as pointwise:my\.own\.Unheard or whole:my\.own\.Unh"
    )
    with pytest.raises(LayerError, match=text):
        load(net)
    for name in ("my.own.Unheard", "odd"):
        passed = load(net, f"pointwise:{name}").network
        assert bare(passed) == bare(lay_out(parse_items("2xconv3")))
        result = receptive_field(load(net, f"whole:{name}").network)
        assert result.summary.whole_input


def test_an_unknown_operator_that_sees_all_already_changes_nothing() -> None:
    net = Net()
    x = net.op("GlobalMaxPool", net.conv("x", 3, 4, 3, 3))
    net.op("Unheard", x, domain="my.own")
    assert bare(load(net).network) == bare(lay_out(parse_items("conv3 gap")))


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("Unheard", "names no operator; write pointwise:OP or whole:OP"),
        ("pointwise:", "names no operator"),
        ("pointwize:Relu", "unknown way 'pointwize'; did you mean 'pointwise'?"),
    ],
)
def test_a_way_that_is_none_is_refused(way: str, message: str) -> None:
    net = Net()
    net.conv("x", 3, 4, 3, 3)
    with pytest.raises(LayerError, match=re.escape(message)):
        load(net, way)


def test_a_way_for_an_operator_that_is_not_there_is_said() -> None:
    net = Net()
    net.conv("x", 3, 4, 3, 3)
    (note,) = load(net, "pointwise:Conf").notes
    assert note.endswith("of the operator, Conf")


def test_two_pictures_are_refused_unless_one_leads_to_the_output() -> None:
    net = Net()
    net.inputs.append(onnx.helper.make_tensor_value_info("y", 1, ["n", 3, 16, 16]))
    end = net.conv("x", 3, 4, 3, 3)
    assert len(load(net).network.nodes) == 1
    net.op("Add", end, net.conv("y", 3, 4, 3, 3))
    with pytest.raises(LayerError, match="of its inputs, 'x' and 'y' lead to the output"):
        load(net)


@pytest.mark.parametrize(
    ("shape", "message"),
    [((1, 10), "has 2 axes; a batch"), ((1, 3, 4, 4, 4, 4), "has 6 axes"), ((), "has 0 axes")],
)
def test_an_input_without_rows_and_columns_is_refused(shape: tuple[int, ...], message: str) -> None:
    net = Net(shape)
    net.op("Relu", "x")
    with pytest.raises(LayerError, match=message):
        load(net)


def test_an_input_of_no_known_shape_is_refused() -> None:
    net = Net()
    net.inputs[0].type.tensor_type.ClearField("shape")
    net.conv("x", 3, 4, 3, 3)
    with pytest.raises(LayerError, match="its input 'x' has no shape"):
        load(net)


def test_a_constant_output_is_refused() -> None:
    net = Net()
    net.op("Identity", net.const([1.0], np.float32))
    with pytest.raises(LayerError, match="of its inputs, none lead to the output"):
        load(net)


def test_a_network_of_no_layers_is_its_picture() -> None:
    net = Net()
    net.op("Relu", "x")
    described = load(net)
    assert described.network == Network((), 2, -1)
    assert described.channels == (3,)


def test_the_file_is_found_by_its_name(tmp_path: Path) -> None:
    net = Net()
    net.conv("x", 3, 4, 3, 3)
    path = net.save(tmp_path / "my net.onnx")
    described = load_layers(file=path)
    assert described == load_onnx(path)
    assert described.name == "my net"


DAMAGED = Net()
pyramid(DAMAGED)
BYTES = DAMAGED.model().SerializeToString()


@given(st.data())
def test_a_damaged_file_is_refused_in_one_line_or_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    changed = bytearray(BYTES)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(BYTES) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(BYTES), len(BYTES) // 2]))
    path = tmp_path_factory.getbasetemp() / "damaged.onnx"
    path.write_bytes(changed[:cut])
    message = refusal(load_onnx, path)
    assert message is None or message.startswith(f"layer file {path}: ")
    assert "\n" not in (message or "")


@pytest.mark.parametrize("attribute", ["strides", "dilations", "pads", "kernel_shape", "group"])
@pytest.mark.parametrize("value", [[], [0, 0], [-1, 2], [1, 2, 3], 0, -2, "ab", 1.5, [10**18] * 2])
def test_an_attribute_that_does_not_fit_is_refused_or_read(attribute: str, value: Any) -> None:
    net = Net()
    build = partial(onnx.helper.make_attribute, attribute, value)
    node = onnx.helper.make_node("Conv", ["x", net.weights(4, 3, 3, 3)], ["y"], "Conv0")
    node.attribute.append(build(attr_type=onnx.AttributeProto.INTS) if value == [] else build())
    net.nodes.append(node)
    assert re.search(r"net\.onnx: Conv0|None", str(refusal(load, net)))


def test_an_operator_of_another_domain_may_be_called_by_its_bare_name() -> None:
    net = Net()
    net.op("Blur", net.conv("x", 3, 4, 3), domain="my.own")
    for word in ("pointwise:Blur", "pointwise:my.own.Blur"):
        assert load(net, word).notes == ()
        assert [layer.kind for layer in layers(load(net, word))] == ["conv"]
