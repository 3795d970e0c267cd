"""Layers as a graph: nested stacks and branches laid out as a list of nodes.

Texts, files and ONNX graphs all end as a `Network`, in whose order every input comes before its
use: the arithmetic of receptive fields is one pass over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from dilcli.core.receptive.checks import all_sizes, did_you_mean
from dilcli.core.receptive.layers import Layer
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "PICTURE",
    "TOO_DEEP",
    "TOO_MANY",
    "Branch",
    "From",
    "Item",
    "Merge",
    "Network",
    "Node",
    "lay_out",
]

#: More than any network has; a typing error such as 99999x(...) must not fill the memory.
MAX_NODES = 20_000
MAX_DEPTH = 50

TOO_MANY = f"more than {MAX_NODES} layers"
TOO_DEEP = f"branches are nested more than {MAX_DEPTH} deep"

#: The index that stands for the input of the network in `Node.inputs`.
PICTURE = -1


class Branch(NamedTuple):
    """Several stacks that begin at one place and meet again; one stack is a mere group.

    An empty stack hands its input on. `merge` says how they meet: ``add`` or ``concat``.
    """

    branches: tuple[tuple[Item, ...], ...]
    merge: str = "add"
    name: str = ""


class From(NamedTuple):
    """Go on from the output of the named layer instead of the previous one's."""

    layer: str


Item = Layer | Branch | From


class Merge(NamedTuple):
    """The place where branches meet: ``add`` or ``concat``."""

    kind: str


class Node(NamedTuple):
    """A layer or a meeting in a network.

    Attributes
    ----------
    layer : Layer or Merge
        A layer has its sizes for each axis.
    inputs : tuple of int
        Indices of earlier nodes, or `PICTURE`; one for a layer, two or more for a meeting.
    name : str
    branch : tuple of int
        Numbers, from 1, of the branches it stands in, the outermost first.
    """

    layer: Layer | Merge
    inputs: tuple[int, ...]
    name: str = ""
    branch: tuple[int, ...] = ()


class Network(NamedTuple):
    """Nodes in an order of computation, the number of axes, and the node that is the result."""

    nodes: tuple[Node, ...]
    axes: int
    output: int


def lay_out(items: Iterable[Item], axes: int | None = None) -> Network:
    """Lay nested items out as a list of nodes.

    Parameters
    ----------
    items : iterable of Layer, Branch or From
    axes : int, optional
        Default: as many as the layer with most sizes has, at least 2.

    Raises
    ------
    LayerError
        If a layer has sizes for another number of axes, a name is not known yet, or the network
        has more than `MAX_NODES` nodes.
    """
    items = tuple(items)
    axes = _axes(items, axes)
    plan = _Plan(axes)
    output = plan.stack(items, PICTURE, ())
    return Network(tuple(plan.nodes), axes, output)


class _Plan:
    """The nodes laid out so far, and where their names are."""

    def __init__(self, axes: int) -> None:
        self.axes = axes
        self.nodes: list[Node] = []
        self.names: dict[str, int] = {}

    def stack(self, items: tuple[Item, ...], at: int, branch: tuple[int, ...]) -> int:
        for item in items:
            if isinstance(item, From):
                at = self.named(item.layer)
            elif isinstance(item, Branch):
                at = self.branches(item, at, branch)
            else:
                at = self.add(item.on_axes(self.axes), (at,), item.name, branch)
        return at

    def branches(self, item: Branch, at: int, around: tuple[int, ...]) -> int:
        if len(item.branches) == 1:
            at = self.stack(item.branches[0], at, around)
            if item.name:
                self.names[item.name] = at
            return at
        ends = tuple(
            self.stack(branch, at, (*around, number))
            for number, branch in enumerate(item.branches, 1)
        )
        return self.add(Merge(item.merge), ends, item.name, around)

    def add(
        self, layer: Layer | Merge, inputs: tuple[int, ...], name: str, branch: tuple[int, ...]
    ) -> int:
        if len(self.nodes) >= MAX_NODES:
            _refuse(TOO_MANY)
        self.nodes.append(Node(layer, inputs, name, branch))
        if name:
            self.names[name] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def named(self, name: str) -> int:
        if name not in self.names:
            hint = did_you_mean(name, self.names) if self.names else "; name one by @name"
            _refuse(f"from:{name}: no earlier layer has that name{hint}")
        return self.names[name]


def _axes(items: tuple[Item, ...], axes: int | None) -> int:
    found = sorted(_ranks(items, 0))
    if len(found) > 1:
        _refuse(f"sizes for {found[0]} axes and for {found[1]} are mixed")
    if found and found != [axes or found[0]]:
        _refuse(f"sizes for {found[0]} axes in a network of {axes}; see --axis")
    return axes or max([*found, 2])


def _ranks(items: tuple[Item, ...], depth: int) -> set[int]:
    """Find the numbers of axes that layers have a size for each of."""
    if depth > MAX_DEPTH:
        _refuse(TOO_DEEP)
    ranks: set[int] = set()
    for item in items:
        if isinstance(item, Branch):
            ranks.update(*(_ranks(branch, depth + 1) for branch in item.branches))
        elif isinstance(item, Layer):
            ranks.update(len(sizes) for sizes in all_sizes(item))
    return ranks - {1}


def _refuse(message: str) -> NoReturn:
    raise LayerError(message)
