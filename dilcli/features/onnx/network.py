"""The layers of an ONNX network, from its picture to its first output."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from dilcli.core.receptive.checks import did_you_mean
from dilcli.core.receptive.network import PICTURE, Merge, Network
from dilcli.errors import LayerError
from dilcli.features.layer_spec import Description
from dilcli.features.onnx.layout import (
    ELSEWHERE,
    layout,
    permuted,
    places,
    reshaped,
    with_axes,
    without_axes,
)
from dilcli.features.onnx.mixing import whole
from dilcli.features.onnx.operators import HANDLERS, WINDOWS, data_inputs, pointwise
from dilcli.features.onnx.trace import Trace, Value, called
from dilcli.files.onnx_files import read_onnx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dilcli.features.onnx.layout import Layout
    from dilcli.features.onnx.trace import Handler
    from dilcli.files.onnx_files import OnnxGraph, OnnxNode

__all__ = ["load_onnx"]

_WAYS: Mapping[str, Handler] = {"pointwise": pointwise, "whole": whole}


def load_onnx(
    path: Path, treat_as: tuple[str, ...] = (), *, input_size: tuple[int, ...] | None = None
) -> Description:
    """Read the layers of an ONNX network that lie between its picture and its first output.

    Parameters
    ----------
    path : Path
    treat_as : tuple of str
        ``pointwise:OP`` or ``whole:OP`` for the operators, or the nodes, of that name: each
        number sees its own place, or the whole input.
    input_size : tuple of int, optional
        For a file that leaves the size open, where layers depend on it.

    Returns
    -------
    Description
        Layers have the names of the file's nodes. Nodes that only pass numbers on, place by
        place, have no layer.

    Raises
    ------
    LayerError
        If the file cannot be read, or an operator is unknown. One line that names file and node.
    """
    ways = dict(map(_way, treat_as))
    graph = read_onnx(path, input_size)
    try:
        return _described(graph, ways, path.stem)
    except LayerError as error:
        raise LayerError(f"layer file {path}: {error}") from error


def _way(text: str) -> tuple[str, Handler]:
    way, _, name = text.partition(":")
    if not name:
        raise LayerError(f"--treat-as {text!r} names no operator; write pointwise:OP or whole:OP")
    if way not in _WAYS:
        raise LayerError(f"--treat-as {text!r}: unknown way {way!r}{did_you_mean(way, _WAYS)}")
    return name, _WAYS[way]


def _described(graph: OnnxGraph, ways: Mapping[str, Handler], name: str) -> Description:
    nodes, picture = _leading_to_the_output(graph)
    axes = _picture_axes(graph, nodes, picture)
    given = graph.inputs[picture] or ()
    trace = Trace(graph, picture, len(axes))
    label = {axis: place for place, axis in enumerate(axes)}
    values = {
        picture: Value(
            picture, PICTURE, layout(label.get(axis, ELSEWHERE) for axis in range(len(given)))
        )
    }
    others = [size for axis, size in enumerate(given) if axis not in label]
    if None not in (counts := others[1:] or others):
        trace.channels[PICTURE] = prod(size or 1 for size in counts)
    for node in nodes:
        _follow(trace, node, values, ways)
    output = values.get(graph.outputs[0])
    if output is None:
        raise LayerError(f"the output {graph.outputs[0]!r} does not depend on {picture!r}")
    if output.trouble:
        raise LayerError(f"what its output sees cannot be told, since {output.trouble}")
    kept = _leading_to(trace, output.node)
    sizes = [given[axis] if axis >= 0 else 1 for axis in axes]
    return Description(
        _network(trace, kept, output.node),
        None if None in sizes else tuple(size or 1 for size in sizes),
        _channels(trace, kept),
        (*_notes(graph, trace), *_unused(nodes, ways)),
        name,
    )


def _leading_to(trace: Trace, output: int) -> list[int]:
    """List the nodes without those that nothing came of."""
    needed = {output}
    for index in range(len(trace.nodes) - 1, -1, -1):
        if index in needed:
            needed.update(trace.nodes[index].inputs)
    return sorted(needed - {PICTURE})


def _network(trace: Trace, kept: list[int], output: int) -> Network:
    places = {PICTURE: PICTURE} | {old: new for new, old in enumerate(kept)}
    nodes = (trace.nodes[index] for index in kept)
    return Network(
        tuple(node._replace(inputs=tuple(places[i] for i in node.inputs)) for node in nodes),
        trace.axes,
        places[output],
    )


def _leading_to_the_output(graph: OnnxGraph) -> tuple[list[OnnxNode], str]:
    """Find the nodes on the way from the one input to the first output."""
    needed, nodes = {graph.outputs[0]}, []
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            nodes.append(node)
            needed.update(filter(None, data_inputs(node)))
    pictures = [given for given in graph.inputs if given in needed]
    if len(pictures) != 1:
        what = " and ".join(map(repr, pictures)) or "none"
        raise LayerError(
            f"of its inputs, {what} lead to the output {graph.outputs[0]!r}; wanted one picture"
        )
    if graph.inputs[pictures[0]] is None:
        raise LayerError(f"its input {pictures[0]!r} has no shape, not even a number of axes")
    return nodes[::-1], pictures[0]


def _picture_axes(graph: OnnxGraph, nodes: list[OnnxNode], picture: str) -> tuple[int, ...]:
    """Find which axes of the input are rows and columns: those that windows first move along.

    An axis of one row that is put in on the way is -1.
    """
    rank = len(graph.inputs[picture] or ())
    layouts: dict[str, Layout] = {picture: layout(range(rank))}
    for node in nodes:
        of = next((layouts[name] for name in data_inputs(node) if name in layouts), None)
        if of is None:
            continue
        if node.op in WINDOWS or "Global" in node.op:
            found = tuple(min(places([axis]), default=-1) for axis in of[2:])
            break
        made = _turned(graph, node, of)
        for name in node.outputs:
            # Constants of more axes lead to more axes.
            more = len(graph.shapes.get(name, made)) - len(made)
            if more >= 0:
                layouts[name] = with_axes(made, range(more))
    else:
        found = tuple(range(2, rank))
    if not 1 <= len(found) <= 3:
        raise LayerError(
            f"its input {picture!r} has {rank} axes; a batch of channels of 1, 2 or 3 axes is known"
        )
    return found


def _turned(graph: OnnxGraph, node: OnnxNode, of: Layout) -> Layout:
    if node.op == "Transpose":
        return permuted(of, node.attributes.get("perm"))
    if node.op in ("Squeeze", "Unsqueeze"):
        axes = node.attributes.get("axes") or graph.values.get(node.inputs[-1], ())
        return with_axes(of, axes) if node.op == "Unsqueeze" else without_axes(of, axes)
    if node.op == "Reshape":
        shapes = graph.shapes
        return reshaped(of, shapes.get(node.inputs[0]), shapes.get(node.outputs[0])) or of
    return of


def _follow(
    trace: Trace, node: OnnxNode, values: dict[str, Value], ways: Mapping[str, Handler]
) -> None:
    """Lay one node out, unless it depends on constants only."""
    data = set(data_inputs(node))
    inputs = [values.get(name) if name in data else None for name in node.inputs]
    if not any(inputs):
        return
    given = (ways[word] for word in _words(node) if word in ways)
    handler = next(given, HANDLERS.get(node.op))
    if handler is None:
        if not any(value.everything for value in inputs if value):
            raise LayerError(
                f"{called(node)}: unknown operator {node.op}; say what its outputs see by "
                f"--treat-as pointwise:{node.op} or whole:{node.op}"
            )
        handler = whole
    try:
        made = handler(trace, node, inputs)
    except LayerError as error:
        raise LayerError(f"{called(node)}: {error}") from None
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise LayerError(f"{called(node)}: its inputs or attributes do not fit") from error
    for name in filter(None, node.outputs):
        values[name] = made._replace(tensor=name)


def _channels(trace: Trace, kept: list[int]) -> tuple[int, ...] | None:
    """List the channels of the input and of each convolution, if all are known."""
    made = [trace.channels[PICTURE]]
    for index in kept:
        layer = trace.nodes[index].layer
        if not isinstance(layer, Merge) and layer.kind in ("conv", "tconv"):
            made.append(trace.channels[index])
    known = [number for number in made if number is not None]
    return tuple(known) if trace.costs_known and len(known) == len(made) else None


def _notes(graph: OnnxGraph, trace: Trace) -> list[str]:
    notes = []
    for text, names in trace.notes.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        notes.append(f"{names[0]}{more}: {text}")
    if len(graph.outputs) > 1:
        others = ", ".join(graph.outputs[1:])
        notes.append(f"the output is {graph.outputs[0]}; {others} are left out")
    return notes


def _words(node: OnnxNode) -> tuple[str, str, str]:
    """List what a node is called by: its name, its operator with and without a domain."""
    return node.name, node.op, node.op.rpartition(".")[2]


def _unused(nodes: list[OnnxNode], ways: Mapping[str, Handler]) -> list[str]:
    known = {word for node in nodes for word in _words(node)}
    return [
        f"--treat-as: no node on the way to the output is, or is of the operator, {name}"
        for name in ways
        if name not in known
    ]
