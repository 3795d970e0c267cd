"""The small calculations with sizes that exported networks carry along, done."""

from __future__ import annotations

from functools import cache, reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["calculate"]

Rule = Any


def calculate(
    op: str,
    inputs: Sequence[Any],
    attributes: Mapping[str, Any],
    shape: tuple[int | None, ...] | None,
) -> NDArray[Any] | None:
    """Carry out one operator on small arrays.

    Parameters
    ----------
    op : str
    inputs : sequence of ndarray or None
        None where an optional input is left out.
    attributes : mapping
        As onnx gives them.
    shape : tuple of int, optional
        Of the first input, for ``Shape`` and ``Size``, which need no numbers.

    Returns
    -------
    ndarray or None
        None where the operator is none of those that sizes are calculated with, or cannot be
        carried out.
    """
    import numpy as np

    if op in ("Shape", "Size"):
        return _size(op, attributes, shape)
    rule = _rules().get(op)
    if rule is None:
        return None
    try:
        with np.errstate(all="ignore"):
            made = np.asarray(rule(list(inputs), attributes))
    except (ValueError, IndexError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return made if made.dtype.kind in "biuf" else None


def _size(
    op: str, attributes: Mapping[str, Any], shape: tuple[int | None, ...] | None
) -> NDArray[Any] | None:
    import numpy as np

    if shape is None:
        return None
    if op == "Shape":
        shape = shape[attributes.get("start", 0) : attributes.get("end", len(shape))]
    if None in shape:
        return None
    sizes = np.array(shape, np.int64)
    return sizes if op == "Shape" else np.asarray(sizes.prod())


@cache
def _rules() -> dict[str, Callable[[list[Any], Mapping[str, Any]], Any]]:
    """Map operators to functions of the inputs and the attributes."""
    import numpy as np

    each: dict[str, Callable[..., Any]] = {
        "Identity": lambda a: a,
        "Neg": np.negative,
        "Abs": np.abs,
        "Sqrt": np.sqrt,
        "Floor": np.floor,
        "Ceil": np.ceil,
        "Round": np.rint,
        "Not": np.logical_not,
        "Add": np.add,
        "Sub": np.subtract,
        "Mul": np.multiply,
        "Div": _quotient,
        "Mod": np.mod,
        "Pow": lambda a, b: np.power(a, b).astype(a.dtype),
        "Equal": np.equal,
        "Less": np.less,
        "LessOrEqual": np.less_equal,
        "Greater": np.greater,
        "GreaterOrEqual": np.greater_equal,
        "And": np.logical_and,
        "Or": np.logical_or,
        "Where": np.where,
        "Range": np.arange,
        "Reshape": _reshaped,
    }
    rules: dict[str, Any] = {name: _without_attributes(rule) for name, rule in each.items()}
    return rules | {
        "Min": lambda a, _: reduce(np.minimum, a),
        "Max": lambda a, _: reduce(np.maximum, a),
        "Sum": lambda a, _: reduce(np.add, a),
        "Cast": lambda a, at: a[0].astype(_dtype(at["to"])),
        "Concat": lambda a, at: np.concatenate(a, at["axis"]),
        "Gather": lambda a, at: np.take(a[0], a[1], at.get("axis", 0)),
        "Transpose": lambda a, at: np.transpose(a[0], at.get("perm")),
        "Squeeze": lambda a, at: np.squeeze(a[0], _axes(a, at, 1)),
        "Unsqueeze": lambda a, at: np.expand_dims(a[0], _axes(a, at, 1) or ()),
        "Constant": lambda _, at: next(iter(at.values())),
        "ConstantOfShape": lambda a, at: np.full(a[0].tolist(), _filling(at)),
        "Expand": lambda a, _: a[0] * np.ones(a[1].tolist(), a[0].dtype),
        "Slice": _sliced,
        "ReduceProd": _reduction(np.prod),
        "ReduceSum": _reduction(np.sum),
        "ReduceMin": _reduction(np.min),
        "ReduceMax": _reduction(np.max),
    }


def _without_attributes(rule: Callable[..., Any]) -> Rule:
    return lambda inputs, _: rule(*inputs)


def _dtype(code: int) -> Any:
    import onnx

    return onnx.helper.tensor_dtype_to_np_dtype(code)


def _axes(inputs: list[Any], attributes: Mapping[str, Any], place: int) -> tuple[int, ...] | None:
    """Find axes where either age of the operators has them: an input, or an attribute."""
    if len(inputs) > place and inputs[place] is not None:
        return tuple(inputs[place].ravel().tolist())
    return tuple(attributes["axes"]) if "axes" in attributes else None


def _quotient(above: Any, below: Any) -> Any:
    """Divide as ONNX does: whole numbers towards zero."""
    import numpy as np

    made = np.true_divide(above, below)
    return np.trunc(made).astype(above.dtype) if above.dtype.kind in "iu" else made


def _reshaped(array: Any, shape: Any) -> Any:
    sizes = [array.shape[i] if size == 0 else size for i, size in enumerate(shape.tolist())]
    return array.reshape(sizes)


def _filling(attributes: Mapping[str, Any]) -> Any:
    import onnx

    if "value" not in attributes:
        return 0.0
    return onnx.numpy_helper.to_array(attributes["value"]).ravel()[0]


def _sliced(inputs: list[Any], attributes: Mapping[str, Any]) -> Any:
    array, *rest = inputs
    lists: list[Any]
    if rest:
        lists = [None if part is None else part.ravel().tolist() for part in rest]
    else:
        lists = [attributes["starts"], attributes["ends"], attributes.get("axes")]
    starts, ends, axes, steps, *_ = [*lists, None, None]
    cuts = [slice(None)] * array.ndim
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        step = steps[place] if steps else 1
        # An end before the first number, going backwards, is no count from the end.
        stop = None if step < 0 and end < -array.size else end
        cuts[axes[place] if axes else place] = slice(start, stop, step)
    return array[tuple(cuts)]


def _reduction(rule: Callable[..., Any]) -> Rule:
    def reduced(inputs: list[Any], attributes: Mapping[str, Any]) -> Any:
        axes = _axes(inputs, attributes, 1)
        return rule(inputs[0], axis=axes, keepdims=bool(attributes.get("keepdims", 1)))

    return reduced
