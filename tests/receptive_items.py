"""Layers and nested items of every kind, as hypothesis draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from dilcli.core.receptive.layers import KINDS, Layer, make_layer
from dilcli.core.receptive.network import Branch, From, Item

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from dilcli.core.receptive.layers import PaddingRule

__all__ = ["items", "layers", "names"]

_WINDOWS = ("conv", "dwconv", "pool", "maxpool", "avgpool", "tconv")
_SIZES = st.integers(1, 999)
_SIDES = st.integers(-99, 99)
_RULES: SearchStrategy[PaddingRule | None] = st.sampled_from(
    [None, "half", "valid", "same", "causal"]
)


def names() -> SearchStrategy[str]:
    """Draw names as people give them, and all others that can be printed."""
    odd = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=6)
    return st.sampled_from(["a", "block2/conv1", "x3", "p:1"]) | odd.filter(str.isprintable)


_NAMED = st.just("") | names()
_CHANNELS = st.none() | st.integers(1, 4096)
_GROUPS = st.just(1) | st.integers(1, 64)


@st.composite
def _per_axis(draw: DrawFn, axes: int, member: SearchStrategy[int]) -> tuple[int, ...]:
    count = draw(st.sampled_from([1, axes]))
    return tuple(draw(st.lists(member, min_size=count, max_size=count)))


@st.composite
def _pads(draw: DrawFn, axes: int) -> tuple[tuple[int, int], ...]:
    befores = draw(_per_axis(axes, _SIDES))
    return tuple((before, draw(_SIDES)) for before in befores)


@st.composite
def layers(draw: DrawFn, axes: int | None = None) -> Layer:
    """Draw a layer of any kind with sizes for all axes, or for each of `axes`."""
    axes = axes or draw(st.integers(1, 3))
    return draw(_unnamed(axes))._replace(
        name=draw(_NAMED),
        channels=draw(_CHANNELS),
        groups=draw(_GROUPS),
    )


@st.composite
def _unnamed(draw: DrawFn, axes: int) -> Layer:
    kind = draw(st.sampled_from(KINDS))
    if kind == "up":
        mode = draw(st.sampled_from(["nearest", "bilinear"]))
        return make_layer(kind, draw(_per_axis(axes, _SIZES)), mode=mode)
    if kind not in _WINDOWS:
        pads = draw(_pads(axes)) if kind == "crop" else None
        return make_layer(kind, padding=pads)
    kernel = draw(_per_axis(axes, _SIZES))
    return make_layer(
        kind,
        kernel,
        stride=draw(st.none() | _per_axis(axes, _SIZES)),
        dilation=draw(_per_axis(axes, _SIZES)) if max(kernel) > 1 else (1,),
        padding=draw(_pads(axes)) if draw(st.booleans()) else draw(_RULES),
        ceil_mode=draw(st.booleans()),
        output_padding=draw(_per_axis(axes, st.integers(0, 9))) if kind == "tconv" else (0,),
    )


@st.composite
def items(draw: DrawFn) -> tuple[Item, ...]:
    """Draw nested items whose restarts name layers that stand before them."""
    axes = draw(st.integers(1, 3))
    known: list[str] = []

    def stack(depth: int) -> tuple[Item, ...]:
        return tuple(item(depth) for _ in range(draw(st.integers(0, 3 - depth))))

    def item(depth: int) -> Item:
        shape = draw(st.sampled_from(["layer", "layer", "branch", "from"]))
        if shape == "from" and known:
            return From(draw(st.sampled_from(known)))
        made: Item
        if shape == "branch" and depth < 2:
            branches = tuple(stack(depth + 1) for _ in range(draw(st.integers(1, 3))))
            merge = draw(st.sampled_from(["add", "concat"]))
            made = Branch(branches, merge, draw(_NAMED))
        else:
            made = draw(layers(axes))
        if made.name:
            known.append(made.name)
        return made

    return stack(0)
