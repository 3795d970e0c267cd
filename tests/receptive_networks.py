"""Random networks, small enough to follow every cell of theirs back to the input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import assume
from hypothesis import strategies as st

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import Branch, Item, Network, lay_out
from tests.receptive_reference import Unfit, along, sizes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

    from dilcli.core.receptive.layers import PaddingRule

__all__ = ["chains_of", "conv", "fitting_sizes", "networks", "pool", "sized_networks", "stack"]

_LARGEST_INPUT = 24


def conv(
    kernel: int, *, s: int = 1, d: int = 1, p: int | tuple[int, int] | PaddingRule | None = None
) -> Layer:
    """Spell a convolution with equal axes as the field does: kernel, stride, dilation, padding."""
    return _layer("conv", kernel, s, d, p)


def pool(
    kernel: int, *, s: int | None = None, p: int | tuple[int, int] | PaddingRule | None = None
) -> Layer:
    """Spell a pooling layer with equal axes."""
    return _layer("pool", kernel, s, 1, p)


def _layer(
    kind: str, k: int, s: int | None, d: int, p: int | tuple[int, int] | PaddingRule | None
) -> Layer:
    ends = (p, p) if isinstance(p, int) else p
    padding = [ends] if isinstance(ends, tuple) else ends
    return make_layer(
        kind, (k,), stride=None if s is None else (s,), dilation=(d,), padding=padding
    )


def stack(*items: Item, axes: int = 2) -> Network:
    """Lay items out."""
    return lay_out(items, axes=axes)


@st.composite
def _sizes(draw: DrawFn, axes: int, least: int, most: int) -> list[int]:
    """Draw one size for all axes, or one for each."""
    count = draw(st.sampled_from([1, axes]))
    return draw(st.lists(st.integers(least, most), min_size=count, max_size=count))


@st.composite
def _pads(draw: DrawFn, totals: list[int] | None) -> list[tuple[int, int]]:
    """Draw padding at will, or so that the two ends sum up to what keeps a size."""
    if totals is None:
        return [(draw(st.integers(-1, 3)), draw(st.integers(-1, 3)))]
    befores = [draw(st.integers(0, total)) for total in totals]
    return [(before, total - before) for before, total in zip(befores, totals, strict=True)]


@st.composite
def _windows(
    draw: DrawFn,
    axes: int,
    *,
    stride: list[int] | None = None,
    keep: bool = False,
    same: bool = False,
) -> Layer:
    """Draw a convolution or pooling; `keep` gives ceil(n / stride) cells of n."""
    kind = draw(st.sampled_from(["conv", "dwconv", "pool", "maxpool", "avgpool"]))
    kernel = draw(_sizes(axes, 1, 3))
    if stride is None:
        stride = draw(_sizes(axes, 1, 2))
    dilation = [1] if max(kernel) == 1 else draw(_sizes(axes, 1, 3))
    layer = make_layer(kind, kernel, stride=stride, dilation=dilation, padding="valid")
    if same and draw(st.booleans()):
        return layer._replace(padding="same")
    totals = [size - 1 for size in layer.effective_size] if keep else None
    return layer._replace(padding=tuple(draw(_pads(totals))))


@st.composite
def _transposed(draw: DrawFn, axes: int) -> Layer:
    """Draw a transposed convolution every output of which reads something."""
    stride = draw(_sizes(axes, 1, 3))
    kernel = [size + draw(st.integers(0, 2)) for size in stride]
    # Taps a multiple of the stride apart would leave outputs without any.
    dilation = [draw(st.sampled_from([1, 2])) if s % 2 else 1 for s in stride]
    dilation = dilation if max(kernel) > 1 else [1]
    pads = [(draw(st.integers(0, 2)), draw(st.integers(0, 2)))]
    extra = [draw(st.integers(0, size - 1)) for size in stride]
    return make_layer(
        "tconv", kernel, stride=stride, dilation=dilation, padding=pads, output_padding=extra
    )


@st.composite
def _enlarging(draw: DrawFn, axes: int) -> Layer:
    mode = draw(st.sampled_from(["nearest", "bilinear"]))
    return make_layer("up", draw(_sizes(axes, 1, 3)), mode=mode)


@st.composite
def _cropping(draw: DrawFn, axes: int) -> Layer:
    count = draw(st.sampled_from([1, axes]))
    pads = [(-draw(st.integers(0, 2)), -draw(st.integers(0, 2))) for _ in range(count)]
    return make_layer("crop", padding=pads)


@st.composite
def _stacks(draw: DrawFn, axes: int, stride: list[int], depth: int, same: bool) -> tuple[Item, ...]:
    """Draw a branch with this effective stride that makes ceil(n / stride) cells of n."""
    unit: SearchStrategy[Item] = _windows(axes, stride=[1], keep=True, same=same)
    items = draw(st.lists(unit, max_size=1))
    if max(stride) > 1:
        items.append(draw(_windows(axes, stride=stride, keep=True, same=same)))
    if depth > 0 and draw(st.booleans()):
        items.append(draw(_branches(axes, depth - 1, same=same, stride=[1])))
    items += draw(st.lists(unit, max_size=1))
    return tuple(items)


@st.composite
def _branches(
    draw: DrawFn, axes: int, depth: int, *, same: bool = False, stride: list[int] | None = None
) -> Branch:
    if stride is None:
        stride = draw(_sizes(axes, 1, 2))
    count = draw(st.integers(2, 3))
    stacks = tuple(draw(_stacks(axes, stride, depth, same)) for _ in range(count))
    return Branch(stacks, draw(st.sampled_from(["add", "concat"])))


@st.composite
def _hourglasses(draw: DrawFn, axes: int) -> Branch:
    """Draw a small U-Net: down and up again beside a skip connection."""
    factor = draw(_sizes(axes, 2, 3))
    keep: Callable[[], Layer] = lambda: draw(_windows(axes, stride=[1], keep=True))  # noqa: E731
    down = make_layer(draw(st.sampled_from(["conv", "maxpool"])), factor, stride=factor)
    down = down._replace(padding=((0, 0),))
    up = draw(
        st.sampled_from(
            [
                make_layer("up", factor),
                make_layer("up", factor, mode="bilinear"),
                make_layer("tconv", factor, stride=factor),
            ]
        )
    )
    skip = (keep(),) if draw(st.booleans()) else ()
    return Branch(((down, keep(), up), skip), "concat")


@st.composite
def networks(
    draw: DrawFn,
    axes: int,
    *,
    most: int = 4,
    ups: bool = True,
    merges: bool = True,
    same: bool = False,
) -> Network:
    """Draw a network in which every meeting has equal strides; the centres may differ."""
    kinds: list[SearchStrategy[Item]] = [_windows(axes, same=same), _cropping(axes)]
    if merges:
        kinds += [_branches(axes, 1, same=same)]
    rare: list[SearchStrategy[Item]] = [_transposed(axes), _enlarging(axes)]
    if merges:
        rare += [_hourglasses(axes)]
    items = draw(st.lists(st.one_of(kinds), max_size=most - ups))
    if ups and draw(st.booleans()):
        items.insert(draw(st.integers(0, len(items))), draw(st.one_of(rare)))
    return lay_out(items, axes=axes)


def chains_of(axes: int, *, most: int = 4, ups: bool = True) -> SearchStrategy[Network]:
    """Draw networks without branches."""
    return networks(axes, most=most, ups=ups, merges=False)


def fitting_sizes(network: Network, axis: int) -> list[int]:
    """List the sizes of an axis that go through a network."""
    line, found = along(network, axis), []
    for n in range(1, _LARGEST_INPUT + 1):
        try:
            sizes_of(line, (n,))
        except Unfit:
            continue
        found.append(n)
    return found


@st.composite
def sized_networks(
    draw: DrawFn, axes: int, *, most: int = 4, ups: bool = True, same: bool = True
) -> tuple[Network, tuple[int, ...]]:
    """Draw a network and a size of the input that goes through it."""
    network = draw(networks(axes, most=most, ups=ups, same=same))
    found = [fitting_sizes(network, axis) for axis in range(axes)]
    assume(all(found))
    return network, tuple(draw(st.sampled_from(sizes)) for sizes in found)
