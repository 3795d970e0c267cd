"""What receptive fields are held against: sets of positions followed back cell by cell.

Nothing here uses masks, closed forms or recurrences: a cell of an output is traced through every
layer to the positions of the input that it reads, which are tuples of integers on an endless
plane (padding included). Weights go the same way as exact fractions: every tap of a window counts
alike, and where branches meet each one counts alike. Global layers are left out.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from dilcli.core.receptive.layers import Layer
from dilcli.core.receptive.network import PICTURE, Merge, Network, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Cell",
    "Unfit",
    "along",
    "cells_of",
    "chains",
    "outputs_that_see",
    "period",
    "seen",
    "shares",
    "sizes_of",
]

Cell = tuple[int, ...]


class Unfit(Exception):  # noqa: N818
    """An input of this size does not go through the network."""


def sizes_of(network: Network, size: Cell | None) -> list[Cell | None]:
    """Give the size of every node's output; raise `Unfit` where there is none."""
    sizes: list[Cell | None] = []
    for node in network.nodes:
        sources = [size if i == PICTURE else sizes[i] for i in node.inputs]
        if len(set(sources)) > 1:
            raise Unfit("branches of different sizes")
        made = source = sources[0]
        if isinstance(node.layer, Layer) and source is not None:
            made = tuple(_out(node.layer, axis, n) for axis, n in enumerate(source))
            if min(made) < 1:
                raise Unfit("nothing is left")
        sizes.append(made)
    return sizes


def _out(layer: Layer, axis: int, n: int) -> int:
    """Count the cells that a layer makes of n cells."""
    size, stride = layer.effective_size[axis], layer.stride[axis]
    if layer.kind == "up":
        return n * layer.kernel[axis]
    if layer.kind == "tconv" and layer.padding == "same":
        return n * stride
    before, after = _pads(layer, axis, n)
    if layer.kind == "tconv":
        ends = [i * stride + size for i in range(n)]
        return ends[-1] - before - after + layer.output_padding[axis]
    padded, count = before + n + after, 0
    while count * stride + size <= padded:
        count += 1
    # One more window where cells are left over and it begins before the padding at the end.
    if layer.ceil_mode and (count - 1) * stride + size < padded:
        count += count * stride < before + n
    return count


