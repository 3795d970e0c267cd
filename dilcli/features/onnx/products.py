"""ONNX operators that multiply matrices: by weights, or with one another as attention does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.layers import make_layer
from dilcli.features.onnx.layout import ELSEWHERE, Part, broadcast, places
from dilcli.features.onnx.mixing import Reach, in_blocks, reach, whole
from dilcli.features.onnx.trace import Value, first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dilcli.features.onnx.layout import Layout
    from dilcli.features.onnx.trace import Handler, Trace, Values
    from dilcli.files.onnx_files import OnnxNode

__all__ = ["PRODUCTS"]

_NOWHERE = (Part(ELSEWHERE),)
_PART = "sees all of one axis of the picture only"


def _gemm(trace: Trace, node: OnnxNode, values: Values) -> Value:
    if values[0] is None or values[1] is not None:
        return whole(trace, node, values)
    axis = 0 if node.attributes.get("transA") else -1
    weights = trace.graph.shapes.get(node.inputs[1], (None, None))
    sizes = weights[::-1] if node.attributes.get("transB") else weights
    return _projected(trace, node, values[0], axis, (sizes[0], sizes[1]))


def _matmul(trace: Trace, node: OnnxNode, values: Values) -> Value:
    second = 3 if node.op == "QLinearMatMul" else 1
    left, right = values[0], values[second]
    if left is not None and right is not None:
        return _matched(trace, node, left, right)
    weights = trace.graph.shapes.get(node.inputs[second if right is None else 0], ())
    sizes = weights[-2:] if len(weights) > 1 else (None, None)
    if right is None:
        return _projected(trace, node, first(values), -1, (sizes[0], sizes[1]))
    return _projected(trace, node, right, -2, (sizes[1], sizes[0]))


def _projected(
    trace: Trace, node: OnnxNode, value: Value, axis: int, channels: tuple[int | None, int | None]
) -> Value:
    """Multiply by a matrix of weights: a 1x1 convolution, if it is along channels."""
    before, after = channels
    if value.layout is not None:
        seen = reach(value, value.layout[axis:][:1])
        if seen in (Reach.BLOCK, Reach.PART):
            return trace.troubled(value, node, _PART)
        if seen is Reach.ALL:
            value = trace.pooled(value, f"{node.name}/whole", before)
    if value.layout is None and not value.single:
        return value
    source = trace.counted(value.node, before)
    at = trace.layer(make_layer("conv", (1,), name=node.name, channels=after), source)
    if value.layout is None:
        return value._replace(node=at)
    layout = list(value.layout)
    layout[axis] = _NOWHERE
    return value._replace(node=at, layout=tuple(layout))


def _matched(trace: Trace, node: OnnxNode, left: Value, right: Value) -> Value:
    """Multiply two tensors that both depend on the picture.

    A number of the outcome stands where its row of the left tensor stands, else where its column
    of the right one does. All that is summed over is seen, and so are the columns if rows have a
    place.
    """
    if left.trouble or right.trouble:
        return trace.meet("add", node, [left, right])
    if any(side.layout is not None and len(side.layout) < 2 for side in (left, right)):
        return trace.troubled(left, node, "multiplies by one row of numbers")
    rows = left.layout and places(left.layout[-2:-1])
    left = _seeing(trace, node, left, (left.layout or ())[-1:])
    right = _seeing(
        trace, node, right, (right.layout or ())[-2:] if rows else (right.layout or ())[-2:-1]
    )
    if left.trouble or right.trouble:
        return left if left.trouble else right
    found = _product(left.layout, right.layout)
    if found is None:
        return trace.meet("add", node, [left, right])
    lost = places(left.layout or ()) | places(right.layout or ())
    if isinstance(found, str) or places(found) != lost:
        return trace.troubled(left, node, "mixes rows and columns")
    sources = list(dict.fromkeys([left.node, right.node]))
    at = trace.merge("add", sources, node.name) if len(sources) > 1 else sources[0]
    return Value("", at, found, everything=left.everything or right.everything)


def _seeing(trace: Trace, node: OnnxNode, value: Value, axes: Layout) -> Value:
    """Let each number see what stands along some axes of a tensor."""
    seen = reach(value, axes)
    if seen is Reach.ALL:
        return trace.pooled(value, f"{node.name}/whole")
    if seen is Reach.BLOCK:
        return in_blocks(trace, node, value)
    return trace.troubled(value, node, _PART) if seen is Reach.PART else value


def _product(left: Layout | None, right: Layout | None) -> Layout | str | None:
    """Lay the outcome of a product out; None where no factor has places, text if they clash."""
    if left is None and right is None:
        return None
    ahead = broadcast([of[:-2] for of in (left, right) if of is not None])
    if ahead is None:
        return "clash"
    row = left[-2] if left else _NOWHERE
    column = right[-1] if right and not places([row]) else _NOWHERE
    return (*ahead, row, column)


#: Handlers by operator.
PRODUCTS: Mapping[str, Handler] = {
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "QLinearMatMul": _matmul,
    "Gemm": _gemm,
}
