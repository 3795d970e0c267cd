"""ONNX operators that mix numbers along axes: means, softmax, normalisation."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from dilcli.core.receptive.layers import make_layer
from dilcli.features.onnx.layout import WITHIN, block_sizes, places, with_axes, without_axes
from dilcli.features.onnx.resampling import axes_of
from dilcli.features.onnx.trace import first

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dilcli.features.onnx.layout import Layout
    from dilcli.features.onnx.trace import Handler, Trace, Value, Values
    from dilcli.files.onnx_files import OnnxNode

__all__ = ["MIXING", "Reach", "in_blocks", "reach", "whole"]


class Reach(Enum):
    """What one number sees along some axes of a tensor: itself, its block, all, or a part."""

    ITSELF = auto()
    BLOCK = auto()
    ALL = auto()
    PART = auto()


def reach(value: Value, axes: Layout) -> Reach:
    """Tell what one number sees along some axes of a tensor.

    All, too, where the others of a block are left out: one pixel of each block of the picture.
    """
    every, along = places(value.layout or ()), places(axes)
    blocks = {place for place in every if place >= WITHIN}
    if not along:
        return Reach.ITSELF
    if along >= every - blocks:
        return Reach.ALL
    return Reach.BLOCK if along == blocks else Reach.PART


def in_blocks(trace: Trace, node: OnnxNode, value: Value) -> Value:
    """Mix each number with the others of its block; it stays where it is."""
    means = _block_means(trace, node, value)
    return means._replace(node=trace.layer(make_layer("up", _blocks(trace, value)), means.node))


def _block_means(trace: Trace, node: OnnxNode, value: Value) -> Value:
    layer = make_layer("pool", _blocks(trace, value), name=f"{node.name}/blocks")
    return value._replace(node=trace.layer(layer, value.node))


def _blocks(trace: Trace, value: Value) -> list[int]:
    return block_sizes(value.layout or (), trace.graph.shapes.get(value.tensor, ()), trace.axes)


def _over_all(trace: Trace, node: OnnxNode, value: Value) -> Value:
    """Mix each number with all others of the picture; it stays where it is."""
    gap = make_layer("gap", name=f"{node.name}/whole")
    sources = [value.node, trace.layer(gap, value.node)]
    return value._replace(node=trace.merge("add", sources, node.name), everything=True)


def whole(trace: Trace, node: OnnxNode, values: Values) -> Value:
    """See the whole input from now on."""
    value = first(values)
    shape = trace.graph.shapes.get(value.tensor)
    if value.layout and shape and shape == trace.graph.shapes.get(node.outputs[0]):
        return _over_all(trace, node, value)
    return trace.lost(trace.pooled(value, node.name))


def _pooled(trace: Trace, node: OnnxNode, values: Values) -> Value:
    return trace.pooled(trace.on_plane(first(values)), node.name)


def _reduce(trace: Trace, node: OnnxNode, values: Values) -> Value:
    value = first(values)
    if value.layout is None:
        return value
    axes = axes_of(node, trace, 1)
    if not axes and node.attributes.get("noop_with_empty_axes"):
        return value
    return _along(trace, node, value, axes or tuple(range(len(value.layout))))


def _picked(trace: Trace, node: OnnxNode, values: Values) -> Value:
    """Follow ``ArgMax``, which has one axis."""
    value = first(values)
    if value.layout is None:
        return value
    return _along(trace, node, value, (node.attributes.get("axis", 0),))


def _along(trace: Trace, node: OnnxNode, value: Value, axes: Sequence[int]) -> Value:
    of = value.layout or ()
    seen = reach(value, tuple(of[axis] for axis in axes))
    if seen is Reach.ALL:
        return trace.pooled(value, node.name)
    if seen is Reach.PART:
        return trace.troubled(value, node, "sees all of one axis of the picture only")
    if seen is Reach.BLOCK:
        value = _block_means(trace, node, value)
    left = without_axes(of, axes)
    if node.attributes.get("keepdims", 1):
        left = with_axes(left, [axis % len(of) for axis in axes])
    return value.at(left)


def _softmax(trace: Trace, node: OnnxNode, values: Values) -> Value:
    value = first(values)
    if value.layout is None:
        return value
    new = trace.graph.opset >= 13 or node.op == "LpNormalization"
    axis = node.attributes.get("axis", -1 if new else 1) % len(value.layout)
    # Until opset 12, all axes from this one on were one.
    seen = reach(value, value.layout[axis : axis + 1] if new else value.layout[axis:])
    if seen is Reach.ALL:
        return _over_all(trace, node, value)
    if seen is Reach.PART:
        return trace.troubled(value, node, "sees all of one axis of the picture only")
    return in_blocks(trace, node, value) if seen is Reach.BLOCK else value


def _normalisation(trace: Trace, node: OnnxNode, values: Values) -> Value:
    """Take mean and variance as constants, as those of training are."""
    value = first(values)
    local = value.everything or (
        node.op in ("LayerNormalization", "RMSNormalization")
        and not places((value.layout or ())[node.attributes.get("axis", -1) :])
    )
    if node.op == "BatchNormalization":
        local = not node.attributes.get("training_mode")
    if not local:
        trace.note(
            f"{node.op}: mean and variance of the whole input are taken as constants; "
            f"--treat-as whole:{node.op} counts what they see",
            node,
        )
    return value


#: Handlers by operator.
MIXING: Mapping[str, Handler] = {
    **dict.fromkeys(("Softmax", "LogSoftmax", "Hardmax", "LpNormalization"), _softmax),
    **dict.fromkeys(("ArgMax", "ArgMin"), _picked),
    **{
        f"Reduce{what}": _reduce
        for what in (
            *("L1", "L2", "LogSum", "LogSumExp"),
            *("Max", "Mean", "Min", "Prod", "Sum", "SumSquare"),
        )
    },
    **{
        f"{library}Global{what}Pool": _pooled
        for library in ("", "QLinear")
        for what in ("Average", "Max", "Lp")
    },
    **{
        f"{what}Normalization": _normalisation
        for what in ("Batch", "Instance", "Group", "Layer", "RMS", "MeanVariance")
    },
    **dict.fromkeys(("LSTM", "GRU", "RNN", "Attention", "MultiHeadAttention", "DFT"), whole),
}
