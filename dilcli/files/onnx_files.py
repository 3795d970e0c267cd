"""ONNX files: the graph of a network, its sizes and small numbers, without its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from dilcli.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import onnx

__all__ = ["OnnxGraph", "OnnxNode", "read_onnx"]

Shape = tuple[int | None, ...]

#: Protocol buffers end here; larger networks keep their weights in files of their own.
_MAX_BYTES = 2**31


class OnnxNode(NamedTuple):
    """One operation of a graph.

    Attributes
    ----------
    name : str
        Its own, or the operator and its place in the file, as ``Conv_12``.
    op : str
        Operator; those of other domains than ONNX' and ONNX Runtime's with the domain before it.
    inputs, outputs : tuple of str
        Names of tensors; empty where an optional one is left out.
    attributes : mapping of str to int, float, str, or a tuple of these
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


class OnnxGraph(NamedTuple):
    """A network as its file has it, constants folded.

    Attributes
    ----------
    nodes : tuple of OnnxNode
        In an order of computation.
    inputs : mapping of str to tuple of int, optional
        Shapes as the file has them: a size is None where it is open, the whole shape where it is
        not known at all.
    outputs : tuple of str
    shapes : mapping of str to tuple of int
        Of tensors, weights among them, as far as they are known.
    values : mapping of str to tuple of float or int
        Of small constant tensors, flat.
    opset : int
        Version of the operators.
    assumed : bool
        Whether sizes that the file leaves open were taken out of the air to work out `shapes`.
    """

    nodes: tuple[OnnxNode, ...]
    inputs: Mapping[str, Shape | None]
    outputs: tuple[str, ...]
    shapes: Mapping[str, Shape]
    values: Mapping[str, tuple[Any, ...]]
    opset: int
    assumed: bool


def read_onnx(path: Path, sizes: tuple[int, ...] | None = None) -> OnnxGraph:
    """Read the graph of an ONNX file; weights in files beside it are not opened.

    Parameters
    ----------
    path : Path
    sizes : tuple of int, optional
        Rows, columns, ... for an input whose size the file leaves open.

    Returns
    -------
    OnnxGraph

    Raises
    ------
    LayerError
        If the package onnx is missing, or the file is missing or is no ONNX network. One line
        that names the file.
    """
    try:
        import onnx  # noqa: F401  asked for first, for a plain message
    except ImportError:
        raise LayerError(
            f"layer file {path}: ONNX files need the package onnx; pip install 'dilcli[onnx]'"
        ) from None
    model = _inlined(path, _parsed(path))
    try:
        return _graph(model, sizes)
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError):
        # Names that are no text, or numbers that are no sizes.
        _refuse(path, "is damaged")


def _graph(model: onnx.ModelProto, sizes: tuple[int, ...] | None) -> OnnxGraph:
    from dilcli.files.onnx_shapes import fill_open_sizes, shapes_and_values

    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    opened = [given for given in graph.input if given.name not in weights]
    inputs = {given.name: _shape(given) for given in opened}
    assumed = fill_open_sizes(opened, sizes)
    shapes, values = shapes_and_values(model)
    return OnnxGraph(
        tuple(_node(node, place) for place, node in enumerate(graph.node)),
        inputs,
        tuple(made.name for made in graph.output),
        shapes,
        values,
        next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 1),
        assumed,
    )


def _refuse(path: Path, wrong: str) -> NoReturn:
    raise LayerError(f"layer file {path}: {wrong}") from None


def _parsed(path: Path) -> onnx.ModelProto:
    import onnx

    try:
        size = path.stat().st_size
        if size == 0:
            _refuse(path, "is empty; wanted an ONNX network")
        if size >= _MAX_BYTES:
            _refuse(path, f"has {size} bytes; ONNX files end at {_MAX_BYTES}")
        model = onnx.load_model_from_string(path.read_bytes())
    except OSError as error:
        _refuse(path, error.strerror or str(error))
    except LayerError:
        raise
    except Exception:  # protobuf's own error, whose package stays unknown here
        _refuse(path, "is no ONNX file, or is damaged")
    if not model.graph.node and not model.graph.output:
        _refuse(path, "is no ONNX file, or holds no network")
    if not model.graph.output:
        _refuse(path, "holds a network without an output")
    return model


def _inlined(path: Path, model: onnx.ModelProto) -> onnx.ModelProto:
    """Write calls of the file's own functions out."""
    if not model.functions:
        return model
    from onnx import inliner

    try:
        return inliner.inline_local_functions(model)
    except (RuntimeError, ValueError) as error:
        _refuse(path, f"its functions cannot be written out ({_line(str(error))})")


def _shape(given: onnx.ValueInfoProto) -> Shape | None:
    tensor = given.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    return tuple(size.dim_value if size.dim_value > 0 else None for size in tensor.shape.dim)


def _node(node: onnx.NodeProto, place: int) -> OnnxNode:
    known = node.domain in ("", "ai.onnx", "com.microsoft")
    op = _line(node.op_type if known else f"{node.domain}.{node.op_type}")
    return OnnxNode(
        _line(node.name) or f"{op}_{place}",
        op,
        tuple(node.input),
        tuple(node.output),
        {attribute.name: _plain(attribute) for attribute in node.attribute},
    )


def _plain(attribute: onnx.AttributeProto) -> Any:
    """Give an attribute as numbers and text; graphs and tensors are None."""
    kinds = attribute.AttributeType
    if attribute.type == kinds.STRING:
        return attribute.s.decode(errors="replace")
    plain = {
        kinds.INT: attribute.i,
        kinds.FLOAT: attribute.f,
        kinds.INTS: tuple(attribute.ints),
        kinds.FLOATS: tuple(attribute.floats),
    }
    return plain.get(attribute.type)


def _line(text: str) -> str:
    """Make a name of any file fit into a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text.strip())
