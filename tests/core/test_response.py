"""The type of the output, what auto means, and the bounds that no response leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.response import (
    COMBINATIONS,
    Combination,
    choose_response,
    output_dtype,
    response_bounds,
)
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from dilcli.core.response import Depth

FLOATS = ("float16", "float32", "float64")
SOBEL = parse_kernel("sobel-y")


@pytest.mark.parametrize(
    ("source", "depth", "wanted"),
    [
        ("uint8", "same", "uint8"),
        (">u2", "same", "uint16"),
        ("int16", "same", "int16"),
        ("bool", "same", "uint8"),
        ("float16", "same", "float16"),
        ("float64", "same", "float64"),
        ("float32", "8", "uint8"),
        ("uint16", "8", "uint8"),
        ("uint8", "16", "uint16"),
        ("int32", "16", "uint16"),
        ("bool", "float", "float32"),
        ("uint8", "float", "float32"),
        ("uint16", "float", "float32"),
        ("uint32", "float", "float64"),
        ("int64", "float", "float64"),
        ("float16", "float", "float16"),
        (">f8", "float", "float64"),
    ],
)
def test_the_type_of_the_output_follows_from_input_and_depth(
    source: str, depth: Depth, wanted: str
) -> None:
    got = output_dtype(source, depth)
    assert got == np.dtype(wanted)
    assert got.isnative


@pytest.mark.parametrize(
    ("kernel", "output", "wanted"),
    [
        ("sobel-y", "uint8", "abs"),
        ("sobel-y", "uint16", "abs"),
        ("sobel-y", "int16", "clip"),
        ("sobel-y", "float32", "raw"),
        ("sharpen", "uint8", "clip"),
        ("box", "uint8", "clip"),
        ("box", "float16", "raw"),
        ("1 -1.000001", "uint8", "abs"),
        ("1 -1.00001", "uint8", "clip"),
    ],
)
def test_auto_is_abs_for_zero_sums_in_unsigned_samples_raw_for_floats_else_clip(
    kernel: str, output: str, wanted: str
) -> None:
    assert choose_response("auto", parse_kernel(kernel), np.dtype(output)) == wanted


def test_raw_is_refused_for_unsigned_samples_and_offset_for_floats_each_with_the_remedy() -> None:
    for dtype in ("uint8", "uint16", "uint32"):
        with pytest.raises(ArgumentError, match=rf"{dtype}; use --depth float with .* \.tif"):
            choose_response("raw", SOBEL, np.dtype(dtype))
    for dtype in FLOATS:
        with pytest.raises(ArgumentError, match=r"mid-grey.*use response raw, or --depth 8"):
            choose_response("offset", SOBEL, np.dtype(dtype))
    assert choose_response("raw", SOBEL, np.dtype("int16")) == "raw"
    assert choose_response("offset", SOBEL, np.dtype("int16")) == "offset"


@given(st.data())
def test_no_samples_answer_outside_the_bounds_and_the_worst_ones_reach_them(
    data: st.DataObject,
) -> None:
    halves = st.integers(-6, 6).map(lambda n: n / 2)
    w = np.array(data.draw(st.lists(halves, min_size=1, max_size=6)))
    kernel = Kernel((tuple(w.tolist()),))
    span = data.draw(st.sampled_from([(0.0, 255.0), (-128.0, 127.0)]))
    fill = data.draw(st.sampled_from([None, -700.0, 30.0, 900.0]))
    combine: Combination | None = data.draw(st.sampled_from([None, *COMBINATIONS]))
    runs = data.draw(st.integers(1, 3))

    def answer(low: float, high: float) -> float:
        ends = [low, high] if fill is None else [low, high, fill]
        return float(
            w @ data.draw(st.lists(st.sampled_from(ends), min_size=w.size, max_size=w.size))
        )

    bounds = response_bounds(kernel, *span, fill=fill, runs=runs, combine=combine)
    once = response_bounds(kernel, *span, fill=fill)
    each = [answer(*span) for _ in range(runs)]
    values = {"max": max(each), "mean": np.mean(each), "sum": sum(each), None: each[0]}
    values["rms"] = np.sqrt(np.mean(np.square(each)))
    values["cascade"], (low, high) = each[0], once
    for _ in range(runs - 1):
        values["cascade"] = answer(low, high)
        low, high = response_bounds(kernel, low, high, fill=fill)
    slack = 1e-9 * (1 + max(map(abs, bounds)))
    assert bounds[0] - slack <= values[combine] <= bounds[1] + slack
    if combine is None and fill is None:
        worst = [np.where(w > 0, *ends) @ w for ends in (span, span[::-1])]
        np.testing.assert_allclose(bounds, worst)