def _pads(layer: Layer, axis: int, n: int | None) -> tuple[int, int]:
    if layer.padding != "same":
        return layer.padding[axis]
    stride, window = layer.stride[axis], layer.effective_size[axis]
    if layer.kind == "tconv":
        # The gradient of the SAME convolution that reads n * stride cells.
        total = max(window - stride, 0)
    elif n is not None:
        # As many outputs as ceil(n / stride), the odd cell after.
        total = max((-(-n // stride) - 1) * stride + window - n, 0)
    elif stride == 1:
        total = window - 1
    else:
        raise Unfit("the padding depends on the size")
    return total // 2, total - total // 2


@cache
def _reads(layer: Layer, axis: int, o: int, n: int | None) -> dict[int, Fraction]:
    """List what one output cell reads along an axis, and each one's share of its value."""
    kernel, stride, dilation = layer.kernel[axis], layer.stride[axis], layer.dilation[axis]
    if layer.kind == "id":
        return {o: Fraction(1)}
    if layer.kind == "up" and layer.mode == "nearest":
        return {o // kernel: Fraction(1)}
    if layer.kind == "up":
        at = (o + Fraction(1, 2)) / kernel - Fraction(1, 2)
        first, part = math.floor(at), at - math.floor(at)
        return {i: share for i, share in ((first, 1 - part), (first + 1, part)) if share}
    before, _ = _pads(layer, axis, n)
    if layer.kind == "tconv":
        found = [
            (o + before - tap * dilation) // stride
            for tap in range(kernel)
            if (o + before - tap * dilation) % stride == 0
        ]
    else:
        found = [o * stride + tap * dilation - before for tap in range(kernel)]
    return {i: Fraction(1, len(found)) for i in found}


def seen(
    network: Network,
    cell: Cell,
    *,
    at: int | None = None,
    size: Cell | None = None,
    ends: bool = False,
) -> set[Cell]:
    """Give every position of the input that a cell depends on.

    With `ends` layers between end at their size, and what is read beyond it is padding.
    """
    sizes = sizes_of(network, size)
    at = network.output if at is None else at
    wanted: dict[int, set[Cell]] = {i: set() for i in range(PICTURE, len(network.nodes))}
    wanted[at] = {cell}
    for index in range(at, PICTURE, -1):
        node = network.nodes[index]
        for here in wanted.pop(index):
            for source in node.inputs:
                reads = _reads_of(node, here, size if source == PICTURE else sizes[source])
                there = set(product(*reads))
                made = None if source == PICTURE else sizes[source]
                if ends and made is not None:
                    there &= set(cells_of(made))
                wanted[source].update(there)
    return wanted[PICTURE]


def shares(
    network: Network, cell: Cell, *, at: int | None = None, size: Cell | None = None
) -> dict[Cell, Fraction]:
    """Give every position of the input that a cell depends on, with its share of the value."""
    sizes = sizes_of(network, size)
    at = network.output if at is None else at
    wanted: dict[int, dict[Cell, Fraction]] = {i: {} for i in range(PICTURE, len(network.nodes))}
    wanted[at] = {cell: Fraction(1)}
    for index in range(at, PICTURE, -1):
        node = network.nodes[index]
        for here, share in wanted.pop(index).items():
            for source in node.inputs:
                into, part = wanted[source], share / len(node.inputs)
                reads = _reads_of(node, here, size if source == PICTURE else sizes[source])
                for taps in product(*(read.items() for read in reads)):
                    there = tuple(i for i, _ in taps)
                    into[there] = into.get(there, Fraction(0)) + math.prod(
                        (w for _, w in taps), start=part
                    )
    return wanted[PICTURE]


def _reads_of(node: Node, cell: Cell, size: Cell | None) -> list[dict[int, Fraction]]:
    if isinstance(node.layer, Merge):
        return [{o: Fraction(1)} for o in cell]
    ns = size or (None,) * len(cell)
    return [_reads(node.layer, axis, o, ns[axis]) for axis, o in enumerate(cell)]


def period(network: Network, at: int | None = None) -> Cell:
    """Count the cells after which what they see repeats; every upsampling multiplies them."""
    at = network.output if at is None else at
    layers = [n.layer for n in network.nodes[: at + 1] if isinstance(n.layer, Layer)]
    ups = [layer for layer in layers if layer.kind in ("tconv", "up")]
    return tuple(math.prod(layer.stride[axis] for layer in ups) for axis in range(network.axes))


def cells_of(counts: Cell) -> Iterator[Cell]:
    """Go through the cells of a map of this size."""
    return product(*map(range, counts))


def outputs_that_see(
    network: Network, position: Cell, size: Cell, at: int | None = None
) -> set[Cell]:
    """Ask every cell of an output whether it depends on a position of the input."""
    made = size if at == PICTURE else sizes_of(network, size)[network.output if at is None else at]
    assert made is not None
    return {
        cell
        for cell in cells_of(made)
        if position in seen(network, cell, at=at, size=size, ends=True)
    }


def along(network: Network, axis: int) -> Network:
    """Keep one axis only: what is seen along it does not depend on the others."""

    def one(node: Node) -> Node:
        if isinstance(node.layer, Merge):
            return node
        layer = node.layer
        return node._replace(
            layer=layer._replace(
                kernel=layer.kernel[axis : axis + 1],
                stride=layer.stride[axis : axis + 1],
                dilation=layer.dilation[axis : axis + 1],
                output_padding=layer.output_padding[axis : axis + 1],
                padding="same" if layer.padding == "same" else layer.padding[axis : axis + 1],
            )
        )

    return Network(tuple(map(one, network.nodes)), 1, network.output)


def chains(network: Network, at: int | None = None) -> list[Network]:
    """Spell every path from the input to a node as a network without branches."""

    def paths(index: int) -> list[tuple[Node, ...]]:
        if index == PICTURE:
            return [()]
        node = network.nodes[index]
        return [
            path if isinstance(node.layer, Merge) else (*path, node)
            for source in node.inputs
            for path in paths(source)
        ]

    return [
        Network(
            tuple(node._replace(inputs=(i - 1,)) for i, node in enumerate(path)),
            network.axes,
            len(path) - 1,
        )
        for path in paths(network.output if at is None else at)
    ]
