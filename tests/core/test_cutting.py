"""Patches cover the outputs asked for once, and read the rows they are said to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.boundary import BOUNDARIES, source_index
from dilcli.core.correlate import array_field
from dilcli.core.cutting import patches, rows_read
from dilcli.core.kernels import Kernel
from dilcli.core.stencil import place
from dilcli.core.window import whole

if TYPE_CHECKING:
    from dilcli.core.strips import Field

F4 = np.dtype(np.float32)
KERNEL = Kernel(((1.0, 2.0), (3.0, 5.0), (7.0, 11.0)))


def _field(height: int, width: int, boundary: str = "wrap") -> Field:
    return array_field(whole(np.zeros((height, width, 1), F4)), F4, boundary=boundary, fill=0.0)


@pytest.mark.parametrize("method", ["dense", "fourier"])
@given(
    st.tuples(st.integers(1, 90), st.integers(1, 40)),
    st.tuples(st.integers(1, 20), st.integers(1, 3)),
    st.tuples(st.integers(1, 4), st.integers(1, 3)),
    st.data(),
)
def test_patches_of_some_rows_cover_them_once_and_no_others(
    method: Any,
    size: tuple[int, int],
    dilation: tuple[int, int],
    stride: tuple[int, int],
    data: st.DataObject,
) -> None:
    height, width = size
    field = _field(height, width)
    stencil = place(KERNEL, width=width, dtype=F4, dilation=dilation, method=method)
    total = -(-height // stride[0])
    first = data.draw(st.integers(0, total - 1))
    last = data.draw(st.integers(first + 1, total))
    covered = np.zeros((total, -(-width // stride[1])), int)
    for patch in patches(field, stencil, stride, (first, last)):
        start, phases, rows, step = patch.strip
        for phase in range(phases):
            covered[
                start + phase : start + phase + (rows - 1) * step + 1 : step, slice(*patch.columns)
            ] += 1
    assert (covered[first:last] == 1).all()
    assert covered.sum() == covered[first:last].size


@given(
    st.integers(1, 60),
    st.integers(1, 40),
    st.integers(1, 4),
    st.sampled_from(BOUNDARIES),
    st.data(),
)
def test_rows_that_taps_stand_on_are_among_those_that_are_read(
    height: int, rate: int, stride: int, boundary: str, data: st.DataObject
) -> None:
    field = _field(height, 5, boundary)
    stencil = place(KERNEL, width=5, dtype=F4, dilation=(rate, 1), boundary=field.boundary)
    total = -(-height // stride)
    first = data.draw(st.integers(0, total - 1))
    last = data.draw(st.integers(first + 1, total))
    runs = rows_read(field, stencil, (stride, 1), ((first, last),))
    held = {row for a, b in runs for row in range(a, b)}
    for row in range(first, last):
        taps = row * stride + (np.arange(3) - 1) * rate
        assert set(source_index(taps, height, field.boundary).tolist()) - {-1} <= held
    assert held <= set(range(height))
