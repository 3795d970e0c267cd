"""What each ONNX operator does to what its outputs see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.layers import make_layer
from dilcli.errors import LayerError
from dilcli.features.onnx.layout import with_axes
from dilcli.features.onnx.mixing import MIXING
from dilcli.features.onnx.products import PRODUCTS
from dilcli.features.onnx.rearranging import REARRANGING
from dilcli.features.onnx.resampling import block_layer
from dilcli.features.onnx.trace import first
from dilcli.features.onnx.windows import POOLS, WEIGHTS, in_channels, window_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dilcli.features.onnx.trace import Handler, Trace, Value, Values
    from dilcli.files.onnx_files import OnnxNode

__all__ = ["HANDLERS", "WINDOWS", "data_inputs", "pointwise"]

_POINTWISE = """
Abs Acos Acosh Add And Asin Asinh Atan Atanh Bernoulli BiasGelu BitShift BitwiseAnd BitwiseNot
BitwiseOr BitwiseXor Cast CastLike Ceil Celu Clip Cos Cosh DequantizeLinear Div Dropout
DynamicQuantizeLinear Elu Equal Erf Exp FastGelu Floor Gelu Greater GreaterOrEqual HardSigmoid
HardSwish Identity IsInf IsNaN LRN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not
Or PRelu Pow QLinearAdd QLinearLeakyRelu QLinearMul QLinearSigmoid QuantizeLinear QuickGelu
Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Swish Tan
Tanh ThresholdedRelu Where Xor
"""

#: Operators whose other inputs say how, not what: sizes, places, weights that are constants.
_FIRST_ONLY = {
    *("BatchNormalization", "CastLike", "Clip", "DequantizeLinear", "Dropout", "Expand"),
    *("GroupNormalization", "InstanceNormalization", "LayerNormalization", "MaxUnpool", "Pad"),
    *("QuantizeLinear", "RMSNormalization", "Reshape", "Resize", "Slice", "Split", "Squeeze"),
    *("Tile", "Unsqueeze", "Upsample", *(op for op in MIXING if op.startswith("Reduce"))),
}
#: Operators that ask for a size only, or make numbers that depend on none of their inputs'.
_SIZES_ONLY = {
    *("ConstantOfShape", "EyeLike", "RandomNormalLike", "RandomUniformLike", "Range", "Shape"),
    "Size",
}


def data_inputs(node: OnnxNode) -> tuple[str, ...]:
    """List a node's inputs, empty where one says nothing about what is seen."""
    if node.op in _SIZES_ONLY:
        return ()
    return node.inputs[:1] if node.op in _FIRST_ONLY else node.inputs


def pointwise(trace: Trace, node: OnnxNode, values: Values) -> Value:
    """Let tensors meet number by number."""
    met = trace.meet("add", node, [value for value in values if value is not None])
    if met.layout is None:
        return met
    rank = len(trace.graph.shapes.get(node.outputs[0], met.layout))
    if rank >= len(met.layout):
        return met.at(with_axes(met.layout, range(rank - len(met.layout))))
    return trace.troubled(met, node, f"makes {rank} axes of {len(met.layout)}")


def _window(trace: Trace, node: OnnxNode, values: Values) -> Value:
    if values[0] is None:
        raise LayerError("convolves constants with the picture, which is not known")
    value = trace.on_plane(values[0])
    source = trace.counted(value.node, in_channels(node, trace.graph))
    at = trace.layer(window_layer(node, trace), source)
    made = value._replace(tensor="", node=at)
    if node.op == "DeformConv":
        trace.note("deformable convolutions are counted on their regular grid", node)
    others = [other for other in values[1:] if other is not None]
    return trace.meet("add", node, [made, *others]) if others else made


def _block(trace: Trace, node: OnnxNode, values: Values) -> Value:
    value = trace.on_plane(first(values))
    return value._replace(node=trace.layer(block_layer(node, trace), value.node))


def _unpool(trace: Trace, node: OnnxNode, values: Values) -> Value:
    """Follow ``MaxUnpool`` of windows that do not overlap, where it repeats each number's place."""
    value = trace.on_plane(first(values))
    kernel = node.attributes.get("kernel_shape", ())
    strides = node.attributes.get("strides") or (1,) * len(kernel)
    if tuple(strides) != tuple(kernel) or any(node.attributes.get("pads") or ()):
        raise LayerError("its windows overlap or are padded, which is not known")
    layer = make_layer("up", kernel, name=node.name)
    return value._replace(node=trace.layer(layer, value.node))


#: Operators with windows, which work on a picture of channels.
WINDOWS: Mapping[str, Handler] = {
    **dict.fromkeys((*POOLS, *WEIGHTS), _window),
    "DepthToSpace": _block,
    "SpaceToDepth": _block,
    "MaxUnpool": _unpool,
}

#: What is known of every operator.
HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_POINTWISE.split(), pointwise),
    **REARRANGING,
    **MIXING,
    **PRODUCTS,
    **WINDOWS,
}
