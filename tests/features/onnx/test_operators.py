"""The table of operators: what passes numbers on, what meets, and what no table knows."""

from __future__ import annotations

import onnx
import pytest

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.network import lay_out
from dilcli.core.receptive.text import parse_items
from dilcli.errors import LayerError
from dilcli.features.onnx.operators import HANDLERS, WINDOWS, data_inputs
from dilcli.files.onnx_files import OnnxNode
from tests.onnx_networks import Net, boxes_agree, layers, load

SIZE = (12, 16)

#: Operators of ONNX that say nothing of places, or are none of networks that filter pictures.
_UNKNOWN = """
AffineGrid BitCast BlackmanWindow CausalConvWithState CenterCropPad Col2Im Compress
ConcatFromSequence Constant ConstantOfShape CumProd CumSum Det Einsum EyeLike GatherElements
GatherND GridSample HammingWindow HannWindow If ImageDecoder LinearAttention Loop
MaxRoiPool MelWeightMatrix Multinomial NegativeLogLikelihoodLoss NonMaxSuppression NonZero OneHot
Optional OptionalGetElement OptionalHasElement RandomNormal RandomNormalLike RandomUniform
RandomUniformLike Range RegexFullMatch ReverseSequence RoiAlign RotaryEmbedding STFT Scan Scatter
ScatterElements ScatterND SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert
SequenceLength SequenceMap Shape Size SoftmaxCrossEntropyLoss SplitToSequence StringConcat
StringNormalizer StringSplit SwiGLU TensorScatter TfIdfVectorizer TopK Trilu Unique
"""
UNKNOWN = set(_UNKNOWN.split())


def kinds(net: Net) -> list[str]:
    return [node.layer.kind for node in load(net).network.nodes]


def test_every_operator_of_onnx_is_known_or_named_here() -> None:
    """A new version of onnx may bring new ones; then decide."""
    schemas = {schema.name for schema in onnx.defs.get_all_schemas() if schema.domain == ""}
    assert schemas - set(HANDLERS) <= UNKNOWN
    assert not UNKNOWN & set(HANDLERS)


@pytest.mark.parametrize("op", ["Relu", "HardSwish", "Identity", "Dropout", "Erf", "Round"])
def test_numbers_passed_on_have_no_row(op: str) -> None:
    net = Net()
    net.conv(net.op(op, net.conv("x", 3, 4, 3, 3)), 4, 4, 3, 3)
    assert load(net).network.nodes[1].inputs == (0,)


@pytest.mark.parametrize(
    ("op", "constants"), [("Add", 1), ("Mul", 1), ("PRelu", 1), ("Clip", 2), ("Max", 2), ("Pow", 1)]
)
def test_a_constant_on_the_side_changes_nothing(op: str, constants: int) -> None:
    net = Net()
    net.op(op, net.conv("x", 3, 4, 3, 3), *(net.weights(1, 4, 1, 1) for _ in range(constants)))
    assert kinds(net) == ["conv"]
    assert load(net).network.output == 0


def test_a_constant_of_more_axes_leads_to_more_axes() -> None:
    net = Net((3, *SIZE))
    x = net.op("Add", "x", net.weights(1, 3, 1, 1))
    net.conv(x, 3, 4, 3, 3)
    assert [layer.kernel for layer in layers(load(net))] == [(3, 3)]


@pytest.mark.parametrize("op", ["Add", "Sub", "Max", "Where", "Sum"])
def test_two_tensors_meet_in_a_row(op: str) -> None:
    net = Net(("n", 1, *SIZE))
    x = net.conv("x", 1, 2, 3, 3)
    sides = [x, net.conv(x, 2, 2, 1, 3)]
    flag = [net.const([True], bool)] if op == "Where" else []
    net.op(op, *flag, *sides, name="meeting")
    described = load(net)
    assert described.network.nodes[-1].inputs == (0, 1)
    assert described.network.nodes[-1].name == "meeting"


def test_what_meets_itself_has_no_row() -> None:
    """The swish of a tensor is its product with its own sigmoid."""
    net = Net()
    x = net.conv("x", 3, 4, 3, 3)
    net.op("Mul", x, net.op("Sigmoid", x))
    assert kinds(net) == ["conv"]


def test_rows_do_not_meet_columns() -> None:
    net = Net((1, 1, 16, 16))
    x = net.conv("x", 1, 1, 3, 3)
    net.op("Add", x, net.op("Transpose", x, perm=[0, 1, 3, 2]), name="odd")
    with pytest.raises(LayerError, match=r"odd \(Add\) mixes rows and columns"):
        load(net)


