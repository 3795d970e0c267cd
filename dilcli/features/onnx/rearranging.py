"""ONNX operators that rearrange, join and take apart tensors, without a look at their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.layers import make_layer
from dilcli.core.receptive.network import PICTURE, Merge
from dilcli.features.onnx.layout import (
    ANYWHERE,
    ELSEWHERE,
    Part,
    flattened,
    permuted,
    places,
    reshaped,
    with_axes,
    without_axes,
)
from dilcli.features.onnx.resampling import axes_of, pad_layer, resize_layer, slice_layer
from dilcli.features.onnx.trace import first

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dilcli.core.receptive.layers import Layer
    from dilcli.features.onnx.layout import Layout
    from dilcli.features.onnx.trace import Handler, Trace, Value, Values
    from dilcli.files.onnx_files import OnnxNode

    Rule = Callable[[Trace, OnnxNode, Layout], Layout | str]

__all__ = ["REARRANGING"]


def _following(rule: Rule) -> Handler:
    """Make a handler of a rule that gives the new layout, or says why places are lost."""

    def followed(trace: Trace, node: OnnxNode, values: Values) -> Value:
        value = first(values)
        if value.layout is None:
            return value
        found = rule(trace, node, value.layout)
        return trace.troubled(value, node, found) if isinstance(found, str) else value.at(found)

    return followed


def _transpose(_trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    return permuted(of, node.attributes.get("perm"))


def _reshape(trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    shapes = trace.graph.shapes
    found = reshaped(of, shapes.get(node.inputs[0]), shapes.get(node.outputs[0]))
    return "cuts rows or columns into uneven pieces" if found is None else found


def _flatten(trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    return flattened(of, node.attributes.get("axis", 1), trace.graph.shapes.get(node.inputs[0]))


def _squeeze(trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    axes = axes_of(node, trace, 1)
    if axes is None:
        shape = trace.graph.shapes.get(node.inputs[0], ())
        axes = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return without_axes(of, axes)


def _unsqueeze(trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    return with_axes(of, axes_of(node, trace, 1) or ())


def _split(_trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    axis = node.attributes.get("axis", 0)
    return "takes rows or columns apart" if places([of[axis]]) else of


def _gather(trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    axis = node.attributes.get("axis", 0) % len(of)
    if places([of[axis]]):
        return "picks rows or columns by their numbers"
    picked = trace.graph.shapes.get(node.inputs[1], ())
    return (*of[:axis], *((Part(ELSEWHERE),),) * len(picked), *of[axis + 1 :])


def _expand(trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    more = len(trace.graph.shapes.get(node.outputs[0], ())) - len(of)
    return with_axes(of, range(more)) if more > 0 else of


def _tile(trace: Trace, node: OnnxNode, of: Layout) -> Layout | str:
    times = trace.graph.values.get(node.inputs[1], ())
    if len(times) != len(of) or any(places([of[i]]) for i, n in enumerate(times) if n != 1):
        return "repeats the picture"
    return of


def _resampled(make: Callable[[OnnxNode, Trace, Layout], Layer | None]) -> Handler:
    """Make a handler of a function that makes a layer, or none where places stay."""

    def resampled(trace: Trace, node: OnnxNode, values: Values) -> Value:
        value = first(values)
        if value.layout is None:
            return value
        layer = make(node, trace, value.layout)
        if layer is None:
            return value
        return value._replace(node=trace.layer(layer, value.node))

    return resampled


def _concat(trace: Trace, node: OnnxNode, values: Values) -> Value:
    data = [value for value in values if value is not None]
    axis = node.attributes.get("axis", 1)
    for value in data:
        if value.layout is not None and places([value.layout[axis]]):
            return _joined(trace, node, data, axis)
    return trace.meet("concat", node, data)


def _joined(trace: Trace, node: OnnxNode, data: Sequence[Value], axis: int) -> Value:
    """Follow ``Concat`` along rows or columns, or along tokens."""
    value, of = data[0], data[0].layout
    everything = next((other for other in data if other.everything), None)
    if everything is not None:
        return trace.lost(everything)
    if of is not None and len(data) == 1 and places([of[axis]]) == places(of):
        # Constant tokens among those of the picture.
        return value.at((*of[:axis], (Part(ANYWHERE),), *of[axis % len(of) + 1 :]))
    rolled = _rolled(trace, node, data, axis)
    return rolled or trace.troubled(value, node, "joins tensors along rows or columns")


def _rolled(trace: Trace, node: OnnxNode, data: Sequence[Value], axis: int) -> Value | None:
    """See the two parts of a picture change places: the pixels move, around the edge."""
    nodes = [trace.nodes[value.node] for value in data if value.node != PICTURE]
    if len(nodes) != 2 or data[0].layout is None or nodes[0].inputs != nodes[1].inputs:
        return None
    place, shape = data[0].layout[axis][0].place, trace.graph.shapes.get(node.outputs[0])
    (first, none), (nothing, left) = (_cropped(part.layer, place) for part in nodes)
    if not first or none or nothing or not shape or shape[axis] != first + left:
        return None
    trace.note("what comes around the edge is left out", node)
    shift = first if first <= left else -left
    pads = [(0, 0)] * trace.axes
    pads[place] = (-shift, shift)
    layer = make_layer("crop", padding=pads, name=node.name)
    return data[0]._replace(node=trace.layer(layer, nodes[0].inputs[0]))


def _cropped(layer: Layer | Merge, place: int) -> tuple[int, int]:
    if isinstance(layer, Merge) or layer.kind != "crop" or layer.padding == "same":
        return 0, 0
    before, after = layer.padding[place]
    return -before, -after


#: Handlers by operator.
REARRANGING: Mapping[str, Handler] = {
    "Transpose": _following(_transpose),
    "Reshape": _following(_reshape),
    "Flatten": _following(_flatten),
    "Squeeze": _following(_squeeze),
    "Unsqueeze": _following(_unsqueeze),
    "Split": _following(_split),
    "Gather": _following(_gather),
    "Expand": _following(_expand),
    "Tile": _following(_tile),
    "Slice": _resampled(slice_layer),
    "Pad": _resampled(pad_layer),
    "Resize": _resampled(resize_layer),
    "Upsample": _resampled(resize_layer),
    "Concat": _concat,
    "QLinearConcat": _concat,
}
