"""One layer of a network as a record: its sizes and its defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn, TypeVar

from dilcli.core.receptive.checks import (
    WINDOWLESS,
    all_sizes,
    check_padding,
    check_sizes,
    did_you_mean,
)
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "KINDS",
    "PADDING_RULES",
    "Layer",
    "PaddingRule",
    "Pads",
    "Sizes",
    "all_sizes",
    "default_padding",
    "default_stride",
    "make_layer",
]

Sizes = tuple[int, ...]
Pads = tuple[tuple[int, int], ...]
PaddingRule = Literal["half", "valid", "same", "causal"]

#: Kinds of layers; ``id`` passes its input on, ``gap`` (global pooling) sees the whole of it.
KINDS = (
    "conv",
    "dwconv",
    "pool",
    "maxpool",
    "avgpool",
    "tconv",
    "up",
    "crop",
    "gap",
    "id",
)
_POOLS = ("pool", "maxpool", "avgpool")

#: What padding may be called instead of given in numbers.
PADDING_RULES = ("half", "valid", "same", "causal")


class Layer(NamedTuple):
    """One layer. Sizes have one member for each axis (rows first), or one for all axes.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    kernel, stride, dilation : tuple of int
        At least 1; dilation 1 is dense. ``up`` has its factor as kernel and stride.
    padding : tuple of (int, int), or "same"
        Before and after, for each axis; negative numbers crop. ``"same"`` is TensorFlow's rule,
        whose numbers depend on the input's size where the stride is above 1.
    name : str
    ceil_mode : bool
        Windows that begin inside the input count although they end outside.
    output_padding : tuple of int
        Extra cells at the end of a transposed convolution's output.
    mode : str
        ``nearest`` or ``bilinear``, for ``up``.
    channels : int, optional
        Channels of the output, where they are known.
    groups : int
        Groups of channels that do not see one another.
    """

    kind: str
    kernel: Sizes = (1,)
    stride: Sizes = (1,)
    dilation: Sizes = (1,)
    padding: Pads | Literal["same"] = ((0, 0),)
    name: str = ""
    ceil_mode: bool = False
    output_padding: Sizes = (0,)
    mode: str = "nearest"
    channels: int | None = None
    groups: int = 1

    @property
    def effective_size(self) -> Sizes:
        """``(kernel - 1) * dilation + 1`` for each axis."""
        axes = max(len(self.kernel), len(self.dilation))
        pairs = zip(_spread(self.kernel, axes), _spread(self.dilation, axes), strict=True)
        return tuple((size - 1) * dilation + 1 for size, dilation in pairs)

    def on_axes(self, axes: int) -> Layer:
        """Give every size one member for each of `axes` axes."""
        padding = self.padding if self.padding == "same" else _spread(self.padding, axes)
        return self._replace(
            kernel=_spread(self.kernel, axes),
            stride=_spread(self.stride, axes),
            dilation=_spread(self.dilation, axes),
            output_padding=_spread(self.output_padding, axes),
            padding=padding,
        )


def make_layer(
    kind: str,
    kernel: Sequence[int] = (1,),
    *,
    stride: Sequence[int] | None = None,
    dilation: Sequence[int] = (1,),
    padding: Sequence[tuple[int, int]] | PaddingRule | None = None,
    name: str = "",
    ceil_mode: bool = False,
    output_padding: Sequence[int] = (0,),
    mode: str = "nearest",
    channels: int | None = None,
    groups: int = 1,
) -> Layer:
    """Make one layer, with the field's defaults, and check it.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    kernel : sequence of int
        One size for all axes, or one for each. The factor of ``up``; nothing for the others
        without a window.
    stride : sequence of int, optional
        Default: the kernel for pools (as in PyTorch and Keras) and ``up``, else 1.
    dilation : sequence of int
        1 is dense.
    padding : sequence of (int, int), or {"half", "valid", "same", "causal"}, optional
        Before and after, for each axis or for all. ``half`` is ``dilation * (kernel - 1)`` split
        evenly, the odd cell after (Dumoulin & Visin 2016); ``causal`` puts all of it before.
        Default: ``half`` for conv and dwconv, else 0.
    name, ceil_mode, output_padding, mode, channels, groups
        As in `Layer`.

    Raises
    ------
    LayerError
        If a number is out of its range or has no meaning for the kind.
    """
    if kind not in KINDS:
        _refuse(f"unknown layer {kind!r}{did_you_mean(kind, KINDS)}")
    kernel, dilation = tuple(kernel), tuple(dilation)
    made = Layer(
        kind,
        kernel,
        default_stride(Layer(kind, kernel)) if stride is None else tuple(stride),
        dilation,
        name=name,
        ceil_mode=ceil_mode,
        output_padding=tuple(output_padding),
        mode=mode,
        channels=channels,
        groups=groups,
    )
    check_sizes(made)
    made = made._replace(padding=_resolved(made, padding))
    check_padding(made)
    return made


def default_stride(layer: Layer) -> Sizes:
    """Find the stride that a layer has if none is given: the kernel for pools and up, else 1."""
    return layer.kernel if layer.kind in (*_POOLS, "up") else (1,)


def default_padding(layer: Layer) -> Pads:
    """Find the padding that a layer has if none is given: ``half`` for convolutions, else none."""
    return _half(layer) if layer.kind in ("conv", "dwconv") else ((0, 0),)


def _resolved(
    layer: Layer, padding: Sequence[tuple[int, int]] | PaddingRule | None
) -> Pads | Literal["same"]:
    if padding is None:
        return default_padding(layer)
    if not isinstance(padding, str):
        return tuple((before, after) for before, after in padding)
    if padding not in PADDING_RULES:
        _refuse(f"unknown padding {padding!r}{did_you_mean(padding, PADDING_RULES)}")
    if padding == "valid" or layer.kind in (*WINDOWLESS, "up"):
        return ((0, 0),)
    if padding == "same":
        return "same"
    if padding == "causal":
        return tuple((size - 1, 0) for size in layer.effective_size)
    return _half(layer)


def _half(layer: Layer) -> Pads:
    spans = [size - 1 for size in layer.effective_size]
    return tuple((span // 2, span - span // 2) for span in spans)


_T = TypeVar("_T")


def _spread(sizes: tuple[_T, ...], axes: int) -> tuple[_T, ...]:
    if len(sizes) == axes:
        return sizes
    if len(sizes) != 1:
        _refuse(f"sizes for {len(sizes)} axes in a network of {axes}; see --axis")
    return sizes * axes


def _refuse(message: str) -> NoReturn:
    raise LayerError(message)