def test_more_inputs_of_a_convolution_meet_what_it_makes() -> None:
    """A deformable convolution's offsets, a sum that is fused, and weights that are calculated."""
    net = Net((1, 4, *SIZE), 19)
    offset = net.conv("x", 4, 18, 5, 5)
    net.op("DeformConv", "x", net.weights(4, 4, 3, 3), offset, pads=[1] * 4, name="deform")
    described = load(net)
    assert kinds(net) == ["conv", "conv", "id", "add"]
    assert described.notes == ("deform: deformable convolutions are counted on their regular grid",)
    assert receptive_field(described.network).summary.rf == (5, 5)
    net = Net((1, 4, *SIZE))
    net.op("FusedConv", "x", net.weights(4, 4, 3, 3), "", "x", domain="com.microsoft", pads=[1] * 4)
    assert kinds(net) == ["conv", "add"]
    net = Net((1, 4, *SIZE))
    mean = net.op("GlobalAveragePool", net.conv("x", 4, 4, 3, 3))
    net.op("Conv", "x", net.op("Mul", mean, net.weights(4, 4, 3, 3)), pads=[1] * 4)
    assert receptive_field(load(net).network).summary.whole_input


def test_a_picture_used_as_weights_is_refused() -> None:
    net = Net()
    net.op("Conv", net.weights(1, 3, 40, 40), "x", name="odd")
    with pytest.raises(LayerError, match=r"odd \(Conv\): convolves constants with the picture"):
        load(net)


def test_maxima_put_back_where_they_were() -> None:
    net = Net((1, 1, *SIZE))
    net.op("MaxPool", net.conv("x", 1, 1, 3, 3), kernel_shape=[2, 2], strides=[2, 2], outputs=2)
    pooled, indices = net.nodes[-1].output
    net.op("MaxUnpool", pooled, indices, kernel_shape=[2, 2], strides=[2, 2], name="back")
    expected = lay_out(parse_items("conv3 maxpool2 up2"))
    assert receptive_field(load(net).network).summary == receptive_field(expected).summary
    net.nodes[-1].attribute[1].ints[:] = [1, 1]
    with pytest.raises(LayerError, match=r"back .*: its windows overlap or are padded"):
        load(net)


def test_an_unfilled_picture_of_small_operators_is_followed() -> None:
    net = Net(("n", 1, *SIZE))
    x = net.op("Clip", net.conv("x", 1, 2, 3, 3, strides=[1, 2]), "", net.const(6, "float32"))
    y = net.op("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4)
    y = net.op("Where", net.op("GreaterOrEqual", x, y), net.op("Sqrt", y), net.op("Exp", x))
    net.conv(net.op("Concat", y, x, axis=1), 4, 1, 3, 1)
    assert receptive_field(load(net).network).summary.rf == (7, 7)


def test_a_gate_of_the_whole_picture_leaves_places_alone() -> None:
    net = Net(("n", 1, *SIZE))
    x = net.conv("x", 1, 2, 3, 3, strides=[2, 2])
    gate = net.op("ReduceMean", net.conv(x, 2, 2, 3, 3), axes=[2, 3])
    net.op("Concat", net.op("Mul", x, gate), net.op("MaxPool", x, kernel_shape=[1, 1]), axis=1)
    summary = receptive_field(load(net).network, input_size=SIZE).summary
    assert summary.whole_input
    assert summary.output_size == (6, 8)


def test_inputs_that_are_sizes_are_no_data() -> None:
    def of(op: str) -> tuple[str, ...]:
        return data_inputs(OnnxNode("a", op, ("x", "y"), ("z",), {}))

    assert of("Shape") == of("ConstantOfShape") == ()
    assert of("Reshape") == of("Resize") == of("ReduceMean") == ("x",)
    assert of("Add") == of("Unheard") == ("x", "y")
    assert all(HANDLERS[op] is WINDOWS[op] for op in WINDOWS)


def test_dilated_and_strided_branches_meet_where_each_pixel_says() -> None:
    net = Net(("n", 1, *SIZE))
    x = net.conv("x", 1, 2, 2, 3, strides=[2, 1], pads=[0, 1, 0, 1])
    y = net.conv("x", 1, 2, 4, 1, strides=[2, 1], pads=[1, 0, 1, 0])
    net.op("MaxPool", net.op("Sum", x, net.op("Max", x, y)), kernel_shape=[1, 3])
    assert boxes_agree(net, SIZE, 1) > 0
