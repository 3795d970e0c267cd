"""ONNX networks built in tests, and what their outputs see found by trying each pixel."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import Layer
from dilcli.core.receptive.lookup import cell
from dilcli.errors import LayerError
from dilcli.features.onnx.network import load_onnx

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dilcli.features.layer_spec import Description

__all__ = ["Net", "boxes_agree", "layers", "load", "refusal"]

Size = int | str | None


class Net:
    """A network under construction; each operation gives the name of its tensor."""

    def __init__(self, shape: Sequence[Size] = ("n", 3, 16, 16), opset: int = 17) -> None:
        self.opset = opset
        self.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))]
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def op(
        self,
        kind: str,
        *inputs: str,
        name: str | None = None,
        outputs: int = 1,
        **attributes: Any,
    ) -> str:
        """Add a node named after its operator, unless it is given a name."""
        made = [f"t{len(self.nodes)}{'abc'[place]}" for place in range(outputs)]
        name = f"{kind}{len(self.nodes)}" if name is None else name
        self.nodes.append(helper.make_node(kind, inputs, made, name, **attributes))
        return made[0]

    def const(self, values: Any, kind: Any = np.int64) -> str:
        """Add a constant."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def weights(self, *shape: int) -> str:
        """Add weights that are all the same."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.full(shape, 0.25, np.float32), name))
        return name

    def conv(self, x: str, before: int, after: int, *kernel: int, **attributes: Any) -> str:
        """Add a convolution with same padding at stride 1 and dilation 1, unless told otherwise."""
        if "auto_pad" not in attributes:
            halves = tuple(size // 2 for size in kernel)
            attributes.setdefault("pads", (*halves, *halves))
        weights = self.weights(after, before // attributes.get("group", 1), *kernel)
        return self.op("Conv", x, weights, **attributes)

    def model(self, *outputs: str) -> onnx.ModelProto:
        """End it."""
        ends = outputs or (self.nodes[-1].output[0],)
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ends]
        graph = helper.make_graph(self.nodes, "net", self.inputs, given, self.constants)
        opsets = [
            helper.make_opsetid("", self.opset),
            helper.make_opsetid("com.microsoft", 1),
            helper.make_opsetid("my.own", 1),
        ]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def save(self, path: Path, *outputs: str) -> Path:
        """End it and write it."""
        path.write_bytes(self.model(*outputs).SerializeToString())
        return path


def load(
    net: Net, *treat_as: str, outputs: Sequence[str] = (), size: tuple[int, ...] | None = None
) -> Description:
    """Read the layers of a network through a file."""
    with TemporaryDirectory() as folder:
        path = net.save(Path(folder, "net.onnx"), *outputs)
        return load_onnx(path, treat_as, input_size=size)


def layers(described: Description) -> list[Layer]:
    """List the layers of a network without meetings."""
    return [node.layer for node in described.network.nodes if isinstance(node.layer, Layer)]


def refusal(function: Callable[..., object], *arguments: object) -> str | None:
    """Tell why layers are refused, if they are."""
    try:
        function(*arguments)
    except LayerError as error:
        return str(error)
    return None


def boxes_agree(net: Net, size: tuple[int, ...], channels: int = 3) -> int:
    """Compare each output's box with the rows and columns that it sees, where no padding is seen.

    A row is the first that an output sees if the rows up to it, all 1 in a picture of 0, are the
    fewest to change the output. Weights must not be negative.

    Returns
    -------
    int
        How many outputs were compared.
    """
    from onnx.reference import ReferenceEvaluator

    described = load(net, size=size)
    result = receptive_field(described.network, input_size=size)
    lit = np.zeros((2, sum(size), channels, *size), np.float32)
    starts = [sum(size[:axis]) for axis in range(len(size))]
    for axis, length in enumerate(size):
        for row in range(length):
            place = (slice(None),) * (axis + 1)
            lit[0, starts[axis] + row][(*place, slice(row + 1))] = 1
            lit[1, starts[axis] + row][(*place, slice(row, None))] = 1
    made: Any
    (made,) = ReferenceEvaluator(net.model()).run(None, {"x": lit.reshape(-1, *lit.shape[2:])})
    assert made.shape[2:] == result.summary.output_size
    changed = (made != 0).any(axis=1).reshape(2, sum(size), *made.shape[2:])
    compared = 0
    for position in np.ndindex(made.shape[2:]):
        box = cell(result, position, result.at).box
        if all(first >= 0 and last < n for (first, last), n in zip(box, size, strict=True)):
            for (first, last), start, length in zip(box, starts, size, strict=True):
                up, down = changed[:, start : start + length, *position]
                assert (first, last) == (int(up.argmax()), int(np.flatnonzero(down)[-1])), position
            compared += 1
    return compared
