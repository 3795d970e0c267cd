"""Kernels placed on pictures: which taps are read where, and by which method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.boundary import BOUNDARIES
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.stencil import Stencil, place
from dilcli.errors import ArgumentError, KernelError
from tests.reference import spread_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

F4, F8 = np.dtype(np.float32), np.dtype(np.float64)


def kernel_of(weights: NDArray[np.generic]) -> Kernel:
    return Kernel(tuple(map(tuple, weights.tolist())))


def taps_of(stencil: Stencil) -> set[tuple[int, int, float]]:
    """Non-zero taps, as offsets from the output pixel."""
    return {
        (
            stencil.row_start + i * stencil.row_step,
            stencil.columns[j],
            float(stencil.weights[i, j]),
        )
        for i, j in np.argwhere(stencil.weights).tolist()
    }


def sums_of(stencil: Stencil) -> NDArray[np.float64]:
    """Multiply products and groups out: the kernel that the method really computes."""
    table = np.zeros(stencil.weights.shape)
    for i, j, weight in (term for group in stencil.groups for term in group):
        if stencil.products is None:
            table[i, j] += weight
        else:
            table[:, j] += weight * stencil.products[i]
    return table


tables = st.tuples(
    st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1), st.integers(1, 4)
).map(
    lambda t: np.random.default_rng(t[2]).integers(-t[3], t[3] + 1, t[:2]) // 2  # many zeros
)
dilations = st.tuples(st.integers(1, 9), st.integers(1, 9))


@given(tables, dilations, st.booleans())
def test_the_taps_are_those_of_the_kernel(
    table: NDArray[np.int64], dilation: tuple[int, int], convolve: bool
) -> None:
    kernel = kernel_of(table)
    stencil = place(kernel, width=1000, dtype=F8, dilation=dilation, convolve=convolve)
    assert taps_of(stencil) == set(kernel.taps(dilation, convolve=convolve))


@given(tables)
def test_every_method_multiplies_out_to_the_kernel(table: NDArray[np.int64]) -> None:
    kernel = kernel_of(table)
    for method in ("direct", "dense", "shared", "separable"):
        try:
            stencil = place(kernel, width=1000, dtype=F8, method=method)
        except ArgumentError:
            assert method in {"separable", "shared"}
            continue
        assert stencil.method == method
        np.testing.assert_array_equal(sums_of(stencil), stencil.weights)


@given(tables, dilations)
def test_a_kernel_spelled_with_zeros_costs_what_the_dilated_one_costs(
    table: NDArray[np.int64], dilation: tuple[int, int]
) -> None:
    """Rows, columns, weights and method are the same."""
    origin = table.shape[0] // 2, table.shape[1] // 2
    dilated = place(kernel_of(table), width=1000, dtype=F4, dilation=dilation)
    spelled = place(
        kernel_of(spread_out(table, dilation)),
        width=1000,
        dtype=F4,
        origin=(origin[0] * dilation[0], origin[1] * dilation[1]),
    )
    assert (spelled.row_start, spelled.columns) == (dilated.row_start, dilated.columns)
    assert spelled.row_step == dilated.row_step or dilated.rows == 1
    np.testing.assert_array_equal(spelled.weights, dilated.weights)
    assert (spelled.method, spelled.groups) == (dilated.method, dilated.groups)


def test_empty_rows_and_columns_are_dropped() -> None:
    """Wherever they stand; rows at a regular distance turn into dilation."""
    table = np.array([[0, 0, 0, 0], [0, 1, 0, 2], [0, 0, 0, 0], [0, 3, 0, 4], [0, 0, 0, 0]])
    stencil = place(kernel_of(table), width=100, dtype=F4, dilation=(3, 5), origin=(0, 0))
    np.testing.assert_array_equal(stencil.weights, [[1, 2], [3, 4]])
    assert (stencil.row_start, stencil.row_step, stencil.columns) == (3, 6, (5, 15))


def test_a_kernel_of_zeros_has_one_tap_of_weight_zero() -> None:
    stencil = place(kernel_of(np.zeros((3, 5))), width=100, dtype=F4)
    assert (stencil.row_start, stencil.columns, stencil.weights.tolist()) == (0, (0,), [[0.0]])


def test_the_method_depends_on_kernel_and_sample_type_alone() -> None:
    for text in ("sobel-y", "box:5", "gaussian:sigma=3", "laplacian:8", "disk:5", "motion:15"):
        kernel = parse_kernel(text)
        for dtype in (F4, F8):
            chosen = {
                place(
                    kernel,
                    width=width,
                    dtype=dtype,
                    dilation=(dilation, dilation),
                    boundary=boundary,
                    convolve=convolve,
                ).method
                for width in (1, 5000)
                for dilation in (1, 5000)
                for boundary in BOUNDARIES
                for convolve in (False, True)
            }
            assert len(chosen) == 1


def test_transforms_serve_large_dense_kernels_of_bounded_samples_alone() -> None:
    """From a size on, whatever the dilation; nothing else is chosen otherwise."""
    for size, wanted in ((15, "dense"), (31, "dense"), (39, "fourier"), (63, "fourier")):
        kernel = kernel_of(np.random.default_rng(size).normal(size=(size, size)))
        for rate in (1, 500):
            given = (rate, rate)
            stencil = place(kernel, width=900, dtype=F4, dilation=given, bounded=True)
            assert stencil.method == wanted
            assert place(kernel, width=900, dtype=F4, dilation=given).method == "dense"
            assert place(kernel, width=900, dtype=F8, bounded=True).method == "dense"
    for text in ("sobel-y", "box:99", "gaussian:sigma=30", "motion:99", "disk:9"):
        kernel = parse_kernel(text)
        alike = {place(kernel, width=99, dtype=F4, bounded=b).method for b in (False, True)}
        assert len(alike) == 1


@pytest.mark.parametrize(
    ("text", "methods"),
    [
        ("identity", {"direct"}),
        ("0 0 1; 0 1 0; 1 0 0", {"direct"}),
        ("box:5", {"shared", "separable"}),
        ("1 2 3; 4 5 6; 7 8 10", {"dense"}),
        ("gaussian:sigma=5", {"separable"}),
    ],
)
def test_kernels_take_the_way_that_fits_them(text: str, methods: set[str]) -> None:
    for dtype in (F4, F8):
        assert place(parse_kernel(text), width=100, dtype=dtype).method in methods


def test_a_method_that_cannot_serve_a_kernel_is_refused() -> None:
    kernel = parse_kernel("laplacian:4")
    with pytest.raises(ArgumentError, match="'separable' cannot serve this kernel, want"):
        place(kernel, width=9, dtype=F4, method="separable")


def test_an_origin_outside_the_kernel_is_refused() -> None:
    with pytest.raises(ArgumentError, match="origin 3,0 lies outside"):
        place(parse_kernel("box:3"), width=9, dtype=F4, origin=(3, 0))


def test_weights_too_large_for_the_sample_type_are_refused() -> None:
    kernel = Kernel(((1.0, 1e39),))
    assert place(kernel, width=9, dtype=F8).weights.max() == 1e39
    with pytest.raises(KernelError, match="1e\\+39"):
        place(kernel, width=9, dtype=F4)


def test_a_reach_far_past_the_picture_is_as_short_as_one_picture() -> None:
    kernel = parse_kernel("1 2 3")
    for boundary in BOUNDARIES:
        stencil = place(kernel, width=10, dtype=F4, dilation=(1, 405), boundary=boundary)
        assert max(map(abs, stencil.columns)) <= 10
