"""Sizes of an ONNX network's tensors, and those of its numbers that follow from sizes.

Exported networks calculate sizes: the shape of one tensor, cut up and put together again, becomes
the size that another is resized to. Each node is looked at once, in order: its numbers if all it
needs is known, then the shapes that onnx infers from them.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from dilcli.files.onnx_numbers import calculate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import onnx

__all__ = ["MOST_VALUES", "fill_open_sizes", "shapes_and_values"]

Shape = tuple[int | None, ...]

#: Tensors with more numbers are weights, whose numbers say nothing about positions.
MOST_VALUES = 256

#: Sizes for inputs that leave theirs open. They differ, so that rows are not taken for columns,
#: and are multiples of 2^7 * 15, so that most networks halve them without a remainder.
_STAND_INS = (5760, 3840, 1920)


#: Operators whose outcome has the shape of their first input, which onnx does not infer.
_SAME_SHAPE = {
    *("BiasGelu", "FastGelu", "GroupNormalization", "MeanVarianceNormalization", "QLinearAdd"),
    *("QLinearLeakyRelu", "QLinearMul", "QLinearSigmoid", "QuickGelu", "SkipLayerNormalization"),
}


def fill_open_sizes(inputs: Iterable[onnx.ValueInfoProto], sizes: Sequence[int] | None) -> bool:
    """Write sizes where the file leaves them open: a batch of 1, and 3 channels.

    Parameters
    ----------
    inputs : iterable of ValueInfoProto
        Changed in place.
    sizes : sequence of int, optional
        Rows, columns, ...; one number for all.

    Returns
    -------
    bool
        Whether rows or columns had to be assumed.
    """
    assumed = False
    for given in inputs:
        dims = given.type.tensor_type.shape.dim
        opened = [dim.dim_value <= 0 for dim in dims]
        places = _picture_axes(opened)
        wanted = list(sizes or ())
        if len(wanted) == 1:
            wanted *= len(places)
        for axis, dim in enumerate(dims):
            if not opened[axis]:
                continue
            if axis not in places:
                dim.dim_value = 1 if axis == 0 else 3
                continue
            place = places.index(axis)
            assumed |= place >= len(wanted)
            stand_in = _STAND_INS[place % len(_STAND_INS)]
            dim.dim_value = wanted[place] if place < len(wanted) else stand_in
    return assumed


def _picture_axes(opened: Sequence[bool]) -> range:
    """Guess which axes are rows and columns: channels come first, unless only the last is known."""
    rank = len(opened)
    if rank <= 2:
        return range(rank)
    last = opened[1] and not opened[-1]
    return range(1, rank - 1) if last else range(2, rank)


def shapes_and_values(
    model: onnx.ModelProto,
) -> tuple[dict[str, Shape], dict[str, tuple[Any, ...]]]:
    """Work out the shapes of tensors, and the numbers of small constant ones.

    Parameters
    ----------
    model : ModelProto
        Its inputs have their sizes, see `fill_open_sizes`.

    Returns
    -------
    shapes : dict of str to tuple of int
        As far as they are known.
    values : dict of str to tuple
        Flat.
    """
    known = _Known(model)
    for node in model.graph.node:
        known.add(node)
    shapes = {
        name: shape for name, kind in known.types.items() if (shape := _dims(kind)) is not None
    }
    values = {name: tuple(array.ravel().tolist()) for name, array in known.arrays.items()}
    return shapes, values


class _Known:
    """What is known of the tensors so far."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.opsets = {imported.domain: imported.version for imported in model.opset_import}
        self.imports = list(model.opset_import)
        self.types: dict[str, onnx.TypeProto] = {}
        self.arrays: dict[str, Any] = {}
        self.written = {info.name: info.type for info in model.graph.value_info}
        for given in model.graph.input:
            self.types[given.name] = given.type
        for tensor in model.graph.initializer:
            self.constant(tensor.name, tensor)

    def constant(self, name: str, tensor: onnx.TensorProto) -> None:
        import onnx

        self.types[name] = onnx.helper.make_tensor_type_proto(tensor.data_type, tensor.dims)
        inside = tensor.data_location != onnx.TensorProto.EXTERNAL
        if inside and prod(tensor.dims) <= MOST_VALUES:
            try:
                array = onnx.numpy_helper.to_array(tensor)
            except (ValueError, TypeError):  # damaged, or of words
                return
            if array.dtype.kind in "biuf":
                self.arrays[name] = array

    def add(self, node: onnx.NodeProto) -> None:
        import onnx

        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Constant" and "value" in attributes:
            self.constant(node.output[0], attributes["value"])
            return
        self.infer(node)
        made = _dims(self.types.get(node.output[0])) if node.output else None
        if made is None or None in made or prod(size or 0 for size in made) > MOST_VALUES:
            return
        wanted = () if node.op_type in ("Shape", "Size") else filter(None, node.input)
        if all(name in self.arrays for name in wanted):
            first = _dims(self.types.get(node.input[0])) if node.input else None
            inputs = [self.arrays.get(name) for name in node.input]
            array = calculate(node.op_type, inputs, attributes, first)
            if array is not None:
                self.arrays[node.output[0]] = array

    def infer(self, node: onnx.NodeProto) -> None:
        if node.op_type in _SAME_SHAPE and node.input[0] in self.types:
            self.types[node.output[0]] = self.types[node.input[0]]
            return
        for name in node.output:
            if name in self.written:
                self.types[name] = self.written[name]
        needed = {name: self.types[name] for name in node.input if name in self.types}
        if len(needed) == len({name for name in node.input if name}):
            self.types.update(self.inferred(node, needed))

    def inferred(
        self, node: onnx.NodeProto, needed: dict[str, onnx.TypeProto]
    ) -> dict[str, onnx.TypeProto]:
        import onnx
        from onnx import numpy_helper, shape_inference

        domain = "" if node.domain == "ai.onnx" else node.domain
        arrays = ((name, self.arrays[name]) for name in needed if name in self.arrays)
        numbers = {name: numpy_helper.from_array(array, name) for name, array in arrays}
        try:
            schema = onnx.defs.get_schema(node.op_type, self.opsets.get(domain, 1), domain)
            return shape_inference.infer_node_outputs(
                schema, node, needed, numbers, opset_imports=self.imports
            )
        except (
            onnx.checker.ValidationError,
            onnx.defs.SchemaError,
            shape_inference.InferenceError,
            RuntimeError,
            ValueError,
        ):
            return {}


def _dims(kind: onnx.TypeProto | None) -> Shape | None:
    if kind is None or not kind.tensor_type.HasField("shape"):
        return None
    return tuple(
        dim.dim_value if dim.HasField("dim_value") else None for dim in kind.tensor_type.shape.dim
    )
