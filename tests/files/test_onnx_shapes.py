"""Shapes of tensors, against onnx' own inference, and the numbers that follow from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, shape_inference
from onnx.reference import ReferenceEvaluator

from dilcli.files.onnx_shapes import MOST_VALUES, fill_open_sizes, shapes_and_values
from tests.onnx_networks import Net, Size


@pytest.mark.parametrize(
    ("shape", "sizes", "filled", "assumed"),
    [
        ((1, 3, 8, 9), None, [1, 3, 8, 9], False),
        (("n", 3, 8, 9), None, [1, 3, 8, 9], False),
        (("n", 3, "h", "w"), None, [1, 3, 5760, 3840], True),
        (("n", 3, "h", "w"), (20, 30), [1, 3, 20, 30], False),
        (("n", 3, "h", "w"), (20,), [1, 3, 20, 20], False),
        (("n", 3, 8, "w"), (20, 30), [1, 3, 8, 30], False),
        (("n", "c", "h", "w"), (20, 30), [1, 3, 20, 30], False),
        (("n", "h", "w", 3), (20, 30), [1, 20, 30, 3], False),
        (("n", "h", "w", 3), None, [1, 5760, 3840, 3], True),
        (("n", 2, "t"), (40,), [1, 2, 40], False),
        (("n", 1, "z", "h", "w"), None, [1, 1, 5760, 3840, 1920], True),
        (("h", "w"), (20, 30), [20, 30], False),
        ((), (20, 30), [], False),
    ],
)
def test_open_sizes_are_filled(
    shape: tuple[Size, ...], sizes: tuple[int, ...] | None, filled: list[int], assumed: bool
) -> None:
    inputs = Net(shape).inputs
    assert fill_open_sizes(inputs, sizes) is assumed
    assert [dim.dim_value for dim in inputs[0].type.tensor_type.shape.dim] == filled


def branching() -> Net:
    net = Net((1, 3, 20, 31))
    x = net.conv("x", 3, 4, 3, 3, strides=[2, 2])
    y = net.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    y = net.op("ConvTranspose", y, net.weights(4, 4, 2, 2), strides=[2, 2])
    y = net.op("Pad", y, net.const([0, 0, 0, -1, 0, 0, 0, 1]))
    x = net.op("Slice", x, net.const([0]), net.const([10]), net.const([2]))
    x = net.op("Concat", x, y, axis=1)
    x = net.op("Reshape", x, net.const([1, 2, 4, 10, -1]))
    net.op("HardSwish", net.op("Transpose", x, perm=[0, 2, 1, 3, 4]))
    return net


def test_shapes_are_those_that_onnx_infers_for_the_whole_graph() -> None:
    model = branching().model()
    shapes, _ = shapes_and_values(model)
    inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    for info in (*inferred.graph.value_info, *inferred.graph.output):
        dims = info.type.tensor_type.shape.dim
        assert shapes[info.name] == tuple(dim.dim_value for dim in dims)
    assert len(shapes) > len(inferred.graph.value_info)


def test_numbers_that_follow_from_sizes_are_calculated() -> None:
    """The way that exporters halve a picture's size."""
    net = Net((1, 3, 20, 31))
    size = net.op("Slice", net.op("Shape", "x"), net.const([2]), net.const([4]))
    half = net.op("Div", net.op("Cast", size, to=1), net.const(2.0, np.float32))
    half = net.op("Cast", net.op("Floor", half), to=7)
    sizes = net.op("Concat", net.op("Shape", "x", end=2), half, axis=0)
    small = net.op("Resize", "x", "", "", sizes)
    rows = net.op("Gather", net.op("Shape", small), net.op("Constant", value_int=2))
    back = net.op("Unsqueeze", net.op("Mul", rows, net.const(3)), net.const([0]))
    model = net.model(back)
    shapes, values = shapes_and_values(model)
    assert shapes[small] == (1, 3, 10, 15)
    picture = np.zeros((1, 3, 20, 31), np.float32)
    theirs: Any
    (theirs,) = ReferenceEvaluator(model).run([back], {"x": picture})
    assert values[back] == tuple(theirs.tolist()) == (30,)


def test_large_constants_are_weights_without_numbers() -> None:
    net = Net()
    few, many = net.const(np.zeros(MOST_VALUES)), net.const(np.zeros(MOST_VALUES + 1))
    grown = net.op("ConstantOfShape", net.const([2**40, 2**40]))
    shapes, values = shapes_and_values(net.model())
    assert few in values
    assert many not in values
    assert shapes[many] == (MOST_VALUES + 1,)
    assert grown not in values


def test_shapes_behind_an_unknown_operator_are_those_that_the_file_says() -> None:
    net = Net((1, 3, 8, 8))
    odd = net.op("Odd", "x", domain="my.own")
    after = net.op("Relu", odd)
    assert odd not in shapes_and_values(net.model())[0]
    model = net.model()
    model.graph.value_info.append(helper.make_tensor_value_info(odd, 1, [1, 5, 4, 4]))
    shapes, _ = shapes_and_values(model)
    assert shapes[odd] == shapes[after] == (1, 5, 4, 4)


def test_a_node_that_does_not_fit_leaves_shapes_unknown() -> None:
    net = Net((1, 3, 8, 8))
    end = net.op("Conv", "x", net.weights(4, 3, 3))
    worse = net.op("ScatterND", end, net.const([[1]]), net.const([1]))
    shapes, _ = shapes_and_values(net.model())
    assert not {end, worse} & set(shapes)


def test_constants_are_known_in_every_form() -> None:
    net = Net()
    names = [
        net.op("Constant", value_ints=[1, 2]),
        net.op("Constant", value_floats=[0.5]),
        net.op("Constant", value_float=0.25),
        net.op("Constant", value=onnx.numpy_helper.from_array(np.arange(3))),
        net.op("Constant", value_string="word"),
    ]
    _, values = shapes_and_values(net.model())
    assert [values.get(name) for name in names] == [(1, 2), (0.5,), (0.25,), (0, 1, 2), None]
