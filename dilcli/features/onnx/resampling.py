"""Layers from ONNX nodes that move, drop or repeat pixels: Resize, Slice, Pad and their kind."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, NamedTuple

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.errors import LayerError
from dilcli.features.onnx.layout import places

if TYPE_CHECKING:
    from dilcli.features.onnx.layout import Layout
    from dilcli.features.onnx.trace import Trace
    from dilcli.files.onnx_files import OnnxNode

__all__ = ["axes_of", "block_layer", "pad_layer", "resize_layer", "slice_layer"]

#: Ends from here on mean the last pixel, whatever the size.
_FAR = 2**31 - 1


class Step(NamedTuple):
    """Every so manieth pixel of an axis, from a first one to so many before the end."""

    first: int = 0
    left: int = 0
    step: int = 1


def axes_of(node: OnnxNode, trace: Trace, place: int) -> tuple[int, ...] | None:
    """Find a node's axes: an attribute in older files, else an input."""
    given = node.attributes.get("axes")
    if given is None and len(node.inputs) > place and node.inputs[place]:
        given = trace.graph.values.get(node.inputs[place])
        if given is None:
            raise LayerError("its axes are no constants")
    return None if given is None else tuple(map(int, given))


def _numbers(node: OnnxNode, trace: Trace, word: str, place: int) -> tuple[Any, ...] | None:
    """Find numbers that are an attribute in older files, else a constant input."""
    if word in node.attributes:
        found: tuple[Any, ...] = node.attributes[word]
        return found
    if len(node.inputs) <= place or not node.inputs[place]:
        return None
    if node.inputs[place] not in trace.graph.values:
        raise LayerError(f"its {word} are no constants")
    return trace.graph.values[node.inputs[place]]


def pad_layer(node: OnnxNode, trace: Trace, of: Layout) -> Layer | None:
    """Make the layer of ``Pad``; None where it pads channels only.

    Raises
    ------
    LayerError
        If how much is padded is not known.
    """
    pads = _numbers(node, trace, "paddings" if "paddings" in node.attributes else "pads", 1)
    if pads is None:
        raise LayerError("how much it pads is not known")
    axes = axes_of(node, trace, 3) or tuple(range(len(of)))
    half = len(pads) // 2
    steps = {
        axis % len(of): Step(-int(before), -int(after))
        for axis, before, after in zip(axes, pads[:half], pads[half:], strict=True)
    }
    return _stepping(node, trace, of, steps)


def slice_layer(node: OnnxNode, trace: Trace, of: Layout) -> Layer | None:
    """Make the layer of ``Slice``; None where it takes channels only.

    Raises
    ------
    LayerError
        If where it cuts is not known, or it turns an axis around.
    """
    starts, ends = (_numbers(node, trace, w, i) for i, w in enumerate(("starts", "ends"), 1))
    if starts is None or ends is None:
        raise LayerError("where it cuts is not known")
    axes = axes_of(node, trace, 3) or tuple(range(len(starts)))
    by = _numbers(node, trace, "steps", 4) or (1,) * len(starts)
    steps = {}
    for axis, start, end, step in zip(axes, starts, ends, by, strict=True):
        if places([of[axis % len(of)]]):
            steps[axis % len(of)] = _cut(node, trace, axis, (start, end, step))
    return _stepping(node, trace, of, steps)


def _cut(node: OnnxNode, trace: Trace, axis: int, cut: tuple[int, int, int]) -> Step:
    start, end, step = cut
    if step < 1:
        raise LayerError("turns an axis of the picture around")
    if start >= 0 and (end >= _FAR or end < 0):
        return Step(start, 0 if end >= _FAR else -end, step)
    shape = trace.shape(node, node.inputs[0])
    size = None if shape is None else shape[axis]
    if size is None:
        raise LayerError("where it cuts depends on a size that is not known")
    first, last, _ = slice(start, end, step).indices(size)
    return Step(first, size - last, step)


def _stepping(node: OnnxNode, trace: Trace, of: Layout, steps: dict[int, Step]) -> Layer | None:
    """Make a layer that takes pixels in steps along the picture's axes."""
    along = [Step()] * trace.axes
    for axis, step in steps.items():
        if step == Step() or not places([of[axis]]):
            continue
        if len(of[axis]) > 1:
            raise LayerError("cuts or pads an axis in which rows and columns run together")
        along[of[axis][0].place] = step
    if all(step == Step() for step in along):
        return None
    strides = [step.step for step in along]
    return make_layer(
        "crop" if max(strides) == 1 else "pool",
        (1,) * trace.axes,
        stride=strides,
        padding=[(-step.first, -step.left) for step in along],
        name=node.name,
    )


def block_layer(node: OnnxNode, trace: Trace) -> Layer:
    """Make the layer of ``DepthToSpace`` or ``SpaceToDepth``."""
    block = int(node.attributes.get("blocksize", 1))
    kind = "up" if node.op == "DepthToSpace" else "pool"
    shape = trace.graph.shapes.get(node.outputs[0], (None, None))
    return make_layer(kind, (block,) * trace.axes, name=node.name, channels=shape[1])


