"""Pictures cut into strips and blocks: every output once, every input row and column right."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core import strips as module
from dilcli.core.boundary import BOUNDARIES, source_index
from dilcli.core.correlate import array_field
from dilcli.core.kernels import Kernel
from dilcli.core.stencil import place
from dilcli.core.strips import (
    Patch,
    Strip,
    column_blocks,
    column_spans,
    read_rows,
    rows_of,
    rows_reached,
    strip_rows,
    strips,
)
from dilcli.core.window import whole

if TYPE_CHECKING:
    from dilcli.core.boundary import Boundary
    from dilcli.core.stencil import Stencil

F4 = np.dtype(np.float32)


def rows_in(strip: Strip) -> list[int]:
    return [
        strip.start + i + j * strip.step for i in range(strip.phases) for j in range(strip.rows)
    ]


def stencil_of(
    columns: tuple[int, ...], rows: int, dilation: tuple[int, int], width: int, boundary: Boundary
) -> Stencil:
    table = np.zeros((rows, max(columns) + 1))
    table[:, list(columns)] = np.arange(rows * len(columns)).reshape(rows, -1) + 1.0
    return place(
        Kernel(tuple(map(tuple, table.tolist()))),
        width=width,
        dtype=F4,
        dilation=dilation,
        boundary=boundary,
    )


@given(
    first=st.integers(0, 50),
    total=st.integers(0, 120),
    step=st.integers(1, 150),
    stride=st.integers(1, 3),
    target=st.integers(1, 70),
    together=st.integers(1, 3),
)
def test_every_output_row_is_in_one_strip(  # noqa: PLR0917
    first: int, total: int, step: int, stride: int, target: int, together: int
) -> None:
    """No strip has more rows than the target, and all are rows of whole phases."""
    found = list(strips(first, first + total, step, stride, target, together=together))
    assert sorted(row for strip in found for row in rows_in(strip)) == list(
        range(first, first + total)
    )
    assert all(1 <= strip.phases * strip.rows <= target for strip in found)


@given(st.integers(1, 10**6), st.integers(1, 9), st.integers(1, 40))
def test_blocks_cover_the_output_columns(width: int, channels: int, stride: int) -> None:
    blocks = column_blocks(width, channels, stride)
    assert (blocks[0][0], blocks[-1][1]) == (0, -(-width // stride))
    assert all(a[1] == b[0] for a, b in pairwise(blocks))
    assert all(first < last for first, last in blocks)


def test_a_strip_has_fewer_rows_where_its_scratch_is_larger() -> None:
    thin = stencil_of((0,), 3, (1, 1), 4000, "reflect")
    thick = stencil_of(tuple(range(15)), 15, (1, 1), 4000, "reflect")
    low, high = module.STRIP_ROWS
    assert low <= strip_rows(thick, 4000) <= strip_rows(thin, 4000) <= high
    assert strip_rows(thin, 1) == high
    assert strip_rows(thick, 10**7) == low


def test_rows_of_a_strip_are_a_view_of_the_array() -> None:
    array = np.arange(20 * 5 * 2).reshape(20, 5, 2)
    view = rows_of(array, Strip(2, 3, 4, 5), slice(1, 4))
    for i in range(3):
        for j in range(4):
            np.testing.assert_array_equal(view[i, j], array[2 + i + 5 * j, 1:4])
    view[...] = -1
    assert (array == -1).sum() == 3 * 4 * 3 * 2


@given(
    st.integers(1, 30),
    st.sets(st.integers(0, 6), min_size=1, max_size=4),
    st.integers(1, 60),
    st.integers(1, 3),
    st.sampled_from(BOUNDARIES),
    st.integers(1, 40),
)
def test_margins_and_inside_make_up_the_padded_row(  # noqa: PLR0917
    width: int, taps: set[int], dilation: int, stride: int, boundary: Boundary, block: int
) -> None:
    """Column for column what stands there by the boundary's index map."""
    stencil = stencil_of(tuple(sorted(taps)), 2, (1, dilation), width, boundary)
    field = array_field(whole(np.zeros((1, width, 1), F4)), F4, boundary=boundary, fill=0.0)
    columns = -(-width // stride)
    for first in range(0, columns, block):
        last = min(first + block, columns)
        spans = column_spans(field, stencil, (first, last), stride)
        row = np.full(spans.width, -9)
        row[spans.place] = np.arange(width)[spans.inside]
        for margin in spans.margins:
            if margin.source is None:
                row[margin.place] = -1
            elif margin.copied is not None:
                row[margin.place] = row[margin.copied]
            else:
                row[margin.place] = margin.source
        low = first * stride - spans.first + min(stencil.columns)
        wanted = source_index(np.arange(low, low + spans.width), width, boundary)
        np.testing.assert_array_equal(row, wanted)
        assert (last - 1) * stride + max(stencil.columns) < low + spans.width


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 2, 30])
@pytest.mark.parametrize(("phases", "rows"), [(1, 4), (2, 2), (2, 1)])
def test_input_rows_come_in_phase_order(
    boundary: Boundary, stride: int, dilation: int, phases: int, rows: int
) -> None:
    height, fill = 11, -5.0
    pixels = np.arange(height * 3, dtype=F4).reshape(height, 3, 1)
    field = array_field(whole(pixels), F4, boundary=boundary, fill=fill)
    stencil = stencil_of((0, 1), 3, (dilation, 1), 3, boundary)
    for start in range(3):
        patch = Patch(Strip(start, phases, rows, dilation), (0, 3), (stride, 1))
        out = np.empty((phases, rows + 2, 2, 1), F4)
        read_rows(field, stencil, patch, slice(1, 3), out)
        first, last = rows_reached(stencil, patch)
        wanted = [
            [(start + i) * stride + (j - 1) * dilation for j in range(rows + 2)]
            for i in range(phases)
        ]
        assert (first, last) == (wanted[0][0], wanted[-1][-1])
        source = source_index(np.array(wanted), height, boundary)
        samples = np.where((source < 0)[..., None, None], fill, pixels[source][:, :, 1:])
        np.testing.assert_array_equal(out, samples)
