"""Small calculations with sizes, against onnx' own reference implementation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from dilcli.files.onnx_numbers import calculate

SIZES = st.lists(st.integers(1, 40), min_size=3, max_size=3).map(
    lambda numbers: np.array(numbers, np.int64)
)


def reference(op: str, inputs: list[Any], **attributes: Any) -> Any:
    names = ["" if value is None else f"i{place}" for place, value in enumerate(inputs)]
    given_ = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
        )
        for name, value in zip(names, inputs, strict=True)
        if value is not None
    ]
    graph = helper.make_graph(
        [helper.make_node(op, names, ["o"], **attributes)],
        "one",
        given_,
        [helper.make_tensor_value_info("o", TensorProto.INT64, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    fed = {name: value for name, value in zip(names, inputs, strict=True) if value is not None}
    made: Any = ReferenceEvaluator(model).run(None, fed)
    return made[0]


def ints(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


CASES: list[tuple[str, list[Any], dict[str, Any]]] = [
    *((op, [ints(3, 2, 1)], {}) for op in ("Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Sum")),
    *((op, [ints(9, 2, 20)], {}) for op in ("Equal", "Less", "LessOrEqual", "Greater")),
    ("GreaterOrEqual", [ints(9, 2, 20)], {}),
    ("Pow", [ints(2, 2, 2)], {}),
    *((op, [], {}) for op in ("Identity", "Neg", "Abs")),
    ("Concat", [ints(7)], {"axis": 0}),
    ("Gather", [np.array(1)], {}),
    ("Gather", [ints(2, 0)], {"axis": 0}),
    ("Unsqueeze", [ints(0, 2)], {}),
    ("Reshape", [ints(3, 1)], {}),
    ("Reshape", [ints(0, -1)], {}),
    ("Slice", [ints(1), ints(2**31 - 1)], {}),
    ("Slice", [ints(-1), ints(-(2**31)), ints(0), ints(-2)], {}),
    ("Slice", [ints(0), ints(-1), None, ints(2)], {}),
    ("Transpose", [], {}),
    ("Expand", [ints(2, 3)], {}),
    ("ReduceProd", [], {"keepdims": 0}),
    ("ReduceSum", [ints(0)], {}),
    ("ReduceMax", [], {}),
    ("ReduceMin", [ints(0)], {"keepdims": 0}),
    ("Cast", [], {"to": TensorProto.FLOAT}),
]


@pytest.mark.parametrize(("op", "more", "attributes"), CASES)
@settings(max_examples=10)
@given(first=SIZES)
def test_each_operator_calculates_what_the_reference_does(
    op: str, more: list[Any], attributes: dict[str, Any], first: Any
) -> None:
    ours = calculate(op, [first, *more], attributes, None)
    theirs = reference(op, [first, *more], **attributes)
    assert ours is not None
    np.testing.assert_array_equal(ours, theirs)
    assert ours.shape == np.shape(theirs)


@settings(max_examples=10)
@given(first=st.lists(st.floats(-9, 9), min_size=2, max_size=2))
@pytest.mark.parametrize("op", ["Floor", "Ceil", "Round", "Neg", "Sqrt"])
def test_real_numbers_too(op: str, first: list[float]) -> None:
    array = np.abs(np.array(first)) if op == "Sqrt" else np.array(first)
    np.testing.assert_array_equal(
        calculate(op, [array], {}, None), reference(op, [array]), strict=True
    )


def test_choices_ranges_and_fillings() -> None:
    flags, first, second = np.array([True, False]), ints(1, 2), ints(3, 4)
    for op, inputs in (
        ("Where", [flags, first, second]),
        ("Not", [flags]),
        ("And", [flags, ~flags]),
        ("Or", [flags, ~flags]),
        ("Range", [np.array(2), np.array(9), np.array(3)]),
    ):
        np.testing.assert_array_equal(calculate(op, inputs, {}, None), reference(op, inputs))
    filling = numpy_helper.from_array(ints(5))
    made = calculate("ConstantOfShape", [ints(2, 3)], {"value": filling}, None)
    np.testing.assert_array_equal(made, np.full((2, 3), 5))
    assert calculate("ConstantOfShape", [ints(2)], {}, None) is not None


def test_old_operators_have_their_axes_as_attributes() -> None:
    assert calculate("Squeeze", [np.ones((1, 3))], {"axes": [0]}, None) is not None
    unsqueezed = calculate("Unsqueeze", [ints(3)], {"axes": [0, 2]}, None)
    assert unsqueezed is not None
    assert unsqueezed.shape == (1, 1, 1)
    sliced = calculate("Slice", [ints(1, 2, 3)], {"starts": [1], "ends": [3]}, None)
    np.testing.assert_array_equal(sliced, [2, 3])


def test_whole_numbers_are_divided_towards_zero() -> None:
    np.testing.assert_array_equal(calculate("Div", [ints(-3, 3), ints(2, 2)], {}, None), [-1, 1])


def test_a_shape_needs_no_numbers() -> None:
    def of(op: str, shape: tuple[int | None, ...] | None, **attributes: int) -> Any:
        made = calculate(op, [None], attributes, shape)
        return None if made is None else made.tolist()

    assert of("Shape", (1, 3, 8, 9)) == [1, 3, 8, 9]
    assert of("Shape", (1, None, 8, 9), start=2) == [8, 9]
    assert of("Shape", (1, 3, 8, 9), start=-2, end=-1) == [8]
    assert of("Size", (2, 3)) == 6
    assert of("Shape", (1, None)) is None
    assert of("Size", None) is None


@pytest.mark.parametrize(
    ("op", "inputs"),
    [
        ("Conv", [ints(1)]),
        ("Add", [ints(1)]),
        ("Gather", [ints(1), ints(9)]),
        ("Concat", [ints(1)]),
        ("Reshape", [ints(1, 2), ints(3)]),
        ("Range", [np.array(0), np.array(4), np.array(0)]),
        ("Expand", [np.array(["a"]), ints(2)]),
    ],
)
def test_what_cannot_be_calculated_is_none(op: str, inputs: list[Any]) -> None:
    assert calculate(op, inputs, {}, None) is None
