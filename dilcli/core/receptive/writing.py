"""Layers as text, in the shortest words that are read back as the same layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dilcli.core.receptive.checks import WINDOWLESS
from dilcli.core.receptive.layers import Layer, default_padding, default_stride
from dilcli.core.receptive.network import Branch
from dilcli.core.receptive.values import BARE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dilcli.core.receptive.layers import Pads, Sizes
    from dilcli.core.receptive.network import Item

__all__ = ["items_text", "layer_text", "short_text"]

_T = TypeVar("_T")


def items_text(items: Iterable[Item]) -> str:
    """Write nested items as text that `parse_items` reads back as equal ones."""
    return " ".join(map(_item_text, items))


def layer_text(layer: Layer) -> str:
    """Write one layer as text that `parse_items` reads back as an equal one.

    Examples
    --------
    >>> layer_text(Layer("maxpool", (3,), (2,), padding=((1, 1),), name="stem"))
    'maxpool3s2p1@stem'
    """
    text = layer.kind
    if layer.kind == "crop" and layer.padding != "same":
        text += _pads_text(tuple((-before, -after) for before, after in layer.padding))
    elif layer.kind not in WINDOWLESS:
        text += _sizes_text(layer.kernel)
    if layer.stride != default_stride(layer):
        text += "s" + _sizes_text(layer.stride)
    if layer.dilation != (1,):
        text += "d" + _sizes_text(layer.dilation)
    if layer.padding == "same":
        text += "ps"
    elif layer.kind != "crop" and layer.padding != default_padding(layer):
        text += "p" + _pads_text(layer.padding)
    pairs = ",".join(f"{key}={value}" for key, value in _pairs(layer))
    return text + (f":{pairs}" if pairs else "") + _name_text(layer.name)


def short_text(layer: Layer) -> str:
    """Write one layer with sizes that are the same on all axes given once: ``conv3d2``."""
    padding = layer.padding if layer.padding == "same" else _once(layer.padding)
    return layer_text(
        layer._replace(
            kernel=_once(layer.kernel),
            stride=_once(layer.stride),
            dilation=_once(layer.dilation),
            output_padding=_once(layer.output_padding),
            padding=padding,
        )
    )


def _item_text(item: Item) -> str:
    if isinstance(item, Layer):
        return layer_text(item)
    if not isinstance(item, Branch):
        return "from:" + _name_text(item.layer)[1:]
    inner = " | ".join(map(items_text, item.branches))
    return f"{'cat' if item.merge == 'concat' else ''}({inner}){_name_text(item.name)}"


def _pairs(layer: Layer) -> list[tuple[str, object]]:
    """Find what only the long form can say."""
    plain = Layer(layer.kind)
    pairs: list[tuple[str, object]] = []
    if layer.ceil_mode:
        pairs.append(("ceil", 1))
    if layer.output_padding != plain.output_padding:
        pairs.append(("op", _sizes_text(layer.output_padding)))
    pairs += [
        (key, getattr(layer, key))
        for key in ("mode", "channels", "groups")
        if getattr(layer, key) != getattr(plain, key)
    ]
    return pairs


def _name_text(name: str) -> str:
    if not name or BARE_NAME.fullmatch(name):
        return f"@{name}" if name else ""
    import json

    return "@" + json.dumps(name, ensure_ascii=False)


def _sizes_text(sizes: Sizes) -> str:
    return "x".join(map(str, sizes))


def _pads_text(pads: Pads) -> str:
    return "x".join(str(a) if a == b else f"{a}:{b}" for a, b in pads)


def _once(sizes: tuple[_T, ...]) -> tuple[_T, ...]:
    return sizes[:1] if len(set(sizes)) == 1 else sizes
