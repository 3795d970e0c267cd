"""Layers from ONNX nodes that move a window over their input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dilcli.core.receptive.layers import make_layer
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from dilcli.core.receptive.layers import Layer
    from dilcli.features.onnx.trace import Trace
    from dilcli.files.onnx_files import OnnxGraph, OnnxNode

__all__ = ["POOLS", "WEIGHTS", "in_channels", "window_layer"]

#: Pools, and the kinds of layers they are.
POOLS = {
    "MaxPool": "maxpool",
    "AveragePool": "avgpool",
    "QLinearAveragePool": "avgpool",
    "LpPool": "pool",
}

#: Which input has the weights.
WEIGHTS = {
    "Conv": 1,
    "FusedConv": 1,
    "ConvInteger": 1,
    "DeformConv": 1,
    "ConvTranspose": 1,
    "QLinearConv": 3,
}

Pads = tuple[tuple[int, int], ...]


class _Taps(NamedTuple):
    """A window: its size, steps and dilations along each axis."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]

    @property
    def reach(self) -> list[int]:
        """How far it extends along each axis."""
        return [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilations, strict=True)]


def window_layer(node: OnnxNode, trace: Trace) -> Layer:
    """Make the layer of a convolution, a transposed convolution or a pool.

    Parameters
    ----------
    node : OnnxNode
        Of an operator in `WEIGHTS` or `POOLS`.
    trace : Trace
        For the shapes of the weights, and of the input where padding depends on them.

    Raises
    ------
    LayerError
        If its window is not known, or makes no layer.
    """
    weights = _weights(node, trace.graph)
    taps = _taps(node, weights)
    groups = int(node.attributes.get("group", 1))
    if node.op == "ConvTranspose":
        padding, extra = _transposed_padding(node, trace, taps)
        return make_layer(
            "tconv",
            taps.kernel,
            stride=taps.strides,
            dilation=taps.dilations,
            padding=padding,
            name=node.name,
            output_padding=extra,
            channels=weights[1] * groups if weights and weights[1] else None,
            groups=groups,
        )
    return make_layer(
        POOLS.get(node.op) or _kind(weights, groups),
        taps.kernel,
        stride=taps.strides,
        dilation=taps.dilations,
        padding=_padding(node, trace, taps),
        name=node.name,
        ceil_mode=bool(node.attributes.get("ceil_mode", 0)),
        channels=weights[0] if weights else None,
        groups=groups,
    )


def in_channels(node: OnnxNode, graph: OnnxGraph) -> int | None:
    """Tell how many channels a convolution reads."""
    weights = _weights(node, graph)
    if not weights or None in weights:
        return None
    if node.op == "ConvTranspose":
        return int(weights[0])
    return int(weights[1]) * int(node.attributes.get("group", 1))


def _weights(node: OnnxNode, graph: OnnxGraph) -> tuple[Any, ...]:
    place = WEIGHTS.get(node.op)
    return () if place is None else graph.shapes.get(node.inputs[place], ())


def _kind(weights: tuple[Any, ...], groups: int) -> str:
    return "dwconv" if groups > 1 and weights[:2] == (groups, 1) else "conv"


def _taps(node: OnnxNode, weights: tuple[Any, ...]) -> _Taps:
    kernel = node.attributes.get("kernel_shape") or weights[2:]
    if not kernel or None in kernel:
        raise LayerError("the size of its kernel is not known")
    ones = (1,) * len(kernel)
    dilations = node.attributes.get("dilations") or ones
    # A kernel of 1 has no taps that a dilation could move.
    moved = (1 if size == 1 else by for size, by in zip(kernel, dilations, strict=True))
    return _Taps(tuple(kernel), tuple(node.attributes.get("strides") or ones), tuple(moved))


def _pairs(node: OnnxNode, taps: _Taps) -> Pads:
    """Pair padding axis by axis, of which ONNX has all begins and then all ends."""
    axes = len(taps.kernel)
    pads = node.attributes.get("pads") or (0, 0) * axes
    return tuple(zip(pads[:axes], pads[axes:], strict=True))


def _padding(node: OnnxNode, trace: Trace, taps: _Taps) -> Any:
    auto = node.attributes.get("auto_pad", "NOTSET")
    if auto in ("NOTSET", ""):
        return _pairs(node, taps)
    if auto == "VALID":
        return "valid"
    if auto == "SAME_UPPER":
        return "same"
    if auto != "SAME_LOWER":
        raise LayerError(f"unknown auto_pad {auto!r}")
    totals = [reach - 1 for reach in taps.reach]
    if max(taps.strides) > 1:
        totals = _same_totals(taps, trace.shape(node, node.inputs[0]) or ())
    return tuple((total - total // 2, total // 2) for total in totals)


def _same_totals(taps: _Taps, shape: tuple[int | None, ...]) -> list[int]:
    """Count the padding that makes ``ceil(size / stride)`` outputs."""
    sizes = [size for size in shape[2:] if size is not None]
    if len(sizes) != len(taps.kernel):
        raise LayerError("its auto_pad SAME_LOWER depends on a size that is not known")
    return [
        max((-(-size // stride) - 1) * stride + reach - size, 0)
        for reach, stride, size in zip(taps.reach, taps.strides, sizes, strict=True)
    ]


def _transposed_padding(node: OnnxNode, trace: Trace, taps: _Taps) -> tuple[Pads, list[int]]:
    """Find the padding and the output padding of ``ConvTranspose``, by ONNX' formulas."""
    axes, auto = range(len(taps.kernel)), node.attributes.get("auto_pad", "NOTSET")
    extra = list(node.attributes.get("output_padding") or (0 for _ in axes))
    if node.attributes.get("output_shape"):
        sizes = trace.graph.shapes.get(node.inputs[0], ())[2:]
        if trace.graph.assumed or len(sizes) != len(axes) or None in sizes:
            raise LayerError("its output_shape is fixed, but the size of its input is not known")
        wanted = node.attributes["output_shape"][-len(axes) :]
        inner = [taps.strides[i] * (int(sizes[i] or 0) - 1) - wanted[i] for i in axes]
    elif auto in ("SAME_UPPER", "SAME_LOWER"):
        inner = [-stride for stride in taps.strides]
    else:
        return ((0, 0),) if auto == "VALID" else _pairs(node, taps), extra
    totals = [inner[i] + extra[i] + taps.reach[i] for i in axes]
    # Where that is less than nothing, pixels are added behind.
    extra = [extra[i] + max(-totals[i], 0) for i in axes]
    totals = [max(total, 0) for total in totals]
    before = [t // 2 if auto == "SAME_UPPER" else t - t // 2 for t in totals]
    return tuple((b, t - b) for b, t in zip(before, totals, strict=True)), extra
