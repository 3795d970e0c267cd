"""What has no meaning in a layer, and the words of messages about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from dilcli.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dilcli.core.receptive.layers import Layer

__all__ = ["WINDOWLESS", "all_sizes", "check_padding", "check_sizes", "did_you_mean"]

#: Kinds that move no window over their input.
WINDOWLESS = ("crop", "gap", "id")

#: Larger kernels, strides, dilations and paddings are typing errors.
_MAX_NUMBER = 1_000_000_000
_MAX_KERNEL = 1_000_000

#: A message names no more words than this.
_MANY = 20


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """End a message about an unknown word with the nearest known one, or else with the known."""
    from difflib import get_close_matches

    known = list(known)
    near = get_close_matches(word[:40], known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f" (known: {', '.join(known[:_MANY])}{', ...' if len(known) > _MANY else ''})"


def all_sizes(layer: Layer) -> list[tuple[object, ...]]:
    """Everything of a layer that has one member for all axes, or one for each."""
    pads: list[tuple[object, ...]] = [] if layer.padding == "same" else [tuple(layer.padding)]
    return [layer.kernel, layer.stride, layer.dilation, layer.output_padding, *pads]


def check_sizes(layer: Layer) -> None:
    """Refuse what has no meaning in a layer whose padding is not known yet."""
    called = _called(layer)
    for word, sizes in (("kernel", layer.kernel), ("stride", layer.stride)):
        if min(sizes, default=1) < 1:
            _refuse(f"{called}: {word} must be at least 1 (got {min(sizes)})")
    if min(layer.dilation, default=1) < 1:
        _refuse(
            f"{called}: dilation starts at 1 (dense), got {min(layer.dilation)}; for cs231n's "
            "dilation 0, which counts holes, write g0 or use --holes"
        )
    _check_axes(layer)
    largest = max(*layer.stride, *layer.dilation, *layer.output_padding)
    if largest > _MAX_NUMBER or max(layer.kernel) > _MAX_KERNEL:
        _refuse(
            f"{called}: {max(largest, *layer.kernel)} is too large; kernels go to {_MAX_KERNEL}, "
            f"other numbers to {_MAX_NUMBER}"
        )
    _check_meaning(layer)


def _check_axes(layer: Layer) -> None:
    if not all(1 <= len(sizes) <= 3 for sizes in all_sizes(layer)):
        _refuse(f"{_called(layer)}: sizes are given for 1, 2 or 3 axes")
    if len({len(sizes) for sizes in all_sizes(layer)} - {1}) > 1:
        _refuse(
            f"{_called(layer)}: kernel, stride, dilation and padding are for different numbers "
            "of axes"
        )


def _check_meaning(layer: Layer) -> None:
    kind, called = layer.kind, _called(layer)
    if kind in WINDOWLESS and max(*layer.kernel, *layer.stride, *layer.dilation) > 1:
        _refuse(f"{kind} has no kernel, stride or dilation; conv1s2 takes every second pixel")
    if max(layer.kernel) == 1 < max(layer.dilation):
        _refuse(
            f"{called}: a kernel of 1 has no taps to move apart (dilation {max(layer.dilation)}); "
            f"the kernel's size comes first, as in {kind}3d2"
        )
    if kind == "up" and (layer.stride != layer.kernel or max(layer.dilation) > 1):
        _refuse(f"{called}: up has one factor and no other stride or dilation")
    if min(layer.output_padding) < 0 or (max(layer.output_padding) > 0 and kind != "tconv"):
        _refuse(f"{called}: output_padding is at least 0, and for tconv only")
    if layer.mode not in ("nearest", "bilinear") or (layer.mode != "nearest" and kind != "up"):
        _refuse(f"{called}: mode is nearest or bilinear, for up only (got {layer.mode!r})")
    if layer.groups < 1 or (layer.channels is not None and layer.channels < 1):
        _refuse(f"{called}: channels and groups must be at least 1")


def check_padding(layer: Layer) -> None:
    """Refuse a padding that has no meaning for its layer."""
    pads = layer.padding
    if pads == "same":
        return
    if len(pads) != 1:
        _check_axes(layer)
    if max(abs(number) for pair in pads for number in pair) > _MAX_NUMBER:
        _refuse(f"{_called(layer)}: padding goes to {_MAX_NUMBER}")
    if layer.kind in ("gap", "up") and any(map(any, pads)):
        _refuse(f"{layer.kind} has no padding")


def _called(layer: Layer) -> str:
    if layer.kind in WINDOWLESS:
        return layer.kind
    return layer.kind + "x".join(map(str, layer.kernel))


def _refuse(message: str) -> NoReturn:
    raise LayerError(message)
