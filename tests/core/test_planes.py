"""Planes laid out in memory: shifted views of them, and sums over these views."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.core.correlate import array_field
from dilcli.core.kernels import Kernel
from dilcli.core.planes import PRODUCT_LIMIT, Workspace, lay_out, rows_of_taps, sum_planes, views
from dilcli.core.stencil import Stencil, place
from dilcli.core.strips import Patch, Strip
from dilcli.core.threads import Scratch
from dilcli.core.window import whole

F4 = np.dtype(np.float32)


def laid_out(
    table: list[list[float]], method: Any, *, width: int = 12, stride: int = 1, channels: int = 2
) -> tuple[Stencil, Patch, Workspace]:
    field = array_field(whole(np.zeros((20, width, channels), F4)), F4, boundary="wrap", fill=0.0)
    kernel = Kernel(tuple(map(tuple, table)))
    stencil = place(kernel, width=width, dtype=F4, dilation=(2, 3), boundary="wrap", method=method)
    patch = Patch(Strip(4, 2, 3, 2), (0, -(-width // stride)), (1, stride))
    return stencil, patch, lay_out(field, stencil, patch, Scratch())


def test_rows_of_taps_are_views_of_the_rows_that_were_read() -> None:
    read = np.arange(2 * 5 * 4 * 3, dtype=F4).reshape(2, 5, 4, 3)
    taps = rows_of_taps(read, 3, 3)
    for phase in range(2):
        for row in range(3):
            np.testing.assert_array_equal(
                taps[phase, row], read[phase, row : row + 3].reshape(3, 12)
            )
    assert np.shares_memory(taps, read)


@pytest.mark.parametrize("stride", [1, 2])
def test_views_start_at_their_tap_and_step_by_the_stride(stride: int) -> None:
    table = [[1.0, 2.0, 4.0], [3.0, 5.0, 6.0]]
    stencil, patch, work = laid_out(table, "dense", stride=stride)
    planes = np.random.default_rng(1).random(work.planes.shape, np.float32)
    work.planes[...] = planes
    found = views(stencil, patch, work.spans, work.planes, [(j, j, 1.0) for j in range(3)])
    for j, view in enumerate(found):
        first = stencil.columns[j] - stencil.columns[0]
        wanted = planes[:, :, j, first : first + 12 : stride]
        np.testing.assert_array_equal(view, wanted)


@pytest.mark.parametrize("method", ["direct", "dense", "shared", "separable"])
@pytest.mark.parametrize("stride", [1, 2, 12])
@pytest.mark.parametrize("channels", [1, 3])
def test_groups_are_summed_as_they_are_written_down(
    method: str, stride: int, channels: int
) -> None:
    """Term by term in their order, with the very bits of plain additions."""
    row = [1.0, 2.0, -1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    table = [row, [2 * w for w in row]]
    stencil, patch, work = laid_out(table, method, stride=stride, channels=channels, width=48)
    work.planes[...] = np.random.default_rng(2).random(work.planes.shape, np.float32)
    groups = []
    for terms in stencil.groups:
        weight = np.float32(terms[0][2])
        seen = views(stencil, patch, work.spans, work.planes, terms)
        total = seen[0].copy()
        for view, term in zip(seen[1:], terms[1:], strict=True):
            total = total + view if term[2] == terms[0][2] else total - view
        groups.append(total if weight == 1 else total * weight)
    wanted = groups[0]
    for group in groups[1:]:
        wanted = wanted + group
    out = np.full(work.total.shape, np.nan, F4)
    sum_planes(work, out)
    assert out.tobytes() == wanted.tobytes()


def test_plain_sums_of_evenly_spaced_columns_are_taken_in_one_go() -> None:
    _, _, work = laid_out([[1.0, 2.0, 4.0], [3.0, 5.0, 6.0]], "dense")
    assert work.groups[0].stack is not None
    assert (
        laid_out([[1.0, 2.0, 4.0], [3.0, 5.0, 6.0]], "dense", stride=2)[2].groups[0].stack is None
    )
    uneven = laid_out([[1.0, 0.0, 2.0, 4.0], [3.0, 0.0, 5.0, 6.0]], "dense")[2]
    assert uneven.groups[0].stack is None


def test_products_are_too_small_for_threads_of_their_own() -> None:
    table = np.random.default_rng(3).random((15, 15)).tolist()
    stencil, _, work = laid_out(table, "dense", width=3000)
    assert stencil.products is not None
    lengths = [piece.stop - piece.start for piece in work.pieces]
    assert max(lengths) * stencil.products.size <= PRODUCT_LIMIT
    assert (work.pieces[0].start, work.pieces[-1].stop >= 6000) == (0, True)


def test_a_kernel_of_zeros_gives_zeros() -> None:
    _, _, work = laid_out([[0.0]], "direct")
    out = np.full(work.total.shape, np.nan, F4)
    sum_planes(work, out)
    assert not out.any()