def resize_layer(node: OnnxNode, trace: Trace, of: Layout) -> Layer | None:
    """Make the layer of ``Resize`` or ``Upsample``; None where sizes stay.

    Raises
    ------
    LayerError
        If a factor is not whole, or unknown.
    """
    mode = node.attributes.get("mode", "nearest")
    if mode not in ("nearest", "linear", "bilinear"):
        raise LayerError(f"resizes by {mode} interpolation; nearest and linear are known")
    if node.attributes.get("coordinate_transformation_mode") == "tf_crop_and_resize":
        raise LayerError("resizes a part of the picture (tf_crop_and_resize), which is not known")
    factors = [Fraction(1)] * trace.axes
    for axis, factor in _factors(node, trace, len(of)).items():
        if factor == 1:
            continue
        if len(of[axis]) > 1 or not places([of[axis]]):
            raise LayerError("resizes an axis that is none of the picture's")
        factors[of[axis][0].place] = factor
    if all(factor == 1 for factor in factors):
        return None
    if all(factor.denominator == 1 for factor in factors):
        _note_mapping(node, trace, [int(factor) for factor in factors])
        kind = "nearest" if mode == "nearest" else "bilinear"
        return make_layer("up", [int(factor) for factor in factors], mode=kind, name=node.name)
    if all(factor.numerator == 1 for factor in factors):
        return _thinned(node, mode, [factor.denominator for factor in factors])
    texts = "x".join(map(str, factors))
    hint = (
        "; the file leaves the input's size open: give --input-size" if trace.graph.assumed else ""
    )
    raise LayerError(f"resizes by {texts}; whole factors are known, up or down{hint}")


def _factors(node: OnnxNode, trace: Trace, rank: int) -> dict[int, Fraction]:
    axes = axes_of(node, trace, len(node.inputs)) or tuple(range(rank))
    place = 1 if node.op == "Upsample" or len(node.inputs) == 2 else 2
    names = (*node.inputs, "", "", "")
    scales = node.attributes.get("scales") or trace.graph.values.get(names[place])
    if scales:
        made = [Fraction(float(scale)).limit_denominator(10_000) for scale in scales]
        return {axis % rank: factor for axis, factor in zip(axes, made, strict=True)}
    if trace.graph.assumed and not trace.follows_from_sizes(names[3]):
        raise LayerError("makes one size of any; the file leaves the input's open: --input-size")
    before, after = (trace.shape(node, name) for name in (node.inputs[0], node.outputs[0]))
    if before is None or after is None or None in before or None in after:
        raise LayerError("the size it makes is not known")
    return {i: Fraction(a or 1, b or 1) for i, (a, b) in enumerate(zip(after, before, strict=True))}


def _source(node: OnnxNode, factor: Fraction, output: int) -> Fraction:
    """Find the input coordinate of an output, pixel centres being whole numbers."""
    rule = node.attributes.get("coordinate_transformation_mode")
    if rule is None:
        old = node.op == "Upsample" or len(node.inputs) == 2
        rule = "asymmetric" if old else "half_pixel"
    if rule in ("asymmetric", "align_corners"):
        return output / factor
    return (output + Fraction(1, 2)) / factor - Fraction(1, 2)


def _nearest(node: OnnxNode, factor: Fraction, output: int) -> int:
    at = _source(node, factor, output)
    if node.attributes.get("coordinate_transformation_mode") == "tf_half_pixel_for_nn":
        return floor(at + Fraction(1, 2))
    old = node.op == "Upsample" or len(node.inputs) == 2
    rule = node.attributes.get("nearest_mode", "floor" if old else "round_prefer_floor")
    if rule == "floor":
        return floor(at)
    if rule == "ceil":
        return -floor(-at)
    half = Fraction(1, 2)
    return floor(at + half) if rule == "round_prefer_ceil" else -floor(half - at)


def _note_mapping(node: OnnxNode, trace: Trace, factors: list[int]) -> None:
    """Say where interpolation is another than the one counted with."""
    corners = node.attributes.get("coordinate_transformation_mode") == "align_corners"
    if node.attributes.get("mode", "nearest") == "nearest":
        whole = {Fraction(factor) for factor in factors}
        if corners or any(_nearest(node, f, i) != 0 for f in whole for i in range(int(f))):
            trace.note("nearest pixels are counted as if each were repeated", node)
    elif corners or any(_source(node, Fraction(f), 0) == 0 for f in factors if f > 1):
        trace.note("interpolation is counted with pixel centres at halves, corners moved", node)


def _thinned(node: OnnxNode, mode: str, steps: list[int]) -> Layer:
    """Take every so manieth pixel, or the mean of the two in the middle."""
    if node.attributes.get("antialias") or (
        node.attributes.get("coordinate_transformation_mode") == "align_corners"
    ):
        raise LayerError("shrinks with antialias or align_corners, which are not known")
    firsts, kernel = [], []
    for step in steps:
        factor = Fraction(1, step)
        at = _source(node, factor, 0) if mode != "nearest" else _nearest(node, factor, 0)
        firsts.append(floor(at))
        kernel.append(1 if at == floor(at) else 2)
    return make_layer(
        "avgpool" if max(kernel) > 1 else "pool",
        kernel,
        stride=steps,
        padding=[
            (-first, first + size - step)
            for first, size, step in zip(firsts, kernel, steps, strict=True)
        ],
        name=node.name,
    )
