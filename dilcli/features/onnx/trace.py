"""A network being laid out from an ONNX graph: its nodes, and where its tensors come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import MAX_NODES, PICTURE, Merge, Node
from dilcli.errors import LayerError
from dilcli.features.onnx.layout import ELSEWHERE, Layout, broadcast, layout, places, plane_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dilcli.files.onnx_files import OnnxGraph, OnnxNode

    Values = Sequence["Value | None"]
    Handler = Callable[["Trace", OnnxNode, Values], "Value"]

__all__ = ["Trace", "Value", "called", "first"]

Shape = tuple[int | None, ...]


class Value(NamedTuple):
    """What a tensor holds: the outputs of a node of the network, if it depends on the picture.

    Attributes
    ----------
    tensor : str
    node : int
        An index, or `PICTURE`.
    layout : Layout, optional
        None where its numbers stand at no place of the picture.
    single : bool
        Without a layout: one number for each channel, spread over any size where it meets others.
    trouble : str
        Why places are lost, if that makes a difference.
    everything : bool
        Each number sees the whole input, wherever it stands; so without a layout and a trouble.
    """

    tensor: str
    node: int
    layout: Layout | None = None
    single: bool = False
    trouble: str = ""
    everything: bool = False

    def at(self, places: Layout) -> Value:
        """Keep what is seen, on other axes of the tensor."""
        return self._replace(layout=places)


def first(values: Values) -> Value:
    """Take the one input, or the first, that depends on the picture."""
    return next(value for value in values if value is not None)


def called(node: OnnxNode) -> str:
    """Name a node for a message, its operator with it."""
    return node.name if node.op in node.name else f"{node.name} ({node.op})"


class Trace:
    """The nodes laid out so far.

    Attributes
    ----------
    graph : OnnxGraph
    picture : str
        The input of the graph.
    axes : int
    nodes : list of Node
    channels : dict of int to int
        Of each node, and of `PICTURE`; None where unknown.
    notes : dict of str to list of str
        What is worth saying, and the names of the nodes it holds for.
    costs_known : bool
        Whether each node has as many outputs as the file's.
    """

    def __init__(self, graph: OnnxGraph, picture: str, axes: int) -> None:
        self.graph = graph
        self.picture = picture
        self.axes = axes
        self.nodes: list[Node] = []
        self.channels: dict[int, int | None] = {PICTURE: None}
        self.notes: dict[str, list[str]] = {}
        self.costs_known = True
        self._makers = {name: node for node in graph.nodes for name in node.outputs}
        self._parts: dict[tuple[int, int], int] = {}

    @property
    def plane(self) -> Layout:
        """The layout that convolutions work on: batch, channels, then the picture's axes."""
        return layout((ELSEWHERE, ELSEWHERE, *range(self.axes)))

    def note(self, text: str, node: OnnxNode) -> None:
        """Say something about a node, once for all nodes of which it is true."""
        names = self.notes.setdefault(text, [])
        if node.name not in names:
            names.append(node.name)

    def shape(self, node: OnnxNode, tensor: str) -> Shape | None:
        """Find a shape on which the outcome depends, and say so if it was assumed."""
        if self.graph.assumed:
            sizes = self.graph.shapes[self.picture]
            self.note(
                "the file leaves the input's size open, which matters here; worked out for "
                f"an input of {'x'.join(map(str, sizes))} (give --input-size for yours)",
                node,
            )
        return self.graph.shapes.get(tensor)

    def follows_from_sizes(self, tensor: str) -> bool:
        """Tell whether a tensor's numbers are calculated from a shape."""
        behind, seen = [tensor], set[str]()
        while behind:
            name = behind.pop()
            if name not in seen and name in self._makers:
                seen.add(name)
                behind.extend(self._makers[name].inputs)
        return any(self._makers[name].op in ("Shape", "Size") for name in seen)

    def layer(self, layer: Layer, source: int) -> int:
        """Lay a layer out behind a node."""
        if len(layer.kernel) not in (1, self.axes):
            raise LayerError(
                f"has a window of {len(layer.kernel)} axes in a network of {self.axes}"
            )
        self.channels[len(self.nodes)] = layer.channels or self.channels[source]
        return self._add(Node(layer.on_axes(self.axes), (source,), layer.name))

    def merge(self, kind: str, sources: Sequence[int], name: str) -> int:
        """Let nodes meet; the channels of those that are added are made equal."""
        channels = [self.channels[source] for source in sources]
        known = [number for number in channels if number is not None]
        if kind == "add":
            most = max(known, default=None)
            sources = [
                source if self.channels[source] in (None, 1) else self.counted(source, most)
                for source in sources
            ]
        total = sum(known) if kind == "concat" else max(known, default=0)
        self.channels[len(self.nodes)] = total if len(known) == len(channels) else None
        return self._add(Node(Merge(kind), tuple(sources), name))

    def _add(self, node: Node) -> int:
        if len(self.nodes) >= MAX_NODES:
            raise LayerError(f"more than {MAX_NODES} layers")
        self.nodes.append(node)
        return len(self.nodes) - 1

    def counted(self, source: int, channels: int | None) -> int:
        """Take so many channels of a node: a row of its own where that is a part of them."""
        if channels is None or self.channels[source] == channels:
            return source
        if source == PICTURE and self.channels[PICTURE] is None:
            self.channels[PICTURE] = channels
            return source
        if (source, channels) not in self._parts:
            part = make_layer("id", channels=channels)
            self._parts[source, channels] = self.layer(part, source)
        return self._parts[source, channels]

    def on_plane(self, value: Value) -> Value:
        """See a tensor as a picture of channels, as operators with windows do.

        Raises
        ------
        LayerError
            If its axes are others, or cannot be told.
        """
        if value.trouble:
            raise LayerError(f"what its input sees cannot be told, since {value.trouble}")
        if value.layout is None:
            return self._spread(value)
        found = plane_blocks(value.layout, self.graph.shapes.get(value.tensor, ()), self.axes)
        if found is None:
            raise LayerError("the axes it works along are not the input's, in their order")
        at = value.node
        for kind, factors in zip(("pool", "up"), found, strict=True):
            if max(factors) > 1:
                at = self.layer(make_layer(kind, factors), at)
        return value._replace(node=at, layout=self.plane)

    def _spread(self, value: Value) -> Value:
        """Give one number for each channel the places of the picture it is read as."""
        sizes = self.graph.shapes.get(value.tensor, ())[2:]
        if len(sizes) != self.axes or not any(size != 1 for size in sizes):
            return value
        if self.graph.assumed or None in sizes:
            return self.lost(value)._replace(layout=self.plane)
        spread = make_layer("up", [size or 1 for size in sizes])
        at = self.layer(spread, value.node)
        return Value(value.tensor, at, self.plane, everything=True)

    def lost(self, value: Value) -> Value:
        """See a tensor as numbers of which each sees the whole input, wherever they stand."""
        self.costs_known = False
        return Value(value.tensor, value.node, everything=True)

    def troubled(self, value: Value, node: OnnxNode, what: str) -> Value:
        """Lose the places of a tensor; that matters only if something needs them later."""
        if value.everything:
            return self.lost(value)
        hint = f"--treat-as pointwise:{node.op} or whole:{node.op}"
        return Value(value.tensor, value.node, trouble=f"{called(node)} {what} ({hint})")

    def pooled(self, value: Value, name: str, channels: int | None = None) -> Value:
        """See a tensor as a whole, as global pooling does."""
        if value.layout is None and not value.trouble and not channels:
            return value._replace(single=True)
        gap = make_layer("gap", name=name, channels=channels)
        at = self.layer(gap, value.node)
        return Value(value.tensor, at, single=True, everything=True)

    def meet(self, kind: str, node: OnnxNode, values: Sequence[Value]) -> Value:
        """Let tensors meet, element by element or channel by channel."""
        lost = next((v for v in values if v.everything), None)
        astray = next((v for v in values if v.trouble), None)
        if astray:
            # What sees the whole input already sees no more of it by meeting something unknown.
            return self.lost(lost) if lost else astray
        planes = [value.layout for value in values if value.layout is not None]
        if not planes and not all(value.single for value in values):
            return self.lost(values[0])
        found = broadcast(planes)
        if found is None:
            return self.troubled(values[0], node, "mixes rows and columns")
        sources = [value.node for value in values]
        if len(set(sources)) > 1:
            counts = [self.count(value) for value in values]
            sources = [self.counted(*pair) for pair in zip(sources, counts, strict=True)]
            at = self.merge(kind, list(dict.fromkeys(sources)), node.name)
        else:
            at = sources[0]
        everything = any(value.everything for value in values)
        return Value("", at, found if planes else None, not planes, "", everything)

    def count(self, value: Value) -> int | None:
        """Count a tensor's channels, if it is a picture with channels first or last."""
        shape = self.graph.shapes.get(value.tensor, ())
        if len(shape) != self.axes + 2:
            return None
        first = value.layout is None or not places(value.layout[1:2])
        return shape[1] if first else shape[-1]
